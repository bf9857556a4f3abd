"""Permanent links ``/a/<answer_id>``: which sentences an answer showed, by passage and place. Never what was asked."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from bot.schema import MAX_STATEMENTS, Answer, Corpus, Passage
from bot.web.language import Lang, interface_words
from bot.web.state import Answering

router = APIRouter(include_in_schema=False)

TEMPLATE = "pages/link.html.j2"
SHORT = 8
"""Hexadecimal digits of a passage's sha256 that a link carries: enough to see that a passage has changed."""

PART = re.compile(rf"([a-z0-9-]+)\.([a-z0-9-]+)\.([0-9a-f]{{{SHORT}}})((?:\.\d{{1,6}})+)")
"""``topic.passage.hash.start.start``: one passage and where its shown sentences start, in code points."""

Parts = Annotated[list[str] | None, Query(max_length=MAX_STATEMENTS)]


@dataclass(frozen=True)
class Recalled:
    """What of a link is still in the corpus."""

    sentences: tuple[tuple[str, int], ...]
    """Passage ids and sentence numbers, in the order in which they were shown."""

    altered: int
    """Passages of the link that have changed or are gone."""


def answer_path(answer: Answer) -> str:
    """Return the permanent link of an answer; it holds ids and numbers only."""
    parts: list[list[str]] = []
    last = ""
    for statement in answer.statements:
        if statement.passage_id != last:
            parts.append([statement.passage_id.replace("#", "."), statement.sha256[:SHORT]])
            last = statement.passage_id
        parts[-1].append(str(statement.start))
    query = [("c", answer.corpus_version)]
    query += [("p", ".".join(part)) for part in parts]
    query += [("h", heard.claim_id) for heard in answer.heard]
    return f"/a/{answer.answer_id}?{urlencode(query)}"


def read_parts(parts: list[str], corpus: Corpus) -> Recalled | None:
    """Return what a link names, or None where it cannot be read."""
    sentences: list[tuple[str, int]] = []
    altered: set[str] = set()
    for part in parts:
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
    return Recalled(sentences=tuple(dict.fromkeys(sentences))[:MAX_STATEMENTS], altered=len(altered))


def sentences_at(passage: Passage, starts: list[int]) -> list[int]:
    """Return the numbers of the sentences that begin there; those of a passage that was cut are left out."""
    places = {sentence.start: number for number, sentence in enumerate(passage.sentences)}
    return [places[start] for start in starts if start in places]


@router.get("/a/{answer_id}")
def show_kept_answer(  # noqa: PLR0913, PLR0917 - a link's parts are its parameters
    pipeline: Answering,
    answer_id: Annotated[str, InPath(pattern=r"^[0-9a-f]{20}$")],
    c: Annotated[str, Query(max_length=64)] = "",
    p: Parts = None,
    h: Parts = None,
    lang: Lang = "en",
) -> HTMLResponse:
    """Show the answer that a link names, and whether the corpus has changed since."""
    words = interface_words(pipeline, lang)
    recalled = read_parts(p or [], pipeline.corpus) if p else None
    answer = None
    if recalled and recalled.sentences:
        answer = pipeline.recall(recalled.sentences, tuple(h or ())).model_copy(update={"answer_id": answer_id})
    lead = pipeline.corpus.passages[answer.statements[0].passage_id] if answer else None
    if answer is None:
        notice = "gone" if recalled else "unread"
    elif recalled and recalled.altered:
        notice = "altered"
    else:
        notice = "same" if c == pipeline.corpus.version else "changed"
    page = pipeline.renderer.environment.get_template(TEMPLATE).render(
        words=words,
        lang=words["interface"],
        answer=answer,
        lead=lead,
        notice=notice,
        altered=recalled.altered if recalled else 0,
    )
    return HTMLResponse(page, status_code=200 if answer else 404)
