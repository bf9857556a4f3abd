"""The conversation stays in the tab; nothing is sent but the question and the ids of passages."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser import Visitor

TYPED = "my zuleika has tight legs how long does botox last"


@pytest.fixture
def sent(visitor: Visitor) -> list[Request]:
    requests: list[Request] = []
    visitor.page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright wants a function
    return requests


def everything_kept(visitor: Visitor) -> str:
    """Return all that the browser keeps for the site."""
    kept = visitor.page.evaluate(
        """async () => JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie,
             await indexedDB.databases(), await caches.keys(), history.state, location.href])"""
    )
    return str(kept)


def test_reload_keeps_the_conversation_without_asking_again(visitor: Visitor, sent: list[Request]) -> None:
    visitor.open().ask("can cp be cured")
    answer = visitor.ask("how long does botox last").locator(".content").inner_text()
    sent.clear()
    visitor.page.reload()
    visitor.part("answer").nth(1).wait_for()
    assert visitor.part("question").count() == 2
    assert visitor.part("answer").nth(1).locator(".content").inner_text() == answer
    assert [request.url for request in sent if request.url.endswith("/ask")] == []
    expect(visitor.part("question").nth(1)).to_be_in_viewport()
    assert visitor.part("question").nth(1).evaluate("one => one.getBoundingClientRect().top") < 60, "the newest turn"
    visitor.ask("best laptop")
    assert visitor.part("question").count() == 3


def test_an_emergency_stands_alone_after_a_reload_too(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.ask("she is not breathing")
    visitor.page.reload()
    expect(visitor.part("emergency").locator(".now")).to_be_in_viewport()
    expect(visitor.part("answer").first).to_be_hidden()
    visitor.chat.get_by_role("button", name="Show the earlier conversation").click()
    expect(visitor.part("answer").first).to_be_visible()


def test_another_tab_does_not_see_the_conversation(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    other = Visitor(visitor.page.context.new_page(), visitor.site).open()
    assert other.part("answer").count() == 0


def test_forgetting_leaves_no_trace(visitor: Visitor) -> None:
    visitor.open().ask(TYPED)
    visitor.part("sheet").first.click()
    visitor.chat.get_by_label("Notes", exact=True).fill("zuleika on tuesday")
    visitor.press("Escape")
    assert "zuleika" in everything_kept(visitor)
    visitor.part("forget").click()
    kept = everything_kept(visitor)
    assert "zuleika" not in kept
    assert json.loads(kept)[0] == {}
    assert "zuleika" not in visitor.chat.evaluate("host => host.shadowRoot.textContent")
    visitor.page.reload()
    visitor.input.wait_for()
    assert visitor.part("answer").count() == 0


def test_what_is_forgotten_while_it_is_on_its_way_leaves_no_trace(visitor: Visitor) -> None:
    held: list[Route] = []
    visitor.open().page.route("**/api/v1/ask", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    visitor.input.focus()
    visitor.page.keyboard.type(TYPED)
    visitor.press("Enter")
    visitor.part("question").wait_for()
    visitor.part("forget").click()
    with visitor.page.expect_response("**/api/v1/ask"):
        held[0].continue_()
    visitor.page.unroute("**/api/v1/ask")
    visitor.ask("can cp be cured")
    assert visitor.part("answer").count() == 1
    assert "zuleika" not in everything_kept(visitor)


def test_forgetting_takes_the_suggestions_with_it(visitor: Visitor) -> None:
    visitor.open().ask("can cp be cured")
    visitor.page.keyboard.type("botulinum tox")
    visitor.part("suggestions").get_by_role("button").first.wait_for()
    visitor.part("forget").click()
    expect(visitor.part("suggestions")).to_be_hidden()
    assert visitor.input.input_value() == ""


def test_only_the_question_and_passage_ids_are_sent(visitor: Visitor, sent: list[Request]) -> None:
    visitor.open().input.focus()
    visitor.page.keyboard.type(TYPED, delay=5)
    visitor.part("suggestions").get_by_role("button").first.wait_for()
    assert [request.url for request in sent if request.method == "POST" or "suggest" in request.url] == []
    assert [unquote(request.url) for request in sent if "botox" in unquote(request.url)] == [], "not while typing"
    visitor.press("Enter")
    visitor.part("answer").wait_for()
    visitor.part("term").first.wait_for()
    visitor.part("citation").first.click()
    visitor.part("source").get_by_role("blockquote").wait_for()
    bodies: list[tuple[str, Any]] = [(r.url, r.post_data_json) for r in sent if r.method == "POST"]
    assert bodies, "a question was asked"
    for url, body in bodies:
        assert url == f"{visitor.site}/api/v1/ask"
        assert set(body) <= {"question", "lang", "context"}
        assert body["question"] == TYPED
    visitor.ask("and the side effects")
    asked: Any = [r.post_data_json for r in sent if r.method == "POST"][1]
    assert set(asked) == {"question", "lang", "context"}
    assert all("#" in name and " " not in name for name in asked["context"]), "passage ids, no words"
    for request in sent:
        assert request.url.startswith(visitor.site + "/"), "nothing is fetched from elsewhere"
        assert "zuleika" not in unquote(request.url)
        headers = request.all_headers()
        assert "cookie" not in headers
        assert "zuleika" not in json.dumps(headers)


def test_a_question_that_a_link_carried_leaves_the_address_bar(visitor: Visitor) -> None:
    visitor.open("/?q=Can%20cerebral%20palsy%20be%20cured%3F")
    visitor.part("answer").wait_for()
    assert visitor.page.url == f"{visitor.site}/"
    visitor.page.reload()
    visitor.part("answer").wait_for()
    assert visitor.part("question").count() == 1


def test_the_link_of_an_answer_holds_no_word_of_the_question_and_shows_it_again(visitor: Visitor) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = visitor.open().ask(TYPED)
    lead = answer.locator(".statement").first.evaluate("one => one.statement.text")
    answer.get_by_role("button", name="Link", exact=True).click()
    expect(visitor.chat.get_by_role("status")).to_contain_text("The link is copied")
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{visitor.site}/a/")
    assert link == answer.get_by_role("link", name="Link to this answer").get_attribute("href")
    for word in ("zuleika", "legs", "botox"):
        assert word not in link
    visitor.page.goto(link)
    expect(visitor.page.locator(".statement").first).to_contain_text(lead)
    expect(visitor.page.get_by_role("note")).to_contain_text("has not changed since")


def test_a_storage_that_is_full_or_tampered_with_breaks_nothing(visitor: Visitor) -> None:
    visitor.page.add_init_script("sessionStorage.setItem('careleaf', '{\"turns\": 7')")
    visitor.open().ask("can cp be cured")
    html = (
        '<div class="answer"><img src=x onerror=alert(1)><script>alert(1)</script><p onclick="alert(1)">'
        '&lt;b&gt;<a href="javascript:alert(1)">x</a></p></div>'
    )
    empty: dict[str, Any] = {"statements": [], "citations": [], "ask_your_team": [], "link": "javascript:alert(1)"}
    answer = empty | {"kind": "answer", "lang": "en", "html": html}
    kept = json.dumps({"turns": [{"question": "<img src=x onerror=alert(1)>", "answer": answer}]})
    shown = Visitor(visitor.page.context.new_page(), visitor.site)
    shown.page.add_init_script(f"sessionStorage.setItem('careleaf', {json.dumps(kept)})")
    shown.open()
    content = shown.part("answer").locator(".content")
    assert content.locator("img, script").count() == 0
    assert content.evaluate("one => [...one.querySelectorAll('*')].every(e => !e.hasAttribute('onclick'))")
    assert content.locator("a").get_attribute("href") is None
    assert "<b>" in content.inner_text()
