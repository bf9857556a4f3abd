"""A running process notices a new index version, opens it beside the old one, and swaps between two requests."""

import asyncio
import gc
import logging

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from bot.index import IndexFolder
from bot.pipeline import Pipeline
from bot.schema import CareleafError
from bot.settings import Settings
from bot.web.api.parts import parts_of

log = logging.getLogger(__name__)

WARM_UP = "What is cerebral palsy?"
LONGEST_WAIT = 60.0


async def watch_index(app: FastAPI, settings: Settings) -> None:
    """Look at the pointer every ``reload_seconds`` until cancelled; 0 means never.

    A version that cannot be opened leaves the old one in service; it is tried again after twice the wait, up to a
    minute, because the disk or the copying of it may not be done yet.
    """
    wait = settings.reload_seconds
    while settings.reload_seconds:
        await asyncio.sleep(wait)
        try:
            await swap_index(app, settings)
            wait = settings.reload_seconds
        except (CareleafError, OSError, ValueError, KeyError) as error:
            wait = min(wait * 2, LONGEST_WAIT)
            log.error("The new index cannot be opened (%s); the one in service goes on answering", error)


async def swap_index(app: FastAPI, settings: Settings) -> bool:
    """Put the version that the pointer names into service where it is another one; say whether it was.

    A request holds the pipeline that it began with, so none is lost and none sees two versions.
    """
    old: Pipeline = app.state.pipeline
    version = await run_in_threadpool(IndexFolder(settings.index_dir).current)
    if version is None or version.name == old.index.version:
        return False
    fresh = await run_in_threadpool(open_beside, old, settings)
    fresh.on_answer = old.on_answer
    app.state.pipeline = fresh
    log.warning("Index %s is in service; it was %s", fresh.index.version, old.index.version)
    del old
    # Pipelines hold themselves through their cache of answers; the old one goes when its last request has ended.
    await run_in_threadpool(gc.collect)
    return True


def open_beside(old: Pipeline, settings: Settings) -> Pipeline:
    """Open the version in service with the model that is loaded already, and ask it once, so that it is warm."""
    fresh = Pipeline.from_settings(settings, old.encoder)
    fresh.ask(WARM_UP)
    parts_of(fresh)
    return fresh
