"""Starts uvicorn: one process or several, each with the whole of the index."""

import logging
import os
import tempfile
from contextlib import ExitStack

import uvicorn

from bot.settings import load_settings
from bot.web.figures import TOGETHER
from bot.web.logs import log_settings

log = logging.getLogger(__name__)

HUNG = 60
"""Seconds in which a worker has to answer its supervisor. After uvicorn's own 5, a machine that was short of processor
time killed each worker while it was still being imported, and started the next, for ever."""


def run_server(host: str, port: int, workers: int) -> None:
    """Serve until stopped. Uvicorn prints the address; questions are never logged, so there is no access log."""
    settings = load_settings()
    with ExitStack() as stack:
        if settings.metrics and workers > 1 and TOGETHER not in os.environ:
            share_figures(stack)
        uvicorn.run(
            "bot.web.application:create_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # bot.web.peer reads them
            timeout_graceful_shutdown=10,
            timeout_worker_healthcheck=HUNG,
            log_config=log_settings(settings.log_format),
        )


def share_figures(stack: ExitStack) -> None:
    """Make the folder of the workers' figures; on a full disk they serve all the same, each with its own figures."""
    try:
        # The workers inherit it, and whichever is asked for figures gives those of all.
        os.environ[TOGETHER] = stack.enter_context(tempfile.TemporaryDirectory(prefix="careleaf-metrics-"))
    except OSError as error:
        log.error("No folder for figures can be made (%s): each worker shows its own at /metrics", error.strerror)
