"""An index version, opened to answer from: immutable, shared by all requests of a process."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors
from bot.index.lexical import LexicalIndex, split_terms
from bot.index.rows import CLAIM, COLLECTION, SEPARATOR, passage_of
from bot.index.versions import IndexFolder
from bot.schema import Corpus, Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """How near a passage's nearest row is to the question (cosine, −1 to 1), and which row it is."""

    passage_id: str
    similarity: float
    row: str


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Vectors of one passage: its heading and the ways it is asked, its text, its sentences."""

    asked: Vectors
    text: Vectors
    sentences: Vectors


class OpenIndex:
    """Vectors in Chroma, words in BM25, passages in memory."""

    def __init__(self, folder: Path) -> None:
        from bot.index.chroma import open_client

        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.folder = folder
        self.version = folder.name
        self.model_sha256: str = manifest["model_sha256"]
        self.corpus = Corpus.model_validate_json((folder / "corpus.json").read_bytes())
        self.lexical = LexicalIndex.from_folder(folder / "bm25", manifest["idf"])
        self._client = open_client(folder / "chroma")
        self._collections = {
            collection.name.removeprefix(COLLECTION): self._client.get_collection(
                collection.name, embedding_function=None
            )
            for collection in self._client.list_collections()
        }
        vectors: Vectors = np.load(folder / "vectors.npy", allow_pickle=False)
        self.vectors, self.claim_vectors = split_vectors(manifest["rows"], vectors)
        self.passages: tuple[Passage, ...] = tuple(self.corpus.passages.values())
        self.place = {passage.id: place for place, passage in enumerate(self.passages)}

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages that have passages."""
        return frozenset(self._collections)

    def nearest(self, vector: Vectors, lang: str, limit: int, topic: str | None = None) -> list[Hit]:
        """Return the passages of the nearest ``limit`` rows, each once, nearest first.

        A topic filter costs some milliseconds inside Chroma, so it is set only where somebody asked for it.
        """
        collection = self._collections.get(lang)
        if collection is None:
            return []
        where: dict[str, Any] | None = {"topic": topic} if topic else None
        found = collection.query(
            query_embeddings=vector[np.newaxis], n_results=limit, include=["distances"], where=where
        )
        hits: dict[str, Hit] = {}
        for row, distance in zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True):
            passage_id = passage_of(row)
            hits.setdefault(passage_id, Hit(passage_id, 1.0 - float(distance), row))
        return list(hits.values())

    def lexical_scores(self, terms: list[str]) -> npt.NDArray[np.float32]:
        """Return the BM25 score of each passage of ``passages``."""
        return self.lexical.score(terms)

    @cached_property
    def passage_terms(self) -> tuple[frozenset[str], ...]:
        """Stems of each passage's own text and heading."""
        return tuple(frozenset(split_terms(f"{p.heading} {p.text} {' '.join(p.asked)}")) for p in self.passages)

    @cached_property
    def claims_with_term(self) -> dict[str, list[int]]:
        """Return, by stem, the places of the claims that use it."""
        places: dict[str, list[int]] = {}
        for place, claim in enumerate(self.corpus.claims):
            for term in set(split_terms(claim.claim)):
                places.setdefault(term, []).append(place)
        return places


def split_vectors(rows: list[str], vectors: Vectors) -> tuple[dict[str, PassageVectors], Vectors]:
    """Return the vectors by passage, and those of the claims in the order of the ledger."""
    places: dict[str, dict[str, list[int]]] = {}
    claims: list[int] = []
    for place, row in enumerate(rows):
        owner, name = row.split(SEPARATOR, 1)
        if owner == CLAIM:
            claims.append(place)
        else:
            kind = "asked" if name == "heading" else name.split("-", 1)[0]
            places.setdefault(owner, {}).setdefault(kind, []).append(place)
    by_passage = {
        owner: PassageVectors(
            asked=vectors[own["asked"]], text=vectors[own["text"][0]], sentences=vectors[own["sentence"]]
        )
        for owner, own in places.items()
    }
    return by_passage, vectors[claims]


def open_index(folder: IndexFolder) -> OpenIndex:
    """Open the version in service; raise IndexUnavailable where there is none."""
    return OpenIndex(folder.require_current())


def read_corpus(folder: IndexFolder) -> Corpus:
    """Return the corpus of the version in service without opening what only retrieval needs."""
    return Corpus.model_validate_json((folder.require_current() / "corpus.json").read_bytes())
