"""Sends questions over HTTP and times the answers: with wrk where it is installed, else by a small loop of ours."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("ask.lua")
FEW = 20
"""Questions that are asked over and over."""


@dataclass(frozen=True)
class Loaded:
    """What one run gave: requests a second, latencies in milliseconds, and requests without a 2xx answer."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p95: float
    p99: float

    @property
    def rate(self) -> float:
        """Return requests a second."""
        return self.requests / self.seconds


def tool() -> str:
    """Name what sends the questions."""
    return "wrk" if shutil.which("wrk") else "tests/benchmarks/load.py (wrk is not installed)"


def send(port: int, bodies: list[str], clients: int, seconds: int, repeated: bool) -> Loaded:
    """Ask for some seconds from so many connections, all of this machine."""
    if not shutil.which("wrk"):
        return asyncio.run(send_by_loop(port, bodies[:FEW] if repeated else bodies, clients, seconds))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as questions:
        questions.write("\n".join(bodies) + "\n")
        questions.flush()
        environment = os.environ | {"QUESTIONS": questions.name, "REPEATED": str(FEW) if repeated else "0"}
        # One thread: each thread would begin the list anew.
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}"]
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = next(line.removeprefix("JSON ") for line in printed.splitlines() if line.startswith("JSON "))
    return Loaded(**json.loads(found))


async def send_by_loop(port: int, bodies: list[str], clients: int, seconds: int) -> Loaded:
    """Do the same on asyncio's streams."""
    times: list[float] = []
    failed = 0
    turn = 0
    started = time.perf_counter()

    async def client() -> None:
        nonlocal turn, failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() - started < seconds:
            body = bodies[turn % len(bodies)].encode()
            turn += 1
            sent = time.perf_counter()
            head = (
                f"POST /api/v1/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
            )
            writer.write(f"{head}\r\n\r\n".encode() + body)
            answered = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(answered.split("content-length: ")[1].split("\r\n")[0])
            await reader.readexactly(length)
            times.append((time.perf_counter() - sent) * 1000)
            failed += not answered.startswith("http/1.1 2")
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    cut = statistics.quantiles(times, n=100)
    return Loaded(len(times), time.perf_counter() - started, failed, cut[49], cut[94], cut[98])
