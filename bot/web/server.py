"""Starts uvicorn: one process or several, each with the whole of the index."""

import os
import tempfile
from contextlib import ExitStack

import uvicorn

from bot.settings import load_settings
from bot.web.logs import log_settings

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"


def run_server(host: str, port: int, workers: int) -> None:
    """Serve until stopped. Uvicorn prints the address; questions are never logged, so there is no access log."""
    settings = load_settings()
    with ExitStack() as stack:
        if settings.metrics and workers > 1 and TOGETHER not in os.environ:
            # The workers inherit it, and whichever is asked for figures gives those of all.
            os.environ[TOGETHER] = stack.enter_context(tempfile.TemporaryDirectory(prefix="careleaf-metrics-"))
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
            log_config=log_settings(settings.log_format),
        )
