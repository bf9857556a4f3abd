"""What the tools return: small, typed, each with the corpus version, the caveat, and whether something was left out."""

from pydantic import Field

from bot.claim_check import LeftOut, MadeClaim
from bot.passages import WholePassage
from bot.schema import Call, Citation, Evidence, Frozen, Heard, Kind, Reviewed, Statement


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
    """Passages that fit, best first. ``emergency`` says what to do where the query reads like one: say it first."""

    emergency: str | None
    results: tuple[Found, ...]
    total: int
    truncated: bool
    caveat: str
    corpus_version: str


class PassageResult(WholePassage):
    """A passage to the letter, with every source of its sentences."""

    uri: str = Field(description="the resource that holds the passage")
    review_said: str = Field(description="its review in words")


class ClaimResult(Frozen):
    """The claims that a text makes, as far as the ledger knows them; none found says nothing about the text.

    What stands under ``quoted`` is the text's own: show it as a quotation.
    """

    sentences: int
    compared: int
    claims: tuple[MadeClaim, ...]
    total: int
    left_out: tuple[LeftOut, ...] = Field(description="what a text about a treatment should say and this one does not")
    truncated: bool
    caveat: str
    corpus_version: str
