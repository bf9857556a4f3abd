"""A family's words → the clinical names that the lexicon has for them, and abbreviations → what they stand for."""

import re
from collections.abc import Iterable

from bot.schema.content import Term


class Expander:
    """Finds words of the lexicon in a question and gives the names that the corpus uses for them.

    >>> Expander(corpus.lexicon).expand("her wobbly walk and the botox")
    ('botulinum toxin',)
    """

    def __init__(self, lexicon: Iterable[Term]) -> None:
        """Take the lexicon; a word that several terms share stands for all of them."""
        names: dict[str, dict[str, None]] = {}
        for term in lexicon:
            for word in (term.term, *term.lay, *term.variants):
                names.setdefault(word.casefold(), {})[term.term] = None
        self._names = {word: tuple(found) for word, found in names.items()}
        longest_first = sorted(self._names, key=lambda word: (-len(word), word))
        choices = "|".join(r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", word))) for word in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)", re.IGNORECASE) if choices else None

    def expand(self, question: str) -> tuple[str, ...]:
        """Return the terms for the words found, in their order, each once, without those that stand there already."""
        if self._pattern is None:
            return ()
        said = question.casefold()
        found: dict[str, None] = {}
        for match in self._pattern.finditer(question):
            word = re.sub(r"\s+", " ", match.group().casefold())
            for term in self._names.get(word, ()):
                if term.casefold() not in said:
                    found[term] = None
        return tuple(found)
