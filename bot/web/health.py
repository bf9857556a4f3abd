"""Is the process alive, and can it answer."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.schema import Draining
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """The process can answer questions, and from what."""

    status: str
    corpus_version: str
    index_version: str
    passages: int


# Both are async, as they wait for nothing: in a thread they would queue behind the questions of a busy process.
@router.get("/healthz")
async def is_alive() -> Health:
    """Say that the process is alive."""
    return Health(status="alive")


@router.get("/readyz", responses=documented())
async def is_ready(pipeline: Answering, request: Request) -> Readiness:
    """Say which corpus and index answer; 503 while none does."""
    if request.app.state.draining:
        raise Draining("This process ends in a moment and still answers; send new requests to another one")
    index = pipeline.index
    return Readiness(
        status="ready",
        corpus_version=index.corpus.version,
        index_version=index.version,
        passages=len(index.passages),
    )
