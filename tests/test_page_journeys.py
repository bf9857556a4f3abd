"""Journeys by keyboard alone, and without JavaScript: focus is where a person expects it after each step."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import Visitor


@pytest.fixture
def visitor(visitor: Visitor) -> Iterator[Visitor]:
    yield visitor
    assert visitor.faults == []


def test_tab_reaches_the_box_and_focus_stays_in_it_after_asking(visitor: Visitor) -> None:
    visitor.open().tab_to("input")
    visitor.page.keyboard.type("can cp be cured")
    visitor.press("Enter")
    visitor.part("answer").wait_for()
    assert visitor.focused()["part"] == "input"
    assert visitor.input.input_value() == ""


def test_one_step_back_from_the_box_is_the_newest_answer_from_its_start(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.ask("how long does botox last")
    visitor.press("Shift+Tab")
    now = visitor.focused()
    assert now["tag"] == "article"
    assert now["text"].startswith("Answer 2")
    visitor.tab_to("citation", most=2)


def test_headings_lead_from_turn_to_turn(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.ask("how long does botox last")
    names = [heading.text_content() for heading in visitor.chat.get_by_role("heading", level=2).all()]
    assert names == ["Question 1", "Answer 1", "Question 2", "Answer 2"]
    assert visitor.chat.get_by_role("article", name="Question 2").count() == 1


def test_a_source_opens_in_place_with_its_passage_and_escape_returns(visitor: Visitor) -> None:
    answer = visitor.open().ask("how long does botox last")
    said = answer.locator(".statement").first.text_content()
    assert said is not None
    visitor.press("Shift+Tab")
    visitor.tab_to("citation")
    visitor.press("Enter")
    assert re.match(r"h\d", visitor.focused()["tag"])
    assert visitor.focused()["text"].startswith("Source 1: ")
    panel = visitor.part("source")
    for fact in ("Published by", "Year", "Kind of source", "Sells or promotes"):
        assert fact in (panel.text_content() or "")
    marked = panel.locator("mark")
    marked.wait_for()
    assert said.startswith(marked.text_content() or "nothing")
    passage = panel.get_by_role("blockquote").text_content() or ""
    assert len(passage) > len(marked.text_content() or "") + 40, "its neighbours are visible"
    assert panel.get_by_role("link", name="Open the original").get_attribute("href", timeout=1000)
    visitor.press("Escape")
    assert panel.count() == 0
    assert "cite" in visitor.focused()["name"]
    visitor.press("Enter", "Enter")
    assert panel.count() == 1, "closing by the number that opened it needs focus on it; Enter on a heading does nothing"


def test_a_commercial_source_says_so(visitor: Visitor) -> None:
    answer = visitor.open().ask("can cp be cured")
    answer.locator(".heard [part~=citation]").first.click()
    assert "Yes, or it hides who wrote it" in (visitor.part("source").text_content() or "")


def test_a_hard_word_is_a_button_that_explains_it_and_escape_returns(visitor: Visitor) -> None:
    visitor.open().ask("how long does botox last")
    visitor.part("term").first.wait_for()
    visitor.press("Shift+Tab")
    visitor.tab_to("term")
    word = visitor.focused()["text"]
    visitor.press("Enter")
    gloss = visitor.part("gloss")
    expect(gloss).to_be_visible()
    assert (gloss.text_content() or "").startswith(word)
    assert len(gloss.text_content() or "") > len(word) + 15
    assert visitor.focused()["part"] == "gloss"
    visitor.press("Escape")
    expect(gloss).to_be_hidden()
    assert visitor.focused()["text"] == word


def test_a_follow_up_is_asked_and_focus_goes_to_the_box(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.press("Shift+Tab")
    visitor.tab_to("choice")
    question = visitor.focused()["text"]
    visitor.press("Enter")
    visitor.part("answer").nth(1).wait_for()
    assert visitor.part("question").nth(1).locator("p").text_content() == question
    assert visitor.focused()["part"] == "input"


def test_on_a_touch_screen_a_follow_up_does_not_open_the_keyboard(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    visitor = Visitor(context.new_page(), site).open()
    visitor.part("choice").first.tap()
    visitor.part("answer").wait_for()
    assert visitor.focused()["tag"] == "article"
    assert visitor.focused()["text"].startswith("Question 1")
    context.close()


def test_on_a_touch_screen_the_panel_opens_without_the_keyboard(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    visitor = Visitor(context.new_page(), site)
    visitor.page.goto(site + "/demo")
    launched = visitor.page.locator("#launched")
    launched.get_by_role("button").tap()
    launched.locator("[part~=input]").wait_for()
    assert visitor.focused()["id"] == "title"
    expect(launched.locator(".starters button").last).to_be_in_viewport()
    context.close()


def test_a_reading_is_chosen_in_a_clarify(visitor: Visitor) -> None:
    clarify = visitor.open().ask("botox")
    assert "clarify" in (clarify.get_attribute("class") or "")
    visitor.press("Shift+Tab")
    visitor.tab_to("choice")
    visitor.press("Enter")
    visitor.part("answer").nth(1).wait_for()
    expect(visitor.part("answer").nth(1).locator(".kind-answer")).to_be_visible()
    assert visitor.focused()["part"] == "input"


def test_no_answer_shows_the_nearest_questions_and_a_way_to_a_person(visitor: Visitor) -> None:
    answer = visitor.open().ask("best laptop")
    assert answer.locator("[part~=choice]").count() >= 2
    expect(visitor.chat.get_by_role("link", name="Talk to a person")).to_be_visible()


def test_feedback_is_given_with_a_reason(visitor: Visitor) -> None:
    sent: list[Any] = []
    visitor.page.on("request", lambda r: sent.append(r.post_data_json) if r.url.endswith("/feedback") else None)
    visitor.open().ask("can cp be cured")
    visitor.press("Shift+Tab")
    for _ in range(60):
        visitor.press("Tab")
        if visitor.focused()["text"] == "No":
            break
    visitor.press("Enter")
    assert visitor.focused()["text"] == "What was wrong?"
    visitor.press("Tab", "Enter")
    assert visitor.focused()["text"] == "Thank you."
    assert set(sent[0]) == {"answer_id", "corpus_version", "passage_ids", "helpful", "reason"}
    assert sent[0]["helpful"] is False
    assert sent[0]["reason"] == "other_question"
    assert sent[0]["passage_ids"][0] == "is-cp-curable#cure"


def test_the_appointment_page_is_put_together_and_printed_alone(visitor: Visitor) -> None:
    visitor.page.add_init_script("window.print = () => { top.printed = document.documentElement.outerHTML; }")
    visitor.open().ask("can cp be cured")
    visitor.ask("how long does botox last")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.tab_to("sheet")
    visitor.press("Enter")
    paper = visitor.part("paper")
    paper.wait_for()
    assert visitor.focused()["text"] == "Page for the appointment"
    visitor.press("Tab", "Space")
    expect(paper).not_to_contain_text("There is no cure for cerebral palsy.")
    expect(paper).to_contain_text("how long does botox last")
    visitor.chat.get_by_label("A question of your own").focus()
    visitor.page.keyboard.type("Could we try casts first?")
    visitor.press("Enter")
    assert visitor.focused()["id"] == "own"
    expect(paper).to_contain_text("Could we try casts first?")
    visitor.chat.get_by_label("Notes", exact=True).focus()
    visitor.page.keyboard.type("Tuesday 10:30")
    visitor.press("Tab", "Enter")
    printed = visitor.page.evaluate("window.printed")
    for said in ("Could we try casts first?", "Tuesday 10:30", "wears off after about three to six months", "Sources"):
        assert said in printed
    assert "There is no cure" not in printed
    assert "<textarea" not in printed
    assert "Was this helpful" not in printed
    visitor.press("Tab", "Enter")
    assert "sheet" in visitor.focused()["name"], "focus returns to the button that opened it"
    assert [url for url in asked if "/api/" in url] == [], "nothing leaves the browser"


def test_escape_leaves_the_appointment_page_wherever_the_focus_is(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    for lose in ("host => host.shadowRoot.activeElement.blur()", "() => {}"):
        visitor.part("sheet").first.click()
        visitor.part("paper").wait_for()
        visitor.chat.evaluate(lose)
        visitor.press("Escape")
        expect(visitor.part("paper")).to_have_count(0)
        assert "sheet" in visitor.focused()["name"]
    visitor.press("Escape")
    assert visitor.faults == []


def test_escape_in_the_launchers_appointment_page_leaves_the_panel_open(visitor: Visitor) -> None:
    visitor.open("/demo")
    launched = visitor.page.locator("#launched")
    launched.locator("[part~=launcher]").click()
    launched.locator("[part~=input]").fill("can cp be cured")
    visitor.press("Enter")
    launched.locator(".act.sheet").click()
    launched.locator("[part~=paper]").wait_for()
    launched.evaluate("host => host.shadowRoot.activeElement.blur()")
    visitor.page.evaluate("""() => {
        const field = document.createElement('input'); document.body.prepend(field); field.focus(); }""")
    visitor.press("Escape")
    expect(launched.locator("[part~=paper]")).to_have_count(1)
    visitor.page.evaluate("document.activeElement.blur()")
    visitor.press("Escape")
    expect(launched.locator("[part~=paper]")).to_have_count(0)
    expect(launched.locator(".act.sheet")).to_be_visible()
    visitor.press("Escape")
    expect(launched.locator("[part~=panel]")).to_be_hidden()


def test_one_answer_is_printed_under_a_name_that_tells_nothing(visitor: Visitor) -> None:
    visitor.page.add_init_script("window.print = () => { top.printed = document.title; }")
    visitor.open().ask("can cp be cured")
    visitor.chat.get_by_role("button", name="Print").click()
    assert visitor.page.evaluate("window.printed") == "Careleaf"
    assert "cured" not in visitor.page.title()


def test_the_paper_alone_is_what_the_browser_prints(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.part("sheet").first.click()
    visitor.page.emulate_media(media="print")
    expect(visitor.part("paper")).to_be_visible()
    expect(visitor.chat.get_by_label("A question of your own")).to_be_hidden()
    expect(visitor.page.get_by_role("banner")).to_be_hidden()
    expect(visitor.page.get_by_role("contentinfo")).to_be_hidden()
    expect(visitor.page.get_by_role("heading", name="Ask about cerebral palsy")).to_be_hidden()
    assert visitor.page.pdf(format="A4").startswith(b"%PDF")


def test_the_conversation_is_forgotten_and_focus_goes_to_the_box(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.tab_to("forget")
    visitor.press("Enter")
    assert visitor.part("answer").count() == 0
    assert visitor.focused()["part"] == "input"
    expect(visitor.chat.get_by_role("status")).to_have_text("The conversation is forgotten.")


def test_an_emergency_replaces_what_stood_above_and_focus_moves_to_it(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    emergency = visitor.ask("she has been seizing for 8 minutes")
    assert visitor.focused()["tag"] == "article"
    assert "Call an ambulance now" in visitor.focused()["text"]
    expect(visitor.part("answer").first).to_be_hidden()
    call = emergency.get_by_role("link").first
    assert (call.get_attribute("href") or "").startswith("tel:")
    visitor.press("Tab")
    assert visitor.focused()["tag"] == "a", "the first Tab is the number to call"
    order = emergency.evaluate(
        "one => ['.now', '.calls', '.statement', '.sources']"
        ".map(name => one.querySelector(name).getBoundingClientRect().top)"
    )
    assert order == sorted(order)
    visitor.chat.get_by_role("button", name="Show the earlier conversation").click()
    expect(visitor.part("answer").first).to_be_visible()


def test_an_emergency_that_comes_first_is_in_view(visitor: Visitor) -> None:
    emergency = visitor.open().ask("she is not breathing")
    expect(visitor.chat.get_by_text("If your child is in danger now")).to_be_hidden()
    expect(emergency.locator(".now")).to_be_in_viewport()


def test_suggestions_stand_under_the_box_and_tolerate_misspelling(visitor: Visitor) -> None:
    visitor.open().tab_to("input")
    visitor.page.keyboard.type("what does botulnum toxn do")
    listed = visitor.part("suggestions").get_by_role("button")
    listed.first.wait_for()
    assert "What does botulinum toxin do" in (listed.first.text_content() or "")
    visitor.tab_to("choice", most=3)
    visitor.press("Enter")
    visitor.part("answer").wait_for()
    assert visitor.focused()["part"] == "input"


def test_a_word_that_families_use_finds_the_clinical_one(visitor: Visitor) -> None:
    visitor.open().tab_to("input")
    visitor.page.keyboard.type("does botx hurt")
    listed = visitor.part("suggestions").get_by_role("button")
    listed.first.wait_for()
    assert "botulinum" in " ".join(listed.all_text_contents())


def test_an_empty_question_is_told_in_place(visitor: Visitor) -> None:
    visitor.open().tab_to("input")
    visitor.press("Enter")
    expect(visitor.chat.get_by_text("Write your question first.").first).to_be_visible()
    assert visitor.input.get_attribute("aria-invalid") == "true"
    assert visitor.focused()["part"] == "input"


def test_arrows_and_letters_do_what_they_do_on_any_page(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.page.evaluate("scrollTo(0, 0)")
    visitor.press("Shift+Tab")
    before = visitor.page.evaluate("scrollY")
    visitor.press("PageDown")
    visitor.page.wait_for_function("before => scrollY > before", arg=before)
    visitor.press("ArrowDown", "n", "p", "f")
    assert visitor.focused()["tag"] == "article"


def test_the_launcher_opens_traps_nobody_and_escape_returns(visitor: Visitor) -> None:
    visitor.page.goto(visitor.site + "/demo")
    launcher = visitor.page.locator("#launched").get_by_role("button", name="Questions about cerebral palsy?")
    launcher.focus()
    visitor.press("Enter")
    panel = visitor.page.locator("#launched").get_by_role("region", name="Careleaf")
    expect(panel).to_be_visible()
    assert visitor.focused()["part"] == "input"
    seen = set()
    for _ in range(12):
        visitor.press("Tab")
        seen.add(visitor.page.evaluate("document.activeElement?.id || document.activeElement?.tagName"))
    assert "inlined" in seen, "Tab leads on into the page"
    panel.get_by_role("textbox").focus()
    visitor.press("Escape")
    expect(panel).to_be_hidden()
    assert visitor.focused()["part"] == "launcher"
    assert launcher.get_attribute("aria-expanded") == "false"


def test_the_page_is_whole_without_javascript(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(site)
    expect(page.get_by_role("link", name="Talk to a person")).to_be_visible()
    page.get_by_label("Your question").fill("can cp be cured")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("There is no cure for cerebral palsy.").first).to_be_visible()
    assert "q=" not in page.url
    page.get_by_role("link", name="Sources 1").first.click()
    assert page.url.endswith("#source-1")
    page.get_by_role("link", name="Link to this answer").click()
    expect(page.get_by_text("The collection has not changed since this link was made.")).to_be_visible()
    expect(page.get_by_text("There is no cure for cerebral palsy.").first).to_be_visible()
    context.close()


def test_what_is_typed_before_the_component_stands_is_kept(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()

    def type_first(route: Route) -> None:
        page.get_by_role("textbox").fill("can cp be")
        route.continue_()

    page.route("**/widget/chat.js", type_first)
    page.goto(site)
    box = page.locator("careleaf-chat [part~=input]")
    box.wait_for()
    expect(box).to_have_value("can cp be")
    context.close()


def test_an_answer_is_read_aloud_by_the_browser_and_stopped(visitor: Visitor) -> None:
    visitor.page.add_init_script(
        """window.spoken = [];
           SpeechSynthesis.prototype.speak = one => { spoken.push(one.text, one.lang); window.speaking = true; };
           SpeechSynthesis.prototype.cancel = () => { window.speaking = false; };
           Object.defineProperty(SpeechSynthesis.prototype, 'speaking', {get: () => !!window.speaking});"""
    )
    answer = visitor.open().ask("can cp be cured")
    answer.get_by_role("button", name="Read aloud").click()
    spoken = visitor.page.evaluate("window.spoken")
    assert spoken[:2] == ["There is no cure for cerebral palsy.", "en"], "without the numbers of its sources"
    said = " ".join(spoken)
    assert "This is general information" in said
    assert "promotional page" not in said, "sources are not read"
    answer.get_by_role("button", name="Stop reading").click()
    assert visitor.page.evaluate("window.speaking") is False
    expect(answer.get_by_role("button", name="Read aloud")).to_be_visible()
    visitor.page.evaluate("window.spoken.length = 0")
    emergency = visitor.ask("mi hijo no respira")
    emergency.get_by_role("button", name="Read aloud").click()
    spoken = visitor.page.evaluate("window.spoken")
    assert "ambulancia" in spoken[0]
    assert spoken[1] == "es", "what to do is read first, in the language that was written"
    assert {"es", "en"} == set(spoken[1::2])


@pytest.mark.parametrize("question", ["how many mg of baclofen", "she is not breathing", "botox"])
def test_every_kind_that_shows_sentences_can_be_kept_by_a_link(visitor: Visitor, question: str) -> None:
    answer = visitor.open().ask(question)
    said = answer.locator(".statement").first.evaluate("one => one.statement.text")
    answer.get_by_role("button", name="Link", exact=True).click()
    answer.get_by_role("link", name="Link to this answer").click()
    expect(visitor.page.locator(".statement").first).to_contain_text(said)
    expect(visitor.page.get_by_role("note")).to_contain_text("has not changed since")


def test_what_shows_no_sentence_offers_no_link(visitor: Visitor) -> None:
    visitor.open()
    for question in ("best laptop", "hello"):
        assert visitor.ask(question).get_by_role("button", name="Link", exact=True).count() == 0


def test_an_emergency_in_another_language_is_marked_as_such(visitor: Visitor) -> None:
    emergency = visitor.open().ask("mi hijo no respira")
    assert emergency.locator(".content").get_attribute("lang") == "es"
    english = emergency.locator("[lang=en]")
    assert english.locator(".statement").count() >= 1
