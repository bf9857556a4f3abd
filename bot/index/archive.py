"""An index version as one archive that is named by its content, and checked to the last byte before it is used."""

import gzip
import hashlib
import json
import shutil
import tarfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.index.opened import read_manifest
from bot.index.rows import FORMAT
from bot.schema import IndexUnavailable

BLOCK = 1 << 20
NAME = r"^[0-9a-f]{16}$"


class Archive(BaseModel):
    """What stands beside an archive: which version it holds, and the hashes that it must have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(pattern=NAME)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=1)
    files: dict[str, str]

    @property
    def file(self) -> str:
        """Return the name of the archive: its own hash."""
        return f"{self.sha256}.tar.gz"


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(version: Path, folder: Path) -> Archive:
    """Write the archive of a version and its description into a folder; the same files give the same bytes."""
    read_manifest(version)
    folder.mkdir(parents=True, exist_ok=True)
    paths = sorted(path for path in version.rglob("*") if path.is_file())
    half = folder / f".{version.name}.half"
    with (
        half.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in paths:
            entry = tarfile.TarInfo(path.relative_to(version).as_posix())
            entry.size = path.stat().st_size
            with path.open("rb") as file:
                tar.addfile(entry, file)
    archive = Archive(
        version=version.name,
        sha256=hash_of(half),
        size=half.stat().st_size,
        files={path.relative_to(version).as_posix(): hash_of(path) for path in paths},
    )
    half.replace(folder / archive.file)
    (folder / f"{version.name}.json").write_text(archive.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return archive


def read_description(text: str, where: str) -> Archive:
    """Return a description; raise IndexUnavailable where it is none."""
    try:
        return Archive.model_validate_json(text)
    except ValidationError as error:
        raise IndexUnavailable(f"{where} does not describe an archive ({error.error_count()} faults)") from error


def unpack(path: Path, archive: Archive, place: Path, model_sha256: str) -> None:
    """Unpack an archive into an empty folder; raise IndexUnavailable, before anything is used, where it is another."""
    found = hash_of(path)
    if found != archive.sha256:
        raise IndexUnavailable(f"{archive.file} has sha256 {found}: it was damaged or changed; push it again")
    with tarfile.open(path, "r:gz") as tar:
        entries = tar.getmembers()
        if sorted(entry.name for entry in entries) != sorted(archive.files) or not all(e.isfile() for e in entries):
            raise IndexUnavailable(f"{archive.file} holds other files than its description names; push it again")
        tar.extractall(place, filter="data")
    wrong = [name for name, sha256 in archive.files.items() if hash_of(place / name) != sha256]
    if wrong:
        raise IndexUnavailable(f"{archive.file}: {wrong[0]} is not the file that was packed; push it again")
    manifest = read_manifest(place)
    if manifest["model_sha256"] != model_sha256:
        raise IndexUnavailable(
            f"{archive.version} was built with another model; build it with the one of this Careleaf"
        )
    named = hashlib.sha256(f"{FORMAT} {manifest['corpus_version']} {model_sha256}".encode()).hexdigest()[:16]
    stated = json.loads((place / "corpus.json").read_bytes())["version"]
    if named != archive.version or stated != manifest["corpus_version"]:
        shutil.rmtree(place)
        raise IndexUnavailable(f"{archive.file} holds version {named}, not {archive.version}; push it again")
