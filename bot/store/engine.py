"""A URL → an SQLAlchemy engine with what each database needs to be safe here."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.schema import CareleafError

SECONDS = 3
"""A database that does not answer for so long has failed."""


def open_engine(url: str) -> Engine:
    """Return the engine of a URL, unconnected. Raises CareleafError where the URL is of neither database."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise CareleafError(
            "CARELEAF_DATABASE_URL is no URL; write sqlite:///path or postgresql://user@host/name"
        ) from error
    backend = parsed.get_backend_name()
    # A statement's values never reach an error message or a log.
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if backend == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": SECONDS}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if backend == "postgresql":
        # psycopg 3 is the driver, whatever a URL that a host hands out names.
        named = parsed.set(drivername="postgresql+psycopg")
        try:
            limits = {"connect_timeout": SECONDS, "tcp_user_timeout": SECONDS * 1000}
            return create_engine(named, connect_args=limits, pool_timeout=SECONDS, **options)
        except ImportError as error:
            raise CareleafError(
                "CARELEAF_DATABASE_URL names PostgreSQL and its driver is not installed; "
                "run: pip install 'careleaf[postgres]'"
            ) from error
    raise CareleafError(f"CARELEAF_DATABASE_URL names {backend!r}; write sqlite:///path or postgresql://user@host/name")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    """Overwrite what is deleted, so that it is gone from the file too; and hold references."""
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA foreign_keys=ON")
