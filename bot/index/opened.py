"""An index version, opened to answer from: immutable, shared by all requests of a process."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors
from bot.index.lexical import LexicalIndex, split_terms
from bot.index.rows import CLAIM, COLLECTION, FORMAT, HEARD, SENTENCE, SEPARATOR, SILENT, WORDED, passage_of
from bot.index.versions import IndexFolder
from bot.schema import Corpus, IndexUnavailable, Passage

if TYPE_CHECKING:
    from chromadb import Collection

    from bot.index.remote import ChromaServer

log = logging.getLogger(__name__)


NEAR_SILENT = 3


class Hit(NamedTuple):
    """How near a passage's nearest row is to the question (cosine, −1 to 1), and which row it is."""

    passage_id: str
    similarity: float
    row: str


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Vectors of one passage: its text, its heading, the ways it is asked; from ``heard`` on, the ways in which claims
    that it answers are asked and the wordings that are never shown; from ``sentences`` on, its sentences."""

    rows: Vectors
    heard: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Searched:
    """The rows of one language that a question is compared with: their names, their passages and their vectors."""

    rows: tuple[str, ...]
    owners: tuple[str, ...]
    vectors: Vectors


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a version says of itself; raise IndexUnavailable where it is damaged or of another format."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        form = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnavailable(f"{folder} is damaged ({error!r}); remove it and run: careleaf index") from error
    if form != FORMAT:
        raise IndexUnavailable(f"{folder} has format {form}, this Careleaf reads {FORMAT}; run: careleaf index")
    return manifest


class OpenIndex:
    """Vectors in Chroma, words in BM25, passages in memory.

    Up to ``exact_rows`` rows a question is compared with every row in memory, which is exact and takes 0.2 ms; a query
    of embedded Chroma takes 1.5 to 2 ms however small the collection is (docs/architecture.md has the measurement). A
    larger index, and a search within a topic, is Chroma's.
    """

    def __init__(self, folder: Path, exact_rows: int = 0, chroma_url: str | None = None) -> None:
        manifest = read_manifest(folder)
        self.folder = folder
        self.version = folder.name
        self._server = open_server(chroma_url, folder.name)
        self.model_sha256: str = manifest["model_sha256"]
        self.corpus = Corpus.model_validate_json((folder / "corpus.json").read_bytes())
        self.lexical = LexicalIndex.from_folder(folder / "bm25", manifest["idf"])
        # Mapped, so that the processes of a machine share one copy; as a plain array, which is quicker to multiply.
        vectors: Vectors = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False))
        silent = next((n for n, row in enumerate(manifest["rows"]) if row.startswith(SILENT + SEPARATOR)), len(vectors))
        self._silent = vectors[silent:]
        rows, vectors = manifest["rows"][:silent], vectors[:silent]
        self.vectors, self._claim_rows, self._claim_starts = split_vectors(rows, vectors)
        self._searched = self._rows_in_memory(rows, vectors, exact_rows)
        self.passages: tuple[Passage, ...] = tuple(self.corpus.passages.values())
        self.place = {passage.id: place for place, passage in enumerate(self.passages)}

    @cached_property
    def _collections(self) -> dict[str, "Collection"]:
        """Chroma's collections by language, opened when they are first asked: it takes 0.7 s and writes to its file."""
        from bot.index.chroma import open_client

        client = open_client(self.folder / "chroma")
        return {
            collection.name.removeprefix(COLLECTION): client.get_collection(collection.name, embedding_function=None)
            for collection in client.list_collections()
        }

    @cached_property
    def languages(self) -> frozenset[str]:
        """Languages that have passages."""
        return frozenset(passage.lang for passage in self.passages)

    def _rows_in_memory(self, rows: list[str], vectors: Vectors, most: int) -> dict[str, Searched]:
        """Return the searched rows by language, where there are no more than ``most``."""
        by_language: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            owner, name = row.split(SEPARATOR, 1)
            if owner != CLAIM and not name.startswith((WORDED, SENTENCE)):
                by_language.setdefault(self.corpus.passages[owner].lang, []).append(place)
        return {
            lang: Searched(
                tuple(rows[place] for place in places),
                tuple(passage_of(rows[place]) for place in places),
                vectors[places],
            )
            for lang, places in by_language.items()
            if len(places) <= most
        }

    def nearest(self, vector: Vectors, lang: str, limit: int, topic: str | None = None) -> list[Hit]:
        """Return the passages of the nearest ``limit`` rows, each once, nearest first."""
        if topic is None and lang in self._searched:
            return self._compare_all(self._searched[lang], vector, limit)
        return self._ask_chroma(vector, lang, limit, topic)

    def _compare_all(self, searched: Searched, vector: Vectors, limit: int) -> list[Hit]:
        near = searched.vectors @ vector
        limit = min(limit, len(near))
        places = np.argpartition(-near, limit - 1)[:limit]
        ordered = places[np.argsort(-near[places], kind="stable")]
        return first_of_each(
            Hit(searched.owners[place], similarity, searched.rows[place])
            for place, similarity in zip(ordered.tolist(), near[ordered].tolist(), strict=True)
        )

    def _ask_chroma(self, vector: Vectors, lang: str, limit: int, topic: str | None) -> list[Hit]:
        if lang not in self.languages:
            return []
        question: dict[str, Any] = {
            "query_embeddings": vector[np.newaxis],
            "n_results": limit,
            "include": ["distances"],
            "where": {"topic": topic} if topic else None,
        }
        found = self._server.query(lang, question) if self._server else None
        if found is None or not all(passage_of(row) in self.corpus.passages for row in found["ids"][0]):
            if found is not None:
                log.error("The Chroma server names rows that are not of this version; the embedded index answers")
            found = self._collections[lang].query(**question)
        distances = (found["distances"] or [[]])[0]
        return first_of_each(
            Hit(passage_of(row), 1.0 - float(far), row) for row, far in zip(found["ids"][0], distances, strict=True)
        )

    def near_claims(self, vector: Vectors) -> Vectors:
        """Return for each claim of the ledger the cosine of its nearest row: its text, or a way of asking about it."""
        if not len(self._claim_rows):
            return np.zeros(0, dtype=np.float32)
        return np.maximum.reduceat(self._claim_rows @ vector, self._claim_starts)

    def near_silence(self, vector: Vectors) -> float:
        """Return the mean cosine of the nearest few questions that are met with silence; 0 where there are none."""
        near = self._silent @ vector
        most = min(NEAR_SILENT, len(near))
        return float(np.partition(near, -most)[-most:].mean()) if most else 0.0

    def lexical_scores(self, terms: list[str]) -> npt.NDArray[np.float32]:
        """Return the BM25 score of each passage of ``passages``."""
        return self.lexical.score(terms)

    @cached_property
    def passage_terms(self) -> tuple[frozenset[str], ...]:
        """Stems of each passage's heading, text and ways of asking."""
        return tuple(frozenset(split_terms(f"{p.heading} {p.text} {' '.join(p.asked)}")) for p in self.passages)

    @cached_property
    def claims_with_term(self) -> dict[str, npt.NDArray[np.intp]]:
        """Return, by stem, the places of the claims that use it."""
        places: dict[str, list[int]] = {}
        for place, claim in enumerate(self.corpus.claims):
            for term in set(split_terms(" ".join((claim.claim, *claim.asked)))):
                places.setdefault(term, []).append(place)
        return {term: np.array(own, dtype=np.intp) for term, own in places.items()}


def open_server(url: str | None, version: str) -> "ChromaServer | None":
    """Return the Chroma server that is asked before the embedded index, where one is set."""
    if not url:
        return None
    from bot.index.remote import ChromaServer

    return ChromaServer(url, version)


def first_of_each(hits: Iterable[Hit]) -> list[Hit]:
    """Return the first hit of each passage; the hits stand nearest first."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.passage_id, hit)
    return list(first.values())


def split_vectors(rows: list[str], vectors: Vectors) -> tuple[dict[str, PassageVectors], Vectors, npt.NDArray[np.intp]]:
    """Return the vectors by passage, those of the claims in the order of the ledger, and where each claim begins.

    The rows of a passage stand together, as ``bot.index.rows.passage_rows`` gives them, and those of a claim too.
    """
    starts: dict[str, int] = {}
    heard: dict[str, int] = {}
    sentences: dict[str, int] = {}
    ends: dict[str, int] = {}
    claims: list[int] = []
    for place, row in enumerate(rows):
        owner, name = row.split(SEPARATOR, 1)
        starts.setdefault(owner, place)
        ends[owner] = place + 1
        if owner == CLAIM and name.endswith(f"{SEPARATOR}0"):
            claims.append(place)
        if name.startswith((HEARD, WORDED, SENTENCE)):
            heard.setdefault(owner, place)
        if name.startswith(SENTENCE):
            sentences.setdefault(owner, place)
    first = starts.pop(CLAIM, len(rows))
    by_passage = {
        owner: PassageVectors(
            rows=vectors[start : ends[owner]], heard=heard[owner] - start, sentences=sentences[owner] - start
        )
        for owner, start in starts.items()
    }
    return by_passage, vectors[first:], np.array(claims, dtype=np.intp) - first


def open_index(folder: IndexFolder, exact_rows: int = 0, chroma_url: str | None = None) -> OpenIndex:
    """Open the version in service; raise IndexUnavailable where there is none."""
    return OpenIndex(folder.require_current(), exact_rows, chroma_url)


def read_corpus(folder: IndexFolder) -> Corpus:
    """Return the corpus of the version in service without opening what only retrieval needs."""
    return Corpus.model_validate_json((folder.require_current() / "corpus.json").read_bytes())
