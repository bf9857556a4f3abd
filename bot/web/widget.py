"""The widget: ``/widget.js`` and what it loads once it is opened, for any site. Nothing here is secret."""

import json
import re
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from bot.compose.wording import Words
from bot.pipeline import Pipeline
from bot.schema import NotFound
from bot.web.language import Lang, interface_words
from bot.web.state import Answering, once_a_pipeline

router = APIRouter(include_in_schema=False)

STATIC = FilePath(__file__).resolve().parent / "static"
STYLES = ("tokens.css", "answer.css", "chat.css")
OPEN_TO_ALL = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
"""Code and words may be read from any site; whether answers may is the operator's choice (CORS of the API)."""

WORD_FOR_LOADER = "launcher"
MARK = "/*WORDS*/ {}"
SAID_TO_READERS = re.compile(r"^\s*(?:/\*.*?\*/\s*$|//[^\n]*$)|^\s+", re.MULTILINE | re.DOTALL)
"""Comments on lines of their own, and indentation: half of the bytes of a well-kept source file."""

Module = Annotated[str, Path(pattern=r"^[a-z]+$")]


class OpenFiles(StaticFiles):
    """Static files that a module script on another site may load; a browser asks each time whether they changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Add the headers."""
        response = await super().get_response(path, scope)
        response.headers.update(OPEN_TO_ALL)
        return response


@router.get("/widget.js")
def show_loader(pipeline: Answering) -> Response:
    """Return the loader with the few words it shows before anything else is loaded."""
    return Response(loader(pipeline), media_type="text/javascript", headers=OPEN_TO_ALL)


@once_a_pipeline
def loader(pipeline: Pipeline) -> str:
    """Return the loader's source; it knows the launcher's words in every language of the interface."""
    code = read_lean("widget.js")
    said = {
        lang: {name: words["widget"][name] for name in (WORD_FOR_LOADER, "open_elsewhere")}
        for lang, words in pipeline.renderer.languages().items()
        if words["interface"] == lang
    }
    return code.replace(MARK, json.dumps(said, ensure_ascii=False))


@lru_cache(maxsize=32)
def read_lean(name: str) -> str:
    """Return one of our own script or style files without what only its readers need."""
    return SAID_TO_READERS.sub("", (STATIC / name).read_text(encoding="utf-8"))


@router.get("/widget/style.css")
def show_style() -> Response:
    """Return the widget's whole style: tokens, answers, component."""
    return Response("\n".join(map(read_lean, STYLES)), media_type="text/css", headers=OPEN_TO_ALL)


@router.get("/widget/{module}.js")
def show_module(module: Module) -> Response:
    """Return one of the component's modules."""
    if not (STATIC / f"{module}.js").is_file():
        raise NotFound(f"No module {module!r}; bot/web/static holds those that there are")
    return Response(read_lean(f"{module}.js"), media_type="text/javascript", headers=OPEN_TO_ALL)


@router.get("/widget/words.json")
def show_words(request: Request, pipeline: Answering, lang: Lang = "en", topic: str = "") -> Response:
    """Return what the widget says in a language, and the starter questions: of a topic, or those families often ask."""
    words = interface_words(pipeline, lang)
    corpus = pipeline.corpus
    starters = list(words["starters"])
    if topic:
        if topic not in corpus.topics:
            raise NotFound(f"No topic {topic!r}; /topics lists those that there are")
        starters = [passage.id for passage in corpus.topics[topic].passages][:4]
    feedback = any(getattr(route, "path", "") == "/api/v1/feedback" for route in request.app.routes)
    said = widget_words(words) | {
        "starters": [corpus.passages[name].heading for name in starters],
        "feedback": feedback,
        "person_url": request.app.state.person_url or "/about#person",
    }
    return JSONResponse(said, headers=OPEN_TO_ALL)


def widget_words(words: Words) -> dict[str, Any]:
    """Return the part of a catalogue that the widget uses."""
    page = ("intro", "emergency_line", "label", "ask", "starters", "privacy", "footer")
    return {
        "lang": words["interface"],
        "dir": words["dir"],
        "page": {name: words["page"][name] for name in page},
        "types": words["source_types"],
        "undated": words["undated"],
        "sources": words["headings"]["sources"],
        **words["widget"],
    }


@router.get("/widget/questions.json")
def show_questions(pipeline: Answering) -> Response:
    """Return every question that the corpus answers: type-ahead runs in the browser, so nothing typed is sent."""
    return JSONResponse(questions(pipeline), headers=OPEN_TO_ALL)


@once_a_pipeline
def questions(pipeline: Pipeline) -> dict[str, Any]:
    """Return the headings of the passages, and to which of them the words belong that families use for their terms."""
    corpus = pipeline.corpus
    headings = list(dict.fromkeys(passage.heading for passage in corpus.passages.values()))
    lowered = [heading.lower() for heading in headings]
    text = "\n".join(lowered)
    also: dict[str, list[int]] = {}
    for term in corpus.lexicon:
        places = [place for place, heading in enumerate(lowered) if term.term.lower() in heading]
        for word in (*term.lay, *term.variants):
            if places and word.isalpha() and word.lower() not in text:
                also.setdefault(word.lower(), places)
    return {"questions": headings, "also": also}
