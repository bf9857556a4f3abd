"""A query → every passage that fits it, best first, with the sentences and words that fit it marked."""

from dataclasses import dataclass
from functools import lru_cache

from pydantic import Field

from bot.encoder import Encoder
from bot.index import OpenIndex, split_terms
from bot.index.lexical import WORD
from bot.retrieve import Retriever
from bot.schema import Frozen, Grade, Passage, Ranked

NEAR = 0.545
"""A passage none of whose words are the query's is found where it is asked in a way at least this near (cosine)."""

WORDS = 0.25
"""A passage is found by its words where it has this share of the best BM25 score, and is ``WORDS_NEAR`` as well."""

WORDS_NEAR = 0.40

MOST_HIGHLIGHTS = 2


class Mark(Frozen):
    """A word of the query in a sentence: ``text[start:end]`` of the sentence, in code points."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Highlight(Frozen):
    """A sentence of a passage that fits the query: ``passage.text[start:end]``, to the letter, its words marked."""

    text: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages are searched; what is None does not matter."""

    lang: str = "en"
    topic: str | None = None
    group: str | None = None
    evidence: Grade | None = None

    def admit(self, passage: Passage) -> bool:
        """Say whether a passage is searched."""
        return (
            passage.lang == self.lang
            and self.topic in (None, passage.topic)
            and self.group in (None, passage.group)
            and self.evidence in (None, passage.evidence)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that fits, and the sentences of it that do."""

    passage: Passage
    highlights: tuple[Highlight, ...]


class Searcher:
    """Finds passages of one index. The ranking is that of answers; there is no threshold of speaking."""

    def __init__(self, index: OpenIndex, encoder: Encoder, retriever: Retriever, cache_size: int = 32) -> None:
        self._index = index
        self._encoder = encoder
        self._retriever = retriever
        # The pages of one search are asked for one after the other. Each search holds some hundred passages, compared.
        self._ranked = lru_cache(maxsize=cache_size)(self._rank)

    def search(self, query: str, filters: Filters, start: int, most: int) -> tuple[int, tuple[Found, ...]]:
        """Return how many passages fit, and those from place ``start`` on, at most ``most``, best first."""
        ranked = self._ranked(query, filters)
        terms = frozenset(split_terms(query))
        page = ranked[start : start + most]
        return len(ranked), tuple(Found(one.passage, highlight(one, terms)) for one in page)

    def _rank(self, query: str, filters: Filters) -> tuple[Ranked, ...]:
        vector = self._encoder.encode_question(query)
        admitted = [passage for passage in self._index.passages if filters.admit(passage)]
        ranked = self._retriever.rank(admitted, query, vector, most=len(admitted))
        return tuple(one for one in ranked if fits(one))


def fits(one: Ranked) -> bool:
    """Say whether a passage is near enough to be shown."""
    return one.similarity >= NEAR or (one.lexical >= WORDS and one.similarity >= WORDS_NEAR)


def highlight(one: Ranked, terms: frozenset[str]) -> tuple[Highlight, ...]:
    """Return the nearest sentences of a passage, in reading order, with the words of the query marked."""
    nearest = sorted(range(len(one.sentences)), key=lambda number: -one.sentences[number])[:MOST_HIGHLIGHTS]
    return tuple(
        Highlight(
            text=one.passage.sentence_text(number),
            start=one.passage.sentences[number].start,
            end=one.passage.sentences[number].end,
            marks=mark_words(one.passage.sentence_text(number), terms),
        )
        for number in sorted(nearest)
    )


def mark_words(text: str, terms: frozenset[str]) -> tuple[Mark, ...]:
    """Return the places of the words whose stems are among the terms."""
    return tuple(
        Mark(start=word.start(), end=word.end())
        for word in WORD.finditer(text)
        if not terms.isdisjoint(split_terms(word[0]))
    )
