"""Permanent links: what an answer showed, without what was asked; and whether the corpus has changed since."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient

from bot.pipeline import Pipeline
from bot.schema import Kind
from bot.web.links import answer_path, read_parts

QUESTIONS = [
    "can cp be cured",
    "how long does botox last",
    "are stem cells safe",
    "why is my child drooling",
    "what is GMFCS",
    "does my child need hip x-rays",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_link_gives_the_same_answer_anew(pipeline: Pipeline, question: str) -> None:
    answer = pipeline.ask(question)
    assert answer.kind == Kind.ANSWER
    query = parse_qsl(urlsplit(answer_path(answer)).query)
    recalled = read_parts([value for name, value in query if name == "p"], pipeline.corpus)
    assert recalled is not None
    assert recalled.altered == 0
    anew = pipeline.recall(recalled.sentences, tuple(value for name, value in query if name == "h"))
    for field in (
        "statements",
        "citations",
        "evidence",
        "heard",
        "disagreements",
        "caveat",
        "ask_your_team",
        "reviewed",
    ):
        assert getattr(anew, field) == getattr(answer, field), field


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_link_is_shown_and_holds_nothing_of_the_question(
    client: TestClient, pipeline: Pipeline, question: str
) -> None:
    answer = pipeline.ask(question)
    path = answer_path(answer)
    query = parse_qsl(urlsplit(path).query)
    ids = {statement.passage_id.replace("#", ".") for statement in answer.statements}
    claims = {heard.claim_id for heard in answer.heard}
    for name, value in query:
        assert name in {"c", "p", "h"}
        if name == "p":
            head, numbers = re.fullmatch(r"([^.]+\.[^.]+)\.[0-9a-f]{8}((?:\.\d+)+)", value).groups()  # type: ignore[union-attr]
            assert head in ids
            assert numbers
        elif name == "h":
            assert value in claims
    page = client.get(path)
    assert page.status_code == 200
    shown = unescape(page.text)
    for statement in answer.statements:
        assert statement.text in shown
    assert "has not changed since this link was made" in shown


def test_a_link_from_another_version_says_that_the_corpus_has_changed(client: TestClient, pipeline: Pipeline) -> None:
    path = answer_path(pipeline.ask("can cp be cured")).replace(pipeline.corpus.version, "0" * 16)
    assert "The sentences below are unchanged, word for word" in client.get(path).text


def test_a_link_to_a_passage_that_changed_says_how_many(client: TestClient, pipeline: Pipeline) -> None:
    answer = pipeline.ask("can cp be cured")
    path = answer_path(answer).replace(answer.statements[0].sha256[:8], "00000000")
    assert "1 of the passages in this answer have been changed or removed" in client.get(path).text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "cannot be read"),
        ("?p=nonsense", "cannot be read"),
        ("?p=%3Cscript%3E", "cannot be read"),
        ("?c=x&p=no-topic.no-passage.00000000.0", "Nothing of this answer is in the collection"),
        ("?c=x&p=is-cp-curable.cure.00000000.7", "Nothing of this answer is in the collection"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(client: TestClient, query: str, said: str) -> None:
    page = client.get("/a/" + "0" * 20 + query)
    assert page.status_code == 404
    assert said in page.text
    assert "<script>" not in page.text


def test_claims_that_are_not_in_the_ledger_are_left_out(client: TestClient, pipeline: Pipeline) -> None:
    path = answer_path(pipeline.ask("why is my child drooling")) + "&h=made-up"
    assert client.get(path).status_code == 200


def test_an_address_that_is_none_is_a_problem(client: TestClient) -> None:
    assert client.get("/a/what-was-asked").status_code == 422
    assert client.get("/a/" + "0" * 20, params=[("p", "a")] * 9).status_code == 422
