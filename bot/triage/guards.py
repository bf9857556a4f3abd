"""Which matches of a message its guards take back: negation, settled past, questions about a thing in general."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from bot.schema import Guard
from bot.triage.words import Word

Span = tuple[int, int]


class MessageGuards:
    """The guards found in one message, laid out so that a match is held against each of them in a step or two."""

    def __init__(self, guards: Mapping[str, Guard], words: list[Word], spans: Mapping[str, list[Span]]) -> None:
        self._words = words
        self._guards = {name: guard for name, guard in guards.items() if name in spans}
        self._sentences = {name: {words[start].sentence for start, _ in spans[name]} for name in self._guards}
        self._ends = {
            name: sorted((end, words[start].sentence) for start, end in spans[name])
            for name, guard in self._guards.items()
            if guard.scope == "before"
        }

    def take_back(self, span: Span, names: tuple[str, ...]) -> bool:
        """Say whether one of the named guards applies to a match."""
        return any(name in self._guards and self._applies(name, span) for name in names)

    def _applies(self, name: str, span: Span) -> bool:
        guard = self._guards[name]
        if guard.scope == "message":
            return True
        sentence = self._words[span[0]].sentence
        if guard.scope == "sentence":
            return sentence in self._sentences[name]
        ends = self._ends[name]
        first = bisect_right(ends, (span[0] - guard.within, float("inf")))
        last = bisect_left(ends, (span[0] + 1, -1))
        return any(where == sentence for _, where in ends[first:last])
