"""Where index versions lie, and the one atomic rename that puts a version into service."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.schema import IndexUnavailable

POINTER = "current"
PREVIOUS = "previous"
BUILDING = ".building-"


class IndexFolder:
    """``<folder>/<version>/`` are immutable versions; ``<folder>/current`` names the one in service.

    A version is built under a hidden name and renamed when it is whole; then the pointer is replaced by a rename. A
    process that dies at any point leaves the old version in service and at most a hidden folder, which the next build
    removes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Path | None:
        """Return the folder of the version in service, or None."""
        try:
            version = (self.folder / POINTER).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexUnavailable(f"{self.folder / POINTER} cannot be read ({error}); run: careleaf index") from error
        path = self.folder / version
        return path if version and path.is_dir() else None

    def require_current(self) -> Path:
        """Return the folder of the version in service; raise IndexUnavailable where there is none."""
        path = self.current()
        if path is None:
            raise IndexUnavailable(f"{self.folder} holds no index; run: careleaf index")
        return path

    def versions(self) -> list[Path]:
        """Return the folders of the whole versions that lie here, by name."""
        return sorted(path.parent for path in self.folder.glob("*/manifest.json") if path.parent.name[0] != ".")

    def before(self) -> Path | None:
        """Return the version that was in service before this one, where it still lies here."""
        current = self.current()
        try:
            named = self.folder / (self.folder / PREVIOUS).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            named = None
        others = [path for path in self.versions() if path != current]
        if named in others:
            return named
        return others[0] if len(others) == 1 else None

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Yield an empty folder to build in. One build at a time: a second one waits for the lock of the first."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnavailable(
                f"{self.folder} cannot be made ({error.strerror}); set CARELEAF_INDEX_DIR to a folder to write in"
            ) from error
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._remove_leftovers()
            place = self.folder / f"{BUILDING}{os.getpid()}"
            place.mkdir()
            try:
                yield place
            finally:
                shutil.rmtree(place, ignore_errors=True)

    def publish(self, built: Path, version: str) -> Path:
        """Give a finished folder its name and put it into service."""
        target = self.folder / version
        before = self.current()
        flush_to_disk(built)
        # Only a damaged version can lie there already: a whole one would have been used.
        shutil.rmtree(target, ignore_errors=True)
        built.rename(target)
        self.use(version)
        self._keep_only(target, before)
        return target

    def _keep_only(self, *kept: Path | None) -> None:
        """Remove older versions: the one in service and the one before it stay."""
        for path in self.folder.iterdir():
            if path.is_dir() and not path.name.startswith(".") and path not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def use(self, version: str) -> None:
        """Put an existing version into service: the one atomic rename. The version before is noted first."""
        current = self.current()
        if current is not None and current.name != version:
            self._point(PREVIOUS, current.name)
        self._point(POINTER, version)
        flush_folder(self.folder)

    def _point(self, name: str, version: str) -> None:
        pointer = self.folder / f".{name}-{os.getpid()}"
        with pointer.open("w", encoding="utf-8") as file:
            file.write(version + "\n")
            file.flush()
            os.fsync(file.fileno())
        pointer.replace(self.folder / name)

    def _remove_leftovers(self) -> None:
        for leftover in self.folder.glob(f"{BUILDING}*"):
            shutil.rmtree(leftover, ignore_errors=True)


def flush_to_disk(folder: Path) -> None:
    """Make sure that every file of a folder has reached the disk before the folder is named."""
    for path in folder.rglob("*"):
        if path.is_dir():
            flush_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Flush a folder's own entries."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
