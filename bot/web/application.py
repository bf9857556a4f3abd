"""The FastAPI application: built by a factory, so that every worker opens the index itself."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi_offline import FastAPIOffline

from bot.channels.adapter import open_channels
from bot.gaps import keeping_unanswered
from bot.pipeline import Pipeline
from bot.settings import Settings, load_settings
from bot.store import Store
from bot.web import (
    about,
    admin,
    api,
    demo,
    feedback,
    health,
    lean,
    links,
    metrics,
    openai,
    page,
    topics,
    webhooks,
    widget,
)
from bot.web.api.examples import with_examples
from bot.web.api.parts import parts_of
from bot.web.draining import CloseWhileDraining, drain_on_sigterm
from bot.web.middleware import add_middleware
from bot.web.peer import read_forwarded
from bot.web.problems import add_problem_handlers
from bot.web.reload import watch_index

DESCRIPTION = (
    "Cited, graded answers for families of children with cerebral palsy. Every statement is a sentence of a curated "
    "corpus, to the letter; no language model writes an answer. Errors are RFC 9457 problem documents."
)

UNTRACED = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
"""FastAPI's own spans hold whole addresses, and an address may hold a question; ``bot.web.telemetry`` has ours."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; the index is opened when it starts."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pipeline = await run_in_threadpool(Pipeline.from_settings, chosen)
        await run_in_threadpool(parts_of, pipeline)
        app.state.pipeline = pipeline
        # What is open now stays until the end. A full collection walked over it for 150 ms, and a question waited.
        gc.collect()
        gc.freeze()
        drain_on_sigterm(app, chosen.drain_seconds)
        watching = asyncio.create_task(watch_index(app, chosen))
        with keeping_unanswered(pipeline, app.state.store, chosen):
            yield
        watching.cancel()
        gc.unfreeze()
        app.state.pipeline = None
        app.state.store.close()

    app: FastAPI = FastAPIOffline(
        title="Careleaf",
        version=version("careleaf"),
        description=DESCRIPTION,
        lifespan=lifespan,
        static_url="/docs-assets",
        telemetry=UNTRACED,
    )
    app.state.pipeline = None
    app.state.draining = False
    app.state.store = Store(chosen.database_url.get_secret_value())
    app.state.settings = chosen
    app.state.channels = open_channels(chosen)
    app.state.person_url = chosen.person_url
    add_problem_handlers(app)
    app.include_router(api.router)
    for part in (health, page, links, topics, widget, about, demo, feedback, openai, webhooks, admin):
        app.include_router(part.router)
    app.mount("/static", widget.OpenFiles(directory=lean.STATIC), name="static")
    if chosen.metrics:
        app.include_router(metrics.router)
    add_middleware(app, chosen)
    app.add_middleware(CloseWhileDraining, state=app)
    read_forwarded(app)
    app.openapi = with_examples(app.openapi)  # type: ignore[method-assign]
    return app
