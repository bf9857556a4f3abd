"""Two replicas and the proxy's own file on loopback, and an orchestrator that starts again what died."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from bot.index import IndexFolder
from tests.benchmarks.speed import CARELEAF, ROOT, free_port
from tests.rehearsal.expected import CACHE

START = 90.0
LOOK = 0.2
"""Seconds between two looks of the orchestrator."""


class Stand:
    """``died`` counts the replicas that ended without being told to."""

    def __init__(self, place: Path, folder: IndexFolder, environment: dict[str, str]) -> None:
        self.place = place
        self.folder = folder
        self.ports = [free_port(), free_port()]
        self.front = free_port()
        self.address = f"http://127.0.0.1:{self.front}"
        self.environment = environment
        self.words: tuple[str, ...] = ()
        self.died = 0
        self.replicas: list[subprocess.Popen[bytes]] = []
        self._told: set[int] = set()

    def start_replica(self, number: int) -> subprocess.Popen[bytes]:
        """Start one replica."""
        environment = os.environ | {
            "CARELEAF_INDEX_DIR": str(self.folder.folder),
            "CARELEAF_CACHE_SIZE": str(CACHE),
            "CARELEAF_RATE_LIMIT": "1000000/minute",
            "CARELEAF_METRICS": "true",
            "CARELEAF_KEEP_UNANSWERED": "true",
            "CARELEAF_LOG_FORMAT": "json",
            "CARELEAF_RELOAD_SECONDS": "0.5",
        }
        with (self.place / f"replica-{number}.log").open("ab") as log:
            return subprocess.Popen(
                [CARELEAF, "serve", "--port", str(self.ports[number]), *self.words],
                env=environment | self.environment,
                stdout=log,
                stderr=log,
            )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, wait until both replicas are ready, and end it."""
        self.replicas = [self.start_replica(0), self.start_replica(1)]
        addresses = {"LISTEN": f"127.0.0.1:{self.front}"}
        addresses |= {f"REPLICA_{number + 1}": f"127.0.0.1:{port}" for number, port in enumerate(self.ports)}
        with (self.place / "proxy.log").open("wb") as log:
            proxy = subprocess.Popen(
                ["haproxy", "-db", "-f", str(ROOT / "deploy/haproxy.cfg")], env=os.environ | addresses, stderr=log
            )
        orchestrator = asyncio.create_task(self._start_again_what_died())
        try:
            await self.until_ready(0, 1)
            await asyncio.sleep(1.5)
            yield
        finally:
            orchestrator.cancel()
            for process in [*self.replicas, proxy]:
                process.terminate()
            for process in [*self.replicas, proxy]:
                await asyncio.to_thread(process.wait)

    async def _start_again_what_died(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            for number, process in enumerate(self.replicas):
                if number not in self._told and process.poll() is not None:
                    self.died += 1
                    self.replicas[number] = self.start_replica(number)

    async def ready(self, number: int) -> str:
        """Return the index version that a replica answers from; nothing while it is not ready."""
        async with httpx.AsyncClient(timeout=5) as client:
            with contextlib.suppress(httpx.HTTPError):
                found = await client.get(f"http://127.0.0.1:{self.ports[number]}/readyz")
                if found.status_code == 200:
                    return str(found.json()["index_version"])
        return ""

    async def until_ready(self, *numbers: int, version: str = "") -> None:
        """Wait until replicas are ready, with a version where one is named."""
        for number in numbers:
            async with asyncio.timeout(START):
                while (found := await self.ready(number)) != (version or found) or not found:
                    await asyncio.sleep(0.05)

    async def restart_in_turn(self) -> None:
        """End each replica with SIGTERM and start it again, as an upgrade does."""
        for number in range(len(self.replicas)):
            self._told.add(number)
            self.replicas[number].send_signal(signal.SIGTERM)
            await asyncio.to_thread(self.replicas[number].wait)
            self.replicas[number] = self.start_replica(number)
            self._told.discard(number)
            await self.until_ready(number)
            # The proxy looks every half second; an orchestrator gives it that time too.
            await asyncio.sleep(1.5)
