"""What fails, in turn. Each function lets it fail, ends it, and notes what was seen."""

import asyncio
import contextlib
import resource
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import psutil

from tests.rehearsal.families import Families
from tests.rehearsal.seen import Part, counted
from tests.rehearsal.services import OwnPostgres, OwnRedis, SmallDisk
from tests.rehearsal.stand import Stand

AWAY = 6.0
"""Seconds for which a service stays away."""

IDLE = 2000
SLOW = 20
"""Clients at a time that send a byte a second, or never end."""

HEADROOM = 16 * 2**20
"""Bytes of address space that are left to a replica whose memory limit is close."""

HEAVY = 4
PAGE = 200
"""Sentences of a page whose claims are checked; one twenty times as long is refused, once it has been read."""

BODY_SIZE = 250_000
BACK = 60.0
POST = b"POST /api/v1/ask HTTP/1.1\r\nhost: careleaf\r\n"
BODY = POST + b'content-type: application/json\r\ncontent-length: 200000\r\n\r\n{"question": "'


class Faults:
    """The faults of one stand."""

    def __init__(
        self,
        stand: Stand,
        families: Families,
        services: tuple[OwnPostgres, OwnRedis, SmallDisk],
        versions: tuple[str, str],
    ) -> None:
        self.stand = stand
        self.families = families
        self.postgres, self.redis, self.disk = services
        self.versions = versions

    def all(self) -> list[tuple[str, Callable[[Part], Awaitable[None]]]]:
        """Return the faults by name, in their order."""
        return [
            ("nothing fails", self.nothing),
            ("a replica is killed with -9", self.kill),
            ("both replicas are restarted in turn", self.restart),
            ("the index is swapped, and put back", self.swap),
            ("PostgreSQL stops and returns", self.stop_postgres),
            ("Redis stops and returns", self.stop_redis),
            ("Redis hangs and goes on", self.hang_redis),
            (f"{SLOW} clients send one byte a second", self.slow_clients),
            (f"{IDLE:,} idle connections stay open", self.idle),
            (f"the body of {SLOW} requests never ends", self.endless_bodies),
            ("the memory limit is close", self.little_memory),
            ("the disk of the store is full", self.full_disk),
        ]

    async def nothing(self, part: Part) -> None:
        """Let nothing fail."""
        part.note = "for comparison"

    async def kill(self, part: Part) -> None:
        """Kill a replica; the orchestrator starts it again."""
        self._begin(part)
        part.killed, part.in_flight = 1, self.families.asking
        self.stand.replicas[0].send_signal(signal.SIGKILL)
        await asyncio.sleep(1)
        await self.stand.until_ready(0)
        part.note = (
            f"{part.in_flight} requests were in flight at both; the proxy asked the other replica again; "
            f"the killed one was back after {self._since(part):.1f} s"
        )

    async def restart(self, part: Part) -> None:
        """End each replica in turn with SIGTERM."""
        self._begin(part)
        await self.stand.restart_in_turn()
        part.note = "one after the other, as an upgrade does"

    async def swap(self, part: Part) -> None:
        """Put the other version into service, and back, twice."""
        self._begin(part)
        first, second = self.versions
        took = []
        for version in (second, first, second, first):
            started = time.perf_counter()
            self.stand.folder.use(version)
            await self.stand.until_ready(0, 1, version=version)
            took.append(time.perf_counter() - started)
        part.note = f"four swaps; both replicas answered from the other version after {max(took):.1f} s at most"

    async def stop_postgres(self, part: Part) -> None:
        """Stop PostgreSQL for a while."""
        self._begin(part)
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.sleep(AWAY)
        await asyncio.to_thread(self.postgres.start)
        part.back = await self._until(self._thumb_is_kept)
        part.note = f"thumbs were kept again {part.back:.1f} s after it was back"

    async def stop_redis(self, part: Part) -> None:
        """Kill Redis, and start an empty one after a while."""
        self._begin(part)
        self.redis.stop()
        await asyncio.sleep(AWAY)
        self.redis.start()
        part.back = await self._until(self._redis_counts)
        part.note = f"rates were counted together again {part.back:.1f} s after it was back"

    async def hang_redis(self, part: Part) -> None:
        """Let Redis take connections and say nothing."""
        self._begin(part)
        process = next(
            one for one in psutil.Process().children(recursive=True) if str(self.redis.port) in " ".join(one.cmdline())
        )
        process.suspend()
        await asyncio.sleep(AWAY)
        process.resume()
        part.note = f"it said nothing for {AWAY:.0f} s"

    async def slow_clients(self, part: Part) -> None:
        """Send one byte a second until the proxy has enough."""
        self._begin(part)
        part.note = await self._trickle(POST)

    async def endless_bodies(self, part: Part) -> None:
        """Announce a large body and never end it."""
        self._begin(part)
        part.note = await self._trickle(BODY)

    async def _trickle(self, head: bytes) -> str:
        told = await asyncio.gather(*(self._one_trickle(head) for _ in range(SLOW)))
        slowest = max(seconds for _, seconds in told)
        words = sorted({word for word, _ in told})
        return f"those clients were told {', '.join(words)} after {slowest:.0f} s at most"

    async def _one_trickle(self, head: bytes) -> tuple[str, float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.stand.front)
        began = time.perf_counter()
        writer.write(head)
        answer = asyncio.create_task(reader.read(100))
        while not answer.done() and time.perf_counter() - began < BACK:
            with contextlib.suppress(ConnectionError):
                writer.write(b"a")
                await writer.drain()
            await asyncio.wait([answer], timeout=1)
        told = answer.result().split(b"\r\n")[0].decode().removeprefix("HTTP/1.1 ") if answer.done() else "nothing"
        answer.cancel()
        writer.close()
        return told or "nothing, and closed", time.perf_counter() - began

    async def idle(self, part: Part) -> None:
        """Hold connections open that send nothing."""
        self._begin(part)
        opened = [await asyncio.open_connection("127.0.0.1", self.stand.front) for _ in range(IDLE)]
        await asyncio.sleep(AWAY)
        open_still = sum(not reader.at_eof() for reader, _ in opened)
        for _, writer in opened:
            writer.close()
        part.note = f"{open_still:,} still open after {AWAY:.0f} s"

    async def little_memory(self, part: Part) -> None:
        """Leave one replica little memory, and send what needs much."""
        self._begin(part)
        died, part.in_flight, process = self.stand.died, self.families.asking, self.stand.replicas[0]
        used = psutil.Process(process.pid).memory_info().vms
        before = resource.prlimit(process.pid, resource.RLIMIT_AS, (used + HEADROOM, resource.RLIM_INFINITY))
        told: Counter[str] = Counter()
        end = time.perf_counter() + AWAY
        await asyncio.gather(*(self._heavy(told, end) for _ in range(HEAVY)))
        if process.poll() is None:
            resource.prlimit(process.pid, resource.RLIMIT_AS, before)
        await self.stand.until_ready(0)
        part.killed = self.stand.died - died
        part.note = (
            f"{HEADROOM >> 20} MB left to one replica while {HEAVY} clients had pages of up to 250 kB checked "
            f"and were told {counted(told)}; it died {part.killed} times"
        )

    async def _heavy(self, told: Counter[str], end: float) -> None:
        page = " ".join(f"Clinic {number} says that stem cells cure cerebral palsy." for number in range(PAGE))
        async with httpx.AsyncClient(timeout=30) as client:
            while time.perf_counter() < end:
                for text in (page, page * 20):
                    checked = client.post(f"{self.stand.address}/api/v1/claims/check", json={"text": text[:BODY_SIZE]})
                    try:
                        told[str((await checked).status_code)] += 1
                    except httpx.HTTPError as error:
                        told[type(error).__name__] += 1

    async def full_disk(self, part: Part) -> None:
        """Fill the disk on which the replicas keep feedback and, with two workers each, their figures."""
        self._begin(part)
        self.disk.fill()
        await asyncio.sleep(AWAY)
        self.disk.free()
        part.back = await self._until(self._thumb_is_kept)
        part.note = f"thumbs were kept again {part.back:.1f} s after there was room"

    async def move_to_small_disk(self) -> None:
        """Restart the replicas with SQLite on the small disk, and two workers that share their figures there."""
        self.stand.environment |= {
            "CARELEAF_DATABASE_URL": f"sqlite:///{self.store_file}",
            "TMPDIR": str(self.disk.folder),
        }
        self.stand.words = ("--workers", "2")
        await self.stand.restart_in_turn()

    @property
    def store_file(self) -> Path:
        """Return the SQLite file on the small disk."""
        return self.disk.folder / "careleaf.db"

    def _begin(self, part: Part) -> None:
        part.faulted = self.families.now()

    def _since(self, part: Part) -> float:
        return self.families.now() - (part.faulted or 0.0)

    async def _until(self, true: Callable[[], Awaitable[bool]]) -> float:
        """Return the seconds until something is true of both replicas."""
        began = time.perf_counter()
        while time.perf_counter() - began < BACK and not await true():
            await asyncio.sleep(0.1)
        return time.perf_counter() - began

    async def _thumb_is_kept(self) -> bool:
        thumb = {"answer_id": "0" * 20, "corpus_version": "0" * 16, "helpful": True}
        async with httpx.AsyncClient(timeout=10) as client:
            for port in self.stand.ports:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.post(f"http://127.0.0.1:{port}/api/v1/feedback", json=thumb)).status_code == 200:
                        continue
                return False
        return True

    async def _redis_counts(self) -> bool:
        return await asyncio.to_thread(self.redis.counts)
