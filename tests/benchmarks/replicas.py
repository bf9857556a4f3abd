"""``make bench-replicas``: how many more answers a second two replicas give than one, behind the proxy's own file.

Writes a part of ``docs/operations.md``. Clients, proxy and replicas share this machine, so on two cores two replicas
cannot have a core each: the share that each program took is shown beside the figure.
"""

import os
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

import psutil

from tests.benchmarks.http import distinct_bodies, serving, wait_until_ready
from tests.benchmarks.load import send, tool
from tests.benchmarks.speed import ROOT, free_port, labelled_questions, machine
from tests.rehearsal.page import write_between
from tests.servers import closed_port

SECONDS = 10
CLIENTS = 8
ROUNDS = 3
BAR = 1.7


@dataclass(frozen=True)
class Round:
    """One run: answers a second, requests without an answer, and the processor seconds a second of each program."""

    rate: float
    failed: int
    replicas: float
    proxy: float
    others: float


@contextmanager
def behind_proxy(ports: list[int]) -> Iterator[tuple[int, int]]:
    """Start the proxy in front of one or two replicas; yield its port and its process."""
    front = free_port()
    first, second = (ports * 2)[:2] if len(ports) == 2 else (ports[0], closed_port())
    addresses = {"LISTEN": f"127.0.0.1:{front}", "REPLICA_1": f"127.0.0.1:{first}", "REPLICA_2": f"127.0.0.1:{second}"}
    proxy = subprocess.Popen(
        ["haproxy", "-db", "-f", str(ROOT / "deploy/haproxy.cfg")],
        env=os.environ | addresses,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(front, proxy)
        yield front, proxy.pid
    finally:
        proxy.terminate()
        proxy.wait()


def spent(pids: list[int]) -> float:
    """Return the processor seconds of processes so far."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def measure(replicas: list[tuple[int, int]], bodies: list[str]) -> Round:
    """Ask for some seconds through a proxy in front of some replicas."""
    pids = [pid for _, pid in replicas]
    with behind_proxy([port for port, _ in replicas]) as (front, proxy):
        send(front, bodies[::-1], CLIENTS, 2, repeated=False)
        busy = psutil.cpu_times()
        before, passed = spent(pids), spent([proxy])
        run = send(front, bodies, CLIENTS, SECONDS, repeated=False)
        whole = sum(psutil.cpu_times()[:3]) - sum(busy[:3])
        own, through = spent(pids) - before, spent([proxy]) - passed
        return Round(
            run.rate, run.failed, own / run.seconds, through / run.seconds, (whole - own - through) / run.seconds
        )


def row(name: str, rounds: list[Round]) -> str:
    """Return the row of a table: medians of the rounds."""
    middle = {
        field: statistics.median(getattr(one, field) for one in rounds)
        for field in ("rate", "replicas", "proxy", "others")
    }
    return (
        f"| {name} | {middle['rate']:.0f} | {middle['replicas']:.2f} | {middle['proxy']:.2f} | {middle['others']:.2f} "
        f"| {middle['rate'] / middle['replicas']:.0f} | {sum(one.failed for one in rounds)} |"
    )


def room_for(one: list[Round], two: list[Round]) -> list[str]:
    """Say so where other work left two replicas no more of the machine than one had."""
    alone, together = (statistics.median(one.replicas for one in rounds) for rounds in (one, two))
    if together >= BAR * alone:
        return []
    return [
        f"While two ran they had {together:.2f} cores together, one by itself {alone:.2f}: **cores did not allow it,",
        "and the figure says nothing about doubling. Measure again on a quiet machine.**",
    ]


def main() -> None:
    """Measure one and two replicas in turn, and write what was seen."""
    questions = labelled_questions()
    one: list[Round] = []
    two: list[Round] = []
    busy = os.getloadavg()[0]
    with ExitStack() as stack:
        replicas = [stack.enter_context(serving(1)) for _ in range(2)]
        for turn in range(ROUNDS):
            one.append(measure(replicas[:1], distinct_bodies(questions, 20 + turn)))
            two.append(measure(replicas, distinct_bodies(questions, 30 + turn)))
    ratio = statistics.median(b.rate for b in two) / statistics.median(a.rate for a in one)
    cores = os.cpu_count() or 1
    lines = [
        f"Written by `make bench-replicas`, {date.today().isoformat()}, on {machine()}.",
        f"Load average before: {busy:.1f}. {CLIENTS} clients ({tool()}), questions never asked before, medians of",
        f"{ROUNDS} runs of {SECONDS} s.",
        "",
        "| | answers a second | cores: replicas | proxy | all else | answers a core second of the replicas | failed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        row("one replica", one),
        row("two replicas", two),
        "",
        f"**Two replicas give {ratio:.2f} × the answers of one** (bar: {BAR} × where cores allow). This machine has "
        f"{cores} cores for replicas,",
        "proxy, clients and whatever else runs; two replicas that were to have a core each would need more.",
        *room_for(one, two),
    ]
    print("\n".join(lines))
    write_between("replicas", "\n".join(lines))


if __name__ == "__main__":
    main()
