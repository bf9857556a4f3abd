"""``make bench-workers``: what each further process of ``careleaf serve --workers N`` costs, in private memory.

Resident memory counts a shared page once a process; PSS divides it among those that share it, so that the sum over all
processes is what the machine gives up. Prints one line a number of workers.
"""

import subprocess
import time

import psutil

from tests.benchmarks.speed import CARELEAF, ROOT, ask_over_http, free_port, labelled_questions

COUNTS = (1, 2, 3, 4)
QUESTIONS = 200


def measure(workers: int) -> tuple[float, float]:
    """Return megabytes of PSS over all processes, and the mean USS of those that answer."""
    port = free_port()
    process = subprocess.Popen(
        [CARELEAF, "serve", "--port", str(port), "--workers", str(workers)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    root = psutil.Process(process.pid)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                for question in labelled_questions()[: QUESTIONS * workers]:
                    ask_over_http(port, question)
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(2 * workers)
        used = [one.memory_full_info() for one in (root, *root.children(recursive=True))]
        answering = [one.uss / 2**20 for one in used if one.rss > 150 * 2**20]
        if len(answering) != workers:
            raise RuntimeError(f"{len(answering)} of {workers} processes hold an index; wait longer")
        return sum(one.pss for one in used) / 2**20, sum(answering) / workers
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measure each number of workers and print the table."""
    before = 0.0
    print("| workers | memory of all (PSS) | for the last one | private to a worker (USS) |")
    print("| ---: | ---: | ---: | ---: |")
    for workers in COUNTS:
        whole, own = measure(workers)
        print(f"| {workers} | {whole:.0f} MB | {whole - before:.0f} MB | {own:.0f} MB |", flush=True)
        before = whole


if __name__ == "__main__":
    main()
