"""How near each candidate is to a question, compared closely, all candidates in one table: one row each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.calibration import NEAR_ASKED, NEAR_CROWD, NEAR_SENTENCES
from bot.encoder import Vectors
from bot.index.opened import PassageVectors
from bot.schema import Passage, Ranked

NONE = -2.0
"""What stands in a table where a passage has no row: no cosine is so small."""

Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison of a question with passages.

    ``near`` holds the cosine of each row of each passage, and ``parts`` what the weights of ``bot.calibration.Ranking``
    weigh, in their order.
    """

    own: Sequence[PassageVectors]
    near: Table
    parts: Table

    def tell(self, place: int, passage: Passage, score: float) -> Ranked:
        """Return what is handed on of the passage at a place of the table."""
        own = self.own[place]
        near: list[float] = self.near[place, : len(own.rows)].tolist()
        parts: list[float] = self.parts[place].tolist()
        return Ranked(
            passage=passage,
            score=score,
            similarity=parts[0],
            text=near[0],
            lexical=parts[-1],
            sentences=tuple(near[own.sentences :]),
            itself=max(near[1 : own.heard]),
            parts=tuple(parts),
        )


def compare_closely(own: Sequence[PassageVectors], vector: Vectors, words: npt.NDArray[np.float64]) -> Compared:
    """Compare a question with passages; ``words`` holds the share of the best BM25 score that each has."""
    near = compare_rows(own, vector)
    column = np.arange(near.shape[1])
    first = np.array([[passage.sentences] for passage in own])
    ways = np.where((column > 0) & (column < first), near, NONE)
    sentences = np.where(column >= first, near, NONE)
    crowd = largest(ways, NEAR_CROWD)
    parts = np.column_stack(
        (
            crowd[:, 0],
            mean_of_rows(crowd[:, :NEAR_ASKED]),
            mean_of_rows(crowd),
            near[:, 0],
            mean_of_rows(largest(sentences, NEAR_SENTENCES)),
            words,
        )
    )
    return Compared(own, near, parts)


def compare_rows(own: Sequence[PassageVectors], vector: Vectors) -> Table:
    """Return the cosine of each row of each passage, ``NONE`` beyond the last."""
    near = np.full((len(own), max(len(passage.rows) for passage in own)), NONE, dtype=np.float32)
    # The rows of a passage lie together: to multiply them where they lie is quicker than to gather all of them first.
    for table, passage in zip(near, own, strict=True):
        np.dot(passage.rows, vector, out=table[: len(passage.rows)])
    return near.astype(np.float64)


def largest(table: Table, most: int) -> Table:
    """Return the ``most`` largest values of each row, largest first."""
    return -np.sort(-table, axis=1)[:, :most]


def mean_of_rows(table: Table) -> npt.NDArray[np.float64]:
    """Return the mean of each row over the values that are there."""
    there = table > NONE
    means: npt.NDArray[np.float64] = np.where(there, table, 0.0).sum(axis=1) / there.sum(axis=1)
    return means
