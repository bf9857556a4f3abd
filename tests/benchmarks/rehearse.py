"""``make rehearse``: two replicas behind HAProxy (deploy/haproxy.cfg) on loopback, and things fail in turn.

``python -m tests.benchmarks.rehearse --seconds 20`` sets how long each part lasts. Every answer is compared with the
first one to its question. What is not rehearsed is named in docs/deployment.md.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.benchmarks.speed import CARELEAF, ROOT, free_port, labelled_questions

CLIENTS = 4
IDLE = 2000


@dataclass
class Part:
    """What clients saw during one fault."""

    name: str
    good: int = 0
    wrong: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    recovered: float = 0.0
    note: str = ""

    def row(self) -> str:
        """Return the row of the table."""
        failed = ", ".join(f"{count} × {what}" for what, count in self.failed.items()) or "0"
        p99 = statistics.quantiles(self.waits, n=100)[98] if len(self.waits) > 1 else 0.0
        return (
            f"| {self.name} | {self.good} | {self.wrong} | {failed} | {p99 * 1000:.0f} ms | "
            f"{max(self.waits, default=0) * 1000:.0f} ms | {self.recovered:.1f} s | {self.note} |"
        )


HEAD = "| fault | answered | wrong | failed | p99 | longest | all well again after | seen |\n" + "| --- " * 8 + "|"


class Stand:
    """Two replicas and the proxy, and the questions that are asked of them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.ports = [free_port(), free_port()]
        self.front = free_port()
        self.index = place / "index"
        self.replicas: list[subprocess.Popen[bytes]] = []
        self.questions = labelled_questions()[:400]
        self.known: dict[str, bytes] = {}
        self.url = f"http://127.0.0.1:{self.front}/api/v1/ask"

    def start_replica(self, number: int) -> subprocess.Popen[bytes]:
        """Start one replica."""
        environment = os.environ | {"CARELEAF_INDEX_DIR": str(self.index), "CARELEAF_RATE_LIMIT": "off"}
        with (self.place / f"replica-{number}.log").open("ab") as log:
            return subprocess.Popen([CARELEAF, "serve", "--port", str(self.ports[number])], env=environment, stderr=log)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, wait until both replicas are ready, and end it."""
        shutil.copytree(ROOT / "var/index", self.index)
        self.replicas = [self.start_replica(0), self.start_replica(1)]
        addresses = {"LISTEN": f"127.0.0.1:{self.front}"}
        addresses |= {f"REPLICA_{number + 1}": f"127.0.0.1:{port}" for number, port in enumerate(self.ports)}
        with (self.place / "proxy.log").open("wb") as log:
            proxy = subprocess.Popen(
                ["haproxy", "-db", "-f", str(ROOT / "deploy/haproxy.cfg")], env=os.environ | addresses, stderr=log
            )
        try:
            for number in (0, 1):
                await self.until_ready(number)
            await asyncio.sleep(1.5)
            yield
        finally:
            for process in [*self.replicas, proxy]:
                process.kill()
                process.wait()

    async def until_ready(self, number: int) -> None:
        """Wait until a replica is ready; at most a minute."""
        async with httpx.AsyncClient() as client:
            for _ in range(600):
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"http://127.0.0.1:{self.ports[number]}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.1)
        raise TimeoutError(f"replica {number} is not ready after a minute; see {self.place}")

    async def ask_until(self, part: Part, end: asyncio.Event, offset: int, started: float) -> None:
        """Ask one question after the other, and note what comes back."""
        async with httpx.AsyncClient(timeout=15, limits=httpx.Limits(max_connections=1)) as client:
            place = offset
            while not end.is_set():
                question = self.questions[place % len(self.questions)]
                place += 1
                began = time.perf_counter()
                try:
                    response = await client.post(self.url, json={"question": question})
                    what = "" if response.status_code == 200 else str(response.status_code)
                except httpx.HTTPError as error:
                    what = type(error).__name__
                now = time.perf_counter()
                part.waits.append(now - began)
                if what:
                    part.failed[what] += 1
                    part.recovered = now - started
                elif self.known.setdefault(question, response.content) == response.content:
                    part.good += 1
                else:
                    part.wrong += 1

    async def under_load(self, name: str, seconds: float, fault: Callable[[Part], Awaitable[None]]) -> Part:
        """Let a fault happen a second after the load has begun."""
        part, end, started = Part(name), asyncio.Event(), time.perf_counter()
        asking = [asyncio.create_task(self.ask_until(part, end, n * 97, started + 1)) for n in range(CLIENTS)]
        await asyncio.sleep(1)
        await fault(part)
        await asyncio.sleep(max(0.0, seconds - (time.perf_counter() - started)))
        end.set()
        await asyncio.gather(*asking)
        print(part.row(), flush=True)
        return part

    async def nothing(self, part: Part) -> None:
        """Let nothing fail."""
        part.note = "nothing failed"

    async def kill(self, part: Part) -> None:
        """Kill a replica with -9, and start it again as an orchestrator would."""
        self.replicas[0].send_signal(signal.SIGKILL)
        self.replicas[0].wait()
        self.replicas[0] = self.start_replica(0)
        await self.until_ready(0)
        part.note = "the proxy asked the other replica again"

    async def restart(self, part: Part) -> None:
        """End each replica in turn with SIGTERM, as an upgrade does."""
        for number in (0, 1):
            self.replicas[number].terminate()
            await asyncio.to_thread(self.replicas[number].wait)
            self.replicas[number] = self.start_replica(number)
            await self.until_ready(number)
            await asyncio.sleep(1.5)
        part.note = "one replica after the other"

    async def slow_client(self, part: Part) -> None:
        """Send one byte a second until the proxy has enough."""
        part.note = await self.trickle(b"POST /api/v1/ask HTTP/1.1\r\nhost: careleaf\r\n")

    async def endless_body(self, part: Part) -> None:
        """Announce a large body and never end it."""
        head = b"POST /api/v1/ask HTTP/1.1\r\nhost: careleaf\r\ncontent-type: application/json\r\n"
        part.note = await self.trickle(head + b'content-length: 200000\r\n\r\n{"question": "')

    async def trickle(self, head: bytes) -> str:
        """Send a beginning and then a byte a second; return what the client was told, and after how long."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.front)
        began = time.perf_counter()
        writer.write(head)
        answer = asyncio.create_task(reader.read(100))
        while not answer.done() and time.perf_counter() - began < 30:
            with contextlib.suppress(ConnectionError):
                writer.write(b"a")
                await writer.drain()
            await asyncio.wait([answer], timeout=1)
        told = answer.result().split(b"\r\n")[0].decode() if answer.done() else "nothing"
        answer.cancel()
        writer.close()
        return f"told {told or 'closed'} after {time.perf_counter() - began:.0f} s"

    async def idle(self, part: Part) -> None:
        """Hold connections open that send nothing."""
        opened = [await asyncio.open_connection("127.0.0.1", self.front) for _ in range(IDLE)]
        await asyncio.sleep(8)
        for _, writer in opened:
            writer.close()
        part.note = f"{len(opened)} connections held for 8 s"


async def rehearse(seconds: float) -> list[Part]:
    """Run every part and return what was seen."""
    with tempfile.TemporaryDirectory(prefix="careleaf-rehearsal-") as place:
        stand = Stand(Path(place))
        async with stand.running():
            print(HEAD, flush=True)
            faults = [
                ("quiet", stand.nothing),
                ("a replica is killed with -9", stand.kill),
                ("both replicas are restarted in turn", stand.restart),
                ("a client sends one byte a second", stand.slow_client),
                (f"{IDLE} idle connections", stand.idle),
                ("a body never ends", stand.endless_body),
            ]
            return [await stand.under_load(name, seconds, fault) for name, fault in faults]


def main() -> None:
    """Rehearse, print the table and fail where an answer was wrong or the bar of recovery was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parts = asyncio.run(rehearse(parser.parse_args().seconds))
    asked = sum(part.good + part.wrong + part.failed.total() for part in parts)
    print(
        f"\n{asked} requests, {sum(part.wrong for part in parts)} wrong, {sum(p.failed.total() for p in parts)} failed"
    )
    if any(part.wrong or part.recovered >= 5 for part in parts):
        raise SystemExit("an answer was wrong, or failures lasted five seconds or more")


if __name__ == "__main__":
    main()
