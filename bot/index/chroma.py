"""Chroma embedded on disk: telemetry off, no embedding function of its own, closed when a build is done."""

from pathlib import Path

import chromadb
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings


def open_client(folder: Path) -> ClientAPI:
    """Open (or make) the database of a folder."""
    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def release_client(folder: Path) -> None:
    """Stop the database of a folder and forget it, so that the folder can be renamed or removed."""
    system = SharedSystemClient._identifier_to_system.pop(str(folder), None)
    if system is not None:
        system.stop()
