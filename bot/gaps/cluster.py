"""Unanswered questions that ask about the same, gathered by the encoder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.encoder import Encoder, Vectors
from bot.store import Unanswered

NEAR = 0.64
"""Cosine of a question with the middle of a cluster from which it belongs to it. Of pairs of development questions that
ask for the same passage 24% are so near, of other pairs 1.3%: rather two clusters for one subject than one for two."""

MARK = re.compile(r"\[\w+\]")


@dataclass(slots=True)
class Cluster:
    """Questions about the same, newest first; the first of ``asked`` is the one nearest to the middle."""

    questions: list[Unanswered] = field(default_factory=list)
    total: Vectors = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    vectors: list[Vectors] = field(default_factory=list)

    @property
    def middle(self) -> Vectors:
        """Return the direction of the cluster, length 1."""
        direction: Vectors = self.total / np.linalg.norm(self.total)
        return direction

    @property
    def asked(self) -> tuple[str, ...]:
        """Return the different texts, nearest to the middle first."""
        middle = self.middle
        order = sorted(range(len(self.vectors)), key=lambda place: -float(self.vectors[place] @ middle))
        return tuple(dict.fromkeys(self.questions[place].text for place in order))

    def add(self, question: Unanswered, vector: Vectors) -> None:
        """Take a question in."""
        self.total = vector if not len(self.total) else self.total + vector
        self.questions.append(question)
        self.vectors.append(vector)


def gather(questions: Sequence[Unanswered], encoder: Encoder) -> list[Cluster]:
    """Return the clusters, largest first. Each question goes to the nearest middle, or begins a cluster of its own."""
    texts = list(dict.fromkeys(MARK.sub("", question.text) for question in questions))
    vectors = dict(zip(texts, encoder.encode_texts(texts), strict=True))
    clusters: list[Cluster] = []
    for question in questions:
        vector = vectors[MARK.sub("", question.text)]
        near = [float(cluster.middle @ vector) for cluster in clusters]
        best = int(np.argmax(near)) if near else -1
        if best < 0 or near[best] < NEAR:
            clusters.append(Cluster())
            best = len(clusters) - 1
        clusters[best].add(question, vector)
    return sorted(clusters, key=lambda cluster: -len(cluster.questions))
