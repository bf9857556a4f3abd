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
    return [fault.message for fault in verify_answer(answer, pipeline.corpus).faults]


def test_an_answer_as_it_was_given_is_verified(answer: Answer, pipeline: Pipeline) -> None:
    found = verify_answer(read_answer(answer.model_dump_json()), pipeline.corpus)
    assert found.verified
    assert found.statements == len(answer.statements)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "There is a cure for cerebral palsy."}, "read otherwise"),
        ({"sha256": "0" * 64}, "has another sha256"),
        ({"passage_id": "is-cp-curable#gone"}, "no passage is-cp-curable#gone"),
        ({"start": 5}, "are not a whole sentence"),
        ({"citations": (99,)}, "its citations are not those of the sentence"),
    ],
)
def test_a_changed_statement_is_found(
    answer: Answer, pipeline: Pipeline, changes: dict[str, Any], message: str
) -> None:
    assert any(message in found for found in messages(changed(answer, **changes), pipeline))


def test_a_text_that_does_not_show_its_statements_is_found(answer: Answer, pipeline: Pipeline) -> None:
    assert "the answer's text does not show it" in messages(answer.model_copy(update={"text": "Yes."}), pipeline)


def test_a_missing_caveat_is_found(answer: Answer, pipeline: Pipeline) -> None:
    assert messages(answer.model_copy(update={"caveat": " "}), pipeline) == ["no caveat"]


def test_an_answer_from_another_corpus_is_named_as_such(answer: Answer, pipeline: Pipeline) -> None:
    found = messages(answer.model_copy(update={"corpus_version": "old"}), pipeline)
    assert found == [f"made from corpus old, held against {pipeline.corpus.version}"]


@pytest.mark.parametrize("raw", ["", "[]", "{}", '{"kind": "answer"}'])
def test_what_is_not_an_answer_is_refused_with_the_place(raw: str) -> None:
    with pytest.raises(AnswerRefused, match="give the JSON of one answer"):
        read_answer(raw)


def test_a_field_that_is_not_ours_is_refused_by_name(answer: Answer) -> None:
    document = json.loads(answer.model_dump_json()) | {"approved_by": "Dr Nobody"}
    with pytest.raises(AnswerRefused, match="approved_by"):
        read_answer(json.dumps(document))
