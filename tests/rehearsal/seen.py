"""What clients saw during one fault, what was promised to them, and the bars that it has to meet."""

import statistics
from collections import Counter
from dataclasses import dataclass, field

RECOVERY = 5.0
"""Seconds in which all has to be well again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One request: when it ended (seconds since the rehearsal began), how long its client waited, how it went."""

    at: float
    wait: float
    went: str


@dataclass
class Part:
    """One fault under load."""

    name: str
    began: float
    good: int = 0
    wrong: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    promised: set[str] = field(default_factory=set)
    lost: int = 0
    killed: int = 0
    in_flight: int = 0
    recovered: float = 0.0
    back: float = 0.0
    note: str = ""
    moments: list[Moment] = field(default_factory=list)
    faulted: float | None = None

    @property
    def asked(self) -> int:
        """Return how many requests were sent."""
        return len(self.moments)

    @property
    def well_after(self) -> float:
        """Return the seconds after which nothing failed any more and what had gone was in use again."""
        return max(self.recovered, self.back)

    def fail(self, what: str, at: float) -> None:
        """Note a question that got no answer."""
        self.failed[what] += 1
        if self.faulted is not None:
            self.recovered = at - self.faulted

    def faults(self) -> list[str]:
        """Return which bars were missed."""
        found = []
        if self.wrong:
            found.append(f"{self.wrong} wrong answers")
        if self.failed.total() > (self.in_flight if self.killed else 0):
            found.append(f"{self.failed.total()} questions without an answer")
        if self.lost:
            found.append(f"{self.lost} thumbs that were promised and lost")
        if self.well_after >= RECOVERY:
            found.append(f"well again only after {self.well_after:.1f} s")
        return [f"{self.name}: {one}" for one in found]

    def row(self) -> str:
        """Return the row of the table."""
        waits = [one.wait * 1000 for one in self.moments]
        p99 = statistics.quantiles(waits, n=100)[98] if len(waits) > 1 else 0.0
        figures = (
            f"{self.good:,}",
            str(self.wrong),
            counted(self.failed),
            f"{p99:,.0f} ms",
            f"{max(waits, default=0):,.0f} ms",
            f"{self.well_after:.1f} s",
            f"{len(self.promised)}",
            counted(self.refused),
            str(self.lost),
        )
        return f"| {self.name} | {' | '.join(figures)} | {self.note} |"


HEAD = (
    "| fault | answered | wrong | failed | p99 | longest wait | all well again after | thumbs kept | refused | lost "
    "| what was seen |\n" + "| --- " * 11 + "|"
)


def counted(what: Counter[str]) -> str:
    """Return counts by name, or 0."""
    return ", ".join(f"{count} × {name}" for name, count in what.most_common()) or "0"
