"""Chroma, embedded or as a server: telemetry off, no embedding function of its own, closed when a build is done."""

from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings


def open_client(folder: Path) -> ClientAPI:
    """Open (or make) the database of a folder."""
    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def connect(url: str, seconds: float) -> ClientAPI:
    """Return a client of the server at an address; raises what httpx or Chroma raises where it does not answer.

    Chroma's own session waits without end, already while it is made, so that we knock first; ours gives up after
    ``seconds``, because a family is waiting.
    """
    httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=seconds).raise_for_status()
    parts = urlsplit(url)
    client = chromadb.HttpClient(
        host=parts.hostname or "",
        port=parts.port or (443 if parts.scheme == "https" else 8000),
        ssl=parts.scheme == "https",
        settings=Settings(anonymized_telemetry=False),
    )
    session: httpx.Client = client._server._session  # type: ignore[attr-defined]
    session.timeout = httpx.Timeout(seconds)
    return client


def release_client(folder: Path) -> None:
    """Stop the database of a folder and forget it, so that the folder can be renamed or removed."""
    system = SharedSystemClient._identifier_to_system.pop(str(folder), None)
    if system is not None:
        system.stop()
