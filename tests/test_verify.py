"""Verifying an answer finds whatever was changed in it."""

import json
from typing import Any

import pytest

from bot.pipeline import Pipeline
from bot.schema import Answer
from bot.verify import AnswerRefused, read_answer, verify_answer


@pytest.fixture(scope="module")
def answer(pipeline: Pipeline) -> Answer:
    return pipeline.ask("can cp be cured")


def changed(answer: Answer, **changes: Any) -> Answer:
    first = answer.statements[0].model_copy(update=changes)
    return answer.model_copy(update={"statements": (first, *answer.statements[1:])})


def messages(answer: Answer, pipeline: Pipeline) -> list[str]:
    return [fault.message for fault in verify_answer(answer, pipeline.corpus, pipeline.renderer).faults]


def test_an_answer_as_it_was_given_is_verified(answer: Answer, pipeline: Pipeline) -> None:
    found = verify_answer(read_answer(answer.model_dump_json()), pipeline.corpus, pipeline.renderer)
    assert found.verified
    assert found.statements == len(answer.statements)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "There is a cure for cerebral palsy."}, "reads otherwise"),
        ({"sha256": "0" * 64}, "has another sha256"),
        ({"passage_id": "is-cp-curable#gone"}, "its passage is not in the corpus"),
        ({"start": 5}, "is not a whole sentence"),
        ({"citations": (99,)}, "its citations are not those of the sentence"),
    ],
)
def test_a_changed_statement_is_found(
    answer: Answer, pipeline: Pipeline, changes: dict[str, Any], message: str
) -> None:
    assert any(message in found for found in messages(changed(answer, **changes), pipeline))


RENDERED = "text, Markdown, HTML or link are not what Careleaf makes of the answer"


@pytest.mark.parametrize(
    "question",
    [
        "can cp be cured",
        "she has been seizing for 8 minutes",
        "how many mg of baclofen",
        "hello",
        "botox",
        "best laptop",
    ],
)
def test_every_kind_of_answer_is_verified(pipeline: Pipeline, question: str) -> None:
    assert verify_answer(pipeline.ask(question), pipeline.corpus, pipeline.renderer).faults == ()


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_a_word_added_to_a_rendering_is_found(answer: Answer, pipeline: Pipeline, name: str) -> None:
    added = answer.model_copy(update={name: "CP is cured by us. Buy now.\n" + getattr(answer, name)})
    assert messages(added, pipeline) == [RENDERED]


def test_an_answer_that_says_nothing_of_the_corpus_is_found(answer: Answer, pipeline: Pipeline) -> None:
    empty = answer.model_copy(update={"statements": (), "text": "Stem cells cure CP."})
    assert "an answer without statements" in messages(empty, pipeline)


def test_a_changed_citation_is_found(answer: Answer, pipeline: Pipeline) -> None:
    for changes in ({"title": "The Lancet"}, {"url": "https://example.org"}, {"commercial": True}, {"number": 2}):
        first = answer.citations[0].model_copy(update=changes)
        forged = answer.model_copy(update={"citations": (first, *answer.citations[1:])})
        assert "citation 1 is not as the corpus has it" in messages(forged, pipeline)


def test_a_changed_verdict_side_or_grade_is_found(answer: Answer, pipeline: Pipeline) -> None:
    heard = answer.heard[0].model_copy(update={"verdict": "supported", "note": "True."})
    told = answer.disagreements[0]
    side = told.sides[0].model_copy(update={"claim": "CP is curable."})
    assert answer.evidence is not None
    for changes, message in (
        ({"heard": (heard,)}, "what was heard is not a claim"),
        ({"disagreements": (told.model_copy(update={"say": "It is curable."}),)}, "a disagreement is not one"),
        ({"disagreements": (told.model_copy(update={"sides": (side,)}),)}, "a side of a disagreement"),
        ({"evidence": answer.evidence.model_copy(update={"label": "Certain"})}, "the evidence is not the grade"),
    ):
        assert any(message in found for found in messages(answer.model_copy(update=changes), pipeline))


def test_a_missing_caveat_is_found(answer: Answer, pipeline: Pipeline) -> None:
    assert "no caveat" in messages(answer.model_copy(update={"caveat": " "}), pipeline)


def test_an_answer_from_another_corpus_is_named_as_such(answer: Answer, pipeline: Pipeline) -> None:
    link = answer.link.replace(pipeline.corpus.version, "old")
    found = messages(answer.model_copy(update={"corpus_version": "old", "link": link}), pipeline)
    assert found == [f"made from another corpus version than {pipeline.corpus.version}"]


def test_a_link_that_names_something_else_is_seen(answer: Answer, pipeline: Pipeline) -> None:
    assert messages(answer.model_copy(update={"link": answer.link + "&p=made-up.passage.00000000.0"}), pipeline)
    assert messages(answer.model_copy(update={"link": ""}), pipeline) == [], "an answer kept before there were links"


@pytest.mark.parametrize("raw", ["", "[]", "{}", '{"kind": "answer"}'])
def test_what_is_not_an_answer_is_refused_with_the_place(raw: str) -> None:
    with pytest.raises(AnswerRefused, match="give the JSON of one answer"):
        read_answer(raw)


def test_a_field_that_is_not_ours_is_refused_by_name(answer: Answer) -> None:
    document = json.loads(answer.model_dump_json()) | {"approved_by": "Dr Nobody"}
    with pytest.raises(AnswerRefused, match="approved_by"):
        read_answer(json.dumps(document))
