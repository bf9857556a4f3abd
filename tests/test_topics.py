"""The topic browser leads to every passage; the about page says what is true of this corpus."""

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from bot.passages import PassageReader
from bot.pipeline import Pipeline
from bot.schema import Grade


def test_every_passage_is_two_links_away(client: TestClient, pipeline: Pipeline) -> None:
    index = client.get("/topics").text
    topics = re.findall(r'href="(/topics/[^"/]+)"', index)
    assert topics == list(dict.fromkeys(topics))
    assert {path.split("/")[2] for path in topics} == set(pipeline.corpus.topics)
    found = [link for path in topics for link in re.findall(r'href="(/topics/[^"/]+/[^"]+)"', client.get(path).text)]
    assert {link.removeprefix("/topics/").replace("/", "#") for link in found} == set(pipeline.corpus.passages)


@pytest.mark.parametrize("place", range(0, 400, 80))
def test_a_question_has_a_page_with_every_sentence_and_source(
    client: TestClient, pipeline: Pipeline, place: int
) -> None:
    passage = list(pipeline.corpus.passages.values())[place]
    html = client.get(f"/topics/{passage.id.replace('#', '/')}").text
    shown = unescape(re.sub(r"<[^>]+>", "", html))
    assert passage.heading in shown
    for number, sentence in enumerate(passage.sentences):
        assert passage.sentence_text(number) in shown
        for source in sentence.sources:
            assert pipeline.corpus.source[source].title in shown
    assert pipeline.corpus.grade[passage.evidence].explanation in shown


def test_a_hard_word_is_explained_on_the_page_without_script(client: TestClient) -> None:
    page = client.get("/topics/botulinum-toxin/what-it-does").text
    targets = re.findall(r'popovertarget="([^"]+)"', page)
    assert targets
    for target in targets:
        assert f'id="{target}" popover' in page


def test_an_everyday_word_is_in_the_glossary_and_not_underlined(client: TestClient, pipeline: Pipeline) -> None:
    everyday = {term.term for term in pipeline.corpus.lexicon if term.everyday}
    assert everyday >= {"hospital", "review", "research", "surgery", "study", "treatment", "emergency"}
    assert 15 <= len(everyday) <= 30, "each is chosen"
    assert client.get("/api/v1/glossary/hospital").json()["definition"]
    reader = PassageReader(pipeline.corpus, pipeline.renderer)
    marked = {
        pipeline.corpus.term[one.word.casefold()].term
        for passage in pipeline.corpus.passages.values()
        for one in reader.explain(passage)
    }
    assert marked & everyday == set()
    assert marked >= {"spasticity", "botulinum toxin", "dysphagia", "randomised controlled trial", "orthosis"}
    page = client.get("/topics/botulinum-toxin/what-it-does").text
    buttons = re.findall(r'class="term"[^>]*>([^<]+)<', page)
    assert buttons
    assert {pipeline.corpus.term[word.casefold()].everyday for word in buttons} == {False}


@pytest.mark.parametrize("path", ["/topics/nothing", "/topics/nothing/here", "/topics/is-cp-curable/nothing"])
def test_a_page_that_is_not_there_says_where_to_look(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "/topics" in response.json()["detail"]


def test_the_about_page_shows_the_scale_and_claims_no_review_that_was_not(
    client: TestClient, pipeline: Pipeline
) -> None:
    page = unescape(client.get("/about").text)
    for grade in Grade:
        assert pipeline.corpus.grade[grade].explanation in page
    reviewed = sum(p.review.status == "reviewed" for p in pipeline.corpus.passages.values())
    assert ("No clinician has reviewed this content yet" in page) == (reviewed == 0)
    assert 'id="person"' in page
