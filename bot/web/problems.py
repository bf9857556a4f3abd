"""Errors as RFC 9457 problem documents (application/problem+json); what was sent is never echoed. People get pages."""

import logging
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from bot.schema import CareleafError
from bot.web.error_page import error_page

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
OPENAI = "/v1/"
"""Where OpenAI's clients send their requests."""

SAFE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""What every response says: run no foreign code, make no markup of text, sit in no frame, give no referrer."""


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = Field(examples=["urn:careleaf:problem:question-refused"])
    title: str = Field(examples=["The question cannot be read"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The question is empty. Write what you would like to know, in your own words."])
    instance: str = Field(examples=["/api/v1/ask"])


def example(name: str, title: str, status: int, detail: str) -> Problem:
    """Return a problem as the API page shows it."""
    return Problem(type=f"urn:careleaf:problem:{name}", title=title, status=status, detail=detail, instance="/api/v1/…")


EXAMPLES = {
    one.status: one
    for one in (
        example("bad-request", "Bad Request", 400, "POST /api/v1/ask: There was an error parsing the body."),
        example(
            "not-found", "Not in the corpus", 404, "No such source; GET /api/v1/sources lists those that there are"
        ),
        example("not-acceptable", "No such format", 406, "Accept names no format of an answer; name one of …"),
        example("body-too-large", "The request is too large", 413, "The body is larger than 262,144 bytes. Send less."),
        example("question-refused", "The question cannot be read", 422, "The question is empty. Write what you …"),
        example("too-many-requests", "Too many requests", 429, "More than 120/minute requests came. Wait 12 seconds."),
        example("unexpected", "Careleaf could not do this", 500, "Careleaf could not do this. Please try again …"),
        example("busy", "Careleaf is busy", 503, "All places are taken. Try again in a moment."),
    )
}
"""One problem of each status, as the API page shows it."""


def example_of(status: int) -> Problem:
    """Return the example of a status, or a plain one of it."""
    phrase = HTTPStatus(status).phrase
    return EXAMPLES.get(status) or example(phrase.lower().replace(" ", "-"), phrase, status, f"{phrase}. See /docs.")


ANYWHERE = (429, 503)
"""Every route can be asked too often, or while there is no index."""


def problem_response(request: Request, name: str, title: str, status: int, detail: str) -> Response:
    """Return one problem document, or the page that says it to a person."""
    if page := error_page(request, status):
        return page
    problem = Problem(
        type=f"urn:careleaf:problem:{name}",
        title=title,
        status=status,
        detail=detail,
        instance=quote(request.scope["path"]),
    )
    content: dict[str, Any] = problem.model_dump()
    if problem.instance.startswith(OPENAI):
        # Beside it, as chat front ends look for it; RFC 9457 lets a document have further members.
        content["error"] = {"message": detail, "type": name, "code": name, "param": None}
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE)


def place_of(fault: dict[str, Any]) -> str:
    """Return where a fault lies; the name of a field that we do not know is the sender's word and is not repeated."""
    if fault["type"] == "json_invalid":
        return f"body, from character {fault['loc'][-1]}"
    place = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
    return ".".join(str(part) for part in place)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of the problems that a route can give: those named, and those of every route."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {
                MEDIA_TYPE: {"schema": Problem.model_json_schema(), "example": example_of(status).model_dump()}
            },
        }
        for status in (*statuses, *ANYWHERE)
    }


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every error of the application into a problem document."""

    @app.exception_handler(CareleafError)
    async def ours(request: Request, error: CareleafError) -> Response:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
        response = problem_response(request, name, error.title, error.status, str(error))
        if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["retry-after"] = "5"
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [f"{place_of(fault)}: {fault['msg']}" for fault in error.errors()]
        detail = "; ".join(faults) + ". See /docs for the form of a request."
        return problem_response(request, "invalid-request", "The request cannot be read", 422, detail)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        name = phrase.lower().replace(" ", "-")
        detail = f"{request.method} {request.url.path}: {error.detail}. See /docs for what there is."
        response = problem_response(request, name, phrase, error.status_code, detail)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        detail = "Careleaf could not do this. Nothing you sent was kept; please try again, or tell the operator."
        response = problem_response(request, "unexpected", "Careleaf could not do this", 500, detail)
        # This handler stands outside the middleware that adds them.
        response.headers.update(SAFE_HEADERS)
        if known := getattr(request.state, "request_id", ""):
            response.headers["x-request-id"] = known
        return response
