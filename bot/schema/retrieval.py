"""What retrieval finds: ranked passages, how near their sentences are, and whether Careleaf may answer."""

from dataclasses import dataclass

from bot.schema.content import Passage

MEETS = 0.73
"""From here on (see ``Retrieval.claims``) the question itself says what a claim of the ledger says."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage and why it stands where it stands.

    ``score`` orders passages and is never shown; ``similarity`` is the cosine of the question with the nearest way of
    asking, ``text`` with the whole passage; ``lexical`` is the share, 0 to 1, of the best BM25 score; ``sentences``
    holds the cosine of the question with each sentence; ``itself`` that with the passage's own heading and ways of
    asking, without those of the claims that it answers; ``parts`` holds what the weights of ``Ranking`` weigh.
    """

    passage: Passage
    score: float
    similarity: float
    text: float
    lexical: float
    sentences: tuple[float, ...] = ()
    itself: float = 0.0
    parts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question, best first.

    ``probability`` is that the corpus holds an answer to it, and ``answered`` whether that is enough to speak.
    ``claims`` holds how near the question is to each claim of the ledger, in its order (cosine and shared words), where
    it is enough; ``terms`` holds the stems of the question's content words, and ``covered`` the share of them, by
    rarity, that the first passage holds. ``stayed`` says that the question was read as one about the topic of
    the answer before it.
    """

    terms: tuple[str, ...]
    ranked: tuple[Ranked, ...]
    probability: float
    answered: bool
    claims: tuple[float, ...]
    covered: float
    features: tuple[float, ...]
    stayed: bool = False
