"""What was seen while a replica soaked: held memory, files and threads, waits; the bars, and the curve."""

import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

WARM_UP = 120.0
"""Seconds that do not count: caches fill, parts are opened when they are first asked."""

MOST_GROWTH = 0.05
MOST_SLOWER = 1.5
"""The p99 of the last third over that of the first third."""

WINDOW = 60.0


@dataclass(frozen=True, slots=True)
class Held:
    """One look at the process: seconds since the beginning, MB, open files, threads; seconds of the control loop."""

    at: float
    megabytes: float
    files: int
    threads: int
    control: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what was seen at first and at last, and whether it was met."""

    name: str
    first: str
    last: str
    bar: str
    met: bool


@dataclass(frozen=True)
class Verdict:
    """All bars. ``slower`` is how much slower the machine itself became, by the control loop."""

    bars: tuple[Bar, ...]
    slower: float

    @property
    def missed(self) -> list[Bar]:
        """Return the bars that were missed."""
        return [one for one in self.bars if not one.met]

    def table(self) -> list[str]:
        """Return the rows of a table."""
        return [
            "| what | first third | last third | bar | met |",
            "| --- | --- | --- | --- | --- |",
            *(f"| {b.name} | {b.first} | {b.last} | {b.bar} | {'yes' if b.met else '**no**'} |" for b in self.bars),
            f"| control: a loop that does nothing | | {self.slower:.2f} × the first third | | |",
        ]

    def words(self) -> str:
        """Return the verdict in a sentence."""
        if not self.missed:
            return "Every bar was met."
        return "Missed: " + ", ".join(f"{one.name} ({one.first} to {one.last}; {one.bar})" for one in self.missed)


class Soaked:
    """Collects what was seen over ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.warm_up = min(WARM_UP, seconds / 4)
        self.window = min(WINDOW, seconds / 12)
        self.began = time.perf_counter()
        self.waits: list[tuple[float, float]] = []
        self.looks: list[Held] = []
        self._other: Counter[str] = Counter()

    def age(self) -> float:
        """Return the seconds since the beginning."""
        return time.perf_counter() - self.began

    def answered(self, wait: float, status: str) -> None:
        """Note a request."""
        self.waits.append((time.perf_counter() - self.began, wait * 1000))
        if not status.startswith("2"):
            self._other[status] += 1

    def held(self, megabytes: float, files: int, threads: int, control: float) -> None:
        """Note a look at the process."""
        self.looks.append(Held(time.perf_counter() - self.began, megabytes, files, threads, control))

    def failed(self) -> str:
        """Return what was answered otherwise than 2xx, or 0."""
        return ", ".join(f"{count} × {status}" for status, count in self._other.most_common()) or "0"

    def p99_by_window(self) -> list[tuple[float, float]]:
        """Return the middle of each minute and the 99th percentile of its waits, in milliseconds."""
        found = []
        start = 0.0
        while start + self.window <= self.seconds + 1:
            waits = [wait for at, wait in self.waits if start <= at < start + self.window]
            if len(waits) > 1:
                found.append((start + self.window / 2, statistics.quantiles(waits, n=100)[98]))
            start += self.window
        return found

    def verdict(self) -> Verdict:
        """Compare the first third after the warm-up with the last."""
        third = (self.seconds - self.warm_up) / 3
        first = [one for one in self.looks if self.warm_up <= one.at < self.warm_up + third]
        last = [one for one in self.looks if one.at >= self.seconds - third]
        windows = self.p99_by_window()
        early = [p99 for at, p99 in windows if self.warm_up <= at < self.warm_up + third]
        late = [p99 for at, p99 in windows if at >= self.seconds - third]
        memory = [statistics.median(one.megabytes for one in looks) for looks in (first[:6], last[-6:])]
        # Threads and connections come and go with what happens at the same moment; what leaks moves the median.
        files = [statistics.median(one.files for one in looks) for looks in (first, last)]
        threads = [statistics.median(one.threads for one in looks) for looks in (first, last)]
        p99 = [statistics.median(early), statistics.median(late)]
        grown = memory[1] / memory[0] - 1
        return Verdict(
            (
                Bar(
                    "memory (RSS) after two minutes, and at the end",
                    f"{memory[0]:.1f} MB",
                    f"{memory[1]:.1f} MB ({grown:+.1%})",
                    f"grows by less than {MOST_GROWTH:.0%}",
                    grown < MOST_GROWTH,
                ),
                Bar("open files, median", f"{files[0]:g}", f"{files[1]:g}", "no growth", files[1] <= files[0]),
                Bar("threads, median", f"{threads[0]:g}", f"{threads[1]:g}", "no growth", threads[1] <= threads[0]),
                Bar(
                    "p99 of a minute, median",
                    f"{p99[0]:.0f} ms",
                    f"{p99[1]:.0f} ms ({p99[1] / p99[0]:.2f} ×)",
                    f"at most {MOST_SLOWER} ×",
                    p99[1] <= MOST_SLOWER * p99[0],
                ),
            ),
            statistics.median(one.control for one in last) / statistics.median(one.control for one in first),
        )


def draw(soaked: Soaked, path: Path) -> None:
    """Write the curve as SVG: memory; open files and threads; the p99 of each minute."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "careleaf", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 6), layout="constrained")
        memory, counts, waits = figure.subplots(3, 1, sharex=True)
        minutes = [one.at / 60 for one in soaked.looks]
        memory.plot(minutes, [one.megabytes for one in soaked.looks], color="#0f766e")
        memory.set_ylabel("memory, MB")
        counts.plot(minutes, [one.files for one in soaked.looks], color="#b45309", label="open files")
        counts.plot(minutes, [one.threads for one in soaked.looks], color="#475569", label="threads")
        counts.legend(loc="lower right", fontsize=8)
        windows = soaked.p99_by_window()
        waits.plot([at / 60 for at, _ in windows], [p99 for _, p99 in windows], color="#0f766e", marker=".")
        waits.set_ylabel("p99 of a minute, ms")
        waits.set_xlabel("minutes")
        for axes in (memory, counts, waits):
            axes.set_ylim(bottom=0)
            axes.axvspan(0, soaked.warm_up / 60, color="#f1f5f9", zorder=0)
        figure.savefig(path, format="svg", metadata={"Date": None, "Title": "A replica over the time of the soak"})
