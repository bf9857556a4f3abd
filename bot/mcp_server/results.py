"""What the tools return: small, typed, each with the corpus version, the caveat, and whether something was left out."""

from datetime import date

from pydantic import Field

from bot.schema import Call, Citation, Evidence, Frozen, Heard, Kind, Reviewed, Source, Statement, Verdict


class AskResult(Frozen):
    """An answer. ``truncated`` where statements, claims or choices were left out to keep within ``max_chars``."""

    kind: Kind
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    evidence: Evidence | None
    heard: tuple[Heard, ...]
    caveat: str
    calls: tuple[Call, ...]
    follow_ups: tuple[str, ...]
    reviewed: Reviewed
    corpus_version: str
    answer_id: str
    statements_total: int
    truncated: bool


class Found(Frozen):
    """A passage that search found."""

    passage_id: str
    uri: str = Field(description="the resource that holds the passage")
    heading: str
    topic: str
    evidence: str
    first_sentence: str


class SearchResult(Frozen):
    """Passages, nearest first. ``emergency`` says what to do where the query reads like one: say it first."""

    emergency: str | None
    results: tuple[Found, ...]
    total: int
    truncated: bool
    caveat: str
    corpus_version: str


class CitedSentence(Frozen):
    """A sentence of a passage, ``text[start:end]``, and the sources it rests on."""

    text: str
    start: int
    end: int
    sources: tuple[str, ...]


class PassageResult(Frozen):
    """A passage to the letter, with every source of its sentences."""

    passage_id: str
    heading: str
    topic: str
    text: str
    sha256: str
    sentences: tuple[CitedSentence, ...]
    sources: tuple[Source, ...]
    evidence: Evidence
    updated: date
    review: str
    caveat: str
    corpus_version: str


class ClaimFound(Frozen):
    """A claim of the ledger that the text comes near, what the evidence says of it, and on what that rests."""

    claim_id: str
    claim: str
    verdict: Verdict
    note: str
    passage_id: str | None
    sources: tuple[Source, ...]


class ClaimResult(Frozen):
    """The claims that a text makes, as far as the ledger knows them; none found says nothing about the text."""

    claims: tuple[ClaimFound, ...]
    total: int
    truncated: bool
    caveat: str
    corpus_version: str
