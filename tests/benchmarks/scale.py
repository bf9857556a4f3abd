"""``make bench-scale``: Chroma embedded and Chroma as a server, on 1,000, 10,000 and 100,000 synthetic passages.

Each measurement runs in a process of its own. Vectors are drawn around centres (20 passages each), because in 384
dimensions evenly spread vectors are all equally far and recall would mean nothing. Recall is held against the
comparison with every vector in memory, which is measured too. Writes ``docs/scale.svg`` and ``docs/scale.md``.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import psutil

from bot.encoder import DIMENSIONS, Vectors
from bot.index.build import write_collections
from bot.index.chroma import connect, open_client, release_client
from bot.index.rows import Row
from tests.benchmarks.scale_picture import draw
from tests.benchmarks.speed import ROOT, free_port, machine, milliseconds

SIZES = (1_000, 10_000, 100_000)
WAYS = ("exact", "embedded", "server")
QUERIES = 500
TOP = 10
CHROMA = Path(sys.executable).with_name("chroma")


def synthetic(size: int) -> tuple[Vectors, Vectors]:
    """Return the vectors of passages and of questions, each question near one passage."""
    chance = np.random.default_rng(20261124)
    centres = chance.normal(size=(size // 20, DIMENSIONS))
    passages = centres[chance.integers(0, len(centres), size)] + 0.6 * chance.normal(size=(size, DIMENSIONS))
    questions = passages[chance.integers(0, size, QUERIES)] + 0.4 * chance.normal(size=(QUERIES, DIMENSIONS))
    return to_length_one(passages), to_length_one(questions)


def to_length_one(vectors: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Vectors:
    """Return the vectors with length 1, as the encoder gives them."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def start_chroma(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start a real Chroma server on the loopback address, and wait until it answers."""
    process = subprocess.Popen(
        [CHROMA, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1).raise_for_status()
            return process
        except httpx.HTTPError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"chroma run did not answer on port {port} within 30 s")


def megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    return float(psutil.Process(pid).memory_info().rss / 2**20)


def measure(size: int, way: str) -> dict[str, float | str]:
    """Measure one way at one size in this process."""
    vectors, questions = synthetic(size)
    truth = [set(np.argpartition(-(vectors @ question), TOP)[:TOP].tolist()) for question in questions]
    rows = [Row(f"{place}", "", True, "t", "en") for place in range(size)]
    if way == "exact":
        times = [milliseconds(lambda q=q: np.argpartition(-(vectors @ q), TOP)[:TOP]) for q in questions]  # type: ignore[misc]
        return figures(size, way, (0.0, vectors.nbytes / 2**20, 0.0), times, 1.0)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        port = free_port()
        server = start_chroma(folder, port) if way == "server" else None
        try:
            before = megabytes(psutil.Process().pid)
            client = connect(f"http://127.0.0.1:{port}", 120.0) if server else open_client(folder)
            started = time.perf_counter()
            write_collections(client, "scale-", rows, vectors)
            built = time.perf_counter() - started
            collection = client.get_collection("scale-en", embedding_function=None)
            times, found = [], 0
            for question, wanted in zip(questions, truth, strict=True):
                begun = time.perf_counter()
                answer = collection.query(query_embeddings=question[np.newaxis], n_results=TOP, include=["distances"])
                times.append((time.perf_counter() - begun) * 1000)
                found += len(wanted & {int(name) for name in answer["ids"][0]})
            own = megabytes(psutil.Process().pid) - before
            served = megabytes(server.pid) if server else 0.0
            return figures(size, way, (built, own, served), times, found / (TOP * len(questions)))
        finally:
            release_client(folder)
            if server:
                server.terminate()
                server.wait()


def figures(
    size: int, way: str, cost: tuple[float, float, float], times: list[float], recall: float
) -> dict[str, float | str]:
    """Return one measurement by name; ``cost`` is seconds to build, MB in the replica, MB of the server."""
    built, own, served = cost
    return {
        "size": size,
        "way": way,
        "build_s": built,
        "replica_mb": own,
        "server_mb": served,
        "p50_ms": statistics.median(times),
        "p95_ms": statistics.quantiles(times, n=20)[18],
        "recall": recall,
    }


def page(measured: list[dict[str, float | str]]) -> str:
    """Return the page with the table."""
    lines = [
        "# Chroma, embedded and as a server, at scale",
        "",
        "Written by `make bench-scale` (`tests/benchmarks/scale.py`).",
        "",
        f"- Machine: {machine()}, shared with other work while this ran",
        f"- Date: {date.today().isoformat()}",
        f"- {QUERIES} questions one after the other; recall@10 against the comparison with every vector",
        "- Replica: what the index adds to the process that answers. Server: the whole of `chroma run`.",
        "",
        "![Build time, memory and time of a query by number of passages](scale.svg)",
        "",
        "| passages | way | build | memory in the replica | memory of the server | p50 | p95 | recall@10 |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row['size']:,} | {row['way']} | {row['build_s']:.1f} s | {row['replica_mb']:.0f} MB | "
        f"{row['server_mb']:.0f} MB | {row['p50_ms']:.2f} ms | {row['p95_ms']:.2f} ms | {row['recall']:.3f} |"
        for row in measured
    ]
    return "\n".join([*lines, ""])


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure each way at each size in a process of its own, print, and write the page and the picture."""
    measured = []
    for size in sizes:
        for way in WAYS:
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.scale", str(size), way],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            )
            measured.append(json.loads(done.stdout))
            print(done.stdout, end="", flush=True)
    (ROOT / "docs/scale.md").write_text(page(measured), encoding="utf-8")
    (ROOT / "docs/scale.svg").write_text(draw(measured), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(int(sys.argv[1]), sys.argv[2])))
    else:
        main()
