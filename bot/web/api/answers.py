"""Ask, and verify what was answered."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.schema import MAX_CONTEXT, Answer
from bot.verify import Verification, verify_answer
from bot.web.api.negotiate import LANG, MEDIA, AcceptLanguage, Wanted, choose_language, in_formats
from bot.web.api.parts import Having
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
            "passage_id of the statements of the answer before, so that a follow-up is understood; "
            f"the last {MAX_CONTEXT} count, and ids that are not in the corpus are passed over"
        ),
    )


@router.post(
    "/ask",
    response_model=Answer,
    responses=in_formats("the whole answer") | documented(400, 406, 413, 422),
)
async def ask(
    request: AskRequest, pipeline: Answering, parts: Having, form: Wanted, accept_language: AcceptLanguage = ""
) -> Response:
    """Answer a question. The same question against the same corpus version gives the same answer.

    `Accept` chooses JSON, Markdown, HTML or plain text.
    """
    lang = request.lang or choose_language(accept_language, pipeline.index.languages) or "en"
    key = (request.question, lang, request.context, form)
    # An answer that was sent before is sent again at once, without waiting for a thread.
    rendered = parts.rendered.find(key)
    if rendered is None:
        answer = await run_in_threadpool(pipeline.ask, request.question, lang, request.context)
        rendered = parts.rendered.keep(key, answer)
    count_answer(rendered.kind)
    headers = {"content-language": rendered.lang, "vary": "Accept, Accept-Language"}
    return Response(rendered.body, media_type=MEDIA[form], headers=headers)


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
