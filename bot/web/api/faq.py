"""The FAQ: every passage of the corpus, as a list and one by one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from bot.passages import WholePassage
from bot.pipeline import Pipeline
from bot.schema import Grade, NotFound
from bot.web.api.negotiate import MEDIA, Format, Spoken, Wanted, in_formats
from bot.web.api.parts import Having, Parts
from bot.web.api.rendered import render
from bot.web.api.shapes import Name, Paged, PageNumber, PassageLink, PerPage, link_passage, passage_url
from bot.web.api.versioned import NOT_MODIFIED, VersionedRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["passages"], route_class=VersionedRoute)

Part = Annotated[str, Path(max_length=120, pattern=r"^[a-z0-9-]+$")]
PassageId = Annotated[str, Path(max_length=241, pattern=r"^[a-z0-9#-]+$")]


class FaqEntry(PassageLink):
    """A question of the FAQ."""

    group: str
    lang: str
    evidence: Grade


class FaqList(Paged):
    """A page of the FAQ, in the order of the corpus."""

    passages: tuple[FaqEntry, ...]


@router.get("/faq", responses=documented(422) | NOT_MODIFIED)
def list_faq(  # noqa: PLR0913, PLR0917 - a query's parameters are its fields
    pipeline: Answering,
    lang: Spoken,
    topic: Name = None,
    group: Name = None,
    evidence: Grade | None = None,
    page: PageNumber = 1,
    per_page: PerPage = 50,
) -> FaqList:
    """List the questions that the corpus answers."""
    admitted = [
        passage
        for passage in pipeline.corpus.passages.values()
        if passage.lang == lang
        and topic in (None, passage.topic)
        and group in (None, passage.group)
        and evidence in (None, passage.evidence)
    ]
    start = (page - 1) * per_page
    return FaqList(
        corpus_version=pipeline.corpus.version,
        total=len(admitted),
        page=page,
        per_page=per_page,
        passages=tuple(
            FaqEntry(
                **link_passage(passage).model_dump(),
                group=passage.group,
                lang=passage.lang,
                evidence=passage.evidence,
            )
            for passage in admitted[start : start + per_page]
        ),
    )


class FaqItem(WholePassage):
    """One passage, whole, and where it is."""

    url: str


WHOLE: dict[str, Any] = {
    "response_model": FaqItem,
    "responses": in_formats("the whole passage") | documented(404, 406, 422) | NOT_MODIFIED,
}


@router.get("/faq/{topic}/{name}", **WHOLE)
def show_faq(topic: Part, name: Part, pipeline: Answering, parts: Having, form: Wanted) -> Response:
    """Show one passage, whole. The passage `what-is-cp#what-is-it` is at `/api/v1/faq/what-is-cp/what-is-it`.

    `Accept` chooses JSON, Markdown, HTML or plain text.
    """
    return show_whole(f"{topic}#{name}", pipeline, parts, form)


@router.get("/passages/{passage_id}", **WHOLE)
def show_passage(passage_id: PassageId, pipeline: Answering, parts: Having, form: Wanted) -> Response:
    """Show the same passage by its id, as each statement of an answer names it (write `#` as `%23`)."""
    return show_whole(passage_id, pipeline, parts, form)


def show_whole(passage_id: str, pipeline: Pipeline, parts: Parts, form: Format) -> Response:
    """Return a passage in a format; raise NotFound where there is none of the id."""
    passage = pipeline.corpus.passages.get(passage_id)
    if passage is None:
        raise NotFound("No such passage; GET /api/v1/faq lists those that there are. In an id write # as %23")
    if form == "json":
        item = FaqItem(**dict(parts.reader.read(passage)), url=passage_url(passage))
        body = item.model_dump_json().encode()
    else:
        body = render(pipeline.show_passage(passage.id), form)
    return Response(body, media_type=MEDIA[form], headers={"content-language": passage.lang})
