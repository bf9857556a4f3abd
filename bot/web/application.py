"""The FastAPI application: built by a factory, so that every worker opens the index itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline

from bot.pipeline import Pipeline
from bot.settings import Settings, load_settings
from bot.web import about, api, health, page
from bot.web.draining import CloseWhileDraining, drain_on_sigterm
from bot.web.limits import BodyLimit, SafeHeaders
from bot.web.problems import add_problem_handlers
from bot.web.reload import watch_index

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
        drain_on_sigterm(app, chosen.drain_seconds)
        watching = asyncio.create_task(watch_index(app, chosen))
        yield
        watching.cancel()
        app.state.pipeline = None

    app: FastAPI = FastAPIOffline(
        title="Careleaf",
        version=version("careleaf"),
        description=DESCRIPTION,
        lifespan=lifespan,
        static_url="/docs-assets",
    )
    app.state.pipeline = None
    app.state.draining = False
    add_problem_handlers(app)
    app.include_router(api.router)
    app.include_router(health.router)
    app.include_router(page.router)
    app.include_router(about.router)
    app.mount("/static", StaticFiles(directory=Path(str(files("bot.web").joinpath("static")))), name="static")
    app.add_middleware(BodyLimit, most=chosen.max_body_bytes)
    app.add_middleware(SafeHeaders)
    app.add_middleware(CloseWhileDraining, state=app)
    return app
