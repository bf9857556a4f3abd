"""Logs as text or as JSON, one object a line, without anything that somebody wrote.

Only the places of a traceback are kept: the message of an exception may repeat what it could not read.
"""

import logging
import traceback
from types import TracebackType
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter
from uvicorn.logging import DefaultFormatter

from bot.web.requests_seen import Seen, request_id

requests_log = logging.getLogger("careleaf.requests")

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def places_of(failed: ExceptionInfo) -> str:
    """Return where an exception came from, and its kind, without its message."""
    kind, error, _ = failed
    if kind is None or error is None:
        return ""
    places = "".join(traceback.format_tb(failed[2]))
    return f"{places}{kind.__module__}.{kind.__qualname__}"


class DiscreetText(DefaultFormatter):
    """Uvicorn's lines."""

    def formatException(self, ei: ExceptionInfo) -> str:
        """Return the places of an exception."""
        return places_of(ei)


class DiscreetJson(JsonFormatter):
    """One JSON object a line: time, level, logger, message, the request's id, and what else was given."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Add the id of the request that is being answered; leave out uvicorn's line for coloured terminals."""
        super().add_fields(log_data, record, message_dict)
        log_data.pop("color_message", None)
        if request_id.get():
            log_data.setdefault("request_id", request_id.get())

    def formatException(self, ei: ExceptionInfo) -> str:
        """Return the places of an exception."""
        return places_of(ei)


def log_request(seen: Seen) -> None:
    """Log a request that was answered; does nothing in text, where nobody asked for a line a request."""
    if requests_log.isEnabledFor(logging.INFO):
        requests_log.info(
            "answered",
            extra={
                "method": seen.method,
                "route": seen.route,
                "status": seen.status,
                "ms": round(seen.seconds * 1000, 2),
                "request_id": seen.request_id,
            },
        )


def log_settings(form: Literal["text", "json"]) -> dict[str, Any]:
    """Return what ``logging.config.dictConfig`` and uvicorn read."""
    formatter: dict[str, Any] = {"()": "bot.web.logs.DiscreetJson"}
    if form == "text":
        formatter = {"()": "bot.web.logs.DiscreetText", "fmt": "%(levelprefix)s %(message)s", "use_colors": None}
    level = "INFO" if form == "json" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "uvicorn": {"level": "INFO"},
            "uvicorn.access": {"level": "CRITICAL"},
            "bot": {"level": "INFO"},
            "careleaf": {"level": level},
        },
    }
