"""The pattern language of ``triage.yaml``: phrases a clinician can read → slots that are matched word by word.

``word`` · ``begin*`` any ending · ``(a|b c)`` one of, ``(a|)`` a or nothing · ``..`` up to three words between ·
``{5+}`` a number of at least five · ``{5-}`` at most five · ``{#}`` any number · ``=hello`` the whole message.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.schema import CorpusError
from bot.triage.words import Word, fold

TOKEN = re.compile(r"[(|)]|\{[^}]*\}|\.\.|[^\s(){}|.]+|\S")
NUMBER = re.compile(r"^\{(?:(#)|(\d+(?:\.\d+)?)([+-]))\}$")
GAP = 3
ANY = float("inf")


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands at one place of a phrase: one of these words, beginnings or word sequences, a number, or a gap.

    ``optional`` where it may be nothing. A gap has nothing else.
    """

    exact: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    sequences: tuple[tuple["Slot", ...], ...] = ()
    optional: bool = False
    gap: bool = False
    low: float = ANY
    high: float = -ANY

    def mended(self, mend: Callable[[str], str]) -> "Slot":
        """Return the slot with each of its words mended."""
        return replace(
            self,
            exact=frozenset(map(mend, self.exact)),
            sequences=tuple(tuple(slot.mended(mend) for slot in sequence) for sequence in self.sequences),
        )

    @property
    def is_words(self) -> bool:
        """Say whether this is nothing but words and beginnings of one word each."""
        return not (self.sequences or self.optional or self.gap or self.low <= self.high)

    def fits(self, word: Word) -> bool:
        """Say whether one word is enough for this place."""
        if word.text in self.exact:
            return True
        if self.prefixes and word.text.startswith(self.prefixes):
            return True
        return word.value is not None and self.low <= word.value <= self.high


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sequence of slots; ``whole`` where it must be the whole message."""

    slots: tuple[Slot, ...]
    whole: bool = False
    second: "Slot | None" = None
    """What may stand second, where that can be said in one word: most phrases are ruled out by it at once."""

    def mended(self, mend: Callable[[str], str]) -> "Phrase":
        """Return the phrase with each of its words mended."""
        slots = tuple(slot.mended(mend) for slot in self.slots)
        return Phrase(slots, self.whole, second_slot(slots))

    def end_from(self, words: list[Word], start: int) -> int | None:
        """Return the end of a match that begins at ``start``, or None. A phrase stays within one sentence."""
        return _end(self.slots, 0, words, start, words[start].sentence)


def _end(slots: tuple[Slot, ...], number: int, words: list[Word], place: int, sentence: int) -> int | None:
    """Match the slots from ``number`` on at ``place``; try what is longer or later where the first try fails."""
    while number < len(slots):
        slot = slots[number]
        number += 1
        if slot.gap:
            return _first(_end(slots, number, words, place + skip, sentence) for skip in range(GAP + 1))
        inside = place < len(words) and words[place].sentence == sentence
        if not slot.sequences and not slot.optional:
            if not inside or not slot.fits(words[place]):
                return None
            place += 1
            continue
        ends = [_end(sequence, 0, words, place, sentence) for sequence in slot.sequences] if inside else []
        if inside and slot.fits(words[place]):
            ends.append(place + 1)
        if slot.optional:
            ends.append(place)
        return _first(_end(slots, number, words, end, sentence) for end in ends if end is not None)
    return place


def _first(ends: Iterator[int | None]) -> int | None:
    return next((end for end in ends if end is not None), None)


def read_phrase(pattern: str, place: str) -> Phrase:
    """Read one pattern; CorpusError names the place where it cannot be read."""
    tokens = TOKEN.findall(fold(pattern.removeprefix("=")))[::-1]
    where = f"triage.yaml: {place}: pattern {pattern!r}"
    slots = read_sequence(tokens, where)
    if tokens:
        raise CorpusError(f"{where}: {tokens[-1]!r} cannot be read there; mend the brackets")
    if all(slot.optional for slot in slots) or any(slot.gap for slot in opening_slots(slots)):
        raise CorpusError(f"{where} is empty or begins with a gap; write its words")
    return Phrase(slots, pattern.startswith("="), second_slot(slots))


def read_sequence(tokens: list[str], where: str) -> tuple[Slot, ...]:
    """Read slots up to the end, a ``|`` or a ``)``; ``tokens`` is a stack whose top is the next one."""
    slots: list[Slot] = []
    while tokens and tokens[-1] not in "|)":
        part = tokens.pop()
        if part == "(":
            slots.append(read_group(tokens, where))
        elif part == "..":
            slots.append(Slot(gap=True))
        elif part.startswith("{"):
            slots.append(read_number(part, where))
        elif part[0].isalnum():
            slots.extend(read_words(part))
        else:
            raise CorpusError(f"{where}: {part!r} cannot be read there; mend the brackets")
    return tuple(slots)


def read_words(text: str) -> Iterator[Slot]:
    """Read plain words; a hyphen separates words, as it does in a message."""
    for word in filter(None, text.split("-")):
        yield Slot(prefixes=(word.rstrip("*"),)) if word.endswith("*") else Slot(exact=frozenset((word,)))


def read_group(tokens: list[str], where: str) -> Slot:
    """Read ``a|b c|d*|)``: an empty choice makes the group optional; a choice may hold a group."""
    choices = [read_sequence(tokens, where)]
    while tokens and tokens[-1] == "|":
        tokens.pop()
        choices.append(read_sequence(tokens, where))
    if not tokens:
        raise CorpusError(f"{where}: a bracket is not closed; add )")
    tokens.pop()
    plain = [choice[0] for choice in choices if len(choice) == 1 and choice[0].is_words]
    return Slot(
        exact=frozenset(word for slot in plain for word in slot.exact),
        prefixes=tuple(prefix for slot in plain for prefix in slot.prefixes),
        sequences=tuple(choice for choice in choices if choice and not (len(choice) == 1 and choice[0].is_words)),
        optional=any(all(slot.optional for slot in choice) for choice in choices),
    )


def read_number(part: str, where: str) -> Slot:
    """Read ``{5+}``, ``{5-}`` or ``{#}``."""
    found = NUMBER.match(part)
    if found is None:
        raise CorpusError(f"{where}: {part} is not a number; write {{5+}}, {{5-}} or {{#}}")
    anything, limit, direction = found.groups()
    if anything:
        return Slot(low=-ANY, high=ANY)
    return Slot(low=float(limit), high=ANY) if direction == "+" else Slot(low=-ANY, high=float(limit))


class PhraseIndex:
    """Finds every phrase of every concept in one pass, by the first word of each phrase."""

    def __init__(self, concepts: dict[str, tuple[Phrase, ...]]) -> None:
        self._exact: dict[str, list[tuple[Phrase, str]]] = defaultdict(list)
        self._prefix: dict[str, list[tuple[Phrase, str]]] = defaultdict(list)
        self._number: list[tuple[Phrase, str]] = []
        for concept, phrases in concepts.items():
            for phrase in phrases:
                self._enter(phrase, concept)
        self._lengths = sorted({len(prefix) for prefix in self._prefix})

    def _enter(self, phrase: Phrase, concept: str) -> None:
        openings = list(opening_slots(phrase.slots))
        for word in {word for slot in openings for word in slot.exact}:
            self._exact[word].append((phrase, concept))
        for prefix in {prefix for slot in openings for prefix in slot.prefixes}:
            self._prefix[prefix].append((phrase, concept))
        if any(slot.low <= slot.high for slot in openings):
            self._number.append((phrase, concept))

    def find(self, words: list[Word]) -> dict[str, list[tuple[int, int]]]:
        """Return the spans of each concept found, in words."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for start, word in enumerate(words):
            following = words[start + 1] if start + 1 < len(words) else None
            for phrase, concept in self._starting_with(word):
                if phrase.second is not None and (following is None or not phrase.second.fits(following)):
                    continue
                end = phrase.end_from(words, start)
                if end is not None and (not phrase.whole or (start == 0 and end == len(words))):
                    found[concept].append((start, end))
        return found

    def _starting_with(self, word: Word) -> Iterator[tuple[Phrase, str]]:
        yield from self._exact.get(word.text, ())
        for length in self._lengths:
            if len(word.text) >= length:
                yield from self._prefix.get(word.text[:length], ())
        if word.value is not None:
            yield from self._number


def opening_slots(slots: tuple[Slot, ...]) -> Iterator[Slot]:
    """Yield the slots with which a phrase may begin: the first, and the next where the first may be nothing."""
    for slot in slots:
        yield slot
        for sequence in slot.sequences:
            yield from opening_slots(sequence)
        if not slot.optional:
            return


def second_slot(slots: tuple[Slot, ...]) -> Slot | None:
    """Return all that may be the second word of a phrase, as one slot; None where it may be anything, or nothing."""
    if len(slots) < 2 or not slots[0].is_words or all(slot.optional for slot in slots[1:]):
        return None
    openings = list(opening_slots(slots[1:]))
    if any(slot.gap for slot in openings):
        return None
    numbers = [slot for slot in openings if slot.low <= slot.high]
    return Slot(
        exact=frozenset(word for slot in openings for word in slot.exact),
        prefixes=tuple(prefix for slot in openings for prefix in slot.prefixes),
        low=min((slot.low for slot in numbers), default=ANY),
        high=max((slot.high for slot in numbers), default=-ANY),
    )


def all_slots(slots: tuple[Slot, ...]) -> Iterator[Slot]:
    """Yield every slot of a phrase, those of its sequences among them."""
    for slot in slots:
        yield slot
        for sequence in slot.sequences:
            yield from all_slots(sequence)
