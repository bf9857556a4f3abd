"""The wording, as families read it: a change of a template shows here."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.compose.wording import load_words, overlay
from bot.pipeline import Pipeline
from bot.schema import CorpusError
from tests.conftest import ROOT


@pytest.mark.parametrize(
    "question",
    [
        "can cp be cured",
        "she has been seizing for 8 minutes",
        "i want to die",
        "mi hijo no respira",
        "how many mg of baclofen",
        "hello",
        "botox",
        "best laptop",
    ],
)
def test_the_text_of_each_kind(pipeline: Pipeline, snapshot: SnapshotAssertion, question: str) -> None:
    assert pipeline.ask(question).text == snapshot


def test_the_other_formats_of_an_answer(pipeline: Pipeline, snapshot: SnapshotAssertion) -> None:
    answer = pipeline.ask("can cp be cured")
    assert answer.markdown == snapshot(name="markdown")
    assert answer.html == snapshot(name="html")


def test_every_response_of_the_rules_has_its_words_and_its_numbers(pipeline: Pipeline) -> None:
    words = pipeline.renderer.words("en")
    for rule in pipeline.corpus.triage.rules:
        said = words["responses"][rule.response]
        assert said["first"]
        assert rule.kind != "redirect" or (said["whom"] and said["ask"])
        assert rule.kind != "emergency" or said["calls"]


def test_every_foreign_response_is_said_in_its_language(pipeline: Pipeline) -> None:
    english = pipeline.renderer.words("en")
    for entry in pipeline.corpus.triage.foreign:
        words = pipeline.renderer.words(entry.lang)
        said = words["responses"][entry.response]["first"]
        assert said != english["responses"][entry.response]["first"]
        assert "{numbers}" in said
        assert words["statements_are_english"]
        assert words["headings"]["call"] != english["headings"]["call"]


def test_every_type_of_source_and_every_topic_of_a_caveat_has_its_words(pipeline: Pipeline) -> None:
    words = pipeline.renderer.words("en")
    assert {source.type for source in pipeline.corpus.sources} <= set(words["source_types"])
    groups = {article.group for article in pipeline.corpus.articles}
    unused = set(words["caveats"]["topics"]) - set(pipeline.corpus.topics)
    assert unused == set()
    assert groups - set(words["caveats"]["groups"]) <= {"basics", "family-and-life"}, "these have the default caveat"


def test_a_language_says_what_it_has_and_english_for_the_rest() -> None:
    words = load_words(ROOT / "templates")
    assert words["es"]["headings"]["sources"] == "Fuentes"
    assert words["es"]["headings"]["evidence"] == words["en"]["headings"]["evidence"]


def test_an_overlay_changes_only_what_it_names() -> None:
    assert overlay({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}}) == {"a": {"b": 9, "c": 2}, "d": 3}


@pytest.mark.parametrize("content", ["- a list", "a: [", ""])
def test_a_catalogue_that_is_none_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words/en.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"en\.yaml"):
        load_words(tmp_path)
