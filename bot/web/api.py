"""REST v1: ask, verify, sources."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from bot.schema import MAX_QUESTION, Answer, NotFound, Source
from bot.verify import Verification, verify_answer
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(prefix="/api/v1", tags=["answers"])


class AskRequest(BaseModel):
    """A question in the family's own words."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(
        description=f"1 to {MAX_QUESTION:,} characters",
        examples=["can cp be cured", "how long does botox last"],
    )
    lang: str = Field(
        default="en", max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="BCP 47 tag"
    )


@router.post("/ask", responses=documented(400, 413, 422, 503))
def ask(request: AskRequest, pipeline: Answering) -> Answer:
    """Answer a question. The same question against the same corpus version gives the same answer."""
    return pipeline.ask(request.question, request.lang)


@router.post("/verify", responses=documented(400, 413, 422, 503))
def verify(answer: Annotated[Answer, Body()], pipeline: Answering) -> Verification:
    """Check that an answer says only what the corpus and the templates say, to the letter."""
    return verify_answer(answer, pipeline.corpus, pipeline.renderer)


class SourceList(BaseModel):
    """Every source that the corpus cites."""

    corpus_version: str
    sources: tuple[Source, ...]


@router.get("/sources", responses=documented(503))
def list_sources(pipeline: Answering) -> SourceList:
    """List every source that the corpus cites."""
    return SourceList(corpus_version=pipeline.corpus.version, sources=pipeline.corpus.sources)


class SourceUse(Source):
    """A source and the passages that rest on it."""

    passages: tuple[str, ...]


@router.get("/sources/{source_id}", responses=documented(404, 422, 503))
def show_source(source_id: str, pipeline: Answering) -> SourceUse:
    """Show one source and the passages that cite it."""
    source = pipeline.corpus.source.get(source_id)
    if source is None:
        raise NotFound(f"No source {source_id!r}; GET /api/v1/sources lists those that there are")
    passages = tuple(
        passage.id
        for passage in pipeline.corpus.passages.values()
        if any(source_id in sentence.sources for sentence in passage.sentences)
    )
    fields: dict[str, Any] = source.model_dump()
    return SourceUse(**fields, passages=passages)
