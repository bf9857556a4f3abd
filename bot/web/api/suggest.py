"""Suggestions while somebody types."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from bot.suggest import LONGEST
from bot.web.api.negotiate import Spoken
from bot.web.api.parts import Having
from bot.web.api.shapes import PassageLink, link_passage
from bot.web.api.versioned import NOT_MODIFIED, PrivateRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["passages"], route_class=PrivateRoute)


class Suggestions(BaseModel):
    """Questions of the corpus that the text may become, likeliest first."""

    corpus_version: str
    suggestions: tuple[PassageLink, ...]


@router.get("/suggest", responses=documented(422) | NOT_MODIFIED)
def suggest(
    pipeline: Answering,
    lang: Spoken,
    parts: Having,
    q: Annotated[str, Query(max_length=LONGEST, description="what is typed so far")],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> Suggestions:
    """Complete what is typed; beginnings of words and misspellings are understood."""
    found = parts.suggester.suggest(q, lang, limit)
    return Suggestions(
        corpus_version=pipeline.corpus.version, suggestions=tuple(link_passage(passage) for passage in found)
    )
