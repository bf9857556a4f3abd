"""Builds a version beside the one in service: encodes what changed, keeps what did not, then swaps."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.encoder import DIMENSIONS, Encoder, Vectors
from bot.index.lexical import LexicalIndex
from bot.index.rows import COLLECTION, FORMAT, Row, claims_by_passage, corpus_rows, lexical_text
from bot.index.versions import IndexFolder
from bot.schema import Corpus

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 64,
    "max_neighbors": 16,
    "sync_threshold": 100,
    "batch_size": 50,
    "num_threads": 1,
}
"""One thread, so that the same corpus gives the same neighbours; small batches, so that every row is in the graph on
disk and no query has to read it out of the log (measured: 1.9 to 1.4 ms a query between two encodings)."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    version: str
    folder: Path
    passages: int
    texts: int
    encoded: int
    changed: bool

    @property
    def reused(self) -> int:
        """Return how many texts were known from the version before."""
        return self.texts - self.encoded


def version_name(corpus: Corpus, encoder_sha256: str) -> str:
    """Return the name of the index of a corpus under a model."""
    return hashlib.sha256(f"{FORMAT} {corpus.version} {encoder_sha256}".encode()).hexdigest()[:16]


def build_index(
    corpus: Corpus,
    folder: IndexFolder,
    model_sha256: str,
    load_encoder: Callable[[], Encoder],
    progress: Progress | None = None,
) -> BuildReport:
    """Build the index of a corpus and put it into service.

    The encoder is loaded only where a text has to be encoded. ``progress`` is called with (texts encoded, texts to
    encode). Where the corpus's own version is already in service nothing is done; where it lies there unused it is put
    into service.
    """
    version = version_name(corpus, model_sha256)
    rows = corpus_rows(corpus)
    texts = len({row.key for row in rows})
    with folder.building() as place:
        target = folder.folder / version
        if (target / "manifest.json").is_file():
            changed = folder.current() != target
            if changed:
                folder.use(version)
            return BuildReport(version, target, len(corpus.passages), texts, 0, changed)
        known = read_known_vectors(folder.current(), model_sha256)
        vectors, encoded = encode_rows(rows, known, load_encoder, progress)
        write_version(place, corpus, model_sha256, rows, vectors)
        built = folder.publish(place, version)
    return BuildReport(version, built, len(corpus.passages), texts, encoded, True)


def read_known_vectors(current: Path | None, model_sha256: str) -> dict[str, Vectors]:
    """Return the vectors of the version in service by the hash of their text, where the same model made them."""
    if current is None:
        return {}
    try:
        manifest = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
        if manifest["model_sha256"] != model_sha256 or manifest["format"] != FORMAT:
            return {}
        vectors = np.load(current / "vectors.npy", allow_pickle=False)
        return dict(zip(manifest["keys"], vectors, strict=True))
    except (OSError, ValueError, KeyError, TypeError):
        # A damaged version must not stop the build that mends it: everything is encoded again.
        return {}


def encode_rows(
    rows: list[Row],
    known: dict[str, Vectors],
    load_encoder: Callable[[], Encoder],
    progress: Progress | None,
) -> tuple[Vectors, int]:
    """Return one vector a row, and how many texts had to be encoded for it."""
    missing = {row.key: row.text for row in rows if row.key not in known}
    if missing:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done, len(missing))

        fresh = load_encoder().encode_texts(list(missing.values()), advance)
        known = known | dict(zip(missing, fresh, strict=True))
    return np.stack([known[row.key] for row in rows]).astype(np.float32), len(missing)


def write_version(place: Path, corpus: Corpus, model_sha256: str, rows: list[Row], vectors: Vectors) -> None:
    """Write everything that answering needs into a folder: no file of ``corpus/`` is read to answer."""
    passages = list(corpus.passages.values())
    titles = {article.topic: article.title for article in corpus.articles}
    claims = claims_by_passage(corpus)
    lexical = LexicalIndex.from_texts(
        [lexical_text(passage, titles[passage.topic], claims.get(passage.id, ())) for passage in passages]
    )
    lexical.save(place / "bm25")
    (place / "corpus.json").write_text(corpus.model_dump_json(), encoding="utf-8")
    np.save(place / "vectors.npy", vectors, allow_pickle=False)
    write_chroma(place / "chroma", rows, vectors)
    manifest = {
        "format": FORMAT,
        "corpus_version": corpus.version,
        "model_sha256": model_sha256,
        "dimensions": DIMENSIONS,
        "rows": [row.id for row in rows],
        "keys": [row.key for row in rows],
        "idf": lexical.idf,
    }
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def write_chroma(folder: Path, rows: list[Row], vectors: Vectors) -> None:
    """Write one collection a language, with our vectors."""
    from bot.index.chroma import open_client, release_client

    write_collections(open_client(folder), COLLECTION, rows, vectors)
    release_client(folder)


def write_collections(client: "ClientAPI", prefix: str, rows: list[Row], vectors: Vectors) -> None:
    """Write the searched rows into one collection a language, named by the prefix and the language."""
    from chromadb.api.collection_configuration import CreateCollectionConfiguration

    for lang in sorted({row.lang for row in rows if row.searched}):
        chosen = [place for place, row in enumerate(rows) if row.searched and row.lang == lang]
        collection = client.create_collection(
            prefix + lang, configuration=CreateCollectionConfiguration(hnsw=HNSW), embedding_function=None
        )
        step = client.get_max_batch_size()
        for start in range(0, len(chosen), step):
            part = chosen[start : start + step]
            collection.add(
                ids=[rows[place].id for place in part],
                embeddings=vectors[part],
                metadatas=[{"topic": rows[place].topic} for place in part],
            )
