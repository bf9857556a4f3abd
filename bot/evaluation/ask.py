"""Every question of a labelled set asked of the pipeline: what came first, was it right, did it speak, how long."""

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from pydantic import Field

from bot.evaluation.cases import Cases, Conversations, Unanswerable, refuse_unknown
from bot.follow import carry
from bot.pipeline import Pipeline
from bot.schema import Answer, Frozen, Kind, Retrieval

CONTENT = (Kind.ANSWER, Kind.CLARIFY)
"""Kinds that speak from the corpus. Small talk is a clarify without statements and does not count."""

Progress = Callable[[int], None]


def pass_over(_: int) -> None:
    """Tell nobody of the progress."""


class Outcome(Frozen):
    """What became of one question.

    ``right`` says whether the first passage is a right one, ``among_three`` whether one of the first three is; both are
    false where nothing answers. ``shown_right`` is about the answer instead: whether its first statement comes from a
    right passage. ``probability`` is what retrieval gives; ``spoke`` whether content was shown; ``ms`` what ``ask``
    took.
    """

    question: str
    group: str = Field(description="the style of an answerable question, the kind of an unanswerable one")
    answerable: bool
    expected: tuple[str, ...] = ()
    found: tuple[str, ...]
    right: bool
    among_three: bool
    probability: float
    spoke: bool
    shown_right: bool
    kind: str
    ms: float


class TurnOutcome(Frozen):
    """What became of one later turn of a conversation."""

    asked: tuple[str, ...] = Field(description="the turns before, and this one last")
    fresh: bool
    expected: tuple[str, ...]
    shown: tuple[str, ...]
    resolved: bool = Field(description="the first statement comes from a right passage")
    dragged: bool = Field(description="a fresh turn was answered from the topic of the turn before")


def ask_cases(pipeline: Pipeline, cases: Cases, progress: Progress = pass_over) -> tuple[Outcome, ...]:
    """Ask every question of a set, in its order; raise CareleafError where a label is not in the corpus."""
    refuse_unknown({name for case in cases.answerable for name in case.passages}, pipeline.corpus)
    outcomes = []
    for case in cases.answerable:
        outcomes.append(ask_one(pipeline, case.question, case.style, case.passages))
        progress(1)
    for silent in cases.unanswerable:
        outcomes.append(ask_one(pipeline, silent.question, silent.kind, ()))
        progress(1)
    return tuple(outcomes)


def ask_lines(
    pipeline: Pipeline, questions: tuple[Unanswerable, ...], progress: Progress = pass_over
) -> tuple[Outcome, ...]:
    """Ask questions about other things."""
    return ask_cases(pipeline, Cases(answerable=(), unanswerable=questions), progress)


def ask_one(pipeline: Pipeline, question: str, group: str, expected: tuple[str, ...]) -> Outcome:
    """Ask one question, and look at what retrieval alone gives."""
    pipeline.forget_answers()
    start = perf_counter()
    answer = pipeline.ask(question)
    ms = (perf_counter() - start) * 1000
    spoke = speaks(answer)
    shown = Shown(answer.kind, spoke, spoke and answer.statements[0].passage_id in expected, ms)
    return tell_outcome(question, group, expected, pipeline.retrieve(question), shown)


class Shown(NamedTuple):
    """What a question got: the kind of its answer, whether content, whether from a right passage, in how many ms."""

    kind: Kind
    spoke: bool
    right: bool
    ms: float


def tell_outcome(question: str, group: str, expected: tuple[str, ...], found: Retrieval, shown: Shown) -> Outcome:
    """Return what became of a question, by what retrieval found and what was shown."""
    first = tuple(ranked.passage.id for ranked in found.ranked[:3])
    return Outcome(
        question=question,
        group=group,
        answerable=bool(expected),
        expected=expected,
        found=first,
        right=bool(first) and first[0] in expected,
        among_three=bool(set(first) & set(expected)),
        probability=round(found.probability, 4),
        spoke=shown.spoke,
        shown_right=shown.right,
        kind=shown.kind.value,
        ms=round(shown.ms, 2),
    )


def speaks(answer: Answer) -> bool:
    """Say whether an answer shows content."""
    return answer.kind in CONTENT and bool(answer.statements)


def hold_conversations(
    pipeline: Pipeline, labelled: Conversations, progress: Progress = pass_over, context: bool = True
) -> tuple[TurnOutcome, ...]:
    """Hold every conversation as a page does: the passages of each answer travel with the next question.

    Without ``context`` each turn is asked alone, which shows what following adds. Returns one outcome a later turn.
    """
    refuse_unknown({n for c in labelled.conversations for turn in c.turns for n in turn.passages}, pipeline.corpus)
    outcomes = []
    for conversation in labelled.conversations:
        shown: tuple[str, ...] = ()
        carried: tuple[str, ...] = ()
        asked: tuple[str, ...] = ()
        for turn in conversation.turns:
            before = {pipeline.corpus.passages[name].topic for name in shown}
            answer = pipeline.ask(turn.ask, context=carried if context else ())
            shown = tuple(dict.fromkeys(statement.passage_id for statement in answer.statements))
            carried = carry(answer, carried)
            asked = (*asked, turn.ask)
            if len(asked) == 1:
                continue
            first = answer.statements[0].passage_id if answer.statements else None
            wanted = {pipeline.corpus.passages[name].topic for name in turn.passages}
            strayed = first is not None and pipeline.corpus.passages[first].topic in before - wanted
            outcomes.append(
                TurnOutcome(
                    asked=asked,
                    fresh=turn.fresh,
                    expected=turn.passages,
                    shown=shown,
                    resolved=first in turn.passages,
                    dragged=turn.fresh and strayed,
                )
            )
        progress(1)
    return tuple(outcomes)
