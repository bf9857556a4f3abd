"""REST v1: what each endpoint gives, in which format and language, page by page, and what may be kept how long."""

from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.pipeline import Pipeline
from bot.schema import Grade, Verdict
from bot.triage import Triage
from tests.test_web import assert_problem

FORMATS = {"text/markdown": "markdown", "text/html": "html", "text/plain": "text"}


def get(client: TestClient, path: str, **query: Any) -> Any:
    response = client.get(f"/api/v1/{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(("media", "field"), FORMATS.items())
def test_ask_gives_the_format_that_is_accepted(client: TestClient, pipeline: Pipeline, media: str, field: str) -> None:
    response = client.post("/api/v1/ask", json={"question": "can cp be cured"}, headers={"accept": media})
    assert response.headers["content-type"] == f"{media}; charset=utf-8"
    assert response.text == getattr(pipeline.ask("can cp be cured"), field)
    assert response.headers["vary"] == "Accept, Accept-Language"


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/*;q=0.5, application/json;q=0.4", "text/markdown"),
        ("text/plain;q=0.9, text/html;q=0.1", "text/plain"),
        ("text/html;q=0, application/*", "application/json"),
        ("TEXT/Markdown", "text/markdown"),
        ("text/html;q=rubbish, text/plain;q=0.1", "text/plain"),
    ],
)
def test_accept_is_weighed_as_the_standard_says(client: TestClient, accept: str, given: str) -> None:
    response = client.post("/api/v1/ask", json={"question": "can cp be cured"}, headers={"accept": accept})
    assert response.headers["content-type"].partition(";")[0] == given


def test_a_format_that_no_answer_has_is_refused(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"question": "x y"}, headers={"accept": "image/png"})
    assert "text/markdown" in assert_problem(response, 406, "not-acceptable")["detail"]


def test_a_repeated_question_gives_the_same_bytes(client: TestClient) -> None:
    first, again = (client.post("/api/v1/ask", json={"question": "does botox hurt"}).content for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("lang", "header", "spoken"),
    [(None, "en-GB,en;q=0.9", "en"), (None, "xx, yy;q=0.5", "en"), ("en-AU", "xx", "en"), (None, ";;q=,,", "en")],
)
def test_the_language_is_that_of_the_body_or_of_accept_language(
    client: TestClient, lang: str | None, header: str, spoken: str
) -> None:
    body = {"question": "can cp be cured"} | ({"lang": lang} if lang else {})
    response = client.post("/api/v1/ask", json=body, headers={"accept-language": header})
    assert response.headers["content-language"] == spoken
    assert response.json()["lang"] == spoken


def test_the_language_that_is_preferred_and_known_is_chosen() -> None:
    from bot.web.api.negotiate import choose_language

    known = frozenset({"en", "fr"})
    assert choose_language("de, fr-CA;q=0.8, en;q=0.7", known) == "fr"
    assert choose_language("en;q=0.2, fr;q=0.9", known) == "fr"
    assert choose_language("fr;q=0, de", known) is None


def test_lists_speak_the_language_that_is_preferred(client: TestClient) -> None:
    for path in ("faq?per_page=1", "search?q=botox", "suggest?q=bot"):
        preferred = client.get(f"/api/v1/{path}", headers={"accept-language": "xx, en-GB;q=0.5"})
        assert preferred.json() == client.get(f"/api/v1/{path}&lang=en-AU").json()
    assert_problem(client.get("/api/v1/faq", params={"lang": "<b>"}), 422, "invalid-request")


def test_context_makes_a_follow_up_understood(client: TestClient, pipeline: Pipeline) -> None:
    before = client.post("/api/v1/ask", json={"question": "what is a baclofen pump"}).json()
    context = [statement["passage_id"] for statement in before["statements"]]
    question = "and what are its risks?"
    followed = client.post("/api/v1/ask", json={"question": question, "context": context}).json()
    assert followed == pipeline.ask(question, "en", tuple(context)).model_dump(mode="json")
    assert followed["statements"] != client.post("/api/v1/ask", json={"question": question}).json()["statements"]
    too_many = client.post("/api/v1/ask", json={"question": question, "context": ["x"] * 65})
    assert_problem(too_many, 422, "invalid-request")


def test_search_marks_the_words_in_sentences_of_the_passage(client: TestClient, pipeline: Pipeline) -> None:
    found = get(client, "search", q="hip surveillance")
    assert found["results"][0]["topic"].startswith("hip")
    marked = set()
    for result in found["results"]:
        passage = pipeline.corpus.passages[result["id"]]
        for highlight in result["highlights"]:
            assert passage.text[highlight["start"] : highlight["end"]] == highlight["text"]
            marked |= {highlight["text"][mark["start"] : mark["end"]].lower() for mark in highlight["marks"]}
    assert {"hip", "surveillance"} <= marked


def test_search_pages_without_gap_or_repeat(client: TestClient) -> None:
    whole = get(client, "search", q="botulinum toxin", per_page=100)
    ids = [result["id"] for result in whole["results"]]
    assert whole["total"] == len(ids) == len(set(ids)) > 10
    pages = [get(client, "search", q="botulinum toxin", per_page=4, page=page) for page in (1, 2, 3)]
    assert [result["id"] for page in pages for result in page["results"]] == ids[:12]
    beyond = get(client, "search", q="botulinum toxin", page=10_000)
    assert (beyond["total"], beyond["results"]) == (len(ids), [])


@pytest.mark.parametrize("name", ["topic", "group", "evidence"])
def test_search_and_faq_are_filtered(client: TestClient, pipeline: Pipeline, name: str) -> None:
    passage = pipeline.corpus.passages["is-cp-curable#cure"]
    value = str(getattr(passage, name))
    expected = [one.id for one in pipeline.corpus.passages.values() if str(getattr(one, name)) == value]
    listed = get(client, "faq", per_page=100, **{name: value})
    assert (listed["total"], [one["id"] for one in listed["passages"]]) == (len(expected), expected[:100])
    found = get(client, "search", q=passage.heading, per_page=100, **{name: value})
    assert passage.id in {result["id"] for result in found["results"]} <= set(expected)


def test_what_nothing_is_about_is_not_found(client: TestClient) -> None:
    assert get(client, "search", q="stock exchange dividend yield")["total"] <= 3
    assert get(client, "search", q="cure", topic="no-such-topic")["results"] == []


def test_search_shows_an_emergency_first(client: TestClient, pipeline: Pipeline) -> None:
    urgent = "she has been seizing for 8 minutes"
    assert get(client, "search", q=urgent)["emergency"] == pipeline.ask(urgent).model_dump(mode="json")
    assert get(client, "search", q="first aid for a seizure")["emergency"] is None


def test_search_sees_every_emergency_that_ask_sees(client: TestClient, pipeline: Pipeline) -> None:
    unruled = "The lad I support bit off half a sandwich and its jammed, he's waving his good arm and his face is dark"
    assert Triage(pipeline.corpus.triage).match(unruled) is None, "the second opinion alone sees it"
    assert get(client, "search", q=unruled)["emergency"] == pipeline.ask(unruled).model_dump(mode="json")


def test_every_passage_is_in_the_faq_and_can_be_read(client: TestClient, pipeline: Pipeline) -> None:
    total = get(client, "faq", per_page=1)["total"]
    assert total == len(pipeline.corpus.passages)
    entry = get(client, "faq", per_page=1, page=total // 2)["passages"][0]
    item = client.get(entry["url"]).json()
    passage = pipeline.corpus.passages[entry["id"]]
    assert (item["id"], item["text"], item["sha256"]) == (passage.id, passage.text, passage.sha256)
    assert [s["text"] for s in item["sentences"]] == [passage.sentence_text(n) for n in range(len(passage.sentences))]
    cited = {source["id"] for source in item["sources"]}
    assert cited == {name for sentence in passage.sentences for name in sentence.sources}
    assert item["caveat"]
    assert "asked" not in item, "the ways of asking are never shown"


@pytest.mark.parametrize("media", FORMATS)
def test_a_passage_reads_whole_in_every_format(client: TestClient, pipeline: Pipeline, media: str) -> None:
    response = client.get("/api/v1/faq/is-cp-curable/cure", headers={"accept": media})
    assert response.headers["content-type"].startswith(media)
    passage = pipeline.corpus.passages["is-cp-curable#cure"]
    text = unescape(response.text)
    places = [text.find(passage.sentence_text(n)) for n in range(len(passage.sentences))]
    assert -1 not in places
    assert places == sorted(places), "in the order of the passage"
    assert pipeline.show_passage(passage.id).caveat in text


def test_topics_name_their_questions(client: TestClient, pipeline: Pipeline) -> None:
    topics = get(client, "topics")["topics"]
    assert [topic["topic"] for topic in topics] == [article.topic for article in pipeline.corpus.articles]
    assert sum(topic["passages"] for topic in topics) == len(pipeline.corpus.passages)
    one = get(client, "topics/is-cp-curable")
    assert [question["id"] for question in one["questions"]] == [
        passage.id for passage in pipeline.corpus.topics["is-cp-curable"].passages
    ]
    labels = pipeline.renderer.words("en")["topic_groups"]
    assert one["topic"]["group_label"] == labels[one["topic"]["group"]]


def test_a_source_names_every_passage_that_cites_it(client: TestClient, pipeline: Pipeline) -> None:
    shown = get(client, "sources/novak-2020")
    citing = [
        passage.id
        for passage in pipeline.corpus.passages.values()
        if any("novak-2020" in sentence.sources for sentence in passage.sentences)
    ]
    assert [passage["id"] for passage in shown["passages"]] == citing
    circulating = get(client, "sources/seed-clinic-001")
    assert circulating["claims"] == [c.id for c in pipeline.corpus.claims if c.source == "seed-clinic-001"]


def test_claims_are_listed_with_their_verdicts_and_shown_with_their_references(
    client: TestClient, pipeline: Pipeline
) -> None:
    listed = get(client, "claims", verdict="contradicted", source="seed-clinic-001", per_page=100)
    expected = [
        claim.id
        for claim in pipeline.corpus.claims
        if claim.verdict == Verdict.CONTRADICTED and claim.source == "seed-clinic-001"
    ]
    assert [claim["id"] for claim in listed["claims"]] == expected
    claim = pipeline.corpus.claim["S4-031"]
    shown = get(client, "claims/S4-031")
    assert (shown["claim"]["note"], shown["source"]["id"]) == (claim.note, claim.source)
    assert tuple(source["id"] for source in shown["references"]) == claim.refs
    assert tuple(told["id"] for told in shown["contradictions"]) == claim.contradictions
    assert "asked" not in shown["claim"]


def test_the_glossary_finds_a_word_by_any_spelling(client: TestClient, pipeline: Pipeline) -> None:
    assert len(get(client, "glossary")["terms"]) == len(pipeline.corpus.lexicon)
    assert get(client, "glossary/SPASTIC")["term"] == "spasticity"
    assert get(client, "glossary/gmfcs")["definition"] == get(client, "glossary/GMFCS levels")["definition"]


def test_the_corpus_version_is_told(client: TestClient, pipeline: Pipeline) -> None:
    shown = get(client, "corpus")
    assert shown["version"] == pipeline.corpus.version
    assert shown["passages"] == len(pipeline.corpus.passages)
    assert shown["languages"] == ["en"]


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("faq/is-cp-curable/nothing", "GET /api/v1/faq"),
        ("topics/nothing", "GET /api/v1/topics"),
        ("sources/nobody-1999", "GET /api/v1/sources"),
        ("claims/X-1", "GET /api/v1/claims"),
        ("claims/check", "GET /api/v1/claims"),
        ("glossary/nothing", "GET /api/v1/glossary"),
    ],
)
def test_what_is_not_there_says_where_what_there_is_stands(client: TestClient, path: str, remedy: str) -> None:
    assert remedy in assert_problem(client.get(f"/api/v1/{path}"), 404, "not-found")["detail"]


@pytest.mark.parametrize(
    "query", [{"page": 0}, {"per_page": 101}, {"evidence": "certain"}, {"topic": "<script>"}, {"lang": "e"}]
)
def test_a_parameter_that_cannot_be_is_refused(client: TestClient, query: dict[str, Any]) -> None:
    assert_problem(client.get("/api/v1/faq", params=query), 422, "invalid-request")


READ = [
    "search?q=botox",
    "suggest?q=bot",
    "faq",
    "faq/is-cp-curable/cure",
    "passages/is-cp-curable%23cure",
    "topics",
    "topics/is-cp-curable",
    "sources",
]
READ += ["sources/novak-2020", "claims", "claims/S4-031", "glossary", "glossary/spasticity", "corpus"]


@pytest.mark.parametrize("path", READ)
def test_what_is_read_carries_a_tag_of_the_corpus_version(client: TestClient, pipeline: Pipeline, path: str) -> None:
    response = client.get(f"/api/v1/{path}")
    tag = response.headers["etag"]
    assert tag.startswith(f'"{pipeline.corpus.version}-')
    typed = "?q=" in path
    assert response.headers["cache-control"] == ("private" if typed else "public") + ", max-age=300"
    for known in (tag, f"W/{tag}", f'"older", {tag}', "*"):
        again = client.get(f"/api/v1/{path}", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(f"/api/v1/{path}", headers={"if-none-match": '"older"'}).status_code == 200


def test_each_format_has_its_own_tag(client: TestClient) -> None:
    tags = {client.get("/api/v1/faq/is-cp-curable/cure", headers={"accept": m}).headers["etag"] for m in FORMATS}
    assert len(tags) == len(FORMATS)


def test_an_error_and_an_answer_are_not_kept(client: TestClient) -> None:
    assert client.get("/api/v1/topics/nothing").headers["cache-control"] == "no-store"
    answer = client.post("/api/v1/ask", json={"question": "can cp be cured"})
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("change", [{"updated": 0}, {"status": 7}])
def test_verify_refuses_fields_of_another_type(client: TestClient, change: dict[str, Any]) -> None:
    answer = client.post("/api/v1/ask", json={"question": "can cp be cured"}).json()
    answer["reviewed"] |= change
    assert "reviewed" in assert_problem(client.post("/api/v1/verify", json=answer), 422, "invalid-request")["detail"]


def test_every_grade_can_be_asked_for(client: TestClient, pipeline: Pipeline) -> None:
    totals = [get(client, "faq", evidence=grade.value)["total"] for grade in Grade]
    assert sum(totals) == len(pipeline.corpus.passages)
