"""``Accept`` and ``Accept-Language``: which format and which language a client prefers (RFC 9110, section 12.5)."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request

from bot.compose.wording import BASE
from bot.schema import CareleafError
from bot.web.accept import preferences
from bot.web.state import Answering

Format = Literal["json", "markdown", "html", "text"]

MEDIA: dict[Format, str] = {
    "json": "application/json",
    "markdown": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
"""The formats of an answer, the one that is sent to whoever accepts any first."""


class NotAcceptable(CareleafError):
    """The client accepts no format that an answer has."""

    status = 406
    title = "No such format"


def choose_format(accept: str) -> Format:
    """Return the format that a client likes best; raise NotAcceptable where it likes none."""
    wanted = list(preferences(accept or "*/*"))
    best: tuple[float, Format] | None = None
    for form, media in MEDIA.items():
        weight = weight_of(media.partition(";")[0], wanted)
        if weight > 0 and (best is None or weight > best[0]):
            best = weight, form
    if best is None:
        known = ", ".join(media.partition(";")[0] for media in MEDIA.values())
        raise NotAcceptable(f"Accept names no format of an answer; name one of {known}")
    return best[1]


def weight_of(media: str, wanted: list[tuple[float, str]]) -> float:
    """Return the weight of a media type: that of the closest range that holds it."""
    for pattern in (media, f"{media.partition('/')[0]}/*", "*/*"):
        weights = [weight for weight, value in wanted if value == pattern]
        if weights:
            return max(weights)
    return 0.0


def choose_language(header: str, known: frozenset[str]) -> str | None:
    """Return the first language of ``Accept-Language`` that is known, by weight; None where there is none."""
    wanted = sorted(preferences(header), key=lambda one: -one[0])
    primary = (value.partition("-")[0] for weight, value in wanted if weight > 0)
    return next((lang for lang in primary if lang in known), None)


async def read_format(request: Request) -> Format:
    """Return the format that this request wants."""
    return choose_format(request.headers.get("accept", ""))


Wanted = Annotated[Format, Depends(read_format)]

AcceptLanguage = Annotated[str, Header(description="Languages in order of preference, as browsers send them")]


LANG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"

LangAsked = Annotated[
    str | None,
    Query(max_length=35, pattern=LANG, description="BCP 47 tag; without it, Accept-Language decides"),
]


async def read_language(pipeline: Answering, lang: LangAsked = None, accept_language: AcceptLanguage = "") -> str:
    """Return the language of passages: as asked for, else as preferred, else English."""
    known = pipeline.index.languages
    return pipeline.read_language(lang) if lang else choose_language(accept_language, known) or BASE


Spoken = Annotated[str, Depends(read_language)]


def in_formats(what: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI response of a route that gives ``what`` in the formats beside JSON too."""
    others = [media.partition(";")[0] for form, media in MEDIA.items() if form != "json"]
    return {200: {"content": {media: {"schema": {"type": "string", "description": what}} for media in others}}}
