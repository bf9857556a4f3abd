"""axe-core finds nothing in any state: at 320 px, with 200 % text, dark, in forced colours, from right to left."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from bot.pipeline import Pipeline
from tests.browser import Visitor, visit
from tests.pseudo import ACCENTED, MIRRORED


def with_source(visitor: Visitor) -> None:
    visitor.ask("how long does botox last")
    visitor.part("citation").first.click()
    visitor.page.get_by_role("blockquote").filter(has_text="Botulinum").wait_for()


def with_sheet(visitor: Visitor) -> None:
    visitor.ask("can cp be cured")
    visitor.part("sheet").first.click()
    visitor.part("paper").wait_for()


def with_word(visitor: Visitor) -> None:
    visitor.ask("how long does botox last")
    visitor.part("term").first.click()
    visitor.part("gloss").wait_for()


def with_suggestions(visitor: Visitor) -> None:
    visitor.input.focus()
    visitor.page.keyboard.type("botulinum tox")
    visitor.part("suggestions").wait_for()


def with_reasons(visitor: Visitor) -> None:
    answer = visitor.ask("can cp be cured")
    answer.locator(".feedback button").nth(1).click()


def with_failure(visitor: Visitor) -> None:
    visitor.page.route("**/api/v1/ask", lambda route: route.abort())
    visitor.input.focus()
    visitor.page.keyboard.type("can cp be cured")
    visitor.page.keyboard.press("Enter")
    visitor.part("failed").wait_for()


def nothing(visitor: Visitor) -> None:
    visitor.input.wait_for()


STATES: dict[str, Callable[[Visitor], object]] = {
    "empty": nothing,
    "answer": lambda visitor: visitor.ask("can cp be cured"),
    "emergency": lambda visitor: visitor.ask("she has been seizing for 8 minutes"),
    "redirect": lambda visitor: visitor.ask("how many mg of baclofen"),
    "clarify": lambda visitor: visitor.ask("botox"),
    "no answer": lambda visitor: visitor.ask("best laptop"),
    "source open": with_source,
    "word explained": with_word,
    "suggestions": with_suggestions,
    "reasons": with_reasons,
    "not sent": with_failure,
    "appointment page": with_sheet,
}


def assert_no_sideways_scrolling(visitor: Visitor) -> None:
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px wider than the window"


def assert_good_everywhere(visitor: Visitor) -> None:
    """Hold the state that stands against axe in every way of seeing it."""
    page = visitor.page
    assert visitor.violations() == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert_no_sideways_scrolling(visitor)
    assert visitor.violations() == [], "at 320 px"
    page.emulate_media(color_scheme="dark")
    assert visitor.violations() == [], "dark, at 320 px"
    page.emulate_media(color_scheme="light", forced_colors="active")
    assert visitor.violations() == [], "forced colours, at 320 px"
    page.emulate_media(color_scheme="light", forced_colors="none")
    page.set_viewport_size({"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_no_sideways_scrolling(visitor)
    assert visitor.violations() == [], "200 % text"


@pytest.fixture(scope="module")
def regular(browser: Browser, site: str) -> Iterator[Visitor]:
    """Somebody whose window stays open from state to state: most of a test's time went into opening new ones."""
    with visit(browser, site) as staying:
        yield staying


@pytest.mark.parametrize("state", STATES)
def test_a_state_of_the_page_has_no_violation(regular: Visitor, state: str) -> None:
    STATES[state](regular.start_afresh())
    assert_good_everywhere(regular)


@pytest.mark.parametrize("state", STATES)
def test_a_state_from_right_to_left_has_no_violation(regular: Visitor, state: str) -> None:
    regular.start_afresh(f"/?lang={MIRRORED}").page.set_viewport_size({"width": 320, "height": 640})
    STATES[state](regular)
    assert regular.chat.locator(".root").get_attribute("dir") == "rtl"
    assert_no_sideways_scrolling(regular)
    assert regular.violations() == []


@pytest.mark.parametrize("state", ["empty", "answer", "appointment page", "reasons"])
def test_longer_words_fit_at_320_px(regular: Visitor, state: str) -> None:
    regular.start_afresh(f"/?lang={ACCENTED}").page.set_viewport_size({"width": 320, "height": 640})
    STATES[state](regular)
    assert_no_sideways_scrolling(regular)
    assert regular.violations() == []


def test_a_regular_finds_each_state_as_a_newcomer_does(regular: Visitor, visitor: Visitor) -> None:
    """Else a window that stays open would show axe something else."""
    for state in ("emergency", "source open", "appointment page", "suggestions"):
        STATES[state](regular.start_afresh())
    regular.start_afresh()
    STATES["redirect"](regular)
    STATES["redirect"](visitor.open())
    both = []
    for one in (regular, visitor):
        one.chat.locator("[part~=term]").first.wait_for()
        both.append(one.chat.evaluate("host => host.shadowRoot.querySelector('.view').innerText"))
    assert both[0] == both[1]


def test_axe_finds_what_is_wrong(regular: Visitor) -> None:
    """Else finding nothing would mean nothing: one fault each that a state could bring, inside the shadow root."""
    STATES["answer"](regular.start_afresh())
    planted = {
        "button-name": "root.querySelector('.send').textContent = ''",
        "label": "root.querySelector('label').remove()",
        "color-contrast": "root.querySelector('.lead').style.color = '#c8c8c8'",
        "aria-valid-attr-value": "root.querySelector('[part~=citation]').setAttribute('aria-expanded', 'perhaps')",
    }
    for fault in planted.values():
        regular.chat.evaluate(f"host => {{ const root = host.shadowRoot; {fault}; }}")
    found = {one.split(":")[0] for one in regular.violations()}
    assert set(planted) <= found
    regular.page.goto("about:blank")


@pytest.mark.parametrize(
    "path",
    [
        "/topics",
        "/topics/botulinum-toxin",
        "/topics/is-cp-curable/cure",
        "/about",
        "/about/corpus",
        "/a/" + "0" * 20,
        "/nowhere",
    ],
)
def test_a_page_without_the_component_has_no_violation(regular: Visitor, path: str) -> None:
    assert_good_everywhere(regular.start_afresh(path))


@pytest.mark.parametrize("question", ["can cp be cured", "she has been seizing for 8 minutes", "botox"])
def test_a_kept_answer_has_no_violation(regular: Visitor, pipeline: Pipeline, question: str) -> None:
    assert_good_everywhere(regular.start_afresh(pipeline.ask(question).link))


@pytest.mark.parametrize("question", ["can cp be cured", "she has been seizing for 8 minutes", "botox", "best laptop"])
def test_the_page_without_its_script_has_no_violation(regular: Visitor, question: str) -> None:
    visitor, page = regular, regular.page
    page.unroute_all()
    page.route("**/widget.js", lambda route: route.abort())
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(visitor.site)
    assert visitor.violations() == [], "empty"
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="You asked").wait_for()
    assert_no_sideways_scrolling(visitor)
    assert visitor.violations() == []


@pytest.mark.parametrize("layout", ["launched", "inlined"])
def test_the_widget_in_a_hostile_page_has_no_violation_of_its_own(visitor: Visitor, layout: str) -> None:
    visitor.open("/demo")
    host = visitor.page.locator(f"#{layout}")
    if layout == "launched":
        host.get_by_role("button").click()
    host.get_by_role("textbox").fill("can cp be cured")
    host.get_by_role("textbox").press("Enter")
    host.locator("[part~=answer]").wait_for()
    assert [found for found in visitor.violations() if layout in found] == []
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    assert [found for found in visitor.violations() if layout in found] == [], "at 320 px"


def test_every_control_is_large_enough_for_a_finger(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 800})
    visitor.open().ask("can cp be cured")
    visitor.part("citation").first.click()
    visitor.part("term").first.wait_for()
    small = visitor.chat.evaluate(
        """host => [...host.shadowRoot.querySelectorAll('button, textarea, .composer a, .source a, .calls a')]
             .filter(one => one.checkVisibility() && !one.matches('.term'))
             .map(one => [one.className, one.textContent.slice(0, 20), one.getBoundingClientRect()])
             .filter(([, , box]) => box.width < 44 || box.height < 44)
             .map(([name, text, box]) => `${name} ${text} ${box.width} x ${box.height}`)"""
    )
    assert small == [], "words in the middle of a sentence aside, every target is 44 px or more"


def test_the_number_of_a_source_does_not_stand_alone_on_a_line(visitor: Visitor) -> None:
    """It keeps to the last word, whatever the width; the sentence itself holds no character more."""
    visitor.open().ask("can cp be cured")
    alone = []
    for width in range(320, 520, 20):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        alone += visitor.chat.evaluate(
            """host => [...host.shadowRoot.querySelectorAll('.statement')].flatMap(one => {
                 const middle = node => { const range = document.createRange(); range.selectNode(node);
                   const box = [...range.getClientRects()].at(-1); return (box.top + box.bottom) / 2; };
                 return [...one.querySelectorAll('button.cite')]
                   .filter(number => middle(number) - middle(number.parentNode.previousSibling) > 15)
                   .map(number => `${innerWidth} px: ${number.textContent} ${one.statement.text}`); })"""
        )
    assert alone == []
    first = visitor.part("answer").locator(".statement").first
    assert first.evaluate("one => one.textContent.startsWith(one.statement.text + '1')")


def test_icons_take_the_colour_of_their_words_in_forced_colours(visitor: Visitor) -> None:
    visitor.page.emulate_media(forced_colors="active")
    visitor.open().ask("can cp be cured")
    lost = visitor.chat.evaluate(
        """host => [...host.shadowRoot.querySelectorAll('svg')].filter(one => one.checkVisibility())
             .map(one => [one.parentElement.className, getComputedStyle(one.firstChild).fill,
                          getComputedStyle(one.parentElement).color])
             .filter(([, icon, words]) => icon !== words)"""
    )
    assert lost == []
    logo = visitor.page.locator(".logo .blade").evaluate("one => getComputedStyle(one).fill")
    assert logo == visitor.page.evaluate("getComputedStyle(document.querySelector('.brand span')).color")


def test_the_box_at_the_bottom_hides_nothing_that_has_the_focus(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 780})
    visitor.open().ask("can cp be cured")
    visitor.press("Shift+Tab")
    hidden = []
    for _ in range(70):
        visitor.press("Tab")
        if visitor.focused()["part"] == "input":
            break
        hidden += visitor.chat.evaluate(
            """host => { const one = host.shadowRoot.activeElement, box = one.getBoundingClientRect();
                 const cover = host.shadowRoot.querySelector('.composer').getBoundingClientRect();
                 return box.top >= 0 && box.bottom <= cover.top + 1 ? [] : [`${one.textContent} ${box.bottom}`]; }"""
        )
    assert hidden == []
    assert visitor.focused()["part"] == "input"


def test_the_widget_on_a_site_that_may_not_ask_has_no_violation_of_its_own(visitor: Visitor, elsewhere: int) -> None:
    visitor.page.goto(f"http://localhost:{elsewhere}/?careleaf={visitor.site}")
    visitor.page.locator("#launched").get_by_role("button").click()
    visitor.page.locator("#launched [part~=closed]").wait_for()
    # The host page shows two widgets, of the same name; a site has one.
    visitor.page.locator("#inlined").evaluate("one => one.remove()")
    assert [found for found in visitor.violations() if "launched" in found] == []
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    assert [found for found in visitor.violations() if "launched" in found] == [], "at 320 px"


@pytest.mark.parametrize("layout", ["launched", "inlined"])
def test_at_400_percent_zoom_the_panel_scrolls_as_a_whole(visitor: Visitor, layout: str) -> None:
    visitor.page.set_viewport_size({"width": 320, "height": 256})
    visitor.open("/demo")
    host = visitor.page.locator(f"#{layout}")
    if layout == "launched":
        host.get_by_role("button").click()
    host.get_by_role("textbox").fill("can cp be cured")
    host.get_by_role("textbox").press("Enter")
    host.locator("[part~=answer]").wait_for()
    host.locator("[part~=send]").scroll_into_view_if_needed()
    expect(host.locator("[part~=send]")).to_be_in_viewport()
    wide = host.evaluate(
        "host => { const view = host.shadowRoot.querySelector('.view'); return view.scrollWidth - view.clientWidth; }"
    )
    assert wide <= 0


def test_with_very_large_text_the_box_does_not_cover_the_answer(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.open().ask("can cp be cured")
    assert visitor.part("composer").evaluate("one => getComputedStyle(one).position") == "sticky"
    visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert visitor.part("composer").evaluate("one => getComputedStyle(one).position") == "static"
