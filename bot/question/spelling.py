"""Misspellings mended before words are looked up; a word that is known, medical or ordinary, is never changed.

SymSpell (Garbe 2012, https://github.com/wolfgarbe/SymSpell, by symspellpy) finds the nearest word of the corpus or of
English by optimal string alignment, in which two letters swapped are one edit.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from symspellpy import SymSpell, Verbosity

from bot.triage.words import english_words

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SHORTEST = 4
"""A shorter word that nobody knows is rather a name or an abbreviation than a misspelling."""

LONG = 8
"""From so many letters on two edits are mended, before only one."""

MOST_EDITS = 2
CAPITALS = 6
"""A word in capitals of at most so many letters is an abbreviation, except in a text that is all in capitals."""


class Speller:
    """Mends what people type against the words of a corpus.

    >>> Speller({"hydrocodone": 3, "diarrhea": 5}).correct("hydrocodene and diahrrea")
    'hydrocodone and diarrhea'
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Take the words of the corpus and its lexicon in small letters, each with how often it stands there."""
        self._corpus = counts
        self._known = english_words() | counts.keys()
        self._engine = SymSpell(max_dictionary_edit_distance=MOST_EDITS)
        for word, count in counts.items():
            if len(word) >= SHORTEST:
                self._engine.create_dictionary_entry(word, count)
        for word in english_words() - counts.keys():
            if len(word) >= SHORTEST:
                self._engine.create_dictionary_entry(word, 1)
        self._nearest = lru_cache(maxsize=4096)(self._find_nearest)

    def correct(self, text: str) -> str:
        """Return the text with each unknown word replaced by the nearest known one; case of the others is kept."""
        shouted = text.isupper()

        def mend(found: re.Match[str]) -> str:
            word = found.group()
            if word.isupper() and len(word) <= CAPITALS and not shouted:
                return word
            return self._mended(word)

        return WORD.sub(mend, text)

    def knows(self, word: str) -> bool:
        """Say whether a word, in small letters, is of the corpus or English, or is one of these in the plural."""
        plain = word.replace("’", "'").removesuffix("'s").replace("'", "")
        return plain in self._known or (plain.endswith("s") and plain[:-1] in self._known)

    def _mended(self, word: str) -> str:
        small = word.lower()
        if len(small) < SHORTEST or not small.isascii() or "'" in small or self.knows(small):
            return word
        return self._nearest(small) or word

    def _find_nearest(self, word: str) -> str | None:
        """Return the nearest word; of several equally near, one of the corpus, and the one most often found there."""
        reach = MOST_EDITS if len(word) >= LONG else 1
        near = [
            one
            for one in self._engine.lookup(word, Verbosity.CLOSEST, max_edit_distance=reach)
            # People seldom miss the first letter, and then by one slip.
            if one.term[0] == word[0] or one.distance == 1
        ]
        if not near:
            return None
        best = min(near, key=lambda one: (one.term not in self._corpus, one.term[0] != word[0], -one.count, one.term))
        return str(best.term)
