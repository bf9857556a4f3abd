"""The widget: ``/widget.js`` and what it loads once it is opened, for any site. Nothing here is secret."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from bot.compose.wording import Words
from bot.pipeline import Pipeline
from bot.schema import NotFound
from bot.settings import Settings
from bot.web.about import ABOUT_PERSON
from bot.web.language import Lang, interface_words, privacy_line
from bot.web.lean import join_modules, read_lean
from bot.web.state import Answering, once_a_pipeline
from bot.web.typeahead import questions

router = APIRouter(include_in_schema=False)

STYLES = ("tokens.css", "answer.css", "chat.css")
OPEN_TO_ALL = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
"""Code and words may be read from any site; whether answers may is the operator's choice (CORS of the API)."""

WORD_FOR_LOADER = "launcher"
MARK = "/*WORDS*/ {}"


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


@router.get("/widget/style.css")
def show_style() -> Response:
    """Return the widget's whole style: tokens, answers, component."""
    return Response("\n".join(map(read_lean, STYLES)), media_type="text/css", headers=OPEN_TO_ALL)


@router.get("/widget/chat.js")
def show_component() -> Response:
    """Return the component, all of it."""
    return Response(join_modules(), media_type="text/javascript", headers=OPEN_TO_ALL)


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
    settings: Settings = request.app.state.settings
    said = widget_words(words) | {
        "starters": [corpus.passages[name].heading for name in starters],
        "person_url": request.app.state.person_url or ABOUT_PERSON,
    }
    origin = request.headers.get("origin")
    said["page"]["privacy"] = privacy_line(words, settings)
    if not may_ask(origin, settings.cors_origins):
        said["closed"] = {name: text.format(origin=origin) for name, text in words["widget"]["closed"].items()}
    return JSONResponse(said, headers=OPEN_TO_ALL | {"vary": "origin"})


def may_ask(origin: str | None, allowed: tuple[str, ...]) -> bool:
    """Say whether a site is given answers. A browser names the site; for our own page it names none."""
    return origin is None or origin in allowed or "*" in allowed


def widget_words(words: Words) -> dict[str, Any]:
    """Return the part of a catalogue that the widget uses."""
    page = ("intro", "emergency_line", "label", "ask", "starters", "privacy")
    return {
        "lang": words["interface"],
        "dir": words["dir"],
        "page": {name: words["page"][name] for name in page},
        "types": words["source_types"],
        "undated": words["undated"],
        **{name: text for name, text in words["widget"].items() if name not in ("closed", "launcher")},
    }


@router.get("/widget/questions.json")
def show_questions(pipeline: Answering) -> Response:
    """Return the questions that type-ahead knows."""
    return JSONResponse(questions(pipeline), headers=OPEN_TO_ALL)
