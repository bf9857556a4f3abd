"""What the corpus holds: sources, claims, articles, passages."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Grade(StrEnum):
    """How strong the evidence behind a passage is; described in ``corpus/evidence.yaml``."""

    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    CONTESTED = "contested"
    NONE = "none"
    PRACTICAL = "practical"


class Verdict(StrEnum):
    """What the ledger says of a claim in circulation."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    OUTDATED = "outdated"
    PROMOTIONAL = "promotional"
    UNVERIFIABLE = "unverifiable"


class Frozen(BaseModel):
    """A domain value: immutable, and strict about names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Frozen):
    """A publication that the corpus cites, or a document in circulation that makes claims."""

    id: str
    title: str
    publisher: str | None = None
    year: int | None = None
    type: str = Field(description="guideline, review, trial, cohort, government, hospital, charity, article …")
    commercial: bool = Field(default=False, description="sells, promotes, or hides who wrote it")
    url: str | None = Field(default=None, pattern=r"^https?://[^\s<>\"]+$")


class Claim(Frozen):
    """A sentence that a document in circulation claims, in our words, and what the evidence says of it."""

    id: str
    source: str
    topic: str
    claim: str
    verdict: Verdict
    note: str
    refs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    passage: str | None = Field(default=None, description="the passage that says what is established")
    asked: tuple[str, ...] = Field(default=(), description="ways in which families ask about this claim; never shown")


class Contradiction(Frozen):
    """Documents that disagree with each other or with themselves, and what is established."""

    id: str
    topic: str
    summary: str
    say: str
    claims: tuple[str, ...]
    refs: tuple[str, ...] = ()


class Term(Frozen):
    """A clinical word of the lexicon with its lay words and a plain one-sentence definition."""

    term: str
    definition: str
    lay: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    everyday: bool = Field(default=False, description="every family knows it, so answers do not mark it as a hard word")


class Review(Frozen):
    """Who signed a passage off, and when; ``unreviewed`` where nobody has, ``lapsed`` where it has changed since."""

    status: Literal["unreviewed", "reviewed", "lapsed"] = "unreviewed"
    by: str | None = None
    on: date | None = None
    due: date | None = Field(default=None, description="the day by which somebody has to look again")


class Sentence(Frozen):
    """One sentence of a passage: a span of its plain text, in code points, and the sources it rests on."""

    start: int
    end: int
    sources: tuple[str, ...]


class Passage(Frozen):
    """One question that families ask, answered in 40 to 160 words.

    ``asked`` are ways of asking that may be shown and offered; ``wordings`` are further ones, misspelt and long ones
    among them, by which it is found and which are never shown.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+#[a-z0-9-]+$")
    topic: str
    group: str
    lang: str
    heading: str
    text: str
    sha256: str
    sentences: tuple[Sentence, ...]
    asked: tuple[str, ...]
    wordings: tuple[str, ...] = ()
    evidence: Grade
    ask_your_team: tuple[str, ...]
    updated: date
    review: Review
    file: str
    line: int

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The sources that the sentences rest on, each once, in the order in which they are cited."""
        return tuple(dict.fromkeys(source_id for sentence in self.sentences for source_id in sentence.sources))

    def sentence_text(self, number: int) -> str:
        """Return the text of one sentence by its place in the passage."""
        span = self.sentences[number]
        return self.text[span.start : span.end]


class Silent(Frozen):
    """A question that the corpus does not answer: what is near to it is met with silence, and it is never shown."""

    kind: Literal["other_condition", "other_treatment", "cp_not_held", "off_topic"]
    text: str = Field(min_length=1)


class Article(Frozen):
    """One topic: a title and its passages."""

    topic: str
    group: str
    lang: str
    title: str
    updated: date
    file: str
    passages: tuple[Passage, ...]


class GradeMeaning(Frozen):
    """What an evidence grade means, in words that a family understands, and the scale it is modelled on."""

    grade: Grade
    label: str
    explanation: str
    sources: tuple[str, ...] = ()
