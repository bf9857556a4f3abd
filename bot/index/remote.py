"""The rows of one version on a Chroma server; where it is away, it is left alone for a while and said so."""

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np

from bot.encoder import Vectors
from bot.index.build import write_collections
from bot.index.chroma import connect
from bot.index.opened import read_manifest
from bot.index.rows import COLLECTION, corpus_rows
from bot.schema import Corpus, IndexUnavailable

if TYPE_CHECKING:
    from chromadb import Collection

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds after which a question goes to the embedded index instead."""

PAUSE = 10.0
"""Seconds for which a server that failed is not asked again, so that it slows one question and not all."""

LOADING = 120.0


class ChromaServer:
    """Searches the collections of one version; ``query`` returns None where the embedded index has to answer."""

    def __init__(self, url: str, version: str) -> None:
        self.url = url
        self._prefix = prefix_of(version)
        self._open: dict[str, Collection] = {}
        self._again = 0.0

    def query(self, lang: str, question: dict[str, Any]) -> Any:  # noqa: ANN401 - Chroma's own QueryResult
        """Return what Chroma answers, or None."""
        from chromadb.errors import ChromaError

        if time.monotonic() < self._again:
            return None
        try:
            if lang not in self._open:
                client = connect(self.url, PATIENCE)
                self._open[lang] = client.get_collection(self._prefix + lang, embedding_function=None)
            return self._open[lang].query(**question)
        except (httpx.HTTPError, ChromaError, ValueError, KeyError) as error:
            self._open.clear()
            self._again = time.monotonic() + PAUSE
            log.error(
                "CARELEAF_CHROMA_URL=%s does not answer for %s%s (%s); the embedded index answers for %.0f s. "
                "Start the server, or run: careleaf index upload",
                *(self.url, self._prefix, lang, type(error).__name__, PAUSE),
            )
            return None


def prefix_of(version: str) -> str:
    """Return how the collections of a version are named on a server, before their language."""
    return f"{COLLECTION}{version}-"


def upload(folder: Path, url: str) -> bool:
    """Copy the rows of a version to a server; say whether they were not there yet. Raises IndexUnavailable."""
    from chromadb.errors import ChromaError

    corpus = Corpus.model_validate_json((folder / "corpus.json").read_bytes())
    rows = corpus_rows(corpus)
    vectors: Vectors = np.load(folder / "vectors.npy", allow_pickle=False)
    if [row.id for row in rows] != read_manifest(folder)["rows"]:
        raise IndexUnavailable(f"{folder} names other rows than its corpus; remove it and run: careleaf index")
    prefix = prefix_of(folder.name)
    wanted = {
        prefix + lang: sum(row.searched and row.lang == lang for row in rows)
        for lang in {row.lang for row in rows if row.searched}
    }
    try:
        client = connect(url, LOADING)
        there = {one.name: one.count() for one in client.list_collections() if one.name.startswith(prefix)}
        if there == wanted:
            return False
        for name in there:
            client.delete_collection(name)
        write_collections(client, prefix, rows, vectors)
    except (httpx.HTTPError, ChromaError, ValueError) as error:
        raise IndexUnavailable(f"CARELEAF_CHROMA_URL={url} does not answer ({error}); start: chroma run") from error
    return True
