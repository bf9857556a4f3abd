"""How far a probability can be believed, and what silence buys.

Reliability and expected calibration error: Guo et al. 2017, On Calibration of Modern Neural Networks, bins of equal
width. Risk–coverage: Geifman & El-Yaniv 2017, Selective Classification for Deep Neural Networks.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]
Hits = npt.NDArray[np.bool_]
BINS = 10


class Bin(NamedTuple):
    """One bin of the reliability diagram: the mean probability, the share of hits, and how many there are."""

    probability: float
    hits: float
    questions: int


class Point(NamedTuple):
    """One point of the risk–coverage curve, both 0 to 1: the share answered, and the share of these that is wrong."""

    coverage: float
    risk: float


def reliability(probability: Shares, hits: Hits, bins: int = BINS) -> list[Bin]:
    """Return the bins that hold a question, from low probability to high."""
    places = np.minimum((probability * bins).astype(int), bins - 1)
    return [
        Bin(float(probability[places == one].mean()), float(hits[places == one].mean()), int((places == one).sum()))
        for one in range(bins)
        if (places == one).any()
    ]


def expected_calibration_error(probability: Shares, hits: Hits, bins: int = BINS) -> float:
    """Return the mean distance of probability and share of hits, 0 to 1, each bin weighed by its questions."""
    if not len(probability):
        return 0.0
    found = reliability(probability, hits, bins)
    return sum(one.questions * abs(one.probability - one.hits) for one in found) / len(probability)


def risk_coverage(probability: Shares, right: Hits) -> list[Point]:
    """Return the curve as ever less probable questions are answered; questions equally probable come together."""
    order = np.argsort(-probability, kind="stable")
    wrong = np.cumsum(~right[order])
    answered = np.arange(1, len(order) + 1)
    if not len(order):
        return []
    last = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True)).tolist()
    return [Point(float(answered[one] / len(order)), float(wrong[one] / answered[one])) for one in last]


def area_under_risk(probability: Shares, right: Hits) -> float:
    """Return AURC, the mean risk over the coverages, 0 (best) to 1; equally probable questions share their risk."""
    curve = risk_coverage(probability, right)
    before = 0.0
    area = 0.0
    for point in curve:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area
