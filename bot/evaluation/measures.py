"""Ranking measures, by ir-measures over trec_eval (an extra, so that answering needs neither)."""

from collections.abc import Mapping
from types import ModuleType

import numpy as np

from bot.schema import CareleafError, Frozen

RESAMPLES = 2000
SEED = 20_261_124


class Ranked(Frozen):
    """Measures of one question, each 0 to 1."""

    average_precision: float
    reciprocal_rank: float
    ndcg_at_10: float
    success_at_1: float


class Interval(Frozen):
    """A mean over questions, and the 95 % interval of its bootstrap (percentiles of resampled questions)."""

    mean: float
    low: float
    high: float


class RankingFigures(Frozen):
    """Measures of a retriever over the questions that have a relevant document."""

    questions: int
    map: Interval
    mrr: Interval
    ndcg_at_10: Interval
    success_at_1: Interval


def load_ir_measures() -> ModuleType:
    """Import ir-measures; raise CareleafError that says how to install it."""
    try:
        import ir_measures
    except ImportError as error:
        raise CareleafError('ir-measures is not installed; run: pip install "careleaf[evaluation]"') from error
    return ir_measures


def measure_rankings(
    judged: Mapping[str, Mapping[str, int]], scores: Mapping[str, Mapping[str, float]]
) -> dict[str, Ranked]:
    """Return the measures of each question.

    ``judged`` holds by question what each document is worth: 0, or 1 and more where it is relevant (only nDCG tells 1
    from more); ``scores`` what the retriever gave each document. Questions without a relevant document are left out.
    """
    ir = load_ir_measures()
    wanted = {
        ir.AP: "average_precision",
        ir.RR: "reciprocal_rank",
        ir.nDCG @ 10: "ndcg_at_10",
        ir.Success @ 1: "success_at_1",
    }
    relevant = {question: dict(grades) for question, grades in judged.items() if any(g > 0 for g in grades.values())}
    run = {question: dict(scores[question]) for question in relevant}
    found: dict[str, dict[str, float]] = {question: {} for question in relevant}
    for metric in ir.iter_calc(list(wanted), relevant, run):
        found[metric.query_id][wanted[metric.measure]] = float(metric.value)
    return {question: Ranked(**values) for question, values in found.items()}


def summarise(measured: Mapping[str, Ranked]) -> RankingFigures:
    """Return the means over questions, with their bootstrap intervals."""
    rows = list(measured.values())
    return RankingFigures(
        questions=len(rows),
        map=interval([one.average_precision for one in rows]),
        mrr=interval([one.reciprocal_rank for one in rows]),
        ndcg_at_10=interval([one.ndcg_at_10 for one in rows]),
        success_at_1=interval([one.success_at_1 for one in rows]),
    )


def interval(values: list[float]) -> Interval:
    """Return the mean of one measure over questions, and its 95 % bootstrap interval; zeros for no question."""
    if not values:
        return Interval(mean=0.0, low=0.0, high=0.0)
    found = np.array(values)
    chosen = np.random.default_rng(SEED).integers(0, len(found), size=(RESAMPLES, len(found)))
    low, high = np.percentile(found[chosen].mean(axis=1), [2.5, 97.5])
    return Interval(mean=round(float(found.mean()), 4), low=round(float(low), 4), high=round(float(high), 4))
