"""What is typed so far → the questions of the corpus that it may become. Tolerates prefixes and misspellings.

The last word is taken for a beginning, each other word for a word. Every word of the corpus that fits one of them is
looked up in an index of words, so that a keystroke costs a comparison with some thousand words and not with every
question (measured: tests/test_suggest.py). Families' own ways of asking are searched; headings are shown.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from math import log

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.index.lexical import STOP
from bot.schema import Corpus, Passage

LONGEST = 200
"""Characters that are read; a longer text is a question to be asked, not to be completed."""

MOST_WORDS = 12

WORD = re.compile(r"[^\W_]+")

SLIPS = ((8, 2), (4, 1))
"""A word of at least so many letters may have so many slips (a letter left out, added, changed or swapped)."""

SLIPPED = 0.5
"""What a misspelt word counts, for each slip, of one spelt right."""

BEGUN = 0.8
"""What a word counts that begins as typed, of one typed whole."""

COMMON = 0.05
"""What a word counts that every sentence has, such as "is"."""

HEADING = 0.15
"""What a passage's heading counts more than the other ways of asking it, and a text that begins as typed more still."""

STARTS_ALIKE = 0.5

LONG_NAME, SHORT_NAME = "cerebral palsy", "cp"
"""Families write either."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One way of asking: which passage it asks, its words, and whether it is the heading."""

    passage: int
    text: str
    length: int
    heading: bool


class Suggester:
    """Completes what is typed, from the headings and ways of asking of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._passages: tuple[Passage, ...] = tuple(corpus.passages.values())
        self._asked: list[Asked] = []
        self._holding: dict[str, list[int]] = defaultdict(list)
        for place, passage in enumerate(self._passages):
            for number, text in enumerate((passage.heading, *passage.asked)):
                for said in both_names(" ".join(split_words(text))):
                    words = said.split()
                    for word in dict.fromkeys(words):
                        self._holding[word].append(len(self._asked))
                    self._asked.append(Asked(place, said, len(words), number == 0))
        self._words = sorted(self._holding)
        # Beginnings of the words, by length: a beginning is compared with beginnings of the same length.
        self._beginnings: dict[int, list[str]] = {}

    def suggest(self, typed: str, lang: str = "en", most: int = 8) -> tuple[Passage, ...]:
        """Return the passages whose question the text may become, likeliest first, each once, at most ``most``."""
        words = split_words(typed[:LONGEST])[:MOST_WORDS]
        if not words:
            return ()
        open_ended = typed[-1:].isalnum()
        scores: dict[int, float] = defaultdict(float)
        for number, word in enumerate(words):
            last = open_ended and number == len(words) - 1
            best: dict[int, float] = {}
            for known, share in self._matching(word, last).items():
                for asked in self._holding[known]:
                    if share > best.get(asked, 0.0):
                        best[asked] = share
            # How telling a word is: the fewer ways of asking hold what it may stand for, the more.
            weight = COMMON if word in STOP else log(1 + len(self._asked) / max(len(best), 1))
            for asked, share in best.items():
                scores[asked] += share * weight
        return self._best_passages(scores, " ".join(words), lang, most)

    def _best_passages(self, scores: dict[int, float], typed: str, lang: str, most: int) -> tuple[Passage, ...]:
        by_passage: dict[int, float] = {}
        for place, score in scores.items():
            asked = self._asked[place]
            whole = score / (1 + 0.02 * asked.length) * (1 + HEADING * asked.heading)
            whole += STARTS_ALIKE * score * asked.text.startswith(typed)
            if whole > by_passage.get(asked.passage, 0.0):
                by_passage[asked.passage] = whole
        ordered = sorted(by_passage, key=lambda passage: (-by_passage[passage], passage))
        spoken = (self._passages[place] for place in ordered if self._passages[place].lang == lang)
        return tuple(passage for passage, _ in zip(spoken, range(most), strict=False))

    def _matching(self, word: str, last: bool) -> dict[str, float]:
        """Return the words of the corpus that a typed word may stand for, and how much each counts."""
        found: dict[str, float] = {}
        if word in self._holding:
            found[word] = 1.0
        if last:
            found |= {known: BEGUN for known in self._beginning_with(word) if known != word}
        slips = next((most for letters, most in SLIPS if len(word) >= letters), 0)
        # A word of the corpus is taken as meant: "hand" is not "hard" or "hands" misspelt.
        if slips and not found:
            found = self._misspelt(word, self._words, slips)
            if last:
                found = self._misspelt(word, self._cut(len(word)), slips) | found
        return found

    def _misspelt(self, word: str, compared: list[str], slips: int) -> dict[str, float]:
        """Return the words with the fewest slips, at most ``slips``; ``compared`` is the words or their beginnings."""
        near = process.extract(word, compared, scorer=OSA.distance, score_cutoff=slips, limit=None)
        fewest = min((distance for _, distance, _ in near), default=0)
        return {self._words[place]: SLIPPED**distance for _, distance, place in near if distance == fewest}

    def _beginning_with(self, beginning: str) -> list[str]:
        first = bisect_left(self._words, beginning)
        last = bisect_left(self._words, beginning + "\U0010ffff")
        return self._words[first:last]

    def _cut(self, length: int) -> list[str]:
        if length not in self._beginnings:
            self._beginnings[length] = [word[:length] for word in self._words]
        return self._beginnings[length]


def both_names(said: str) -> tuple[str, ...]:
    """Return a way of asking, and it with the short name of the condition where it has the long one."""
    short = said.replace(LONG_NAME, SHORT_NAME)
    return (said,) if short == said else (said, short)


def split_words(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return WORD.findall(text.lower())
