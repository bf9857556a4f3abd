"""What a screen reader is told: the new message, once and whole; nothing that stands already is said again."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser import Visitor

WATCH = """host => {
  const log = host.shadowRoot.querySelector('[role=log]');
  window.seen = {added: [], removed: 0, inside: 0};
  window.kept = [];
  new MutationObserver(records => {
    for (const record of records) {
      const at = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      const place = at === log ? null : at;
      if (!place) {
        seen.added.push(...[...record.addedNodes].map(node => node.textContent.slice(0, 12).trim()));
        seen.removed += record.removedNodes.length;
      } else if (!place.closest('[aria-live=off]') && record.type !== 'attributes') seen.inside += 1;
    }
  }).observe(log, {childList: true, subtree: true, characterData: true});
}"""


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    return visitor.open()


def log_in_the_tree(visitor: Visitor) -> dict[str, Any]:
    """Return the log as the browser's accessibility tree has it."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found = next(node for node in nodes if node.get("role", {}).get("value") == "log")
    return {"name": found["name"]["value"]} | {one["name"]: one["value"].get("value") for one in found["properties"]}


def test_the_log_announces_additions_politely_and_not_the_whole(visitor: Visitor) -> None:
    visitor.ask("can cp be cured")
    log = log_in_the_tree(visitor)
    assert log["name"] == "Conversation"
    assert log["live"] == "polite"
    assert log["atomic"] is False
    assert log.get("relevant", "additions text") in ("additions", "additions text")
    assert not log.get("busy")


def test_question_and_answer_are_each_added_once_and_whole(visitor: Visitor) -> None:
    visitor.chat.evaluate(WATCH)
    visitor.ask("can cp be cured")
    visitor.ask("how long does botox last")
    seen = visitor.page.evaluate("window.seen")
    assert seen["added"] == ["Question 1ca", "Answer 1Ther", "Question 2ho", "Answer 2Botu"]
    assert seen["removed"] == 0
    assert seen["inside"] == 0, "nothing is put into an answer that stands"


def test_what_opens_in_an_answer_is_not_news(visitor: Visitor) -> None:
    answer = visitor.ask("how long does botox last")
    visitor.part("term").first.wait_for()
    visitor.chat.evaluate(WATCH)
    visitor.part("citation").first.click()
    visitor.part("source").locator("mark").wait_for()
    assert answer.get_attribute("aria-live") == "off"
    assert visitor.part("source").get_attribute("aria-live") == "off"
    assert visitor.page.evaluate("window.seen.inside") == 0


def test_the_nodes_of_earlier_turns_are_the_same_after_three_turns(visitor: Visitor) -> None:
    visitor.ask("can cp be cured")
    visitor.chat.evaluate(
        "host => { window.kept = [...host.shadowRoot.querySelectorAll('[role=log] > *, [role=log] .statement')]; }"
    )
    visitor.ask("how long does botox last")
    visitor.ask("best laptop")
    assert visitor.page.evaluate("window.kept.length") >= 6
    assert visitor.page.evaluate("window.kept.every(node => node.isConnected)")
    same = visitor.chat.evaluate(
        "host => [...host.shadowRoot.querySelectorAll('[role=log] > *')].slice(0, 2)"
        ".every(node => window.kept.includes(node))"
    )
    assert same


def test_a_failed_send_is_told_in_the_log_and_tried_again(visitor: Visitor) -> None:
    visitor.page.route("**/api/v1/ask", lambda route: route.abort())
    visitor.input.focus()
    visitor.page.keyboard.type("can cp be cured")
    visitor.press("Enter")
    failed = visitor.chat.get_by_role("log").locator("[part~=failed]")
    expect(failed).to_contain_text("This was not sent")
    expect(visitor.input).to_have_value("can cp be cured")
    visitor.page.unroute("**/api/v1/ask")
    failed.get_by_role("button", name="Try again").click()
    visitor.part("answer").wait_for()
    assert failed.count() == 0
    assert visitor.part("question").count() == 1
    expect(visitor.input).to_have_value("")
    assert visitor.focused()["part"] == "input"


def test_another_question_takes_the_place_of_one_that_was_not_sent(visitor: Visitor) -> None:
    visitor.page.route("**/api/v1/ask", lambda route: route.abort())
    visitor.input.focus()
    visitor.page.keyboard.type("can cp be cured")
    visitor.press("Enter")
    visitor.part("failed").wait_for()
    visitor.page.unroute("**/api/v1/ask")
    visitor.press("Enter")
    visitor.part("answer").wait_for()
    assert visitor.part("failed").count() == 0
    assert visitor.part("question").count() == 1, "the same again is asked once"
    numbers = visitor.chat.evaluate("host => [...host.shadowRoot.querySelectorAll('[id]')].map(one => one.id)")
    assert len(numbers) == len(set(numbers))


def test_a_slow_answer_is_said_to_be_slow_and_a_quick_one_is_not(visitor: Visitor) -> None:
    log = visitor.chat.get_by_role("log")
    visitor.ask("best laptop")
    assert log.get_attribute("aria-busy") is None
    expect(visitor.chat.get_by_role("status")).to_have_text("")

    def answer_late(route: Route) -> None:
        # The page's policy forbids what Playwright's own waiting would evaluate in it.
        visitor.page.evaluate(
            "new Promise(done => { const look = () => said.length ? done() : setTimeout(look, 50); look(); })"
        )
        route.continue_()

    visitor.page.route("**/api/v1/ask", answer_late)
    visitor.input.focus()
    visitor.page.keyboard.type("can cp be cured")
    visitor.page.evaluate(
        "window.said = []; const log = document.querySelector('careleaf-chat').shadowRoot.querySelector('[role=log]');"
        "new MutationObserver(() => said.push(log.getAttribute('aria-busy'))).observe(log, {attributes: true})"
    )
    visitor.press("Enter")
    visitor.part("answer").nth(1).wait_for()
    assert visitor.page.evaluate("window.said") == ["true", None]
    expect(visitor.chat.get_by_role("status")).to_have_text("")
