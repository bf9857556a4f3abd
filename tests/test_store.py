"""The store: every test on SQLite and on a real PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from bot.schema import CareleafError
from bot.store import Feedback, Reason, Store, StoreUnavailable
from bot.store.engine import open_engine
from bot.store.migrate import migrate
from bot.store.tables import Table
from tests.postgres import answers

DAY = date(2026, 11, 24)


@pytest.fixture
def url(database: str) -> str:
    """An empty database, of each kind."""
    return database


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


def thumb(helpful: bool, *passages: str, reason: Reason | None = None) -> Feedback:
    return Feedback(answer_id="a" * 20, corpus_version="b" * 16, passage_ids=passages, helpful=helpful, reason=reason)


def test_a_real_postgresql_answers_here(postgres: Any) -> None:
    assert answers(postgres.set(drivername="postgresql").render_as_string(hide_password=False))


def test_the_worst_rated_passages_come_first(store: Store) -> None:
    for helpful in (True, True, False):
        store.add_feedback(thumb(helpful, "hips#therapy", "hips#surgery"), DAY)
    store.add_feedback(thumb(False, "hips#surgery"), DAY)
    store.add_feedback(thumb(True, "what-is-cp#what-is-it"), DAY)
    rated = store.lowest_rated(2)
    assert [(r.passage_id, r.helpful, r.not_helpful) for r in rated] == [("hips#surgery", 2, 2), ("hips#therapy", 2, 1)]
    assert rated[0].share == 0.5
    assert store.lowest_rated(9, at_least=4) == rated[:1]


def test_reasons_and_weeks_are_counted(store: Store) -> None:
    store.add_feedback(thumb(False, reason=Reason.UNCLEAR), DAY)
    store.add_feedback(thumb(False, reason=Reason.UNCLEAR), DAY)
    store.add_feedback(thumb(False, reason=Reason.TOO_LITTLE), DAY - timedelta(days=7))
    store.add_feedback(thumb(True), DAY)
    store.add_feedback(thumb(True), DAY - timedelta(days=70))
    assert store.reasons() == {"unclear": 2, "too_little": 1}
    weeks = store.helpful_by_week(DAY - timedelta(days=14))
    assert [(w.week, w.helpful, w.not_helpful) for w in weeks] == [
        (date(2026, 11, 16), 0, 1),
        (date(2026, 11, 23), 1, 2),
    ]


def test_one_passage_named_twice_counts_once(store: Store) -> None:
    store.add_feedback(thumb(True, "hips#therapy", "hips#therapy"), DAY)
    assert store.lowest_rated(1)[0].rated == 1


def test_unanswered_questions_are_kept_and_deleted_by_day(store: Store) -> None:
    store.add_unanswered("older", "en", DAY - timedelta(days=31))
    store.add_unanswered("newer", "en", DAY)
    assert [u.text for u in store.unanswered()] == ["newer", "older"]
    assert store.delete_unanswered(before=DAY - timedelta(days=30)) == 1
    assert [u.text for u in store.unanswered()] == ["newer"]


def test_the_migrations_make_what_the_tables_say(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    engine.dispose()


def test_the_migrations_can_be_undone_and_made_again(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    migrate(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine)
    assert "feedback" in inspect(engine).get_table_names()
    engine.dispose()


def test_workers_that_start_together_make_the_tables_once(url: str) -> None:
    stores = [Store(url) for _ in range(6)]
    failed: list[Exception] = []

    def write(one: Store) -> None:
        try:
            one.add_feedback(thumb(True, "hips#therapy"), DAY)
        except CareleafError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert stores[0].lowest_rated(1)[0].helpful == 6
    for one in stores:
        one.close()


def test_what_is_deleted_is_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store(f"sqlite:///{path}")
    store.add_unanswered("does hippotherapy help sitting", "en", DAY)
    assert b"hippotherapy" in path.read_bytes()
    store.delete_unanswered(before=DAY + timedelta(days=1))
    store.close()
    assert b"hippotherapy" not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/careleaf/none.db"], ids=["postgresql", "sqlite"]
)
def test_a_database_that_fails_says_so_without_what_was_to_be_written(url: str) -> None:
    try:
        store = Store(url)
    except OSError as error:
        pytest.fail(f"opening must not touch the disk: {error}")
    with pytest.raises(StoreUnavailable) as caught:
        store.add_unanswered("zuleika", "en", DAY)
    assert "zuleika" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "CARELEAF_DATABASE_URL" in str(caught.value)


def test_a_failed_write_is_told_without_its_values(url: str) -> None:
    store = Store(url)
    store.add_unanswered("kept", "en", DAY)
    with store._session() as session:
        session.connection().exec_driver_sql("DROP TABLE unanswered")
    with pytest.raises(StoreUnavailable) as caught:
        store.add_unanswered("zuleika", "en", DAY)
    assert "zuleika" not in repr(caught.value)
    store.close()


def test_a_store_that_was_away_is_used_when_it_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.write_text("a file where the folder should be", encoding="utf-8")
    store = Store(f"sqlite:///{folder / 'store.db'}")
    with pytest.raises(StoreUnavailable):
        store.add_feedback(thumb(True), DAY)
    folder.unlink()
    store.add_feedback(thumb(True, "hips#therapy"), DAY)
    assert store.lowest_rated(1)[0].helpful == 1
    assert sqlite3.connect(folder / "store.db").execute("SELECT count(*) FROM feedback").fetchone() == (1,)


def test_a_database_of_a_newer_careleaf_is_left_alone(url: str) -> None:
    store = Store(url)
    store.add_feedback(thumb(True), DAY)
    with store._session() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    newer = Store(url)
    with pytest.raises(StoreUnavailable):
        newer.add_feedback(thumb(True), DAY)
    newer.close()


@pytest.mark.parametrize("url", ["", "mysql://localhost/x", "nonsense"])
def test_a_url_of_another_database_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(CareleafError, match=r"CARELEAF_DATABASE_URL.*write sqlite:///path or postgresql://"):
        Store(url)
