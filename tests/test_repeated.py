"""A repeated question: the same bytes, by a short way on which limits, logs and metrics still see it."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.store import Store
from bot.web import create_app
from bot.web.api.rendered import LONGEST, Rendered, RenderedAnswers

Sent = dict[str, str]


class Counted:
    """An application, and how often its pipeline was asked."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        application: Any = client.app
        self.pipeline: Pipeline = application.state.pipeline
        self.asked = 0
        really = self.pipeline.ask

        def count(question: str, lang: str = "en", context: tuple[str, ...] = ()) -> Any:
            self.asked += 1
            return really(question, lang, context)

        self.pipeline.ask = count

    def ask(self, question: str, headers: Sent | None = None, **fields: Any) -> Any:
        return self.client.post("/api/v1/ask", json={"question": question} | fields, headers=headers)


@pytest.fixture(scope="module")
def opened(built: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(built.model_copy(update={"metrics": True, "cache_size": 8}))) as client:
        yield client


@pytest.fixture
def counted(opened: TestClient) -> Iterator[Counted]:
    one = Counted(opened)
    yield one
    del one.pipeline.ask


QUESTIONS = ["does botox hurt", "he is choking and cannot breathe", "how many mg of baclofen", "hello", "best laptop"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_request_is_answered_once_and_sent_twice(counted: Counted, question: str) -> None:
    first, again = counted.ask(question), counted.ask(question)
    assert counted.asked == 1
    assert first.content == again.content
    assert json.loads(first.content) == json.loads(counted.pipeline.answer(question).model_dump_json())
    changing = {"x-request-id"}
    assert {k: v for k, v in first.headers.items() if k not in changing} == {
        k: v for k, v in again.headers.items() if k not in changing
    }
    assert first.headers["x-request-id"] != again.headers["x-request-id"]


@pytest.mark.parametrize(
    "other",
    [
        lambda one: one.ask("does botox hurt", {"accept": "text/plain"}),
        lambda one: one.ask("does botox hurt", {"accept-language": "fr"}),
        lambda one: one.ask("does botox hurt", lang="en-GB"),
        lambda one: one.ask("does botox hurt", context=["botulinum-toxin#how-long"]),
        lambda one: one.ask("does botox hurt?"),
    ],
)
def test_whatever_changes_an_answer_is_another_request(counted: Counted, other: Callable[[Counted], Any]) -> None:
    counted.ask("does botox hurt")
    counted.asked = 0
    other(counted)
    # The case before this one may have asked the same; it has not asked the pipeline more than once.
    assert counted.asked <= 1
    plain = counted.ask("does botox hurt", {"accept": "text/plain"})
    assert plain.headers["content-type"].startswith("text/plain")
    assert counted.ask("does botox hurt").headers["content-type"] == "application/json"


def test_another_type_of_body_is_not_taken_for_the_same(counted: Counted) -> None:
    body = b'{"question": "does botox hurt"}'
    sent = {"content-type": "application/json"}
    assert counted.client.post("/api/v1/ask", content=body, headers=sent).status_code == 200
    refused = counted.client.post("/api/v1/ask", content=body, headers={"content-type": "text/plain"})
    assert refused.status_code == 422


@pytest.mark.parametrize("body", [b"", b"{", b'{"question": ""}', b'{"question": "x", "more": 1}'])
def test_what_was_refused_is_refused_again(counted: Counted, body: bytes) -> None:
    for _ in range(2):
        response = counted.client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
        assert 400 <= response.status_code < 500
        assert response.headers["content-type"] == "application/problem+json"


def test_a_body_that_comes_in_pieces_is_answered(counted: Counted) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": '
        yield b'"does botox hurt"}'

    sent = {"content-type": "application/json"}
    response = counted.client.post("/api/v1/ask", content=pieces(), headers=sent)
    assert response.json() == counted.ask("does botox hurt").json()


def test_metrics_count_every_request_and_answer(counted: Counted) -> None:
    def figures() -> list[float]:
        lines = counted.client.get("/metrics").text.splitlines()
        wanted = (
            'careleaf_requests_total{method="POST",route="/api/v1/ask",status="200"}',
            'careleaf_answers_total{kind="answer"}',
        )
        return [float(line.rpartition(" ")[2]) for name in wanted for line in lines if line.startswith(name)]

    counted.ask("can cp be cured")
    before = figures()
    for _ in range(3):
        counted.ask("can cp be cured")
    assert counted.asked <= 1
    assert [after - earlier for earlier, after in zip(before, figures(), strict=True)] == [3, 3]


def test_limits_see_a_repeated_question(built: Settings) -> None:
    with TestClient(create_app(built.model_copy(update={"rate_limit": "2/minute"}))) as client:
        statuses = [client.post("/api/v1/ask", json={"question": "hello"}).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


def test_every_question_without_an_answer_is_counted_where_the_operator_keeps_them(
    built: Settings, tmp_path: Any
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    chosen = Settings(**(built.model_dump() | {"database_url": url, "keep_unanswered": True}))
    with TestClient(create_app(chosen)) as client:
        for _ in range(3):
            assert client.post("/api/v1/ask", json={"question": "best laptop"}).json()["kind"] == "no_answer"
        deadline = time.monotonic() + 20
        while len(Store(url).unanswered()) < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
    assert [kept.text for kept in Store(url).unanswered()] == ["best laptop"] * 3


def test_the_last_answers_are_kept_and_no_long_request() -> None:
    answers = RenderedAnswers(2)
    said = Rendered((), b"said", "answer")
    for name in (b"a", b"b"):
        answers.keep((name,), said)
    answers.find((b"a",))
    answers.keep((b"c",), said)
    assert [answers.find((name,)) is said for name in (b"a", b"b", b"c")] == [True, False, True]
    answers.keep((b"x" * (LONGEST + 1),), said)
    assert answers.find((b"x" * (LONGEST + 1),)) is None
