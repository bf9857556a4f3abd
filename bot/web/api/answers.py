"""Ask, and verify what was answered."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.schema import MAX_CONTEXT, Answer, Kind
from bot.verify import Verification, verify_answer
from bot.web.api.negotiate import LANG, MEDIA, AcceptLanguage, Wanted, choose_language, in_formats
from bot.web.api.parts import Having
from bot.web.api.rendered import ASKED, Rendered, render
from bot.web.api.shapes import SAYABLE
from bot.web.metrics import count_answer
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["answers"])

MOST_CONTEXT = 64


class AskRequest(BaseModel):
    """A question in the family's own words."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(
        description="1 to 4,000 characters",
        examples=["can cp be cured", "how long does botox last"],
        json_schema_extra=SAYABLE,
    )
    lang: str | None = Field(
        default=None, max_length=35, pattern=LANG, description="BCP 47 tag; without it, Accept-Language decides"
    )
    context: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        default=(),
        max_length=MOST_CONTEXT,
        description=(
            "passage_id of the statements of the answers before, the latest first, so that a follow-up is understood; "
            f"the first {MAX_CONTEXT} count, and ids that are not in the corpus are passed over"
        ),
    )


@router.post(
    "/ask",
    response_model=Answer,
    responses=in_formats("the whole answer") | documented(400, 406, 413, 422),
)
async def ask(  # noqa: PLR0913, PLR0917 - a request's parts are its parameters
    asked: AskRequest,
    request: Request,
    pipeline: Answering,
    parts: Having,
    form: Wanted,
    accept_language: AcceptLanguage = "",
) -> Response:
    """Answer a question. The same question against the same corpus version gives the same answer.

    `Accept` chooses JSON, Markdown, HTML or plain text.
    """
    lang = asked.lang or choose_language(accept_language, pipeline.index.languages) or "en"
    answer = await run_in_threadpool(pipeline.ask, asked.question, lang, asked.context)
    count_answer(answer.kind.value)
    headers = {"content-language": answer.lang, "vary": "Accept, Accept-Language"}
    response = Response(render(answer, form), media_type=MEDIA[form], headers=headers)
    # Where an operator keeps unanswered questions, the pipeline is asked each time, so that it hears of each.
    heard = pipeline.on_answer is not None and answer.kind == Kind.NO_ANSWER
    if not heard and hasattr(request.state, ASKED):
        rendered = Rendered(tuple(response.raw_headers), bytes(response.body), answer.kind.value)
        parts.rendered.keep(getattr(request.state, ASKED), rendered)
    return response


async def read_strictly(request: Request) -> None:
    """Refuse an answer whose fields are of other types than the schema says; FastAPI would make them fit."""
    try:
        Answer.model_validate_json(await request.body(), strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from error


@router.post("/verify", responses=documented(400, 413, 422), dependencies=[Depends(read_strictly)])
def verify(answer: Annotated[Answer, Body()], pipeline: Answering) -> Verification:
    """Check that an answer says only what the corpus and the templates say, to the letter."""
    return verify_answer(answer, pipeline.corpus, pipeline.renderer)
