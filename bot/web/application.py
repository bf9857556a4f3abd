"""The FastAPI application: built by a factory, so that every worker opens the index itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi_offline import FastAPIOffline

from bot.pipeline import Pipeline
from bot.settings import Settings, load_settings
from bot.web import about, api, demo, health, links, page, passages, topics, widget
from bot.web.limits import BodyLimit, SafeHeaders
from bot.web.problems import add_problem_handlers

DESCRIPTION = (
    "Cited, graded answers for families of children with cerebral palsy. Every statement is a sentence of a curated "
    "corpus, to the letter; no language model writes an answer. Errors are RFC 9457 problem documents."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; the index is opened when it starts."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pipeline = await run_in_threadpool(Pipeline.from_settings, chosen)
        yield
        app.state.pipeline = None

    app: FastAPI = FastAPIOffline(
        title="Careleaf",
        version=version("careleaf"),
        description=DESCRIPTION,
        lifespan=lifespan,
        static_url="/docs-assets",
    )
    app.state.pipeline = None
    app.state.person_url = chosen.person_url
    add_problem_handlers(app)
    app.include_router(api.router)
    app.include_router(health.router)
    for part in (passages, page, links, topics, widget, about, demo):
        app.include_router(part.router)
    app.mount("/static", widget.OpenFiles(directory=widget.STATIC), name="static")
    app.add_middleware(BodyLimit, most=chosen.max_body_bytes)
    app.add_middleware(SafeHeaders)
    return app
