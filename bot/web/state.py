"""What a route needs of the running application."""

from typing import Annotated

from fastapi import Depends, Request

from bot.pipeline import Pipeline
from bot.schema import IndexUnavailable


async def read_pipeline(request: Request) -> Pipeline:
    """Return the pipeline of this process; raise IndexUnavailable while it is being opened.

    Async, as it waits for nothing: FastAPI runs what is not in a thread.
    """
    pipeline: Pipeline | None = request.app.state.pipeline
    if pipeline is None:
        raise IndexUnavailable("The index is being opened; try again in a few seconds")
    return pipeline


Answering = Annotated[Pipeline, Depends(read_pipeline)]
