"""A message → words as the rules see them: folded, apostrophes gone, sentences numbered, misspellings mended."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.triage.lookalikes import read_as_latin

APOSTROPHES = re.compile(r"['’‘ʼ`´]")
TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+|[.!?;…]|\n\s*\n")
"""A line break alone ends no sentence: on a phone it is often only where the line was full."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}
NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}


class Word(NamedTuple):
    """One word of a message: folded text, number of its sentence, and its value where it is a number."""

    text: str
    sentence: int
    value: float | None


def fold(text: str) -> str:
    """Casefold, unify width, apostrophes and look-alike letters, and drop what cannot be seen (zero-width, control)."""
    if text.isascii():
        return APOSTROPHES.sub("", CONTROL.sub("", text)).casefold()
    unified = unicodedata.normalize("NFKC", APOSTROPHES.sub("", text))
    visible = "".join(
        " " if character == "\t" else character
        for character in unified
        if character in "\n\t" or unicodedata.category(character) not in INVISIBLE
    )
    return read_as_latin(APOSTROPHES.sub("", visible).casefold())


def fold_marks(text: str) -> str:
    """Fold further for other languages: accents and vowel signs gone, white space single."""
    folded = fold(text)
    if folded.isascii():
        return " ".join(folded.split())
    plain = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Mn").split())


def split_words(text: str, breaks: frozenset[str] = frozenset()) -> list[Word]:
    """Return the words of a folded message; ``breaks`` are words that begin a new sentence, such as "but"."""
    words: list[Word] = []
    sentence = 0
    before = ("", "")
    for token in TOKEN.findall(text):
        # A word said for the third time in a row says nothing new, and a message of nothing else would cost much.
        if before == (token, token):
            continue
        before = (before[1], token)
        if not token[0].isalnum():
            sentence += 1
            continue
        if token in breaks:
            sentence += 1
        words.append(Word(token, sentence, number_of(token)))
    return words


def number_of(token: str) -> float | None:
    """Return the value of a number in digits or words."""
    if token[0].isdigit():
        try:
            return float(token)
        except ValueError:
            return None
    return NUMBER_WORDS.get(token)


LONG_ENOUGH = 6
"""A shorter word of the rules that is not English is rather a name or an abbreviation than a misspelling."""


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Return the English words (over 82,000) of symspellpy's frequency dictionary."""
    listing = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in listing.splitlines())


class Mender:
    """Corrects a word that is not English to the nearest word that the rules know.

    Known words are never changed, so "fit" stays "fit". Distance is optimal string alignment: one edit for words of
    four letters or more, two from eight letters.
    """

    def __init__(self, vocabulary: Iterable[str], prefixes: Iterable[str]) -> None:
        stems = tuple(prefixes)
        wanted = {word for word in vocabulary if len(word) >= 4}
        wanted |= {word for word in english_words() if stems and word.startswith(stems)}
        self._vocabulary = sorted(wanted)
        self._stems = stems
        self._known = english_words() | wanted
        self._misspelt = self._misspellings(wanted - english_words())
        self.mend = lru_cache(maxsize=4096)(self._mend)

    def knows(self, word: str) -> bool:
        """Say whether a word stays as it is without looking for a nearer one."""
        return word in self._known and word not in self._misspelt

    def _misspellings(self, strange: set[str]) -> dict[str, str]:
        """Return, for each word of the rules that is not English, the English word of the rules that it misspells."""
        english = [word for word in self._vocabulary if word in english_words()]
        long_enough = sorted(word for word in strange if len(word) >= LONG_ENOUGH)
        nearest = (
            (word, process.extractOne(word, english, scorer=OSA.distance, score_cutoff=1)) for word in long_enough
        )
        return {word: near[0] for word, near in nearest if near}

    def _mend(self, word: str) -> str:
        if word in self._misspelt:
            return self._misspelt[word]
        if len(word) < 4 or word in self._known or not word.isascii() or word.startswith(self._stems):
            return word
        reach = 2 if len(word) >= 8 else 1
        near = process.extractOne(word, self._vocabulary, scorer=OSA.distance, score_cutoff=reach)
        return near[0] if near else word
