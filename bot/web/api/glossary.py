"""The glossary: clinical words in plain words."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from bot.schema import NotFound, Term
from bot.web.api.versioned import NOT_MODIFIED, VersionedRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["glossary"], route_class=VersionedRoute)


class Glossary(BaseModel):
    """Every word that is explained."""

    corpus_version: str
    terms: tuple[Term, ...]


class TermShown(Term):
    """One word, explained."""

    corpus_version: str


@router.get("/glossary", responses=documented() | NOT_MODIFIED)
def list_terms(pipeline: Answering) -> Glossary:
    """List the clinical words with their plain definitions, what families call them, and other spellings."""
    return Glossary(corpus_version=pipeline.corpus.version, terms=pipeline.corpus.lexicon)


@router.get("/glossary/{term}", responses=documented(404, 422) | NOT_MODIFIED)
def show_term(term: Annotated[str, Path(max_length=120)], pipeline: Answering) -> TermShown:
    """Explain one word, found by its name or another spelling, in small or capital letters."""
    found = pipeline.corpus.term.get(term.casefold())
    if found is None:
        raise NotFound("No such word; GET /api/v1/glossary lists those that there are")
    return TermShown(**found.model_dump(), corpus_version=pipeline.corpus.version)
