"""A question → ranked passages, and a calibrated probability that the corpus holds an answer to it."""

from collections.abc import Container
from dataclasses import astuple

import numpy as np
import numpy.typing as npt

from bot.calibration import FEATURES, MOST_TERMS, Calibration
from bot.closeness import compare_closely
from bot.encoder import Encoder, Vectors
from bot.index import Hit, OpenIndex, split_terms
from bot.schema import Passage, Ranked, Retrieval

NEAREST_ROWS = 80
LEXICAL_CANDIDATES = 5
KEPT = 8
"""Passages that are handed on: those that an answer may use or offer next."""

SAME_QUESTION = 0.94
"""From this cosine on, a question is one of the ways in which the first passage is asked, in hardly other words."""

SAYS = 0.80
"""From here on a question says what a claim says, whatever passages are nearest to it."""

AGREES = 0.63
"""The same where the passage that answers the claim is the first of those that were found: none of 237 development
questions that the corpus does not answer reaches it."""

NOWHERE = np.zeros(0, dtype=np.intp)
CLAIM_WORDS = 0.15
"""What a claim gains that holds all of the question's words, by their rarity."""

UNKNOWN_IDF = 1.5
"""A word that no passage holds weighs this many times the rarest word of the corpus."""


class Retriever:
    """Finds candidates by vectors (Chroma) and by words (BM25), compares each closely, and ranks them."""

    def __init__(self, index: OpenIndex, encoder: Encoder, calibration: Calibration) -> None:
        self.calibration = calibration
        self._index = index
        self._encoder = encoder
        self._weights = np.array(astuple(calibration.ranking))
        self._unknown = UNKNOWN_IDF * max(index.lexical.idf.values())

    def retrieve(
        self, question: str, lang: str = "en", topic: str | None = None, vector: Vectors | None = None
    ) -> Retrieval:
        """Rank the passages of a language (of one topic, where given) for a question, whose vector may be given."""
        if vector is None:
            vector = self._encoder.encode_question(question)
        terms = list(dict.fromkeys(split_terms(question)))
        weight = self.weigh_terms(terms)
        hits = self._index.nearest(vector, lang, NEAREST_ROWS, topic)
        lexical = self._index.lexical_scores(terms)
        candidates = [
            passage
            for passage in self.find_candidates(hits, lexical)
            if passage.lang == lang and (topic is None or passage.topic == topic)
        ]
        ranked = self.rank_passages(candidates, vector, lexical)
        features = self.read_features(weight, ranked, self._index.near_silence(vector))
        probability = self.calibration.probability(features)
        asked = bool(ranked) and asks_for(ranked[0], question)
        answered = asked or (bool(ranked) and probability >= self.calibration.threshold)
        claims = self.compare_claims(vector, weight) if ranked else ()
        if not answered and (met := self.meet_claim(claims, ranked, lang)):
            # The question is a claim of the ledger: what is established about it is known, however it was put.
            ranked = self.rank_passages([met], vector, lexical)
            answered = True
        return Retrieval(
            terms=tuple(terms),
            ranked=ranked,
            probability=probability,
            answered=answered,
            claims=claims if answered else (),
            covered=float(features[FEATURES.index("coverage")]),
            features=tuple(features.tolist()),
        )

    def rank(self, passages: list[Passage], question: str, vector: Vectors, most: int) -> tuple[Ranked, ...]:
        """Rank given passages for a question, whose vector is given; keep ``most``."""
        lexical = self._index.lexical_scores(list(dict.fromkeys(split_terms(question))))
        return self.rank_passages(passages, vector, lexical, most)

    def find_candidates(self, hits: list[Hit], lexical: npt.NDArray[np.float32]) -> list[Passage]:
        """Return the passages of the nearest rows, and those with the best BM25 scores."""
        places = {self._index.place[hit.passage_id] for hit in hits}
        best = np.argpartition(-lexical, min(LEXICAL_CANDIDATES, len(lexical) - 1))[:LEXICAL_CANDIDATES]
        places.update(int(place) for place in best if lexical[place] > 0)
        return [self._index.passages[place] for place in sorted(places)]

    def rank_passages(
        self, candidates: list[Passage], vector: Vectors, lexical: npt.NDArray[np.float32], most: int = KEPT
    ) -> tuple[Ranked, ...]:
        """Compare each candidate closely (way of asking, whole text, nearest sentence, words); keep ``most``.

        A passage that is asked in just these words stands before all that are not.
        """
        if not candidates:
            return ()
        own = [self._index.vectors[passage.id] for passage in candidates]
        scored = lexical[[self._index.place[passage.id] for passage in candidates]].astype(np.float64)
        words = scored / max(float(lexical.max()), 1e-9)
        compared = compare_closely(own, vector, words)
        scores = (compared.parts @ self._weights).tolist()
        elsewhere = (compared.parts[:, 0] < SAME_QUESTION).tolist()
        order = sorted(range(len(own)), key=lambda place: (elsewhere[place], -scores[place], candidates[place].id))
        return tuple(compared.tell(place, candidates[place], scores[place]) for place in order[:most])

    def meet_claim(self, near: tuple[float, ...], ranked: tuple[Ranked, ...], lang: str) -> Passage | None:
        """Return the passage that answers the claim which the question makes, where it makes one."""
        if not near or lang not in {found.passage.lang for found in ranked}:
            return None
        best = max(range(len(near)), key=near.__getitem__)
        name = self._index.corpus.claims[best].passage
        needed = AGREES if name == ranked[0].passage.id else SAYS
        return self._index.corpus.passages.get(name or "") if near[best] >= needed else None

    def compare_claims(self, vector: Vectors, weight: dict[str, float]) -> tuple[float, ...]:
        """Return how near each claim of the ledger is: the cosine, plus a share for the question's own words."""
        near = self._index.near_claims(vector)
        total = sum(weight.values())
        for term, value in weight.items():
            near[self._index.claims_with_term.get(term, NOWHERE)] += CLAIM_WORDS * value / total
        return tuple(near.tolist())

    def weigh_terms(self, terms: list[str]) -> dict[str, float]:
        """Return the rarity of each term; one that no passage holds weighs more than the rarest."""
        idf = self._index.lexical.idf
        return {term: idf.get(term, self._unknown) for term in terms}

    def read_features(
        self, weight: dict[str, float], ranked: tuple[Ranked, ...], silence: float
    ) -> npt.NDArray[np.float64]:
        """Return the features of ``bot.calibration.FEATURES``."""
        if not ranked:
            return np.array([*[0.0] * (len(FEATURES) - 3), 1.0, silence, 0.0])
        first = ranked[0]
        rival = next((other for other in ranked if other.passage.topic != first.passage.topic), None)
        known = self._index.lexical.idf
        held = self._index.passage_terms[self._index.place[first.passage.id]]
        return np.array(
            [
                first.similarity,
                first.parts[1],
                first.parts[2],
                first.text,
                max(first.sentences),
                first.score - (rival.score if rival else 0.0),
                first.lexical,
                coverage(weight, held),
                1.0 - coverage(weight, known) if weight else 0.0,
                silence,
                min(len(weight), MOST_TERMS) / MOST_TERMS,
            ]
        )


def asks_for(first: Ranked, question: str) -> bool:
    """Say whether a question is one of the ways in which the first passage is asked: its heading to the letter, or
    near enough. A question's vector is not that of the same text in the corpus, which has no instruction before it.
    """
    return first.similarity >= SAME_QUESTION or question.casefold() == first.passage.heading.casefold()


def coverage(weight: dict[str, float], held: Container[str]) -> float:
    """Return the share, by weight, of the terms that are held; 0 where there are no terms."""
    total = sum(weight.values())
    return sum(value for term, value in weight.items() if term in held) / total if total else 0.0
