"""``make bench``: how long an answer takes, and how much memory a worker needs. Writes ``docs/benchmarks.md``.

The median of ``pipeline.ask`` on distinct questions is held against the encoder's own time for the same question, in
the same run, one after the other, so that a slow moment of the machine meets both.
"""

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil

from bot.evaluation.cases import read_cases
from bot.pipeline import Pipeline
from bot.settings import load_settings
from bot.suggest import Suggester

ROOT = Path(__file__).resolve().parents[2]
CARELEAF = Path(sys.executable).with_name("careleaf")
WARM_UP = 30
OVER_HTTP = "\n## Over HTTP\n"
REPEATS = 5


@dataclass(frozen=True)
class Timed:
    """Milliseconds of each question, in order."""

    encoder: list[float]
    distinct: list[float]
    repeated: list[float]

    @property
    def ratio(self) -> float:
        """Return the median of ``ask`` over the median of the encoder."""
        return statistics.median(self.distinct) / statistics.median(self.encoder)

    @property
    def speed_up(self) -> float:
        """Return how many times faster a repeated question is."""
        return statistics.median(self.distinct) / statistics.median(self.repeated)


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def labelled_questions() -> list[str]:
    """Return the distinct questions of the labelled sets, in their order."""
    questions: list[str] = []
    for name in ("development", "heldout"):
        cases = read_cases(ROOT / f"tests/cases/{name}.yaml")
        questions += [case.question for case in cases.answerable]
        questions += [case.question for case in cases.unanswerable]
    return list(dict.fromkeys(questions))


def time_questions(pipeline: Pipeline, questions: list[str]) -> Timed:
    """Time encoder and pipeline on the same questions in turn, and then the pipeline on questions it has seen."""
    for question in questions[:WARM_UP]:
        pipeline.encoder.encode_question(question + " warm-up")
        pipeline.ask(question + " warm-up")
    encoder, distinct = [], []
    for question in questions:
        encoder.append(milliseconds(lambda q=question: pipeline.encoder.encode_question(q)))  # type: ignore[misc]
        distinct.append(milliseconds(lambda q=question: pipeline.ask(q)))  # type: ignore[misc]
    repeated = [milliseconds(lambda q=question: pipeline.ask(q)) for question in questions]  # type: ignore[misc]
    return Timed(encoder, distinct, repeated)


def beginnings(questions: list[str]) -> list[str]:
    """Return what has been typed of each question after every third letter, up to forty."""
    return [question[:end] for question in questions for end in range(1, min(len(question), 40), 3)]


@dataclass(frozen=True)
class Served:
    """One worker, started on an index that is there: seconds to its first answer, and its memory after questions."""

    first_answer: float
    resident: float


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask_over_http(port: int, question: str) -> None:
    """Ask one question; raises while the server does not answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/ask",
        data=json.dumps({"question": question}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        response.read()


def start_worker(questions: list[str]) -> Served:
    """Start ``careleaf serve`` and time it to its first answer; ask more questions and read its memory."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [CARELEAF, "serve", "--port", str(port)],
        env=os.environ | {"CARELEAF_RATE_LIMIT": "off"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                ask_over_http(port, questions[0])
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - started > 60:
                    raise
                time.sleep(0.02)
        first_answer = time.perf_counter() - started
        for question in questions:
            ask_over_http(port, question)
        return Served(first_answer, psutil.Process(process.pid).memory_info().rss / 2**20)
    finally:
        process.terminate()
        process.wait()


def machine() -> str:
    """Name the machine: processor, cores, memory, system, Python."""
    cpu = platform.processor() or platform.machine()
    for line in (
        Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else ()
    ):
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def main() -> None:
    """Measure, print and write the page."""
    pipeline = Pipeline.from_settings(load_settings())
    questions = labelled_questions()[: pipeline.cache_size]
    runs = []
    for _ in range(REPEATS):
        pipeline.forget_answers()
        runs.append(time_questions(pipeline, questions))
    timed = sorted(runs, key=lambda run: run.ratio)[REPEATS // 2]
    typed = beginnings(questions[:100])
    suggester = Suggester(pipeline.corpus)
    suggested = statistics.median(milliseconds(lambda text=text: suggester.suggest(text)) for text in typed)  # type: ignore[misc]
    helped = sorted(
        milliseconds(lambda: subprocess.run([CARELEAF, "--help"], capture_output=True, check=True)) for _ in range(9)
    )
    workers = [start_worker(questions[:300]) for _ in range(3)]
    first = statistics.median(worker.first_answer for worker in workers)
    resident = statistics.median(worker.resident for worker in workers)
    encoder, distinct = statistics.median(timed.encoder), statistics.median(timed.distinct)
    slow = statistics.quantiles(timed.distinct, n=20)[18]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`tests/benchmarks/speed.py`).",
        "",
        f"- Machine: {machine()}",
        f"- Date: {date.today().isoformat()}",
        f"- Corpus: {len(pipeline.index.passages)} passages, index version {pipeline.index.version}",
        f"- Questions: {len(questions)} distinct ones of `tests/cases/`, from two words to five sentences;",
        f"  the run with the median ratio of {REPEATS}",
        "",
        "| what | measured | bar |",
        "| --- | --- | --- |",
        f"| encoder alone, one thread, median | {encoder:.2f} ms | |",
        f"| `pipeline.ask`, distinct questions, median | {distinct:.2f} ms | |",
        f"| `pipeline.ask`, distinct questions, 95th percentile | {slow:.2f} ms | |",
        f"| `ask` over encoder (ratios of the {REPEATS} runs: "
        f"{', '.join(f'{run.ratio:.2f}' for run in runs)}) | **{timed.ratio:.2f} ×** | ≤ 1.5 × |",
        f"| `suggest`, a keystroke, median of {len(typed):,} | **{suggested:.2f} ms** | < 5 ms |",
        f"| repeated questions, median | {statistics.median(timed.repeated) * 1000:.1f} µs | |",
        f"| repeated questions, times faster than distinct | **{timed.speed_up:,.0f} ×** | ≥ 20 × |",
        f"| `careleaf serve`, index present: start to first answer | **{first:.2f} s** | < 4 s |",
        f"| resident memory of one worker after 300 questions | **{resident:.0f} MB** | < 450 MB |",
        f"| `careleaf --help`, whole process, median of 9 | **{helped[4] / 1000:.2f} s** | < 0.5 s |",
        "",
    ]
    page = ROOT / "docs/benchmarks.md"
    # What `make bench-http` wrote stays.
    _, over_http, rest = page.read_text(encoding="utf-8").partition(OVER_HTTP)
    page.write_text("\n".join(lines) + over_http + rest, encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
