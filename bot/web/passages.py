"""``GET /api/v1/passages/{id}``: one passage as the source view shows it, with its sentences and hard words."""

import re

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bot.pipeline import Pipeline
from bot.schema import Grade, NotFound, Passage
from bot.web.problems import documented
from bot.web.state import Answering, once_a_pipeline

router = APIRouter(prefix="/api/v1", tags=["answers"])

KNOWN_TO_ALL = frozenset({"cerebral palsy"})
"""Terms that every family that asks here knows."""


class SentenceShown(BaseModel):
    """A sentence of a passage and the sources it rests on."""

    text: str
    start: int = Field(description="in Unicode code points of the passage's plain text")
    end: int
    sources: tuple[str, ...]


class Explained(BaseModel):
    """A clinical word as it stands in the passage, and what it means."""

    word: str = Field(examples=["spasticity"])
    definition: str


class PassageShown(BaseModel):
    """A passage, sentence by sentence."""

    id: str = Field(examples=["is-cp-curable#cure"])
    topic: str
    heading: str
    lang: str
    text: str
    sha256: str
    evidence: Grade
    sentences: tuple[SentenceShown, ...]
    terms: tuple[Explained, ...]
    corpus_version: str


@router.get("/passages/{passage_id}", responses=documented(404, 422, 503))
def show_passage(passage_id: str, pipeline: Answering) -> PassageShown:
    """Show one passage with its sentences, their sources, and the clinical words in it explained."""
    passage = pipeline.corpus.passages.get(passage_id)
    if passage is None:
        raise NotFound(f"No passage {passage_id!r}; each statement of an answer names its passage (write # as %23)")
    return PassageShown(
        id=passage.id,
        topic=passage.topic,
        heading=passage.heading,
        lang=passage.lang,
        text=passage.text,
        sha256=passage.sha256,
        evidence=passage.evidence,
        sentences=tuple(
            SentenceShown(text=passage.text[one.start : one.end], start=one.start, end=one.end, sources=one.sources)
            for one in passage.sentences
        ),
        terms=explain_terms(passage, pipeline),
        corpus_version=pipeline.corpus.version,
    )


def explain_terms(passage: Passage, pipeline: Pipeline) -> tuple[Explained, ...]:
    """Return the clinical words of a passage, each once, where it stands first."""
    found: dict[str, Explained] = {}
    for match in words_of_lexicon(pipeline).finditer(passage.text):
        term = pipeline.corpus.term[match[0].casefold()]
        if term.term not in KNOWN_TO_ALL:
            found.setdefault(term.term, Explained(word=match[0], definition=term.definition))
    return tuple(found.values())


@once_a_pipeline
def words_of_lexicon(pipeline: Pipeline) -> re.Pattern[str]:
    """Return a pattern that finds every word of the lexicon, the longest first."""
    words = sorted(pipeline.corpus.term, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)", re.IGNORECASE)
