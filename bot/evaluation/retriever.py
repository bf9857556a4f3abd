"""Careleaf's way of ranking, over documents of any origin: encoder, BM25, spelling and kinds of question.

A passage of Careleaf has labelled ways of asking; a document has only a title and a text, so the weights of
``bot/calibration.json`` do not apply. Those here are round numbers, the same for every set of documents and for both
wordings; ``docs/retrieval.md`` says how they were chosen and how little their neighbours differ.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from bot.encoder import Encoder, Vectors
from bot.evaluation.documents import Document
from bot.index import LexicalIndex, split_terms
from bot.index.lexical import WORD
from bot.question.kind import read_kinds, share_kinds
from bot.question.spelling import Speller

Scores = npt.NDArray[np.float64]

WINDOW = 110
"""Words of a window. With its title it stays within the encoder's 256 tokens."""

ALIASES = re.compile(r"\s*\((?:also called|also known as|aka)\b.*$", re.IGNORECASE | re.DOTALL)
"""Other names after a title: words to find a document by, but no sentence for the encoder."""

COMMON = 2
"""A word of the documents is a spelling to mend towards where it stands there at least so often."""

TITLE_WORDS = 0.25
TEXT_WORDS = 0.5
COVERED = 0.25
KIND = 0.25
LENGTH = 0.75
"""Weights of the standardised parts; each of the three cosines (best window, whole text, title) has 1.

``LENGTH`` weighs the logarithm of the number of words, as a prior (Kraaij et al. 2002): cosines and BM25 both favour
short texts, and of two texts equally near the fuller one answers more.
"""


class DocumentRetriever:
    """Scores every document of a set for a question."""

    def __init__(self, documents: Sequence[Document], encoder: Encoder, titles: Vectors, windows: Vectors) -> None:
        """Take the vectors of the titles, and of the windows of each document after the other."""
        self._encoder = encoder
        self._ids = [document.id for document in documents]
        self._titles = titles
        self._windows = windows
        counts = [len(split_windows(document)) for document in documents]
        self._starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
        whole = np.add.reduceat(windows, self._starts, axis=0)
        self._wholes: Vectors = whole / np.linalg.norm(whole, axis=1, keepdims=True)
        self._kinds = [read_kinds(plain_title(document)) for document in documents]
        self._title_words = LexicalIndex.from_texts([document.title for document in documents])
        texts = [f"{document.title} {document.text}" for document in documents]
        self._text_words = LexicalIndex.from_texts(texts)
        self._holding = documents_by_term(texts)
        self._lengths = standardise(np.log([max(1, len(document.text.split())) for document in documents]))
        self._speller = Speller(common_words(texts))

    @classmethod
    def from_documents(
        cls, documents: Sequence[Document], encoder: Encoder, progress: Callable[[int], None]
    ) -> "DocumentRetriever":
        """Encode titles and windows, each different text once; ``progress`` is called with 1 after each."""
        titles = [plain_title(document) for document in documents]
        windows = [window for document in documents for window in split_windows(document)]
        texts = list(dict.fromkeys((*titles, *windows)))
        place = {text: number for number, text in enumerate(texts)}
        vectors = encoder.encode_texts(texts, progress)
        return cls(documents, encoder, vectors[[place[t] for t in titles]], vectors[[place[w] for w in windows]])

    @staticmethod
    def count_texts(documents: Sequence[Document]) -> int:
        """Return how many texts ``from_documents`` encodes."""
        texts = {plain_title(document) for document in documents}
        return len(texts.union(*(split_windows(document) for document in documents)))

    def score(self, question: str) -> dict[str, float]:
        """Return the score of each document by id; only their order means anything."""
        scores = self.score_parts(self._speller.correct(question))
        return dict(zip(self._ids, scores.tolist(), strict=True))

    def score_parts(self, question: str) -> Scores:
        """Return the weighted sum of the standardised parts, in the order of the documents."""
        vector = self._encoder.encode_question(question)
        terms = list(dict.fromkeys(split_terms(question)))
        asked = read_kinds(question)
        windows = np.maximum.reduceat(self._windows @ vector, self._starts)
        kinds = np.array([share_kinds(asked, offered) for offered in self._kinds])
        return (
            standardise(windows)
            + standardise(self._wholes @ vector)
            + standardise(self._titles @ vector)
            + TITLE_WORDS * standardise(self._title_words.score(terms))
            + TEXT_WORDS * standardise(self._text_words.score(terms))
            + COVERED * standardise(self._cover(terms))
            + KIND * standardise(kinds)
            + LENGTH * self._lengths
        )

    def _cover(self, terms: Sequence[str]) -> Scores:
        """Return by document the sum of the rarities of the question's terms that it holds."""
        covered = np.zeros(len(self._ids))
        for term in terms:
            covered[self._holding.get(term, [])] += self._text_words.idf.get(term, 0.0)
        return covered


def plain_title(document: Document) -> str:
    """Return the title without the other names after it."""
    return ALIASES.sub("", document.title).strip()


def split_windows(document: Document) -> list[str]:
    """Return the text in windows of ``WINDOW`` words, the title before each; at least one."""
    words = document.text.split()
    title = plain_title(document)
    return [f"{title}: {' '.join(words[at : at + WINDOW])}" for at in range(0, max(1, len(words)), WINDOW)]


def documents_by_term(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of the texts that hold each stem."""
    holding: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        for term in set(split_terms(text)):
            holding.setdefault(term, []).append(place)
    return holding


def common_words(texts: Sequence[str]) -> dict[str, int]:
    """Return the words that stand in the texts at least ``COMMON`` times, in small letters."""
    counts = Counter(word.lower() for text in texts for word in WORD.findall(text) if word.isalpha())
    return {word: count for word, count in counts.items() if count >= COMMON}


def standardise(values: npt.ArrayLike) -> Scores:
    """Return values with mean 0 and deviation 1; zeros where they are all the same."""
    found = np.asarray(values, dtype=np.float64)
    deviation = float(found.std())
    centred: Scores = found - found.mean()
    return centred / deviation if deviation > 0 else centred
