"""``make bench-http``: how many answers a second two workers give, and how long one takes.

Writes the part "Over HTTP" of ``docs/benchmarks.md``. Server and load run on this machine and share its cores.
"""

import json
import os
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import psutil

from bot.encoder import Encoder
from bot.settings import load_settings
from bot.triage.opinion import LONG
from tests.benchmarks.load import FEW, Loaded, send, tool
from tests.benchmarks.speed import CARELEAF, OVER_HTTP, ROOT, free_port, labelled_questions, machine, milliseconds

WORKERS = 2
MANY = 16
"""Clients beside the runs with one for each worker."""

SECONDS = 10
QUIET = 1.0
"""Load average up to which a machine counts as having nothing else to do."""

TURNS = 12
EVEN = 0.7
"""A worker has its own client where it worked at least this share of what the other did."""

VARIANTS = 40
"""The labelled questions are asked again with a number behind them, so that none was asked before."""


@contextmanager
def serving(workers: int) -> Iterator[tuple[int, int]]:
    """Start ``careleaf serve`` and yield its port and process once every worker answers."""
    port = free_port()
    process = subprocess.Popen(
        [CARELEAF, "serve", "--port", str(port), "--workers", str(workers)],
        env=os.environ | {"CARELEAF_RATE_LIMIT": "off"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(port, process)
        time.sleep(2)  # The other worker opens its index too.
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait at most a minute."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.1)
    raise TimeoutError("careleaf serve did not become ready within a minute")


def encoder_times(questions: list[str]) -> list[float]:
    """Return the milliseconds that the encoder takes for each question, by itself."""
    settings = load_settings()
    encoder = Encoder(settings.model_dir, settings.model_sha256)
    for question in questions[:30]:
        encoder.encode_question(question)
    return [milliseconds(lambda q=q: encoder.encode_question(q)) for q in questions]  # type: ignore[misc]


def encoder_figures(questions: list[str]) -> tuple[float, float, float]:
    """Return the encoder's median with one process at work; and with one on each core, as under the load, its median
    and its 99th percentile."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        alone = statistics.median(encoder_times(questions))
        together = [time for times in pool.map(encoder_times, [questions] * WORKERS) for time in times]
        return alone, statistics.median(together), statistics.quantiles(together, n=100)[98]


def distinct_bodies(questions: list[str], round_: int) -> list[str]:
    """Return request bodies, none of which was sent before: each round has numbers of its own."""
    return [
        json.dumps({"question": f"{question} {round_}{variant:02}"})
        for variant in range(VARIANTS)
        for question in questions
    ]


def spent(process: psutil.Process) -> dict[int, float]:
    """Return the processor seconds of each worker so far."""
    return {child.pid: sum(child.cpu_times()[:2]) for child in process.children(recursive=True)}


def one_client_a_worker(port: int, process: psutil.Process, questions: list[str]) -> Loaded:
    """Ask distinct questions from one client for each worker; ask again where the system gave one worker all.

    Which worker accepts a connection is chance; two clients on one worker would be two clients a core.
    """
    for turn in range(TURNS):
        before = spent(process)
        run = send(port, distinct_bodies(questions, 100 + turn), WORKERS, SECONDS, repeated=False)
        worked = sorted(seconds - before.get(pid, 0.0) for pid, seconds in spent(process).items())[-WORKERS:]
        if worked[0] > EVEN * worked[-1]:
            return run
    raise RuntimeError(f"in {TURNS} runs one worker was given every client; run make bench-http again")


def priority() -> str:
    """Return the niceness of this process, and of its session where the system weighs sessions against each other."""
    session = Path("/proc/self/autogroup")
    grouped = session.read_text(encoding="utf-8").split()[-1] if session.exists() else "0"
    return str(os.nice(0)) if grouped == "0" else f"{os.nice(0)}, of their session: {grouped}"


def main() -> None:
    """Measure, print and write."""
    questions = labelled_questions()
    busy = os.getloadavg()[0]
    alone, together, slow = encoder_figures(questions)
    long = sum(len(question.split()) > LONG for question in questions)
    plain = [json.dumps({"question": question}) for question in questions]
    rows: list[tuple[str, Loaded]] = []
    with serving(WORKERS) as (port, pid):
        send(port, distinct_bodies(questions, 9), 4, 3, repeated=False)
        rows.append(("distinct, 2 clients, one a worker", one_client_a_worker(port, psutil.Process(pid), questions)))
        rows.append(("repeated, 2 clients", send(port, plain, WORKERS, SECONDS, repeated=True)))
        rows.append(("distinct, 16 clients", send(port, distinct_bodies(questions, 10), MANY, SECONDS, repeated=False)))
        rows.append(("repeated, 16 clients", send(port, plain, MANY, SECONDS, repeated=True)))
    one_a_core, again = rows[0][1], rows[1][1]
    failed = sum(run.failed for _, run in rows)
    shared = [
        "**Other work shared the machine. The latencies, and the ratio of the p99, show that work as well and neither",
        "meet nor miss the bar: measure again on a quiet machine.**",
        "",
    ]
    lines = [
        *(shared if busy > QUIET else []),
        "Written by `make bench-http` (`tests/benchmarks/http.py`).",
        "",
        f"- Machine: {machine()}; server and load share it. {date.today().isoformat()}",
        f"- Load average of the machine just before: {busy:.1f}; niceness of server and load: {priority()}",
        f"- `careleaf serve --workers {WORKERS}` on loopback, `POST /api/v1/ask`, JSON, {SECONDS} s a run, by {tool()}",
        f"- Distinct: {len(questions)} questions of `tests/cases/`, with a number behind each; repeated: {FEW} of",
        "  them over and over",
        f"- The encoder by itself, one thread, median of those questions: {alone:.2f} ms with one process at work,",
        f"  {together:.2f} ms with one at work on each core, as here; its own 99th percentile there is {slow:.2f} ms",
        f"- {long} of the questions have more than {LONG} words; triage has a part of each encoded once more, so their",
        "  answers take the encoder twice, for a text that takes it twice as long as the median question does",
        "",
        "| questions | requests a second | p50 | p95 | p99 |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {name} | {r.rate:,.0f} | {r.p50:.1f} ms | {r.p95:.1f} ms | {r.p99:.1f} ms |" for name, r in rows),
        "",
        "| what | measured | bar |",
        "| --- | --- | --- |",
        f"| repeated over distinct, requests a second | **{again.rate / one_a_core.rate:.1f} ×** | ≥ 10 × |",
        f"| p99 of distinct, one client a core, over the encoder at work on each core | "
        f"**{one_a_core.p99 / together:.1f} ×** | ≤ 4 × |",
        f"| the same over the encoder's own 99th percentile for the same questions | {one_a_core.p99 / slow:.1f} × | |",
        f"| the same over the encoder with nothing else at work | {one_a_core.p99 / alone:.1f} × | |",
        f"| requests without a 2xx answer, of {sum(run.requests for _, run in rows):,} | **{failed}** | 0 |",
        "",
    ]
    page = ROOT / "docs/benchmarks.md"
    before = page.read_text(encoding="utf-8").partition(OVER_HTTP)[0]
    page.write_text(f"{before.rstrip()}\n{OVER_HTTP}\n" + "\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
