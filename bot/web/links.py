"""Permanent links ``/a/<answer_id>``: which sentences an answer showed, by passage and place. Never what was asked."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from jinja2 import UndefinedError
from pydantic import BaseModel, Field

from bot.compose import Shown
from bot.compose.link import SHORT
from bot.compose.wording import BASE
from bot.pipeline import Pipeline
from bot.schema import MAX_STATEMENTS, Answer, Corpus, Kind, Passage
from bot.web.language import TAG, interface_words
from bot.web.state import Answering

router = APIRouter(include_in_schema=False)

TEMPLATE = "pages/link.html.j2"
PART = re.compile(rf"([a-z0-9-]+)\.([a-z0-9-]+)\.([0-9a-f]{{{SHORT}}})((?:\.\d{{1,6}})+)")
"""``topic.passage.hash.start.start``: one passage and where its shown sentences start, in code points."""

ID = r"[a-z0-9-]{1,80}"


class Named(BaseModel):
    """What a link names; bot/compose/link.py writes it."""

    c: str = Field(default="", max_length=64, description="version of the corpus")
    k: str = Field(default="answer.answer", pattern=r"^(answer|emergency|redirect|clarify)\.[a-z_]{1,40}$")
    l: str = Field(default=BASE, pattern=TAG, max_length=35, description="language of the answer")  # noqa: E741
    p: list[str] = Field(default=[], max_length=MAX_STATEMENTS, description="passages and places in them")
    h: list[str] = Field(default=[], max_length=MAX_STATEMENTS, description="claims")
    f: list[Annotated[str, Field(pattern=rf"^{ID}\.{ID}$")]] = Field(default=[], max_length=8, description="choices")
    lang: str = Field(default=BASE, pattern=TAG, max_length=35, description="language of the interface")


@dataclass(frozen=True)
class Recalled:
    """What of a link is still in the corpus."""

    shown: Shown
    altered: int
    """Passages of the link that have changed or are gone."""


def read_link(corpus: Corpus, named: Named) -> Recalled | None:
    """Return what a link names, or None where it cannot be read."""
    sentences: list[tuple[str, int]] = []
    altered: set[str] = set()
    for part in named.p:
        match = PART.fullmatch(part)
        if match is None:
            return None
        passage_id = f"{match[1]}#{match[2]}"
        passage = corpus.passages.get(passage_id)
        if passage is None or not passage.sha256.startswith(match[3]):
            altered.add(passage_id)
        if passage is not None:
            starts = [int(start) for start in match[4].split(".")[1:]]
            sentences += [(passage_id, number) for number in sentences_at(passage, starts)]
    kind, _, response = named.k.partition(".")
    offered = (name.replace(".", "#") for name in named.f)
    shown = Shown(
        sentences=tuple(dict.fromkeys(sentences))[:MAX_STATEMENTS],
        kind=Kind(kind),
        response=response,
        lang=named.l,
        claims=tuple(named.h),
        choices=tuple(name for name in offered if name in corpus.passages),
    )
    return Recalled(shown, altered=len(altered))


def sentences_at(passage: Passage, starts: list[int]) -> list[int]:
    """Return the numbers of the sentences that begin there; those of a passage that was cut are left out."""
    places = {sentence.start: number for number, sentence in enumerate(passage.sentences)}
    return [places[start] for start in starts if start in places]


def show_again(pipeline: Pipeline, recalled: Recalled) -> Answer | None:
    """Return the answer that a link names; None where nothing of it is left, or it names words that there are not."""
    says_by_itself = recalled.shown.kind in (Kind.EMERGENCY, Kind.REDIRECT)
    if not recalled.shown.sentences and not says_by_itself:
        return None
    try:
        return pipeline.recall(recalled.shown)
    except (LookupError, UndefinedError):
        return None


@router.get("/a/{answer_id}")
def show_kept_answer(
    pipeline: Answering,
    answer_id: Annotated[str, InPath(pattern=r"^[0-9a-f]{20}$")],
    named: Annotated[Named, Query()],
) -> HTMLResponse:
    """Show the answer that a link names, and whether the corpus has changed since."""
    words = interface_words(pipeline, named.lang)
    recalled = read_link(pipeline.corpus, named)
    answer = show_again(pipeline, recalled) if recalled else None
    lead = pipeline.corpus.passages[answer.statements[0].passage_id] if answer and answer.statements else None
    if answer is None:
        notice = "gone" if recalled and named.p else "unread"
    elif recalled and recalled.altered:
        notice = "altered"
    else:
        notice = "same" if named.c == pipeline.corpus.version else "changed"
    page = pipeline.renderer.environment.get_template(TEMPLATE).render(
        words=words,
        lang=words["interface"],
        answer=answer,
        lead=lead,
        notice=notice,
        altered=recalled.altered if recalled else 0,
    )
    return HTMLResponse(page, status_code=200 if answer else 404)
