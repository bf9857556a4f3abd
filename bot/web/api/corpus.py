"""Which corpus answers."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bot.web.api.versioned import NOT_MODIFIED, VersionedRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["corpus"], route_class=VersionedRoute)


class CorpusShown(BaseModel):
    """The corpus in service, in figures."""

    version: str = Field(description="changes when, and only when, the served content changes")
    index_version: str
    languages: tuple[str, ...]
    topics: int
    passages: int
    claims: int
    sources: int
    terms: int
    updated: date = Field(description="newest date of an article")


@router.get("/corpus", responses=documented() | NOT_MODIFIED)
def show_corpus(pipeline: Answering) -> CorpusShown:
    """Say which corpus answers. A client that keeps answers throws them away when the version changes."""
    corpus = pipeline.corpus
    return CorpusShown(
        version=corpus.version,
        index_version=pipeline.index.version,
        languages=tuple(sorted(pipeline.index.languages)),
        topics=len(corpus.articles),
        passages=len(corpus.passages),
        claims=len(corpus.claims),
        sources=len(corpus.sources),
        terms=len(corpus.lexicon),
        updated=max(article.updated for article in corpus.articles),
    )
