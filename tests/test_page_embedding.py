"""The widget on another site: under its strictest policy, its unkindest style, and only where the site may ask."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import Visitor, visit
from tests.test_page_policy import REPORTS, use_everything

QUIET = "window.print = () => { top.printed = true; };"


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    with visit(browser, site, script=REPORTS + QUIET) as coming:
        yield coming


def open_elsewhere(visitor: Visitor, port: int, name: str = "127.0.0.1") -> Locator:
    """Open the other site under one of its two names; its launcher's element."""
    visitor.page.goto(f"http://{name}:{port}/?careleaf={visitor.site}")
    launched = visitor.page.locator("#launched")
    launched.get_by_role("button").wait_for()
    visitor.page.locator("#inlined [part~=log]").wait_for(state="attached")
    return launched


def test_everything_works_on_another_site_without_one_report(visitor: Visitor, elsewhere: int) -> None:
    launched = open_elsewhere(visitor, elsewhere)
    launched.get_by_role("button").click()
    launched.locator("[part~=input]").wait_for()
    use_everything(visitor, launched)
    assert visitor.page.evaluate("window.printed") is True
    assert visitor.page.evaluate("window.reports") == []
    assert visitor.faults == []
    assert visitor.page.evaluate("document.cookie") == ""


def test_the_other_sites_policy_is_enforced(visitor: Visitor, elsewhere: int) -> None:
    """Else no report would mean nothing."""
    open_elsewhere(visitor, elsewhere)
    refused = visitor.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return ''; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"
    visitor.page.evaluate("document.body.setAttribute('style', 'color: red')")
    visitor.page.wait_for_function("window.reports.length === 2")


def test_the_unkindest_style_does_not_come_in(visitor: Visitor, elsewhere: int) -> None:
    launched = open_elsewhere(visitor, elsewhere)
    button = launched.get_by_role("button")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 200
    visitor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    panel = launched.locator("[part~=panel]")
    expect(panel).to_be_visible()
    visitor.page.keyboard.type("can cp be cured")
    visitor.page.keyboard.press("Enter")
    answer = launched.locator("[part~=answer]")
    answer.wait_for()
    for host in (launched, visitor.page.locator("#inlined")):
        looks = host.evaluate(
            """host => [...host.shadowRoot.querySelectorAll('.intro, .send, .bar h2')].map(one => {
                 const {direction, fontSize, fontStyle, letterSpacing, textTransform, visibility, color, float} =
                   getComputedStyle(one);
                 return {direction, size: parseFloat(fontSize), fontStyle, letterSpacing, textTransform, visibility,
                         color, float};
               })"""
        )
        assert len(looks) == 3
        for look in looks:
            assert 16 <= look.pop("size") <= 52, "never more than twice our own size"
            assert look.pop("color") != "rgb(0, 255, 0)"
            assert look == {
                "direction": "ltr",
                "fontStyle": "normal",
                "letterSpacing": "normal",
                "textTransform": "none",
                "visibility": "visible",
                "float": "none",
            }
    shown = panel.bounding_box()
    assert shown is not None
    assert shown["x"] >= 0
    assert shown["y"] >= 0
    assert shown["x"] + shown["width"] <= 1000
    assert shown["y"] + shown["height"] <= 900
    citation = answer.locator("[part~=citation]").first
    citation.click()
    expect(launched.locator("[part~=source]")).to_be_visible()


def test_a_site_that_may_not_ask_is_told_so_and_led_on(visitor: Visitor, elsewhere: int) -> None:
    told: list[str] = []
    asked: list[str] = []
    visitor.page.on("console", lambda said: told.append(said.text))
    visitor.page.on("request", lambda request: asked.append(request.url))
    launched = open_elsewhere(visitor, elsewhere, "localhost")
    launched.get_by_role("button").click()
    closed = launched.locator("[part~=closed]")
    expect(closed).to_contain_text("Careleaf cannot answer on this site yet.")
    link = closed.get_by_role("link", name="Open Careleaf")
    assert link.get_attribute("href") == f"{visitor.site}/"
    assert visitor.focused()["id"] == "title"
    assert launched.locator("[part~=choice]").count() == 0
    assert f"CARELEAF_CORS_ORIGINS=http://localhost:{elsewhere}" in " ".join(told)
    assert [url for url in asked if "/api/" in url] == []
    assert visitor.faults == []
    assert visitor.page.evaluate("window.reports") == []
    visitor.press("Escape")
    expect(closed).to_be_hidden()


def test_answers_are_given_to_the_allowed_site_alone(visitor: Visitor, elsewhere: int) -> None:
    ask = """site => fetch(`${site}/api/v1/ask`, {method: 'POST', headers: {'content-type': 'application/json'},
      body: JSON.stringify({question: 'can cp be cured'})}).then(answer => answer.json()).then(answer => answer.kind,
      error => error.name)"""
    open_elsewhere(visitor, elsewhere)
    assert visitor.page.evaluate(ask, visitor.site) == "answer"
    open_elsewhere(visitor, elsewhere, "localhost")
    assert visitor.page.evaluate(ask, visitor.site) == "TypeError"
