"""``careleaf eval``: outcomes counted, probability and risk measured, floors held, runs compared."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.evaluation.ask import Outcome, ask_cases, hold_conversations
from bot.evaluation.cases import (
    Answerable,
    Cases,
    Conversation,
    Conversations,
    Turn,
    Unanswerable,
    read_cases,
    read_conversations,
    read_lines,
)
from bot.evaluation.figures import count_outcomes
from bot.evaluation.floors import Floors, below_floor, read_floors
from bot.evaluation.report import worst_cases, write_html
from bot.evaluation.risk import area_under_risk, expected_calibration_error, reliability, risk_coverage
from bot.evaluation.run import MeasuredSet, MeasuredTalks, Run, changed_questions, compare_runs, read_run
from bot.pipeline import Pipeline
from bot.schema import CareleafError
from tests.conftest import ROOT


def outcome(question: str, probability: float, right: bool, answerable: bool = True, spoke: bool = True) -> Outcome:
    return Outcome(
        question=question,
        group="plain" if answerable else "near_miss",
        answerable=answerable,
        expected=("hips#a",) if answerable else (),
        found=("hips#a",) if right else ("hips#b",),
        right=right,
        among_three=right,
        probability=probability,
        spoke=spoke,
        shown_right=right and spoke,
        kind="answer" if spoke else "no_answer",
        ms=2.0,
    )


def run_of(*outcomes: Outcome) -> Run:
    return Run(
        corpus_version="c",
        passages=1,
        model="m" * 64,
        on="2026-11-24",
        sets=(MeasuredSet.from_outcomes("development", outcomes),),
    )


def test_a_probability_that_is_kept_has_no_calibration_error_and_one_that_lies_has() -> None:
    kept = np.array([0.75] * 4)
    assert expected_calibration_error(kept, np.array([True, True, True, False])) == 0.0
    assert expected_calibration_error(kept, np.array([False] * 4)) == 0.75
    assert expected_calibration_error(np.array([]), np.array([], dtype=bool)) == 0.0
    assert [one.questions for one in reliability(np.array([0.05, 1.0, 0.95]), np.array([False, True, True]))] == [1, 2]


def test_risk_falls_where_the_sure_ones_are_right() -> None:
    probability = np.array([0.9, 0.8, 0.2, 0.1])
    good, bad = np.array([True, True, False, False]), np.array([False, False, True, True])
    assert [(p.coverage, p.risk) for p in risk_coverage(probability, good)][-1] == (1.0, 0.5)
    assert area_under_risk(probability, good) < area_under_risk(probability, bad)
    assert area_under_risk(np.array([0.5] * 4), good) == 0.5, "equally probable questions share their risk"


def test_outcomes_are_counted_by_style_and_kind() -> None:
    figures = count_outcomes(
        (
            outcome("a", 0.9, right=True),
            outcome("b", 0.6, right=False, spoke=False),
            outcome("c", 0.7, right=False, answerable=False),
        )
    )
    assert (figures.success_at_1, figures.answered, figures.answered_wrongly) == (0.5, 0.5, 1.0)
    assert figures.answered_wrongly_by_kind == {"near_miss": 1.0}
    assert figures.success_by_style == {"plain": 0.5}


def test_a_real_question_is_asked_and_what_it_should_not_answer_too(pipeline: Pipeline) -> None:
    cases = Cases(
        answerable=(Answerable(question="can cp be cured", passages=("is-cp-curable#cure",)),),
        unanswerable=(Unanswerable(question="best laptop for gaming"),),
    )
    told: list[int] = []
    right, silent = ask_cases(pipeline, cases, told.append)
    assert right.right
    assert right.shown_right
    assert right.ms > 0
    assert not silent.spoke
    assert told == [1, 1]


def test_a_label_that_the_corpus_does_not_hold_is_named(pipeline: Pipeline) -> None:
    cases = Cases(answerable=(Answerable(question="x", passages=("no#such",)),), unanswerable=())
    with pytest.raises(CareleafError, match="no#such"):
        ask_cases(pipeline, cases)


def test_a_conversation_is_held_as_a_page_holds_it(pipeline: Pipeline) -> None:
    talk = Conversation(
        turns=(
            Turn(ask="what does botulinum toxin do", passages=("botulinum-toxin#what-it-does",)),
            Turn(ask="and the side effects?", passages=("botulinum-toxin#side-effects",)),
            Turn(ask="can cp be cured", passages=("is-cp-curable#cure",), fresh=True),
        )
    )
    leaning, fresh = hold_conversations(pipeline, Conversations(conversations=(talk,)))
    assert leaning.resolved
    assert fresh.resolved
    assert not fresh.dragged
    alone = hold_conversations(pipeline, Conversations(conversations=(talk,)), context=False)
    assert not alone[0].resolved, "without what was said before nobody knows whose side effects"


def test_floors_and_ceilings_name_what_is_missed_and_what_was_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "floors.yaml"
    path.write_text(
        "floors: {development.success_at_1: 0.9, gone.aurc: 0}\nceilings: {development.answered_wrongly: 0}\n"
    )
    run = run_of(outcome("a", 0.9, right=False), outcome("b", 0.7, right=False, answerable=False))
    lines = below_floor(run, read_floors(path))
    assert lines[0] == "gone.aurc was not measured"
    assert "development.success_at_1 is 0.0000, floor 0.9" in lines
    assert "development.answered_wrongly is 1.0000, ceiling 0.0" in lines
    assert below_floor(run, Floors()) == []
    path.write_text("floors: 3")
    with pytest.raises(CareleafError, match="holds no floors"):
        read_floors(path)


def test_two_runs_are_compared_by_figure_and_by_question(tmp_path: Path) -> None:
    before = run_of(outcome("a", 0.9, right=False), outcome("b", 0.9, right=True))
    after = run_of(outcome("a", 0.9, right=True), outcome("b", 0.9, right=True))
    assert ("development.success_at_1", 0.5, 1.0) in compare_runs(before, after)
    assert changed_questions(before, after) == (["a"], [])
    assert changed_questions(after, before) == ([], ["a"])
    path = tmp_path / "run.json"
    path.write_text(before.model_dump_json())
    assert read_run(path) == before
    path.write_text("{}")
    with pytest.raises(CareleafError, match="is not a run"):
        read_run(path)


def test_the_page_holds_pictures_and_the_surest_mistakes_first(pipeline: Pipeline) -> None:
    run = run_of(
        outcome("a <b>", 0.6, right=False),
        outcome("c", 0.9, right=False),
        outcome("d", 0.95, right=True),
        outcome("e", 0.99, right=False, answerable=False, spoke=False),
    )
    assert [one.question for one in worst_cases(run.sets[0].outcomes)] == ["c", "a <b>"]
    page = write_html(run.model_copy(update={"talks": MeasuredTalks.from_turns("talks", (), ())}), 0.5)
    assert page.count("<svg") == 3
    assert "a &lt;b&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ), "nothing is fetched"
    assert page == write_html(run.model_copy(update={"talks": MeasuredTalks.from_turns("talks", (), ())}), 0.5)


@pytest.mark.parametrize("read", [read_cases, read_conversations])
def test_a_file_that_is_no_labelled_set_is_named(read: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("answerable: 3")
    with pytest.raises(CareleafError, match="is not a labelled set"):
        read(path)


def test_questions_one_a_line_are_all_unanswerable(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("who won\n\n best tea \n")
    assert [one.question for one in read_lines(path)] == ["who won", "best tea"]
    with pytest.raises(CareleafError, match="cannot be read"):
        read_lines(tmp_path / "none.txt")


def test_the_conversations_of_the_repository_are_of_this_form() -> None:
    assert len(read_conversations(ROOT / "tests/cases/retrieval/conversations.yaml").conversations) >= 60
