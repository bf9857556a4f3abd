"""How hard a passage is to read, with clinical names counted as the corpus guide says."""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.schema import Term

TWO_SYLLABLES = "doctor"
"""A lexicon term counts as a two-syllable word: a family cannot choose a shorter one."""

ABBREVIATION = re.compile(r"\b[A-Z]{2,6}s?\b")


@lru_cache(maxsize=4)
def term_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that matches any of the words, longest first, with a plural s."""
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first) or '(?!)'})(?:s|es)?\b", re.IGNORECASE)


def clinical_words(lexicon: Iterable[Term]) -> tuple[str, ...]:
    """Return every spelling of every clinical term."""
    return tuple(word for term in lexicon for word in (term.term, *term.variants))


def reading_grade(text: str, clinical: tuple[str, ...]) -> float:
    """Return the Flesch–Kincaid grade (Kincaid et al. 1975), lexicon terms counted as two-syllable words."""
    import textstat

    easier = term_pattern(clinical).sub(TWO_SYLLABLES, text)
    return float(textstat.flesch_kincaid_grade(ABBREVIATION.sub(TWO_SYLLABLES, easier)))
