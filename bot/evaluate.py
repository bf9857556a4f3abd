"""Measures the pipeline on labelled questions: is the right passage first, and is it silent when it should be."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from bot.pipeline import Pipeline
from bot.schema import CareleafError, Frozen, Kind

CONTENT = (Kind.ANSWER, Kind.CLARIFY)
"""Kinds that speak from the corpus. Small talk is a clarify without statements and does not count."""


class Answerable(Frozen):
    """A question with every passage that would be a right first passage."""

    question: str
    passages: tuple[str, ...] = Field(min_length=1)
    style: str = "plain"


class Unanswerable(Frozen):
    """A question that the corpus does not answer, and how near it is to one that it does."""

    question: str
    kind: str = "off_topic"


class Cases(Frozen):
    """A labelled set."""

    answerable: tuple[Answerable, ...]
    unanswerable: tuple[Unanswerable, ...]


class Figures(Frozen):
    """What was measured; shares are 0 to 1."""

    answerable: int
    success_at_1: float
    success_at_3: float
    answered: float
    success_by_style: dict[str, float]
    unanswerable: int
    answered_wrongly: float
    answered_wrongly_by_kind: dict[str, float]

    def summary(self) -> str:
        """Return the figures as a few lines."""
        styles = ", ".join(f"{style} {share:.1%}" for style, share in self.success_by_style.items())
        kinds = ", ".join(f"{kind} {share:.1%}" for kind, share in self.answered_wrongly_by_kind.items())
        return (
            f"answerable    {self.answerable}: right passage first {self.success_at_1:.1%}, "
            f"among three {self.success_at_3:.1%}, answered {self.answered:.1%}\n"
            f"  first, by style: {styles}\n"
            f"unanswerable  {self.unanswerable}: answered with content {self.answered_wrongly:.1%}\n"
            f"  by kind: {kinds}"
        )


def read_cases(path: Path) -> Cases:
    """Read a labelled set; raise CareleafError with the place where it is not one."""
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Cases.model_validate(raw)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise CareleafError(
            f"{path} is not a labelled set ({error}); see tests/cases/README.md for its form"
        ) from error


def evaluate_cases(pipeline: Pipeline, cases: Cases) -> Figures:
    """Ask every question and count."""
    known = {name for case in cases.answerable for name in case.passages}
    unknown = sorted(known - set(pipeline.corpus.passages))
    if unknown:
        raise CareleafError(f"labelled passages that the corpus does not hold: {', '.join(unknown)}; mend the labels")
    first: dict[str, list[bool]] = defaultdict(list)
    among_three = []
    answered = []
    for case in cases.answerable:
        ranked = [found.passage.id for found in pipeline.retrieve(case.question).ranked[:3]]
        first[case.style].append(bool(ranked) and ranked[0] in case.passages)
        among_three.append(bool(set(ranked) & set(case.passages)))
        answered.append(speaks(pipeline, case.question))
    wrong: dict[str, list[bool]] = defaultdict(list)
    for silent in cases.unanswerable:
        wrong[silent.kind].append(speaks(pipeline, silent.question))
    return Figures(
        answerable=len(cases.answerable),
        success_at_1=share([hit for hits in first.values() for hit in hits]),
        success_at_3=share(among_three),
        answered=share(answered),
        success_by_style={style: share(hits) for style, hits in first.items()},
        unanswerable=len(cases.unanswerable),
        answered_wrongly=share([hit for hits in wrong.values() for hit in hits]),
        answered_wrongly_by_kind={kind: share(hits) for kind, hits in wrong.items()},
    )


def speaks(pipeline: Pipeline, question: str) -> bool:
    """Say whether a question is answered with content."""
    answer = pipeline.ask(question)
    return answer.kind in CONTENT and bool(answer.statements)


def share(hits: list[bool]) -> float:
    """Return the share of true values, 0 for none."""
    return sum(hits) / len(hits) if hits else 0.0
