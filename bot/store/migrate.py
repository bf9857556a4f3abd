"""Brings a database to the newest revision, one process at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 7_202_611
"""Of PostgreSQL's advisory locks, the one that a migration holds."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision. Workers that start together wait for the first of them."""
    with alone(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = read_config(connection)
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def read_config(connection: Connection) -> Config:
    """Return Alembic's configuration; it has no file, so a wheel needs none."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Hold a lock file beside an SQLite database; PostgreSQL has its own locks."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database:
        yield
        return
    Path(database).parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{database}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
