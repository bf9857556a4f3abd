"""Retrieval features → the probability that the corpus holds an answer to the question (Platt 1999).

The coefficients are fitted offline (``make calibrate``) on ``tests/cases/development.yaml`` and kept in
``bot/calibration.json``, which says on what and when they were fitted and what they gave.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

FEATURES = (
    "asked",
    "manner",
    "crowd",
    "text",
    "sentence",
    "margin",
    "agreement",
    "coverage",
    "unknown",
    "silence",
    "terms",
)
"""In this order, all but the last two of the first passage: cosine of its nearest way of asking; of its ``NEAR_ASKED``
nearest on average; of its ``NEAR_CROWD`` nearest; of its whole text; of its nearest sentence; its lead over the next
passage of another topic; share of the best BM25 score that it has; share of the question's words, weighed by their
rarity, that it holds; share that no passage holds; cosine of the nearest questions that are met with silence; number
of content words, at most ``MOST_TERMS``, as a share of it. All are 0 to 1, but the lead."""

NEAR_ASKED = 3
NEAR_CROWD = 8
NEAR_SENTENCES = 2
MOST_TERMS = 30


@dataclass(frozen=True, slots=True)
class Ranking:
    """What orders passages: the weight of each way in which a passage is near to a question.

    ``asked`` of its nearest way of asking, ``manner`` of its ``NEAR_ASKED`` nearest on average, ``crowd`` of its
    ``NEAR_CROWD`` nearest, ``text`` of its whole text, ``sentence`` of its ``NEAR_SENTENCES`` nearest sentences on
    average (all cosines), ``lexical`` of its share of the best BM25 score.
    """

    asked: float
    manner: float
    crowd: float
    text: float
    sentence: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Following:
    """When a question stays with the topic of the answer before it, and how the passages of that topic are ordered.

    It stays where the best passage of the corpus leads the best of the topic by at most ``within``, in score. A
    question such as "is it dangerous" is nearer to whole texts than to ways of asking: ``ranking`` has its own weights.
    """

    within: float
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over standardised features, and the probability under which Careleaf is silent."""

    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: float
    ranking: Ranking
    threshold: float
    following: Following

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "Calibration":
        """Read what ``bot/calibration.json`` holds; raise ValueError where it is for other features."""
        model = stored["model"]
        if tuple(model["features"]) != FEATURES:
            raise ValueError(f"bot/calibration.json is for {model['features']}, not {FEATURES}; run: make calibrate")
        return cls(
            mean=np.array(model["mean"]),
            scale=np.array(model["scale"]),
            weights=np.array(model["weights"]),
            intercept=float(model["intercept"]),
            ranking=Ranking(**stored["ranking"]),
            threshold=float(model["threshold"]),
            following=Following(stored["following"]["within"], Ranking(**stored["following"]["ranking"])),
        )

    def probability(self, features: npt.NDArray[np.float64]) -> float:
        """Return the probability, 0 to 1, for one row of ``FEATURES``."""
        logit = float((features - self.mean) / self.scale @ self.weights) + self.intercept
        return float(1.0 / (1.0 + np.exp(-np.clip(logit, -30, 30))))


@lru_cache(maxsize=1)
def load_calibration() -> Calibration:
    """Read ``bot/calibration.json``."""
    return Calibration.from_stored(json.loads(files("bot").joinpath("calibration.json").read_text(encoding="utf-8")))
