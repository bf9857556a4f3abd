"""What a route needs of the running application."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, TypeVar
from weakref import WeakKeyDictionary

from fastapi import Depends, Request

from bot.pipeline import Pipeline
from bot.schema import IndexUnavailable
from bot.settings import Settings


async def read_pipeline(request: Request) -> Pipeline:
    """Return the pipeline of this process; raise IndexUnavailable while it is being opened.

    Async, as it waits for nothing: FastAPI runs what is not in a thread.
    """
    pipeline: Pipeline | None = request.app.state.pipeline
    if pipeline is None:
        raise IndexUnavailable("The index is being opened; try again in a few seconds")
    return pipeline


Made = TypeVar("Made")


def once_a_pipeline(make: Callable[[Pipeline], Made]) -> Callable[[Pipeline], Made]:
    """Keep what a function makes of a pipeline as long as the pipeline itself: an index swapped out leaves nothing."""
    made: WeakKeyDictionary[Pipeline, Made] = WeakKeyDictionary()

    @wraps(make)
    def remembered(pipeline: Pipeline) -> Made:
        if pipeline not in made:
            made[pipeline] = make(pipeline)
        return made[pipeline]

    return remembered


Answering = Annotated[Pipeline, Depends(read_pipeline)]


async def read_settings(request: Request) -> Settings:
    """Return the settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


Chosen = Annotated[Settings, Depends(read_settings)]
