"""The triage rules and the numbers to call: data that a clinician can review (``corpus/triage.yaml``)."""

from datetime import date
from typing import Literal

from pydantic import Field

from bot.schema.content import Frozen


class Guard(Frozen):
    """Words that take a match back: negation, settled past, a question about the thing in general.

    ``scope`` says where the words count: ``before`` (at most ``within`` words ahead of the match, in its sentence),
    ``sentence`` (anywhere in the sentence of the match) or ``message``.
    """

    words: tuple[str, ...]
    scope: Literal["before", "sentence", "message"]
    within: int = Field(default=4, ge=1)


class Condition(Frozen):
    """One way to match a rule: all concepts within ``within`` words of each other, and no guard that applies."""

    all: tuple[str, ...] = Field(min_length=1)
    within: int = Field(default=25, ge=1)
    unless: tuple[str, ...] = ()


class RuleExamples(Frozen):
    """Messages that the rule must match, and messages that no rule of its response may match."""

    match: tuple[str, ...] = Field(min_length=1)
    no_match: tuple[str, ...] = ()


class Rule(Frozen):
    """A red flag, a redirect or small talk. ``passages`` are shown after its response, in this order."""

    id: str
    kind: Literal["emergency", "redirect", "clarify"]
    response: str = Field(description="names the wording in templates/words and the numbers that are shown")
    when: tuple[Condition, ...] = Field(min_length=1)
    passages: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(default=(), description="where it stands that this is a red flag")
    examples: RuleExamples


class ForeignPhrases(Frozen):
    """The gravest red flags in a language that the corpus is not written in: matched wherever they stand."""

    lang: str
    response: str
    phrases: tuple[str, ...]


class TriageRules(Frozen):
    """Everything the matcher needs. Rules are tried in order: emergencies before redirects before small talk."""

    concepts: dict[str, tuple[str, ...]]
    guards: dict[str, Guard]
    rules: tuple[Rule, ...]
    foreign: tuple[ForeignPhrases, ...] = ()
    breaks: tuple[str, ...] = Field(default=("but",), description="words that begin a new sentence")


class Line(Frozen):
    """A telephone number, the page where it was read and the day."""

    number: str
    name: str | None = None
    source: str
    read: date
    hours: str | None = None


class Country(Frozen):
    """Numbers to call in a country. A line that was not checked against a current source is left out."""

    code: str = Field(pattern="^[A-Z]{2}$")
    name: str
    ambulance: Line
    poison: Line | None = None
    crisis: Line | None = None
    child_protection: Line | None = None
    text_relay: Line | None = None


class CommonNumber(Frozen):
    """An emergency number and where it works, shown where the operator has not named a country."""

    number: str
    where: str
    source: str
    read: date
