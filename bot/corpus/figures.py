"""Does each figure of a sentence stand in what was read at its source? A second road beside the author's own."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pydantic import Field

from bot.corpus.load import read_entries
from bot.schema import Corpus, Frozen, Passage

FILE = "facts.yaml"

WORDS = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
WORD_VALUES = {word: float(value) for value, word in enumerate(WORDS) if value} | {
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "seventy": 70.0,
    "eighty": 80.0,
    "ninety": 90.0,
    "dozen": 12.0,
    "once": 1.0,
    "twice": 2.0,
}
SHARES = {
    "half": 1 / 2,
    "halves": 1 / 2,
    "third": 1 / 3,
    "quarter": 1 / 4,
    "fifth": 1 / 5,
    "two-thirds": 2 / 3,
    "two thirds": 2 / 3,
    "three quarters": 3 / 4,
    "three-quarters": 3 / 4,
}
MULTIPLES = {"hundred": 100.0, "thousand": 1000.0, "million": 1_000_000.0, "billion": 1_000_000_000.0}

NUMBER = r"(?:\d+(?:[ ,\u202f]\d{3})+(?!\d)|\d+(?:[.·]\d+)?)"
FIGURE = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)({NUMBER})(?:\s*(hundred|thousand|million|billion))?(?![\w]|\.\d)", re.IGNORECASE
)
RECORDED = re.compile(rf"(?<![A-Za-z\d.])({NUMBER})(?:\s*(hundred|thousand|million|billion))?", re.IGNORECASE)
COUNTED = rf"(?:{NUMBER}|{'|'.join(WORDS[1:])})"
RATIO = re.compile(
    rf"(?:\b({COUNTED}) (?:or|to) )?\b({COUNTED}) (?:times )?(?:(?:in|of) (?:every )?|out of )({COUNTED})\b",
    re.IGNORECASE,
)
PERCENT = re.compile(rf"({NUMBER})\s*(?:%|per ?cent)", re.IGNORECASE)
FROM_PERCENT = re.compile(rf"({NUMBER})\s*(?:%\s*)?(?:[–-]|to)\s*{NUMBER}\s*(?:%|per ?cent)", re.IGNORECASE)
"""The first of two percentages, as in "78–87 %"."""

RATE = re.compile(rf"({NUMBER}) (?:per|in(?: every)?|of every|out of every) (\d[\d,]*)", re.IGNORECASE)
WORD = re.compile(rf"\b({'|'.join(WORD_VALUES)})\b", re.IGNORECASE)
SHARE = re.compile(rf"\b({'|'.join(sorted(SHARES, key=len, reverse=True))})\b", re.IGNORECASE)

ROUNDING = 0.08
"""How far a figure after "about" or "more than" may lie from a recorded one, as a share of the larger."""

ROUNDED = re.compile(
    r"(?:about|around|nearly|almost|roughly|some|over|under|more than|less than|fewer than|at least|up to|close to)"
    r"(?: the)? $",
    re.IGNORECASE,
)
AGE = re.compile(r"(\d+) years? (?:and )?(\d+) months?")
FAHRENHEIT = re.compile(r"(\d+(?:\.\d)?) ?°? ?F\b")
UNITS = {"week": 7.0, "month": 30.4, "year": 365.0, "day": 1.0, "hour": 1 / 24, "minute": 1 / 1440}
SPAN = re.compile(rf"({NUMBER}|{'|'.join(WORD_VALUES)})[ -](day|week|month|year|hour|minute)s?\b", re.IGNORECASE)


class Fact(Frozen):
    """What was read at a source, in our words, with its figures as the source gives them."""

    source: str
    fact: str
    figures: tuple[str, ...] = ()
    note: str = Field(default="", description="limits of the fact, or a figure that was read beside it")


class Recorded:
    """The figures recorded for one source."""

    def __init__(self, facts: tuple[Fact, ...], year: int | None) -> None:
        self.text = " ; ".join(part for fact in facts for part in (fact.fact, *fact.figures, fact.note))
        self.year = year

    @cached_property
    def values(self) -> frozenset[float]:
        """Every number that stands in the facts, in digits or in words; the year of the source too."""
        found = {value_of(number, multiple) for number, multiple in RECORDED.findall(self.text)}
        found |= {WORD_VALUES[word.lower()] for word in WORD.findall(self.text)}
        found |= {int(years) + int(months) / 12 for years, months in AGE.findall(self.text)}
        found |= {round((float(degrees) - 32) / 1.8, 1) for degrees in FAHRENHEIT.findall(self.text)}
        found |= {float(round(value)) for value in found}
        return frozenset(found | ({float(self.year)} if self.year else set()))

    @cached_property
    def shares(self) -> frozenset[float]:
        """Every share that stands in the facts or follows from a percentage, a rate or a pair of counts."""
        percentages = (*PERCENT.findall(self.text), *FROM_PERCENT.findall(self.text))
        found = {value_of(number) / 100 for number in percentages}
        found |= {SHARES[word.lower()] for word in SHARE.findall(self.text)}
        found |= {read(part) / read(whole) for _, part, whole in RATIO.findall(self.text) if read(whole)}
        found |= {value_of(part) / value_of(whole) for part, whole in RATE.findall(self.text) if value_of(whole)}
        return frozenset(found | {1 - share for share in found})

    @cached_property
    def days(self) -> frozenset[float]:
        """Every length of time that stands in the facts, in days."""
        return frozenset(read(number) * UNITS[unit.lower()] for number, unit in SPAN.findall(self.text))


def value_of(number: str, multiple: str = "") -> float:
    """Return the value of digits as written (``1,180``, ``1 180``, ``2.5``), times a hundred, thousand, million."""
    digits = re.sub(r"[ ,\u202f]", "", number).replace("·", ".")
    return float(digits) * MULTIPLES.get(multiple.lower(), 1.0)


def read(number: str) -> float:
    """Return the value of a number in digits or in words."""
    return WORD_VALUES[number.lower()] if number.lower() in WORD_VALUES else value_of(number)


def near(value: float, recorded: frozenset[float], share: float = ROUNDING) -> bool:
    """Tell whether a recorded figure lies within a share of the value."""
    return any(abs(value - other) <= share * max(abs(value), abs(other)) for other in recorded)


def holds_share(part: float, whole: float, sources: tuple[Recorded, ...]) -> bool:
    """Tell whether a source records the two counts, or a share that is spoken of as ``part`` in ``whole``.

    "6 in 10" stands for all that rounds to it (55 to 65 per cent), "1 in 13" for what lies within an eighth of it.
    """
    if any({part, whole} <= source.values for source in sources):
        return True
    step = 0.5 / whole if part > 1 else part / whole / 8
    return any(abs(part / whole - share) <= step + 0.005 for source in sources for share in source.shares)


def unsupported_figures(text: str, sources: tuple[Recorded, ...]) -> Iterator[str]:
    """Yield each figure of a sentence that none of its sources' recorded facts holds.

    "1 in 3" and "6 in 10" are compared as shares (``holds_share``); a number after "about" or "more than" may lie
    within ``ROUNDING``; a length of time in whatever unit; every other number exactly, or as the year of a source.
    """
    taken: list[tuple[int, int]] = []
    for found in RATIO.finditer(text):
        least, part, whole = read(found[1] or "0"), read(found[2]), read(found[3])
        if not whole or part > whole:
            continue
        taken.append(found.span())
        if not all(holds_share(count, whole, sources) for count in (least, part) if count):
            yield found[0]
    for found in SPAN.finditer(text):
        if any(start <= found.start() < end for start, end in taken) or not found[1][0].isdigit():
            continue
        if any(near(read(found[1]) * UNITS[found[2].lower()], source.days, 0.05) for source in sources):
            taken.append(found.span())
    for found in FIGURE.finditer(text):
        if any(start <= found.start() < end for start, end in taken):
            continue
        value = value_of(found[1], found[2] or "")
        rounded = ROUNDED.search(text[: found.start()]) is not None
        if any(value in source.values or (rounded and near(value, source.values)) for source in sources):
            continue
        if PERCENT.match(text, found.start()) and any(near(value / 100, source.shares, 0.001) for source in sources):
            continue
        yield found[0].strip()


def check_figures(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Yield ``file:line: message`` for each figure of a sentence that no recorded fact of its sources holds."""
    facts: dict[str, list[Fact]] = {}
    for fact in read_entries(Fact, folder / FILE, "facts"):
        if fact.source not in corpus.source:
            yield f"{FILE}:1: a fact of unknown source {fact.source}; add the source or remove the fact"
        facts.setdefault(fact.source, []).append(fact)
    recorded = {
        source.id: Recorded(tuple(facts[source.id]), source.year) for source in corpus.sources if source.id in facts
    }
    for passage in corpus.passages.values():
        for message in figures_of(passage, recorded):
            yield f"{passage.file}:{passage.line}: {passage.id}: {message}"


def figures_of(passage: Passage, recorded: dict[str, Recorded]) -> Iterator[str]:
    """Yield a message for each figure of a passage that was not read at its sources."""
    for number, sentence in enumerate(passage.sentences):
        text = passage.sentence_text(number)
        sources = tuple(recorded[key] for key in sentence.sources if key in recorded)
        for figure in unsupported_figures(text, sources):
            keys = ", ".join(sentence.sources) or "nothing"
            yield (
                f"figure {figure!r} is in no recorded fact of {keys} ({text!r}); "
                f"read it there and add it to {FILE}, or leave it out"
            )
