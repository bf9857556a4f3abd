"""The pattern language of ``triage.yaml``: phrases a clinician can read → sequences that are matched word by word.

``word`` · ``begin*`` any ending · ``(a|b c)`` alternatives · ``..`` up to three words between · ``{5+}`` a number of at
least five · ``{5-}`` at most five · ``{#}`` any number · ``=hello`` the whole message.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from bot.schema import CorpusError
from bot.triage.words import Word, fold

ITEM = re.compile(r"\(([^)]*)\)|(\{[^}]*\})|(\.\.)|(\S+)")
NUMBER = re.compile(r"^\{(?:(#)|(\d+(?:\.\d+)?)([+-]))\}$")
GAP = 3


@dataclass(frozen=True, slots=True)
class Item:
    """What one word of a message must be: this word, this beginning, a number in a range, or a gap."""

    text: str = ""
    prefix: bool = False
    gap: bool = False
    low: float | None = None
    high: float | None = None

    def fits(self, word: Word) -> bool:
        """Say whether a word is what this item wants."""
        if self.low is not None and self.high is not None:
            return word.value is not None and self.low <= word.value <= self.high
        return word.text.startswith(self.text) if self.prefix else word.text == self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sequence of items; ``whole`` where it must be the whole message."""

    items: tuple[Item, ...]
    whole: bool = False

    def end_from(self, words: list[Word], start: int) -> int | None:
        """Return the end of a match that begins at ``start``, or None. A phrase stays within one sentence."""
        return _end(self.items, words, start, words[start].sentence)


def _end(items: tuple[Item, ...], words: list[Word], place: int, sentence: int) -> int | None:
    for number, item in enumerate(items):
        if item.gap:
            rest = items[number + 1 :]
            for skip in range(GAP + 1):
                end = _end(rest, words, place + skip, sentence)
                if end is not None:
                    return end
            return None
        if place >= len(words) or words[place].sentence != sentence or not item.fits(words[place]):
            return None
        place += 1
    return place


def read_phrases(pattern: str, place: str) -> tuple[Phrase, ...]:
    """Read one pattern into the phrases it stands for; CorpusError names the place where it cannot be read."""
    whole = pattern.startswith("=")
    alternatives: list[list[tuple[Item, ...]]] = []
    for group, number, gap, word in ITEM.findall(fold(pattern.removeprefix("="))):
        if number:
            alternatives.append([(read_number(number, pattern, place),)])
        elif gap:
            alternatives.append([(Item(gap=True),)])
        elif group:
            alternatives.append([read_words(choice) for choice in group.split("|")])
        else:
            alternatives.append([read_words(word)])
    phrases = tuple(Phrase(tuple(item for part in parts for item in part), whole) for parts in product(*alternatives))
    if not phrases or any(not phrase.items or phrase.items[0].gap for phrase in phrases):
        raise CorpusError(f"triage.yaml: {place}: pattern {pattern!r} is empty or begins with a gap; write its words")
    return phrases


def read_words(text: str) -> tuple[Item, ...]:
    """Read plain words; a hyphen separates words, as it does in a message."""
    return tuple(Item(part.rstrip("*"), prefix=part.endswith("*")) for part in re.split(r"[\s-]+", text) if part)


def read_number(item: str, pattern: str, place: str) -> Item:
    """Read ``{5+}``, ``{5-}`` or ``{#}``."""
    found = NUMBER.match(item)
    if found is None:
        raise CorpusError(f"triage.yaml: {place}: {item} in {pattern!r} is not a number; write {{5+}}, {{5-}} or {{#}}")
    anything, limit, direction = found.groups()
    if anything:
        return Item(low=float("-inf"), high=float("inf"))
    return Item(low=float(limit), high=float("inf")) if direction == "+" else Item(low=float("-inf"), high=float(limit))


class PhraseIndex:
    """Finds every phrase of every concept in one pass, by the first word of each phrase."""

    def __init__(self, concepts: dict[str, tuple[Phrase, ...]]) -> None:
        self._exact: dict[str, list[tuple[Phrase, str]]] = defaultdict(list)
        self._prefix: dict[str, list[tuple[Phrase, str]]] = defaultdict(list)
        self._number: list[tuple[Phrase, str]] = []
        for concept, phrases in concepts.items():
            for phrase in phrases:
                first = phrase.items[0]
                if first.low is not None:
                    self._number.append((phrase, concept))
                elif first.prefix:
                    self._prefix[first.text].append((phrase, concept))
                else:
                    self._exact[first.text].append((phrase, concept))
        self._lengths = sorted({len(prefix) for prefix in self._prefix})

    def find(self, words: list[Word]) -> dict[str, list[tuple[int, int]]]:
        """Return the spans of each concept found, in words."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for start, word in enumerate(words):
            for phrase, concept in self._starting_with(word):
                end = phrase.end_from(words, start)
                if end is not None and (not phrase.whole or (start == 0 and end == len(words))):
                    found[concept].append((start, end))
        return found

    def _starting_with(self, word: Word) -> Iterable[tuple[Phrase, str]]:
        yield from self._exact.get(word.text, ())
        for length in self._lengths:
            yield from self._prefix.get(word.text[:length], ()) if len(word.text) >= length else ()
        if word.value is not None:
            yield from self._number
