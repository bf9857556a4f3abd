"""Under the strictest policy there is not one report, and hostile CSS of a host page does not come in."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Visitor, visit

REPORTS = """
  window.reports = [];
  document.addEventListener('securitypolicyviolation', event =>
    reports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
STRICT = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'")


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    with visit(browser, site, script=REPORTS + "window.print = () => { top.printed = true; };") as coming:
        yield coming


def use_everything(visitor: Visitor, host: Any) -> None:
    """Do in a widget all that one can do in it."""
    box = host.get_by_role("textbox").first
    box.fill("botulinum tox")
    host.locator("[part~=suggestions] button").first.wait_for()
    for place, question in enumerate(("how long does botox last", "she has been seizing for 8 minutes")):
        box.fill(question)
        box.press("Enter")
        host.locator("[part~=answer]").nth(place).wait_for()
        if place == 0:
            host.locator("[part~=term]").first.click()
            visitor.page.keyboard.press("Escape")
            host.locator("[part~=citation]").first.click()
            host.locator("[part~=source] mark").wait_for()
            host.get_by_role("button", name="Print", exact=True).click()
            host.get_by_role("button", name="Link", exact=True).click()
            host.locator(".feedback button").first.click()
            host.locator("button.sheet").click()
            host.get_by_role("button", name="Print the page").click()
            host.get_by_role("button", name="Back to the conversation").click()
    host.locator("button.forget").click()


@pytest.mark.parametrize("path", ["/", "/demo"])
def test_everything_works_without_one_report(visitor: Visitor, path: str) -> None:
    response = visitor.page.goto(visitor.site + path)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert [rule for rule in STRICT if rule not in policy] == []
    assert "unsafe" not in policy
    host = visitor.page.locator("careleaf-chat").last
    host.locator("[part~=input]").wait_for()
    use_everything(visitor, host)
    if path == "/demo":
        launched = visitor.page.locator("#launched")
        launched.get_by_role("button").first.click()
        use_everything(visitor, launched)
    assert visitor.page.evaluate("window.printed") is True
    assert visitor.page.evaluate("window.reports") == []
    assert visitor.faults == []


def test_trusted_types_are_enforced(visitor: Visitor) -> None:
    visitor.open()
    for sink in ("document.body.innerHTML = '<b>x</b>'", "new DOMParser().parseFromString('x', 'text/html')"):
        refused = visitor.page.evaluate(f"(() => {{ try {{ {sink}; return ''; }} catch (e) {{ return e.name; }} }})()")
        assert refused == "TypeError"
    refused = visitor.page.evaluate(
        "(() => { try { trustedTypes.createPolicy('x', {}); return ''; } catch (e) { return e.name; } })()"
    )
    assert refused == "TypeError"
    assert len(visitor.page.evaluate("window.reports")) == 3, "the test's own attempts are seen"


def test_the_host_pages_style_does_not_come_in(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + "/demo")
    host = visitor.page.locator("#inlined")
    host.locator("[part~=input]").wait_for()
    style = host.evaluate(
        """host => {
          const look = one => { const s = getComputedStyle(one); return {size: parseFloat(s.fontSize),
            transform: s.textTransform,
            spacing: s.letterSpacing, shadow: s.textShadow, style: s.fontStyle, family: s.fontFamily}; };
          const own = getComputedStyle(host);
          const inside = name => host.shadowRoot.querySelector(name);
          return {text: look(inside('.intro')), button: look(inside('.send')),
            opacity: own.opacity, visibility: own.visibility, filter: own.filter, moved: own.transform, hidden:
            getComputedStyle(inside('[hidden]')).display};
        }"""
    )
    for look in (style["text"], style["button"]):
        assert look["size"] >= 17
        assert look["transform"] == look["shadow"] == "none"
        assert look["spacing"] == "normal"
        assert look["style"] == "normal"
        assert "Times New Roman" in look["family"], "the host's font is taken, nothing else"
    assert (style["opacity"], style["visibility"], style["filter"], style["moved"]) == ("1", "visible", "none", "none")
    assert style["hidden"] == "none"


def test_a_host_page_is_not_changed(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + "/demo")
    before = visitor.page.evaluate("[document.styleSheets.length, Object.keys(window).length, document.body.className]")
    visitor.page.locator("#launched").get_by_role("button").click()
    expect(visitor.page.locator("#launched").get_by_role("textbox")).to_be_visible()
    after = visitor.page.evaluate("[document.styleSheets.length, Object.keys(window).length, document.body.className]")
    assert after == before
    assert visitor.page.evaluate("document.adoptedStyleSheets.length") == 0


def test_a_site_sets_colours_and_parts(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + "/demo")
    visitor.page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
          sheet.replaceSync(`#inlined { --careleaf-accent: rgb(128, 0, 128); }
            #inlined::part(send) { border-radius: 3px; }`);
          document.adoptedStyleSheets = [sheet]; }"""
    )
    send = visitor.page.locator("#inlined [part~=send]")
    expect(send).to_have_css("background-color", "rgb(128, 0, 128)")
    expect(send).to_have_css("border-radius", "3px")


def test_attributes_choose_topic_heading_label_language_and_person(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + "/demo?lang=he")
    host = visitor.page.locator("#inlined")
    expect(host.locator(".starters button").first).to_contain_text("botulinum toxin")
    assert host.locator(".root").get_attribute("dir") == "rtl"
    visitor.page.evaluate(
        """() => { const chat = document.createElement('careleaf-chat');
          for (const [name, value] of Object.entries({id: 'made', label: 'Ask us', heading: 'Our helper', lang: 'en-GB',
            person: '/contact', question: 'x'})) chat.setAttribute(name, value);
          document.querySelector('main').append(chat); }"""
    )
    made = visitor.page.locator("#made")
    made.get_by_role("button", name="Ask us").click()
    expect(made.get_by_role("region", name="Our helper")).to_be_visible()
    assert made.get_by_role("link", name="Talk to a person").get_attribute("href") == "/contact"


def test_where_the_widget_cannot_be_loaded_a_link_leads_to_its_page(visitor: Visitor) -> None:
    visitor.page.route("**/widget/chat.js", lambda route: route.abort())
    visitor.page.goto(visitor.site + "/demo")
    launched = visitor.page.locator("#launched")
    launched.get_by_role("button").click()
    link = launched.get_by_role("link", name="Open Careleaf")
    assert link.get_attribute("href") == f"{visitor.site}/"
    assert visitor.focused()["tag"] == "a"
