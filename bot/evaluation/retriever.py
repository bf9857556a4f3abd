"""Careleaf's way of ranking, over documents of any origin: encoder, BM25, spelling and kinds of question.

A passage of Careleaf has labelled ways of asking; a document has only a title and a text, so the weights of
``bot/calibration.json`` do not apply. Those here are round numbers, the same for every set of documents and for both
wordings; ``tests/benchmarks/retrieval_method.md`` says how they were chosen, and how far they are fitted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

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

WEIGHTS: Mapping[str, float] = {
    "window": 1.0,
    "whole": 1.0,
    "title": 1.0,
    "title_words": 0.25,
    "text_words": 0.5,
    "covered": 0.25,
    "kind": 0.25,
    "length": 0.75,
}
"""Of the standardised parts: cosine of the best window, of the whole text (the mean of its windows), of the title; BM25
over titles and over title and text; the question's terms that the document holds, by rarity; the share of the kinds
asked for that the title offers; and the logarithm of the number of words.

``length`` is a prior (Kraaij et al. 2002): cosines and BM25 both favour short texts, and of two texts equally near the
fuller one answers more.
"""


class DocumentRetriever:
    """Scores every document of a set for a question."""

    def __init__(self, documents: Sequence[Document], encoder: Encoder, titles: Vectors, windows: Vectors) -> None:
        """Take the vectors of the titles, and of the windows of each document after the other."""
        self._encoder = encoder
        self.ids = [document.id for document in documents]
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
        self._lengths = np.log([max(1, len(document.text.split())) for document in documents])
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
        return dict(zip(self.ids, weigh(self.read_parts(question)).tolist(), strict=True))

    def read_parts(self, question: str) -> dict[str, Scores]:
        """Return the standardised parts of ``WEIGHTS`` for a question, in the order of the documents."""
        question = self._speller.correct(question)
        vector = self._encoder.encode_question(question)
        terms = list(dict.fromkeys(split_terms(question)))
        asked = read_kinds(question)
        parts: dict[str, npt.ArrayLike] = {
            "window": np.maximum.reduceat(self._windows @ vector, self._starts),
            "whole": self._wholes @ vector,
            "title": self._titles @ vector,
            "title_words": self._title_words.score(terms),
            "text_words": self._text_words.score(terms),
            "covered": self._cover(terms),
            "kind": [share_kinds(asked, offered) for offered in self._kinds],
            "length": self._lengths,
        }
        return {name: standardise(values) for name, values in parts.items()}

    def _cover(self, terms: Sequence[str]) -> Scores:
        """Return by document the sum of the rarities of the question's terms that it holds."""
        covered = np.zeros(len(self.ids))
        for term in terms:
            covered[self._holding.get(term, [])] += self._text_words.idf.get(term, 0.0)
        return covered


def weigh(parts: Mapping[str, Scores], weights: Mapping[str, float] = WEIGHTS) -> Scores:
    """Return the weighted sum of standardised parts."""
    total: Scores = np.sum([weights[name] * values for name, values in parts.items()], axis=0)
    return total


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
    return {word: count for word, count in count_words(texts).items() if count >= COMMON}


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Return the words of texts in small letters, each with how often it stands there."""
    return Counter(word.lower() for text in texts for word in WORD.findall(text) if word.isalpha())


def standardise(values: npt.ArrayLike) -> Scores:
    """Return values with mean 0 and deviation 1; zeros where they are all the same."""
    found = np.asarray(values, dtype=np.float64)
    deviation = float(found.std())
    centred: Scores = found - found.mean()
    return centred / deviation if deviation > 0 else centred
