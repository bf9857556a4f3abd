"""Which language the interface speaks: that of a complete catalogue, else the base language."""

from typing import Annotated

from fastapi import Query

from bot.compose.render import Renderer
from bot.compose.wording import BASE, Words
from bot.pipeline import Pipeline
from bot.settings import Settings

TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"

Lang = Annotated[str, Query(max_length=35, pattern=TAG, description="BCP 47 tag")]


def interface_words(pipeline: Pipeline, lang: str) -> Words:
    """Return the words of the interface, as a pipeline's renderer has them."""
    return words_spoken(pipeline.renderer, lang)


def words_spoken(renderer: Renderer, lang: str) -> Words:
    """Return the words of the interface: a catalogue that names itself in ``interface`` is complete, others are not."""
    primary = lang.split("-", 1)[0].lower()
    words = renderer.words(primary)
    return words if words["interface"] == primary else renderer.words(BASE)


def privacy_line(words: Words, settings: Settings) -> str:
    """Return what is said beside the box about what is kept: as the operator has set it."""
    line = words["page"]["privacy_keeping" if settings.keep_unanswered else "privacy"]
    return str(line).format(days=settings.keep_days)
