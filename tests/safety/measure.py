"""Runs the recognition of the pipeline over labelled messages and their mutations, and counts.

Recognition is that of ``Pipeline.ask`` itself: rules and second opinion together (``bot.recognise``).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from scipy.stats import binomtest

from bot.pipeline import Pipeline, read_question
from tests.safety.cases import FOLDER, Expected, Message
from tests.safety.mutate import MUTATIONS

AS_WRITTEN = "as written"
WAYS: Mapping[str, Callable[[str], str]] = {AS_WRITTEN: str, **MUTATIONS}
OWN_VOICE = {"carer-crisis": "crisis", "young-crisis": "crisis", "child-hurt": "safeguarding"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one message: kind and response of its answer ("" for none), by rules alone and with both."""

    message: Message
    way: str
    rules: str
    kind: str
    response: str
    in_doubt: bool
    """Whether the numbers to call stand before an answer that is no emergency's."""
    milliseconds: float
    of_rules: float
    """Milliseconds of recognition as a whole, and of its rules."""

    @property
    def right(self) -> bool:
        """Say whether it was treated as it was labelled."""
        if self.message.expected == "none":
            return self.kind != "emergency"
        return self.kind == ("redirect" if self.message.expected == "redirect" else "emergency")

    @property
    def right_by_rules(self) -> bool:
        """Say whether the rules alone would have treated it as it was labelled."""
        if self.message.expected == "none":
            return self.rules != "emergency"
        return self.rules == ("redirect" if self.message.expected == "redirect" else "emergency")

    @property
    def in_own_voice(self) -> bool:
        """Say whether a crisis or safeguarding message got the wording of its own kind."""
        return self.response == OWN_VOICE.get(self.message.kind)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the Wilson interval of 95 %."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """Return the share, 0 to 1."""
        return self.hits / self.of

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the Wilson score interval (Wilson 1927), by SciPy."""
        interval = binomtest(self.hits, self.of).proportion_ci(confidence_level=0.95, method="wilson")
        return float(interval.low), float(interval.high)


def recognise(pipeline: Pipeline, message: Message, way: str) -> Seen:
    """Return what the pipeline makes of a message in one of its ways, without looking anything up."""
    question = read_question(WAYS[way](message.text))
    start = time.perf_counter()
    ruled = pipeline.recogniser.triage.match(question)
    of_rules = (time.perf_counter() - start) * 1000
    rules = ruled.kind if ruled else ""
    start = time.perf_counter()
    found = pipeline.recogniser.recognise(question)
    spent = (time.perf_counter() - start) * 1000
    kind, response = (found.flag.kind, found.flag.response) if found.flag else ("", "")
    return Seen(message, way, rules, kind, response, found.doubt is not None, spent, of_rules)


def recognise_all(pipeline: Pipeline, messages: Iterable[Message], ways: Iterable[str]) -> list[Seen]:
    """Return what the pipeline makes of every message in every way; a way that leaves it as it was counts as well."""
    chosen = tuple(ways)
    return [recognise(pipeline, message, way) for message in messages for way in chosen]


def share(seen: Iterable[Seen], hit: Callable[[Seen], bool] = lambda one: one.right) -> Share:
    """Return how many were treated as they should be."""
    hits = [hit(one) for one in seen]
    return Share(sum(hits), len(hits))


def of(seen: Iterable[Seen], *expected: Expected, mutated: bool | None = None) -> list[Seen]:
    """Return those that are labelled so; as written, mutated, or both."""
    return [
        one
        for one in seen
        if one.message.expected in expected and (mutated is None or (one.way != AS_WRITTEN) == mutated)
    ]


def read_bars(path: Path = FOLDER / "floors.yaml") -> dict[str, float]:
    """Return the bars that were asked of recognition on the test half."""
    return _read(path, "bars")


def read_floors(path: Path = FOLDER / "floors.yaml") -> dict[str, float]:
    """Return what recognition holds today on the test half: CI fails below it."""
    return _read(path, "floors")


def _read(path: Path, name: str) -> dict[str, float]:
    return {str(key): float(value) for key, value in yaml.safe_load(path.read_text(encoding="utf-8"))[name].items()}


def measured(seen: list[Seen]) -> dict[str, float]:
    """Return what the floors are held against, by their names. Shares are 0 to 1."""
    emergencies = of(seen, "emergency", mutated=False)
    kinds = sorted({one.message.kind for one in emergencies})
    return {
        "emergencies": share(emergencies).share,
        "each_kind": min(share(one for one in emergencies if one.message.kind == kind).share for kind in kinds),
        "mutated": share(of(seen, "emergency", mutated=True)).share,
        "lookalikes_flagged": 1 - share(of(seen, "none", mutated=False)).share,
        "redirects": share(of(seen, "redirect", mutated=False)).share,
        "crisis_and_safeguarding": share(of(seen, "crisis", mutated=False)).share,
    }
