"""Matches a message against the rules: emergencies first, then redirects, then small talk."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, product
from typing import Literal

from bot.schema import Condition, CorpusError, Rule, TriageRules
from bot.triage.foreign import ForeignIndex
from bot.triage.guards import MessageGuards, Span
from bot.triage.phrases import Phrase, PhraseIndex, all_slots, read_phrase
from bot.triage.words import Mender, Word, fold, split_words

PRIORITY = {"emergency": 0, "redirect": 1, "clarify": 2}
MOST_MENDED = 150
"""Words of a message whose spelling is mended; a message of nothing but made-up words must not cost a second."""

NEIGHBOURS = 3
"""Spans of a concept that are tried on either side of another: a message that repeats a word a thousand times must not
cost a second."""

SHORTEST_STEM = 4
"""A shorter beginning would pull in words that have nothing to do with it."""

SECOND_OPINION = "second-opinion"
"""What stands in place of a rule's name where no rule saw the flag."""

GUARD = "guard "
"""What stands before the name of a guard among the concepts that are looked for."""


@dataclass(frozen=True, slots=True)
class TriageResult:
    """What a rule found: its kind, the response to give, the passages to show and the language to give it in."""

    kind: Literal["emergency", "redirect", "clarify"]
    response: str
    rule: str
    passages: tuple[str, ...]
    lang: str


class Triage:
    """The compiled rules. ``match`` is a pure function of the message."""

    def __init__(self, rules: TriageRules, lang: str = "en") -> None:
        self._lang = lang
        self._rules = sorted(rules.rules, key=lambda rule: PRIORITY[rule.kind])
        self._guards = rules.guards
        self._breaks = frozenset(rules.breaks)
        concepts = read_concepts("concept", rules.concepts)
        guards = read_concepts("guard", {name: guard.words for name, guard in rules.guards.items()})
        guards = {GUARD + name: phrases for name, phrases in guards.items()}
        self._refuse_unknown_names(rules)
        phrases = concepts | guards
        self._mender = build_mender(chain.from_iterable(phrases.values()))
        # A misspelling that a rule lists is mended in the rule as it is in a message, so that it is known everywhere.
        self._index = PhraseIndex(
            {name: tuple(phrase.mended(self._mender.mend) for phrase in own) for name, own in phrases.items()}
        )
        self._foreign = ForeignIndex(rules.foreign)
        self._conditions = {
            kind: [
                (rule, condition, frozenset(condition.all))
                for rule in self._rules
                if rule.kind == kind
                for condition in rule.when
            ]
            for kind in PRIORITY
        }
        self._passages = {rule.response: rule.passages for rule in reversed(self._rules)}

    def _refuse_unknown_names(self, rules: TriageRules) -> None:
        for rule in rules.rules:
            for condition in rule.when:
                for name in condition.all:
                    if name not in rules.concepts:
                        raise CorpusError(f"triage.yaml: rule {rule.id}: no concept {name!r}; add it or mend the name")
                for name in condition.unless:
                    if name not in rules.guards:
                        raise CorpusError(f"triage.yaml: rule {rule.id}: no guard {name!r}; add it or mend the name")

    def match(self, message: str) -> TriageResult | None:
        """Return the first rule that a message meets, or None."""
        words = self._words(message)
        spans = self._index.find(words)
        guard_spans = {name: spans[GUARD + name] for name in self._guards if GUARD + name in spans}
        guards = MessageGuards(self._guards, words, guard_spans)
        return (
            self._first_foreign(message)
            or self._first_rule(spans, guards, "emergency")
            or self._first_rule(spans, guards, "redirect")
            or self._first_rule(spans, guards, "clarify")
        )

    def heard(self, kind: Literal["emergency", "redirect"], response: str) -> TriageResult:
        """Return the result of a response that the second opinion gives."""
        return TriageResult(kind, response, SECOND_OPINION, self._passages.get(response, ()), self._lang)

    def is_own(self, result: TriageResult) -> bool:
        """Say whether a result is of the language that the second opinion understands."""
        return result.lang == self._lang

    def _words(self, message: str) -> list[Word]:
        words = split_words(fold(message), self._breaks)
        left = MOST_MENDED
        for place, word in enumerate(words):
            if word.value is None and left and not self._mender.knows(word.text):
                words[place] = Word(self._mender.mend(word.text), word.sentence, None)
                left -= 1
        return words

    def _first_rule(self, spans: dict[str, list[Span]], guards: MessageGuards, kind: str) -> TriageResult | None:
        found = spans.keys()
        for rule, condition, needed in self._conditions[kind]:
            if needed <= found and holds(condition, spans, guards):
                return TriageResult(rule.kind, rule.response, rule.id, rule.passages, self._lang)
        return None

    def _first_foreign(self, message: str) -> TriageResult | None:
        found = self._foreign.find(message)
        if found is None:
            return None
        lang, response = found
        rule = f"foreign-{lang}-{response}"
        return TriageResult("emergency", response, rule, self._passages.get(response, ()), lang)


def holds(condition: Condition, spans: dict[str, list[Span]], guards: MessageGuards) -> bool:
    """Say whether spans of all concepts, none taken back by a guard, stand close enough together."""
    free = [
        sorted(span for span in spans[name] if not guards.take_back(span, condition.unless)) for name in condition.all
    ]
    rarest = min(free, key=len)
    others = [own for own in free if own is not rarest]
    return any(close_together(anchor, others, condition.within) for anchor in rarest)


def close_together(anchor: Span, others: list[list[Span]], within: int) -> bool:
    """Say whether a span of each other concept stands with the anchor inside ``within`` words."""
    near = []
    for own in others:
        place = bisect_left(own, anchor)
        near.append(own[max(0, place - NEIGHBOURS) : place + NEIGHBOURS])
    return any(
        max(end for _, end in together) - min(start for start, _ in together) <= within
        for together in product((anchor,), *near)
    )


def read_concepts(kind: str, patterns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Phrase, ...]]:
    """Read the phrases of every concept (or guard) of the rule file."""
    return {name: tuple(read_phrase(pattern, f"{kind} {name}") for pattern in own) for name, own in patterns.items()}


def build_mender(phrases: Iterable[Phrase]) -> Mender:
    """Return a mender that knows every word and every stem of the rules."""
    slots = [slot for phrase in phrases for slot in all_slots(phrase.slots)]
    stems = {prefix for slot in slots for prefix in slot.prefixes if len(prefix) >= SHORTEST_STEM}
    return Mender({word for slot in slots for word in slot.exact}, stems)


def disagreements(rules: TriageRules) -> list[tuple[Rule, str, str]]:
    """Return (rule, message, what went wrong) for each example that the rules do not treat as the file says."""
    triage = Triage(rules)
    faults = []
    for rule in rules.rules:
        for message in rule.examples.match:
            result = triage.match(message)
            if result is None or result.response != rule.response:
                faults.append((rule, message, f"must match, but gives {result.rule if result else 'nothing'}"))
        for message in rule.examples.no_match:
            result = triage.match(message)
            if result is not None and result.response == rule.response:
                faults.append((rule, message, f"must not match, but {result.rule} does"))
    return faults
