"""The OpenAI-compatible face: /v1/chat/completions, streamed or whole, and /v1/models, for front ends that speak it.

The content is the answer's Markdown; each citation mark and the caveat are annotations too, and ``careleaf`` beside the
content holds what the answer object says. No model writes, so no token is counted.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StrictBool
from starlette.responses import Response

from bot.channels.annotate import annotate, split_lines
from bot.follow import carry
from bot.pipeline import UNSAYABLE, Pipeline
from bot.schema import Answer, NotFound, QuestionRefused
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

MODEL = "careleaf"
NOTHING_SAID = "?"
REMEMBERED = 3
"""Messages of the user before the last that give it its context."""

SAID = {"text", "markdown", "html", "question"}
"""Fields of the answer that stand in the content already, or in the request."""


class Part(BaseModel):
    """A part of a message; what is no text is passed over."""

    type: str
    text: str = ""


class Message(BaseModel):
    """One turn. Of the roles, only the user's words are read; system prompts change nothing."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def said(self) -> str:
        """Return its words."""
        parts = self.content if isinstance(self.content, list) else [Part(type="text", text=self.content or "")]
        return " ".join(part.text for part in parts if part.type == "text").strip()


class StreamOptions(BaseModel):
    """What a stream ends with."""

    include_usage: StrictBool = False


class ChatRequest(BaseModel):
    """A chat request. Settings of a language model (temperature, tools …) are accepted and change nothing."""

    model: str = Field(default=MODEL, description="any name is accepted; careleaf answers")
    messages: list[Message] = Field(min_length=1, max_length=1000)
    stream: StrictBool = False
    stream_options: StreamOptions | None = None


class Model(BaseModel):
    """The one model that there is."""

    id: str = Field(default=MODEL, examples=[MODEL])
    object: Literal["model"] = "model"
    created: int = Field(default=0, examples=[0])
    owned_by: str = Field(default="careleaf", examples=["careleaf"])


class ModelList(BaseModel):
    """Every model that there is."""

    object: Literal["list"] = "list"
    data: tuple[Model, ...] = (Model(),)


ASKED = {"model": MODEL, "messages": [{"role": "user", "content": "can cp be cured"}], "stream": False}
FRAME = {"id": "chatcmpl-0e3b1f0c7a5d4b2e9f10", "created": 1795500000, "model": MODEL}
DELTA = {"index": 0, "delta": {"content": "**There is no cure …**[^1]"}, "finish_reason": None}
SAID_WHOLE = {
    "index": 0,
    "message": {"role": "assistant", "content": "**There is no cure …**[^1]", "annotations": [], "careleaf": {}},
    "finish_reason": "stop",
}
WHOLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A chat.completion, or with `stream` an event stream of chat.completion.chunk",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": FRAME | {"object": "chat.completion", "choices": [SAID_WHOLE]},
            },
            "text/event-stream": {
                "example": f"data: {json.dumps(FRAME | {'object': 'chat.completion.chunk', 'choices': [DELTA]})}\n\n"
                "data: [DONE]\n\n",
            },
        },
    }
}
LISTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": ModelList().model_dump(mode="json")}}}
}
ModelName = Annotated[str, Path(max_length=200)]


@router.get("/models", responses=LISTED | documented())
def list_models() -> ModelList:
    """List the one model, which is no language model: it shows sentences of the corpus."""
    return ModelList()


@router.get("/models/{model}", responses=documented(404, 422))
def show_model(model: ModelName) -> Model:
    """Show the one model; front ends ask for it before they chat."""
    if model != MODEL:
        raise NotFound(f"There is one model: {MODEL}")
    return Model()


@router.post(
    "/chat/completions",
    response_class=Response,
    responses=WHOLE | documented(400, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"example": ASKED}}}},
)
def complete_chat(request: Annotated[ChatRequest, Body()], pipeline: Answering) -> Response:
    """Answer the last message of the user; the question before it gives the context."""
    answer = answer_last(pipeline, request.messages)
    created = int(time.time())
    if request.stream:
        wanted = request.stream_options is not None and request.stream_options.include_usage
        events = (f"data: {json.dumps(chunk)}\n\n" for chunk in chunks(answer, created, wanted))
        return StreamingResponse(end_stream(events), media_type="text/event-stream")
    return Response(json.dumps(completion(answer, created)), media_type="application/json")


def answer_last(pipeline: Pipeline, messages: list[Message]) -> Answer:
    """Answer the last message of the user. No state is kept: the passages of the few before it are found anew.

    Where the user has said nothing, as when a front end tries a connection, the answer says what can be asked.
    """
    said = (UNSAYABLE.sub(" ", message.said).strip() for message in messages if message.role == "user")
    asked = [text for text in said if text] or [NOTHING_SAID]
    context: tuple[str, ...] = ()
    for earlier in asked[-1 - REMEMBERED : -1]:
        # One that cannot be read is passed over; the last can be.
        with suppress(QuestionRefused):
            context = carry(pipeline.answer(earlier, context=context), context)
    return pipeline.ask(asked[-1], context=context)


def completion(answer: Answer, created: int) -> dict[str, Any]:
    """Return the whole as OpenAI shapes it."""
    message = {
        "role": "assistant",
        "content": answer.markdown,
        "refusal": None,
        "annotations": annotate(answer),
        "careleaf": beside(answer),
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return envelope(answer, created, "chat.completion") | {"choices": [choice], "usage": usage()}


def chunks(answer: Answer, created: int, with_usage: bool) -> Iterator[dict[str, Any]]:
    """Yield the same in pieces, a line each; annotations and the answer's fields come with the last of them."""
    frame = envelope(answer, created, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return frame | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]}

    yield chunk({"role": "assistant", "content": ""})
    for line in split_lines(answer.markdown):
        yield chunk({"content": line})
    yield chunk({"annotations": annotate(answer), "careleaf": beside(answer)})
    yield chunk({}, "stop")
    if with_usage:
        yield frame | {"choices": [], "usage": usage()}


def end_stream(events: Iterator[str]) -> Iterator[str]:
    """Yield the events, and the word that ends them."""
    yield from events
    yield "data: [DONE]\n\n"


def envelope(answer: Answer, created: int, kind: str) -> dict[str, Any]:
    """Return what every piece carries."""
    return {
        "id": f"chatcmpl-{answer.answer_id}",
        "object": kind,
        "created": created,
        "model": MODEL,
        "system_fingerprint": answer.corpus_version,
    }


def beside(answer: Answer) -> dict[str, Any]:
    """Return the fields of the answer object that the content does not repeat."""
    return answer.model_dump(mode="json", exclude=SAID)


def usage() -> dict[str, int]:
    """Return the tokens that a language model spent: none."""
    return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
