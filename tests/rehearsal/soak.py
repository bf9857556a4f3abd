"""``make soak``: one replica under a bounded load for twenty minutes. Does anything grow, does anything slow down?

Writes a table and the curve into ``docs/operations.md`` and fails where a bar is missed. ``--minutes`` shortens it
(``make soak SOAK_MINUTES=5``); what is shorter than ten minutes is printed and not written.
"""

import argparse
import asyncio
import os
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import httpx
import psutil

from tests.benchmarks.http import wait_until_ready
from tests.benchmarks.speed import CARELEAF, ROOT, free_port, labelled_questions, machine
from tests.rehearsal.page import write_between
from tests.rehearsal.soaked import Soaked, Verdict, draw

WHOLE = 20.0
WRITTEN = 10.0
CLIENTS = 4
RATE = 20.0
SAMPLE = 5.0
CONTROL = 40_000
"""Steps of a loop that is timed beside the load: it slows down with the machine, whatever Careleaf does."""

PICTURE = ROOT / "docs/soak.svg"


def serve(place: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start one replica with everything on that could grow: store, figures, rates, unanswered questions."""
    environment = os.environ | {
        "CARELEAF_DATABASE_URL": f"sqlite:///{place / 'careleaf.db'}",
        "CARELEAF_METRICS": "true",
        "CARELEAF_RATE_LIMIT": "100000/minute",
        "CARELEAF_KEEP_UNANSWERED": "true",
    }
    return subprocess.Popen(
        [CARELEAF, "serve", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def requests_of(turn: int, question: str) -> tuple[str, str, dict[str, object] | None]:
    """Return method, address and body: mostly questions, and of everything else a little."""
    thumb = {"answer_id": f"{turn:020}", "corpus_version": "0" * 16, "helpful": True}
    kinds: tuple[tuple[str, str, dict[str, object] | None], ...] = (
        ("POST", "/api/v1/ask", {"question": f"{question} {turn}"}),
        ("POST", "/api/v1/ask", {"question": question}),
        ("POST", "/api/v1/ask", {"question": f"{question} {turn} again"}),
        ("GET", f"/api/v1/suggest?q={question[:6]}", None),
        ("GET", f"/api/v1/search?q={question[:30]}", None),
        ("POST", "/api/v1/feedback", thumb),
        ("POST", "/api/v1/claims/check", {"text": f"{question} Stem cells cure cerebral palsy."}),
        ("GET", "/", None),
    )
    return kinds[turn % len(kinds)]


async def load(address: str, soaked: Soaked, end: float) -> None:
    """Send requests at a bounded rate until the end."""
    questions = labelled_questions()
    turn = 0

    async def client() -> None:
        nonlocal turn
        due = time.perf_counter()
        async with httpx.AsyncClient(timeout=30, base_url=address) as one:
            while time.perf_counter() < end:
                due = max(due + CLIENTS / RATE, time.perf_counter())
                await asyncio.sleep(due - time.perf_counter())
                turn += 1
                method, path, body = requests_of(turn, questions[turn % len(questions)])
                began = time.perf_counter()
                try:
                    status = str((await one.request(method, path, json=body)).status_code)
                except httpx.HTTPError as error:
                    status = type(error).__name__
                soaked.answered(time.perf_counter() - began, status)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def watch(process: psutil.Process, soaked: Soaked, end: float) -> None:
    """Note every few seconds what the replica holds, and how quick the machine is."""
    while time.perf_counter() < end:
        began = time.perf_counter()
        for _ in range(CONTROL):
            pass
        control = time.perf_counter() - began
        soaked.held(process.memory_info().rss / 2**20, process.num_fds(), process.num_threads(), control)
        await asyncio.sleep(SAMPLE)


async def soak(minutes: float) -> Soaked:
    """Run the whole of it."""
    with tempfile.TemporaryDirectory(prefix="careleaf-soak-") as place:
        port = free_port()
        process = serve(Path(place), port)
        try:
            wait_until_ready(port, process)
            soaked = Soaked(minutes * 60)
            end = time.perf_counter() + minutes * 60
            held = psutil.Process(process.pid)
            await asyncio.gather(load(f"http://127.0.0.1:{port}", soaked, end), watch(held, soaked, end))
            return soaked
        finally:
            process.terminate()
            process.wait()


def page_of(soaked: Soaked, verdict: Verdict, minutes: float, remark: str) -> str:
    """Return the part of the page."""
    loads = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return "\n".join(
        [
            f"Written by `make soak` (`tests/rehearsal`), {date.today().isoformat()}, on {machine()}.",
            f"One replica, {minutes:g} minutes, {CLIENTS} clients, at most {RATE:.0f} requests a second: questions,",
            "most never asked before, search, suggestions, thumbs, claims, the page.",
            f"Load averages of the machine over 1, 5 and 15 minutes: {loads}. {remark}".strip(),
            "",
            *verdict.table(),
            "",
            f"{len(soaked.waits):,} requests; without a 2xx answer: {soaked.failed()}. **{verdict.words()}**",
            "",
            f"![Memory, open files, threads and waits over {minutes:g} minutes]({PICTURE.name})",
        ]
    )


def main() -> None:
    """Soak, print, write where it was the whole time, and fail where a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=WHOLE)
    parser.add_argument("--remark", default="", help="what else there is to know of the machine; stands on the page")
    chosen = parser.parse_args()
    minutes = chosen.minutes
    soaked = asyncio.run(soak(minutes))
    verdict = soaked.verdict()
    page = page_of(soaked, verdict, minutes, chosen.remark)
    print(page)
    if minutes >= WRITTEN:
        draw(soaked, PICTURE)
        write_between("soak", page)
    if verdict.missed or soaked.failed() != "0":
        raise SystemExit(f"soak: {verdict.words()}; without a 2xx answer: {soaked.failed()}")


if __name__ == "__main__":
    main()
