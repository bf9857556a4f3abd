"""Archives to and from a folder or an S3-compatible address (fsspec): the archive first, the pointer last."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.index.archive import NAME, Archive, pack, read_description, unpack
from bot.index.versions import POINTER, IndexFolder
from bot.schema import IndexUnavailable

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


S3 = "s3"


def open_address(address: str) -> "tuple[AbstractFileSystem, str]":
    """Return the file system and folder of an address such as ``s3://bucket/careleaf`` or a path.

    S3 is obstore's: fsspec's own choice, s3fs, needs another python-dateutil than the Kubernetes client of chromadb.
    """
    from fsspec.core import url_to_fs

    try:
        if urlsplit(address).scheme == S3:
            from obstore.fsspec import register

            register(S3)
        system, folder = url_to_fs(address)
    except ImportError as error:
        raise IndexUnavailable(f"{address}: {error}; run: pip install 'careleaf[s3]'") from error
    except ValueError as error:
        raise IndexUnavailable(f"{address} cannot be used ({error}); name a folder or an s3:// address") from error
    return system, folder.rstrip("/")


def failures() -> tuple[type[Exception], ...]:
    """Return what an address raises where it cannot be read or written."""
    try:
        from obstore.exceptions import BaseError
    except ImportError:
        return (OSError, UnicodeDecodeError)
    return (OSError, UnicodeDecodeError, BaseError)


def reason(error: Exception) -> str:
    """Return the first line of what went wrong; a server's whole answer may stand below it."""
    return str(error).partition("\n")[0][:300]


def push(folder: IndexFolder, version: Path, address: str) -> Archive:
    """Copy a version to an address and make it the one that is pulled; a killed push leaves the pointer as it was."""
    system, target = open_address(address)
    try:
        system.makedirs(target, exist_ok=True)
        with folder.building() as place:
            archive = pack(version, place)
            if not system.exists(f"{target}/{archive.file}"):
                system.put_file(str(place / archive.file), f"{target}/{archive.file}.half")
                system.mv(f"{target}/{archive.file}.half", f"{target}/{archive.file}")
            system.pipe_file(f"{target}/{archive.version}.json", (place / f"{archive.version}.json").read_bytes())
            system.pipe_file(f"{target}/{POINTER}", f"{archive.version}\n".encode())
    except failures() as error:
        raise IndexUnavailable(f"{address} cannot be written ({reason(error)})") from error
    return archive


def pull(folder: IndexFolder, address: str, version: str | None, model_sha256: str, sha256: str | None = None) -> Path:
    """Fetch a version (the one last pushed where none is named), check it, and put it into service.

    ``sha256`` is that of the archive as its maker told it: hashes beside the archive show damage, not who made it.
    Raises IndexUnavailable; whatever is wrong, the version in service stays.
    """
    system, source = open_address(address)
    try:
        version = version or system.cat_file(f"{source}/{POINTER}").decode().strip()
        if not re.fullmatch(NAME, version):
            raise IndexUnavailable(f"{address}: {version!r} is not the name of a version (16 hexadecimal digits)")
        archive = read_description(system.cat_file(f"{source}/{version}.json").decode(), f"{address}/{version}.json")
        if archive.version != version or sha256 not in (None, archive.sha256):
            raise IndexUnavailable(f"{address}: {version} is archive {archive.sha256}, not the one that was asked for")
        with folder.building() as place:
            packed = folder.folder / f".building-{archive.file}"
            try:
                system.get_file(f"{source}/{archive.file}", str(packed))
                unpack(packed, archive, place, model_sha256)
            finally:
                packed.unlink(missing_ok=True)
            return (
                folder.folder / version
                if folder.current() == folder.folder / version
                else folder.publish(place, version)
            )
    except failures() as error:
        scheme = urlsplit(address).scheme or "file"
        raise IndexUnavailable(
            f"{address} ({scheme}) cannot be read ({reason(error)}); careleaf index push puts one there"
        ) from error
