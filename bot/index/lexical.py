"""BM25 beside the vectors (bm25s; Lucene's variant, Kamphuis et al. 2020)."""

import re
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
STOP = frozenset(STOPWORDS_EN_PLUS) | frozenset(
    "am any could did does doing he him his hers she her we our us me my mine you your yours i im ive hes shes "
    "get got give tell please thanks thank can will would should really just like very also about".split()
)
"""bm25s's English stop words, and the words with which a family speaks of itself and asks."""


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def split_terms(text: str) -> list[str]:
    """Return the stemmed words of a text without stop words, in order, repeats kept."""
    words = [word.replace("'", "") for word in WORD.findall(text.lower().replace("’", "'"))]
    return [str(stem) for stem in _stemmer().stemWords([word for word in words if word not in STOP])]


class LexicalIndex:
    """Scores every passage for the words of a question."""

    def __init__(self, engine: bm25s.BM25, document_frequency: dict[str, float]) -> None:
        self._engine = engine
        self.idf = document_frequency
        """Inverse document frequency of each stem of the corpus."""

    @classmethod
    def from_texts(cls, texts: list[str]) -> "LexicalIndex":
        """Index one text a passage."""
        documents = [split_terms(text) for text in texts]
        engine = bm25s.BM25(method="lucene")
        engine.index(documents, show_progress=False)
        return cls(engine, inverse_frequency(documents))

    @classmethod
    def from_folder(cls, folder: Path, idf: dict[str, float]) -> "LexicalIndex":
        """Open what ``save`` wrote."""
        return cls(bm25s.BM25.load(str(folder)), idf)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        self._engine.save(str(folder), show_progress=False)

    def score(self, terms: list[str]) -> npt.NDArray[np.float32]:
        """Return the BM25 score of each passage; zeros where no term is known."""
        known = [term for term in terms if term in self.idf]
        scores: npt.NDArray[np.float32] = (
            self._engine.get_scores(known) if known else np.zeros(self._engine.scores["num_docs"], dtype=np.float32)
        )
        return scores


def inverse_frequency(documents: list[list[str]]) -> dict[str, float]:
    """Return ln(1 + (N - n + 0.5) / (n + 0.5)) for each stem, as Lucene does."""
    counts: dict[str, int] = {}
    for document in documents:
        for term in set(document):
            counts[term] = counts.get(term, 0) + 1
    total = len(documents)
    return {term: float(np.log(1 + (total - n + 0.5) / (n + 0.5))) for term, n in counts.items()}
