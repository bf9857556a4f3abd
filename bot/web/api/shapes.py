"""Shapes that several routes share: a page of a list, a passage, the fields of a query."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from bot.schema import MAX_QUESTION, Claim, Passage, Verdict

READABLE = r"[^\s\x00-\x1f\x7f-\x9f]"
"""Somewhere stands a character that can be read. Told to clients only: the refusal in words is the pipeline's."""

SAYABLE: dict[str, Any] = {"minLength": 1, "maxLength": MAX_QUESTION, "pattern": READABLE}

Name = Annotated[str | None, Query(max_length=80, pattern=r"^[a-z0-9-]+$")]
PageNumber = Annotated[int, Query(ge=1, le=10_000, description="which page, from 1")]
PerPage = Annotated[int, Query(ge=1, le=100, description="how many a page")]


class Paged(BaseModel):
    """Where a page stands in its list."""

    corpus_version: str
    total: int = Field(description="how many there are on all pages")
    page: int
    per_page: int


class PassageLink(BaseModel):
    """A passage by its question, and where it is."""

    id: str
    heading: str
    topic: str
    url: str


class ClaimShown(BaseModel):
    """A claim of a document in circulation, in our words, and what the evidence says of it."""

    id: str
    source: str
    topic: str
    claim: str
    verdict: Verdict
    note: str
    refs: tuple[str, ...]
    flags: tuple[str, ...]
    contradictions: tuple[str, ...]
    passage: str | None


def passage_url(passage: Passage) -> str:
    """Return the address of a passage; ``#`` has a meaning of its own in an address."""
    return f"/api/v1/faq/{passage.id.replace('#', '/')}"


def link_passage(passage: Passage) -> PassageLink:
    """Return a passage as a link."""
    return PassageLink(id=passage.id, heading=passage.heading, topic=passage.topic, url=passage_url(passage))


def show_claim(claim: Claim) -> ClaimShown:
    """Return a claim as it is shown."""
    return ClaimShown(**claim.model_dump(exclude={"asked"}))
