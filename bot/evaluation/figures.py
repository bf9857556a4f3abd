"""Outcomes → the figures of a run: who was answered rightly, and who should not have been answered."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from bot.evaluation.ask import Outcome, TurnOutcome
from bot.evaluation.risk import area_under_risk, expected_calibration_error
from bot.schema import Frozen


class Figures(Frozen):
    """What was measured; shares are 0 to 1, times milliseconds."""

    answerable: int
    success_at_1: float
    success_at_3: float
    answered: float
    shown_right: float
    success_by_style: dict[str, float]
    answered_by_style: dict[str, float]
    unanswerable: int
    answered_wrongly: float
    answered_wrongly_by_kind: dict[str, float]
    calibration_error: float
    aurc: float
    median_ms: float
    p95_ms: float

    def summary(self) -> str:
        """Return the figures as a few lines."""
        styles = ", ".join(f"{style} {share:.1%}" for style, share in self.success_by_style.items())
        kinds = ", ".join(f"{kind} {share:.1%}" for kind, share in self.answered_wrongly_by_kind.items())
        return (
            f"answerable    {self.answerable}: right passage first {self.success_at_1:.1%}, "
            f"among three {self.success_at_3:.1%}, answered {self.answered:.1%}, "
            f"answered from a right passage {self.shown_right:.1%}\n"
            f"  first, by style: {styles}\n"
            f"unanswerable  {self.unanswerable}: answered with content {self.answered_wrongly:.1%}\n"
            f"  by kind: {kinds}\n"
            f"probability   expected calibration error {self.calibration_error:.3f}, AURC {self.aurc:.3f}\n"
            f"time          median {self.median_ms:.1f} ms, 95th percentile {self.p95_ms:.1f} ms"
        )


class TalkFigures(Frozen):
    """What was measured of the later turns of conversations; shares are 0 to 1."""

    leaning: int
    resolved: float
    fresh: int
    fresh_resolved: float
    fresh_dragged: float


def count_outcomes(outcomes: tuple[Outcome, ...]) -> Figures:
    """Count the outcomes of a labelled set."""
    answerable = [one for one in outcomes if one.answerable]
    silent = [one for one in outcomes if not one.answerable]
    probability = np.array([one.probability for one in outcomes])
    right = np.array([one.right for one in outcomes], dtype=bool)
    held = np.array([one.answerable for one in outcomes], dtype=bool)
    times = np.array([one.ms for one in outcomes])
    return Figures(
        answerable=len(answerable),
        success_at_1=share(one.right for one in answerable),
        success_at_3=share(one.among_three for one in answerable),
        answered=share(one.spoke for one in answerable),
        shown_right=share(one.shown_right for one in answerable),
        success_by_style=shares((one.group, one.right) for one in answerable),
        answered_by_style=shares((one.group, one.spoke) for one in answerable),
        unanswerable=len(silent),
        answered_wrongly=share(one.spoke for one in silent),
        answered_wrongly_by_kind=shares((one.group, one.spoke) for one in silent),
        calibration_error=round(expected_calibration_error(probability, held), 4),
        aurc=round(area_under_risk(probability, right), 4),
        median_ms=round(float(np.median(times)), 2) if len(times) else 0.0,
        p95_ms=round(float(np.percentile(times, 95)), 2) if len(times) else 0.0,
    )


def count_turns(outcomes: tuple[TurnOutcome, ...]) -> TalkFigures:
    """Count the later turns of conversations: those that lean on the turn before, and the fresh ones."""
    leaning = [one for one in outcomes if not one.fresh]
    fresh = [one for one in outcomes if one.fresh]
    return TalkFigures(
        leaning=len(leaning),
        resolved=share(one.resolved for one in leaning),
        fresh=len(fresh),
        fresh_resolved=share(one.resolved for one in fresh),
        fresh_dragged=share(one.dragged for one in fresh),
    )


def shares(hits: Iterable[tuple[str, bool]]) -> dict[str, float]:
    """Return the share of true values by name, in the order in which names are met."""
    by_name: dict[str, list[bool]] = defaultdict(list)
    for name, hit in hits:
        by_name[name].append(hit)
    return {name: share(found) for name, found in by_name.items()}


def share(hits: Iterable[bool]) -> float:
    """Return the share of true values, 0 for none."""
    found = list(hits)
    return sum(found) / len(found) if found else 0.0
