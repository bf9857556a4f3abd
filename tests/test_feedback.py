"""POST /api/v1/feedback, and that nothing a person typed is kept unless the operator says so."""

import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from bot.gaps.keep import UnansweredKeeper
from bot.gaps.scrub import Scrubber
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.store import Store
from bot.web import create_app
from tests.live import live_server

UNKNOWN = "how to repair the laptop of zuleika quennebert of 14 orchard lane"
"""A question that the corpus does not answer, with a name that stands nowhere else."""


def served(built: Settings, database: str, **settings: Any) -> TestClient:
    chosen = Settings(**(built.model_dump() | {"database_url": database} | settings))
    return TestClient(create_app(chosen), raise_server_exceptions=False)


def a_thumb(client: TestClient, helpful: bool = False, **fields: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/ask", json={"question": "can cp be cured"}).json()
    passages = list(dict.fromkeys(statement["passage_id"] for statement in answer["statements"]))
    return {
        "answer_id": answer["answer_id"],
        "corpus_version": answer["corpus_version"],
        "passage_ids": passages,
        "helpful": helpful,
    } | fields


def test_a_thumb_is_kept(built: Settings, database: str) -> None:
    with served(built, database) as client:
        thumb = a_thumb(client, reason="unclear")
        response = client.post("/api/v1/feedback", json=thumb)
        assert response.status_code == 200
        assert response.json() == {"stored": True, "passage_ids": thumb["passage_ids"]}
        assert client.post("/api/v1/feedback", json=a_thumb(client, helpful=True)).status_code == 200
    store = Store(database)
    assert store.reasons() == {"unclear": 1}
    assert (store.lowest_rated(1)[0].helpful, store.lowest_rated(1)[0].not_helpful) == (1, 1)
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "because my daughter Zuleika"},
        {"answer_id": "Zuleika"},
        {"corpus_version": ""},
        {"helpful": "yes"},
        {"passage_ids": ["x"] * 9},
        {"comment": "Zuleika"},
    ],
)
def test_what_is_not_on_the_list_is_refused(built: Settings, tmp_path: Path, change: dict[str, Any]) -> None:
    with served(built, f"sqlite:///{tmp_path / 'store.db'}") as client:
        response = client.post("/api/v1/feedback", json=a_thumb(client) | change)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert "Zuleika" not in response.text
    assert not (tmp_path / "store.db").exists(), "nothing was kept, so nothing was opened"


def test_a_name_in_place_of_a_passage_is_not_kept(built: Settings, database: str) -> None:
    with served(built, database) as client:
        thumb = a_thumb(client, passage_ids=["zuleika-quennebert#lives", "is-cp-curable#cure"])
        assert client.post("/api/v1/feedback", json=thumb).json()["passage_ids"] == ["is-cp-curable#cure"]
    assert "zuleika" not in everything_in(database)


def everything_in(database: str) -> str:
    """Return every value of every table, and with SQLite every byte of the file, in lower case."""
    from sqlalchemy import create_engine, inspect, text

    driver = database.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(driver)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        values = [str(row) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    engine.dispose()
    if database.startswith("sqlite"):
        path = Path(database.removeprefix("sqlite:///"))
        values += [p.read_bytes().decode("latin-1") for p in path.parent.glob(f"{path.name}*")]
    return " ".join(values).lower()


def ask_everywhere(client: TestClient, question: str) -> None:
    """Ask by every door that takes a text over HTTP, also one that refuses it."""
    assert client.post("/api/v1/ask", json={"question": question}).json()["kind"] == "no_answer"
    assert client.post("/", data={"question": question}).status_code == 200
    body = {"model": "careleaf", "messages": [{"role": "user", "content": question}]}
    client.post("/v1/chat/completions", json=body)
    for path in ("/", "/api/v1/search", "/api/v1/suggest"):
        assert client.get(path, params={"q": question}).status_code == 200
    assert client.post("/api/v1/claims/check", json={"text": question}).status_code == 200
    assert client.get(f"/api/v1/glossary/{question}").status_code == 404
    assert client.post("/api/v1/ask", json={"question": question, "lang": question}).status_code == 422
    assert client.post("/webhooks/slack", data={"text": question}).status_code == 404
    client.post("/api/v1/feedback", json=a_thumb(client))


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return what was logged, in lower case, but for the test's own client: it logs the addresses that it asks."""
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any(record.name == "careleaf.requests" for record in ours), "the search of this test sees the server's log"
    return "\n".join(caplog.handler.format(record) for record in ours).lower()


def test_by_default_neither_database_nor_logs_hold_a_question(
    built: Settings, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with served(built, database) as client:
        ask_everywhere(client, UNKNOWN)
    kept = everything_in(database)
    assert "is-cp-curable#cure" in kept, "the search of this test sees what is kept"
    for word in ("zuleika", "quennebert", "orchard", "laptop"):
        assert word not in kept
        assert word not in logged(caplog)


def test_kept_questions_are_scrubbed_and_nothing_else_is_logged(
    built: Settings, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with served(built, database, keep_unanswered=True) as client:
        ask_everywhere(client, UNKNOWN)
        deadline = time.monotonic() + 20
        while "laptop" not in everything_in(database) and time.monotonic() < deadline:
            time.sleep(0.1)
    kept = everything_in(database)
    assert "how to repair the laptop of" in kept
    for word in ("zuleika", "quennebert", "orchard", "14"):
        assert word not in " ".join(u.text for u in Store(database).unanswered())
    assert "zuleika" not in kept
    assert "zuleika" not in logged(caplog)


@pytest.mark.parametrize("keep", [False, True])
def test_a_store_that_is_away_stops_no_answer(built: Settings, keep: bool, caplog: pytest.LogCaptureFixture) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    with served(built, away, keep_unanswered=keep) as client:
        started = time.monotonic()
        assert client.post("/api/v1/ask", json={"question": UNKNOWN}).json()["kind"] == "no_answer"
        assert client.post("/api/v1/ask", json={"question": "can cp be cured"}).json()["kind"] == "answer"
        assert client.get("/readyz").json()["status"] == "ready"
        assert time.monotonic() - started < 5
        response = client.post("/api/v1/feedback", json=a_thumb(client))
        assert response.status_code == 503
        assert response.json()["type"] == "urn:careleaf:problem:store-unavailable"
    if keep:
        assert "unanswered questions are not being kept" in caplog.text
    assert "zuleika" not in caplog.text.lower()


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def test_a_database_that_hangs_leaves_room_for_answers(built: Settings, silent: int) -> None:
    chosen = Settings(
        **(built.model_dump() | {"database_url": f"postgresql://x@127.0.0.1:{silent}/x", "keep_unanswered": True})
    )
    thumb = {"answer_id": "a" * 20, "corpus_version": "b" * 16, "helpful": True}
    limits = httpx.Limits(max_connections=None)
    with (
        live_server(chosen) as address,
        httpx.Client(base_url=address, timeout=30, limits=limits) as http,
        ThreadPoolExecutor(50) as pool,
    ):
        sent = [pool.submit(http.post, "/api/v1/feedback", json=thumb) for _ in range(50)]
        time.sleep(1)
        started = time.monotonic()
        assert http.post("/api/v1/ask", json={"question": UNKNOWN}).json()["kind"] == "no_answer"
        assert time.monotonic() - started < 2, "answers waited for the database"
        assert not all(one.done() for one in sent), "the database still hangs"
        assert {one.result().status_code for one in sent} == {503}


def test_questions_beyond_what_can_wait_are_dropped_and_nothing_waits(
    silent: int, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.gaps.keep.WAITING", 3)
    store = Store(f"postgresql://x@127.0.0.1:{silent}/x")
    keeper = UnansweredKeeper(store, Scrubber(pipeline.corpus), days=30)
    answer = pipeline.answer(UNKNOWN)
    started = time.monotonic()
    for _ in range(100):
        keeper(answer)
    assert time.monotonic() - started < 0.5
    assert caplog.text.count("unanswered questions are not being kept") == 1
    assert "zuleika" not in caplog.text
    keeper.stop(seconds=0.1)
