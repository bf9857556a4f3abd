"""Sources: what the corpus cites, and every passage that cites one."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from bot.schema import NotFound, Source
from bot.web.api.parts import Having
from bot.web.api.shapes import PassageLink, link_passage
from bot.web.api.versioned import NOT_MODIFIED, VersionedRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["sources"], route_class=VersionedRoute)


class SourceList(BaseModel):
    """Every source that the corpus cites."""

    corpus_version: str
    sources: tuple[Source, ...]


class SourceUse(Source):
    """A source, the passages that rest on it, and the claims that it makes."""

    corpus_version: str
    passages: tuple[PassageLink, ...]
    claims: tuple[str, ...] = Field(description="claims of the ledger that this document makes")


@router.get("/sources", responses=documented() | NOT_MODIFIED)
def list_sources(pipeline: Answering) -> SourceList:
    """List every source that the corpus cites."""
    return SourceList(corpus_version=pipeline.corpus.version, sources=pipeline.corpus.sources)


@router.get("/sources/{source_id}", responses=documented(404, 422) | NOT_MODIFIED)
def show_source(
    source_id: Annotated[str, Path(max_length=120, pattern=r"^[A-Za-z0-9._-]+$")], pipeline: Answering, parts: Having
) -> SourceUse:
    """Show one source, every passage that cites it, and the claims that it makes."""
    corpus = pipeline.corpus
    source = corpus.source.get(source_id)
    if source is None:
        raise NotFound("No such source; GET /api/v1/sources lists those that there are")
    return SourceUse(
        **source.model_dump(),
        corpus_version=corpus.version,
        passages=tuple(link_passage(passage) for passage in parts.citing.get(source_id, ())),
        claims=tuple(claim.id for claim in corpus.claims if claim.source == source_id),
    )
