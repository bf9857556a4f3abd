"""A question that may lean on the answer before it → passages: those of the topic of that answer, or of a fresh one."""

from collections.abc import Mapping
from dataclasses import astuple, replace
from operator import mul

from bot.calibration import Following
from bot.encoder import Encoder, Vectors
from bot.index import OpenIndex
from bot.retrieve import Retriever
from bot.schema import MAX_CONTEXT, Answer, Passage, Ranked, Retrieval

NO_SUBJECT = frozenset({"out-of-scope"})
"""Topics of what Careleaf does not answer: shown beside a redirect, they leave the subject as it was."""


class Follower:
    """Reads a question in the light of the passages that the answer before it came from.

    "and the risks" alone is nearest to risks of something else. So the passages of the topic that was spoken of are
    compared with it among themselves, and only where the whole corpus holds something much nearer is it a fresh one.
    """

    def __init__(self, index: OpenIndex, encoder: Encoder, retriever: Retriever, following: Following) -> None:
        self._corpus = index.corpus
        self._encoder = encoder
        self._retriever = retriever
        self._following = following
        self._of_topic: Mapping[tuple[str, str], list[Passage]] = by_topic(index)

    def follow(self, question: str, lang: str, context: tuple[str, ...], vector: Vectors | None = None) -> Retrieval:
        """Rank passages for a question; ``context`` names the passages of the answers before, the latest first."""
        if vector is None:
            vector = self._encoder.encode_question(question)
        alone = self._retriever.retrieve(question, lang, vector=vector)
        topics = (self._corpus.passages[name].topic for name in context)
        topic = next((topic for topic in topics if topic not in NO_SUBJECT), None)
        if topic is None or not alone.ranked:
            return alone
        own = self._rank_own(topic, lang, question, vector)
        if not own or alone.ranked[0].score - own[0].score > self._following.within:
            return alone
        weights = astuple(self._following.ranking)
        ordered = sorted(own, key=lambda found: -sum(map(mul, weights, found.parts)))
        # Whether there is an answer is seen better with the topic's name before the question.
        subject = f"{self._corpus.topics[topic].title}: {question}"
        surer = self._retriever.retrieve(subject, lang)
        others = (found for found in alone.ranked if found.passage.topic != topic)
        return replace(
            alone,
            ranked=(*ordered, *others)[: len(alone.ranked)],
            probability=max(alone.probability, surer.probability),
            answered=alone.answered or surer.answered,
            claims=alone.claims or surer.claims,
            stayed=True,
        )

    def _rank_own(self, topic: str, lang: str, question: str, vector: Vectors) -> tuple[Ranked, ...]:
        own = self._of_topic.get((topic, lang), [])
        return self._retriever.rank(own, question, vector, most=len(own))


def carry(answer: Answer, context: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the context of the next question: the passages of the answer before it, then those of the ones before."""
    shown = (statement.passage_id for statement in answer.statements)
    return tuple(dict.fromkeys((*shown, *context)))[:MAX_CONTEXT]


def by_topic(index: OpenIndex) -> dict[tuple[str, str], list[Passage]]:
    """Return the passages of each topic and language."""
    found: dict[tuple[str, str], list[Passage]] = {}
    for passage in index.passages:
        found.setdefault((passage.topic, passage.lang), []).append(passage)
    return found
