"""Search: passages that fit a query, with the sentences that do."""

from typing import Annotated

from fastapi import APIRouter, Query

from bot.pipeline import read_question
from bot.schema import Answer, Evidence, Grade
from bot.search import Filters, Highlight
from bot.web.api.negotiate import Spoken
from bot.web.api.parts import Having
from bot.web.api.shapes import (
    SAYABLE,
    Name,
    Paged,
    PageNumber,
    PassageLink,
    PerPage,
    link_passage,
)
from bot.web.api.versioned import NOT_MODIFIED, PrivateRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["passages"], route_class=PrivateRoute)


class SearchResult(PassageLink):
    """A passage that fits, and its sentences that fit best, the words of the query marked."""

    group: str
    evidence: Evidence
    highlights: tuple[Highlight, ...]


class SearchResults(Paged):
    """A page of what was found, best first. Where the query is an emergency, show ``emergency`` before everything."""

    emergency: Answer | None
    results: tuple[SearchResult, ...]


@router.get("/search", responses=documented(422) | NOT_MODIFIED)
def search(  # noqa: PLR0913, PLR0917 - a query's parameters are its fields
    pipeline: Answering,
    lang: Spoken,
    parts: Having,
    q: Annotated[str, Query(description="words or a question", json_schema_extra=SAYABLE)],
    topic: Name = None,
    group: Name = None,
    evidence: Grade | None = None,
    page: PageNumber = 1,
    per_page: PerPage = 10,
) -> SearchResults:
    """Find passages by words or by a question, best first; filters narrow what is searched."""
    query = read_question(q)
    filters = Filters(lang, topic, group, evidence)
    total, found = parts.searcher.search(query, filters, (page - 1) * per_page, per_page)
    return SearchResults(
        corpus_version=pipeline.corpus.version,
        total=total,
        page=page,
        per_page=per_page,
        emergency=pipeline.urgent(query, lang),
        results=tuple(
            SearchResult(
                **link_passage(one.passage).model_dump(),
                group=one.passage.group,
                evidence=Evidence.of(pipeline.corpus.grade[one.passage.evidence]),
                highlights=one.highlights,
            )
            for one in found
        ),
    )
