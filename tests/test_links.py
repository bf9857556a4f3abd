"""Permanent links: what an answer showed, without what was asked; and whether the corpus has changed since."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient

from bot.pipeline import Pipeline
from bot.schema import Answer, Kind
from bot.web.links import Named, read_link

QUESTIONS = {
    "can cp be cured": Kind.ANSWER,
    "how long does botox last": Kind.ANSWER,
    "are stem cells safe": Kind.ANSWER,
    "why is my child drooling": Kind.ANSWER,
    "what is GMFCS": Kind.ANSWER,
    "does my child need hip x-rays": Kind.ANSWER,
    "how many mg of baclofen": Kind.REDIRECT,
    "does my son have cerebral palsy": Kind.REDIRECT,
    "she has been seizing for 8 minutes": Kind.EMERGENCY,
    "i want to die": Kind.EMERGENCY,
    "mi hijo no respira": Kind.EMERGENCY,
    "botox": Kind.CLARIFY,
}
WITHOUT = {"best laptop": Kind.NO_ANSWER, "hello": Kind.CLARIFY, "thank you": Kind.CLARIFY}


def read(answer: Answer) -> Named:
    """Read an answer's link as the server does."""
    query: dict[str, Any] = parse_qs(urlsplit(answer.link).query)
    return Named.model_validate({name: said if name in "phf" else said[0] for name, said in query.items()})


@pytest.mark.parametrize(("question", "kind"), QUESTIONS.items())
def test_a_link_gives_the_same_answer_anew(pipeline: Pipeline, question: str, kind: Kind) -> None:
    answer = pipeline.ask(question)
    assert answer.kind == kind
    recalled = read_link(pipeline.corpus, read(answer))
    assert recalled is not None
    assert recalled.altered == 0
    anew = pipeline.recall(recalled.shown)
    if kind in (Kind.EMERGENCY, Kind.CLARIFY):
        assert (anew.html, anew.text, anew.markdown) == (answer.html, answer.text, answer.markdown)
        assert anew.follow_ups == answer.follow_ups
    for field in (
        "kind",
        "lang",
        "calls",
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
    path = answer.link
    query = parse_qsl(urlsplit(path).query)
    ids = {statement.passage_id.replace("#", ".") for statement in answer.statements}
    claims = {heard.claim_id for heard in answer.heard}
    for name, value in query:
        assert name in {"c", "k", "l", "p", "h", "f"}
        if name == "p":
            head, numbers = re.fullmatch(r"([^.]+\.[^.]+)\.[0-9a-f]{8}((?:\.\d+)+)", value).groups()  # type: ignore[union-attr]
            assert head in ids
            assert numbers
        elif name == "h":
            assert value in claims
        elif name == "k":
            assert value.split(".")[1] in pipeline.renderer.words("en")["responses"]
        elif name == "l":
            assert value == answer.lang
        elif name == "f":
            assert pipeline.corpus.passages[value.replace(".", "#")].heading in answer.follow_ups
    page = client.get(path)
    assert page.status_code == 200
    shown = unescape(page.text)
    for statement in answer.statements:
        assert statement.text in shown
    for call in answer.calls:
        assert call.number in shown
    assert f"kind-{answer.kind.value}" in shown
    assert "has not changed since this link was made" in shown


def test_a_link_from_another_version_says_that_the_corpus_has_changed(client: TestClient, pipeline: Pipeline) -> None:
    path = pipeline.ask("can cp be cured").link.replace(pipeline.corpus.version, "0" * 16)
    assert "The sentences below are unchanged, word for word" in client.get(path).text


def test_a_link_to_a_passage_that_changed_says_how_many(client: TestClient, pipeline: Pipeline) -> None:
    answer = pipeline.ask("can cp be cured")
    path = answer.link.replace(answer.statements[0].sha256[:8], "00000000")
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
    path = pipeline.ask("why is my child drooling").link + "&h=made-up"
    assert client.get(path).status_code == 200


def test_an_address_that_is_none_is_a_problem(client: TestClient) -> None:
    assert client.get("/a/what-was-asked").status_code == 422
    assert client.get("/a/" + "0" * 20, params=[("p", "a")] * 9).status_code == 422
    assert client.get("/a/" + "0" * 20, params={"k": "emergency.<b>"}).status_code == 422


@pytest.mark.parametrize(("question", "kind"), WITHOUT.items())
def test_what_shows_no_sentence_of_the_corpus_has_no_link(
    client: TestClient, pipeline: Pipeline, question: str, kind: Kind
) -> None:
    answer = pipeline.ask(question)
    assert (answer.kind, answer.link) == (kind, "")
    assert "/a/" not in client.post("/", data={"question": question}).text


def test_the_form_links_every_other_kind(client: TestClient, pipeline: Pipeline) -> None:
    for question in QUESTIONS:
        page = unescape(client.post("/", data={"question": question}).text)
        assert f'href="{pipeline.ask(question).link}"' in page, question


def test_an_emergency_stands_before_what_is_said_about_the_link(client: TestClient, pipeline: Pipeline) -> None:
    page = client.get(pipeline.ask("she is not breathing").link).text
    assert page.index('class="now"') < page.index('role="note"')
    assert 'href="tel:' in page


def test_an_emergency_shows_nothing_that_is_not_for_one(client: TestClient, pipeline: Pipeline) -> None:
    other = pipeline.ask("can cp be cured").link
    page = client.get(other + "&k=emergency.breathing")
    assert page.status_code == 200
    assert "Call an ambulance now" in page.text
    assert "There is no cure" not in page.text


@pytest.mark.parametrize("k", ["emergency.nothing", "emergency.dose", "redirect.seizure", "clarify.goodbyes"])
def test_words_that_there_are_not_are_not_shown(client: TestClient, pipeline: Pipeline, k: str) -> None:
    page = client.get(pipeline.ask("how many mg of baclofen").link.replace("redirect.dose", k))
    assert page.status_code == 404
    assert "cannot be read" in page.text or "Nothing of this answer" in page.text


def test_an_emergency_keeps_its_numbers_when_its_passages_are_gone(client: TestClient, pipeline: Pipeline) -> None:
    link = re.sub(r"&p=[^&]+", "&p=no-topic.no-passage.00000000.0", pipeline.ask("she is not breathing").link)
    page = client.get(link)
    assert page.status_code == 200
    assert 'href="tel:' in page.text
    assert "passages in this answer have been changed or removed" in page.text
