"""The answer object: what every channel gives."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from bot.schema.content import Frozen, Grade, GradeMeaning, Verdict

MAX_QUESTION = 4000
"""Longest question accepted, in Unicode code points."""

MAX_CONTEXT = 8
"""Most passages of the answer before that travel with a question."""

MAX_STATEMENTS = 8
"""Most statements one answer may hold."""


class Kind(StrEnum):
    """The five kinds of answer."""

    ANSWER = "answer"
    EMERGENCY = "emergency"
    REDIRECT = "redirect"
    CLARIFY = "clarify"
    NO_ANSWER = "no_answer"


class Statement(Frozen):
    """A sentence of medical content in an answer: ``passage.text[start:end]``, to the letter."""

    text: str
    passage_id: str
    start: int
    end: int
    sha256: str
    citations: tuple[int, ...]


class Citation(Frozen):
    """A numbered source of an answer."""

    number: int
    source_id: str
    title: str
    publisher: str | None
    year: int | None
    type: str
    commercial: bool
    url: str | None


class Evidence(Frozen):
    """The grade of the passage that leads, in words."""

    grade: Grade
    label: str
    explanation: str

    @classmethod
    def of(cls, meaning: GradeMeaning) -> "Evidence":
        """Return what the corpus's scale says of a grade."""
        return cls(grade=meaning.grade, label=meaning.label, explanation=meaning.explanation)


class Heard(Frozen):
    """A claim in circulation that the question or its topic meets, with the verdict and the reason."""

    source_id: str
    claim: str
    verdict: Verdict
    note: str
    claim_id: str
    citations: tuple[int, ...]


class Side(Frozen):
    """One side of a disagreement: which source claims what."""

    source_id: str
    claim: str
    verdict: Verdict
    citations: tuple[int, ...]


class Disagreement(Frozen):
    """Sources that disagree, side by side, and what is established."""

    id: str
    summary: str
    say: str
    sides: tuple[Side, ...]
    citations: tuple[int, ...]


class Reviewed(Frozen):
    """Who reviewed the content of an answer; never claims a review that did not happen."""

    status: str
    by: str | None = None
    on: date | None = None
    updated: date | None = None


class Call(Frozen):
    """A number to call, with the words beside it and the address where the number was read."""

    label: str
    number: str
    source: str | None = None


class Answer(Frozen):
    """What every channel gives; ``docs/answer.schema.json`` is the same as a JSON Schema."""

    kind: Kind
    question: str
    lang: str
    text: str
    markdown: str
    html: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    evidence: Evidence | None
    heard: tuple[Heard, ...]
    disagreements: tuple[Disagreement, ...]
    caveat: str
    follow_ups: tuple[str, ...]
    ask_your_team: tuple[str, ...]
    calls: tuple[Call, ...]
    reviewed: Reviewed
    corpus_version: str
    answer_id: str
    link: str = Field(default="", description="path of the permanent link; empty where there is none")
