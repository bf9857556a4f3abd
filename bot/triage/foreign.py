"""The gravest red flags in the languages that the corpus is not written in."""

import re
from collections import defaultdict
from collections.abc import Iterable

from bot.schema import ForeignPhrases
from bot.triage.words import fold_marks

WORD = re.compile(r"[a-z]+")


class ForeignIndex:
    """Finds a phrase wherever it stands in a message, accents and vowel signs aside.

    Phrases that fold to plain letters are found by their first word, so that an English message costs next to
    nothing; phrases of other scripts, some of which write no spaces, are looked for as they stand.
    """

    def __init__(self, entries: Iterable[ForeignPhrases]) -> None:
        self._by_word: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._by_script: list[tuple[str, str, str]] = []
        for entry in entries:
            for phrase in entry.phrases:
                folded = fold_marks(phrase)
                known = (folded, entry.lang, entry.response)
                if folded.isascii():
                    self._by_word[folded.split(" ", 1)[0]].append(known)
                else:
                    self._by_script.append(known)

    def find(self, message: str) -> tuple[str, str] | None:
        """Return language and response of what is found, or None; of several, the one of which most is said."""
        folded = fold_marks(message)
        candidates = [known for word in WORD.findall(folded) for known in self._by_word.get(word, ())]
        if not folded.isascii():
            candidates += self._by_script
        said: dict[tuple[str, str], int] = defaultdict(int)
        for phrase, lang, response in set(candidates):
            if phrase in folded:
                said[lang, response] += len(phrase)
        return max(sorted(said), key=lambda found: said[found]) if said else None
