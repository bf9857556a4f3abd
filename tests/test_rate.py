"""Rates, load and time: counted in memory and in a real Redis; whatever fails there, an answer is given."""

import asyncio
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from bot.schema import CareleafError
from bot.settings import Settings, load_settings
from bot.web import create_app
from bot.web.load import LoadLimit
from bot.web.rate import RateCounter, client_of
from tests.servers import closed_port, own_redis
from tests.test_web import BROWSER, assert_error_page, assert_problem


@pytest.fixture(params=["memory", "redis"])
def counted_in(request: pytest.FixtureRequest, redis_url: str) -> Iterator[str | None]:
    """Where requests are counted; our keys in Redis are removed before and after."""
    if request.param == "memory":
        yield None
        return
    forget(redis_url)
    yield redis_url
    forget(redis_url)


def forget(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter("careleaf*"):
            client.delete(key)


def limited(built: Settings, rate: str, redis_url: str | None = None, **more: Any) -> FastAPI:
    return create_app(built.model_copy(update={"rate_limit": rate, "redis_url": redis_url} | more))


def test_a_client_that_asks_too_often_is_told_when_to_come_back(built: Settings, counted_in: str | None) -> None:
    with TestClient(limited(built, "3/minute", counted_in)) as client:
        statuses = [client.get("/api/v1/corpus").status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        refused = client.post("/api/v1/ask", json={"question": "can cp be cured"})
        problem = assert_problem(refused, 429, "too-many-requests")
        assert "emergency number" in problem["detail"]
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert refused.headers["x-request-id"]
        assert client.get("/readyz").status_code == 200, "an orchestrator is not counted"
        assert client.get("/static/careleaf.css").status_code == 200


def test_head_is_counted_as_any_request_is(built: Settings) -> None:
    with TestClient(limited(built, "2/minute")) as client:
        responses = [client.head("/about") for _ in range(3)]
        assert [response.status_code for response in responses] == [200, 200, 429]
        assert responses[-1].headers["retry-after"]
        assert responses[-1].content == b""


def test_a_person_who_asks_too_often_is_told_so_on_a_page(built: Settings) -> None:
    with TestClient(limited(built, "1/minute")) as client:
        client.get("/")
        response = client.get("/", headers=BROWSER)
        assert_error_page(response, 429, "Too many questions at once")
        assert int(response.headers["retry-after"]) >= 1


def test_after_the_window_the_client_may_ask_again(built: Settings, counted_in: str | None) -> None:
    with TestClient(limited(built, "2/second", counted_in)) as client:
        assert [client.get("/api/v1/corpus").status_code for _ in range(3)] == [200, 200, 429]
        time.sleep(2.1)
        assert client.get("/api/v1/corpus").status_code == 200


def test_clients_are_counted_apart(built: Settings, counted_in: str | None) -> None:
    counter = RateCounter("1/minute", counted_in)

    async def ask() -> list[bool]:
        return [await counter.wait_of(client) == 0 for client in ("192.0.2.1", "192.0.2.2", "192.0.2.1")]

    assert asyncio.run(ask()) == [True, True, False]


def test_workers_count_together_in_redis_and_apart_in_memory(redis_url: str) -> None:
    forget(redis_url)

    async def ask(url: str | None) -> list[bool]:
        return [await RateCounter("2/minute", url).wait_of("192.0.2.9") == 0 for _ in range(3)]

    assert asyncio.run(ask(redis_url)) == [True, True, False]
    assert asyncio.run(ask(None)) == [True, True, True]
    forget(redis_url)


def test_a_redis_that_is_away_stops_nothing_and_is_told_once(built: Settings, caplog: pytest.LogCaptureFixture) -> None:
    nobody = f"redis://:secret-word@127.0.0.1:{closed_port()}/0"
    with caplog.at_level(logging.WARNING), TestClient(limited(built, "3/minute", nobody)) as client:
        statuses = [client.get("/api/v1/corpus").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429], "memory counts meanwhile"
    told = [record.getMessage() for record in caplog.records if record.name == "bot.web.rate"]
    assert len(told) == 1
    assert "secret-word" not in caplog.text


def test_a_redis_that_dies_and_comes_back_counts_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.web.rate.RETRY", 0.0)

    async def ask(counter: RateCounter, times: int) -> list[bool]:
        return [await counter.wait_of("192.0.2.7") == 0 for _ in range(times)]

    async def live() -> None:
        port = closed_port()
        with own_redis(port) as url:
            counter = RateCounter("2/minute", url)
            assert await ask(counter, 3) == [True, True, False]
        assert await ask(counter, 3) == [True, True, False], "memory counts from nothing"
        with own_redis(port):
            assert await ask(counter, 3) == [True, True, False], "so does a new Redis"

    with caplog.at_level(logging.WARNING):
        asyncio.run(live())
    assert len([record for record in caplog.records if record.name == "bot.web.rate"]) == 1


def test_a_redis_that_does_not_answer_delays_an_answer_by_little(built: Settings) -> None:
    async def silent() -> float:
        server = await asyncio.start_server(lambda _r, _w: asyncio.sleep(60), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        counter = RateCounter("5/minute", f"redis://127.0.0.1:{port}/0")
        started = time.perf_counter()
        assert [await counter.wait_of("192.0.2.3") for _ in range(3)] == [0, 0, 0]
        server.close()
        return time.perf_counter() - started

    assert asyncio.run(silent()) < 2.0


def test_while_redis_hangs_one_request_tries_it_and_the_others_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tried.append(writer)
        await asyncio.sleep(60)

    async def silent() -> float:
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        counter = RateCounter("500/minute", f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        await counter.wait_of("192.0.2.3")
        tried.clear()
        monkeypatch.setattr("bot.web.rate.RETRY", 0.2)
        await asyncio.sleep(0.3)
        started = time.perf_counter()
        first = asyncio.create_task(counter.wait_of("192.0.2.3"))
        await asyncio.sleep(0)
        await asyncio.gather(*(counter.wait_of("192.0.2.3") for _ in range(50)))
        others = time.perf_counter() - started
        await first
        server.close()
        return others

    assert asyncio.run(silent()) < 0.2
    assert len(tried) == 1


def test_off_turns_it_off(built: Settings) -> None:
    with TestClient(limited(built, "off")) as client:
        assert {client.get("/api/v1/corpus").status_code for _ in range(150)} == {200}


def test_the_default_is_120_a_minute() -> None:
    assert Settings().rate_limit == "120/minute"


def test_the_password_of_an_address_that_cannot_be_read_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_REDIS_URL", "redis//:secret-word@host")
    load_settings.cache_clear()
    with pytest.raises(CareleafError, match="CARELEAF_REDIS_URL: ") as refused:
        load_settings()
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize("rate", ["", "often", "12", "-3/minute"])
def test_a_rate_that_cannot_be_read_is_refused_with_the_remedy(rate: str) -> None:
    with pytest.raises(ValueError, match="120/minute"):
        Settings(rate_limit=rate)


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_is_an_address_or_a_network_of_its_own(host: str, counted: str) -> None:
    assert client_of({"type": "http", "client": (host, 1)}) == counted


def test_the_client_of_redis_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from limits.errors import ConfigurationError

    def missing(*_: Any, **__: Any) -> None:
        raise ConfigurationError("no redis")

    monkeypatch.setattr("bot.web.rate.storage_from_string", missing)
    with pytest.raises(CareleafError, match=r"pip install 'careleaf\[redis\]'"):
        RateCounter("1/minute", "redis://127.0.0.1/0")


def request_of(path: str = "/x") -> Scope:
    return {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "server": ("x", 80)}


class Answered:
    """What an application sent."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def __call__(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])


async def nothing() -> Any:
    await asyncio.sleep(60)


def test_more_than_a_worker_can_answer_at_a_time_is_told_to_wait() -> None:
    async def live() -> None:
        free = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await free.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        app = LoadLimit(slow, most=2, timeout=30)
        answered = [Answered() for _ in range(4)]
        working = [asyncio.create_task(app(request_of(), nothing, one)) for one in answered[:2]]
        await asyncio.sleep(0.01)
        await app(request_of(), nothing, answered[2])
        assert answered[2].status == 503
        assert answered[2].headers[b"retry-after"] == b"1"
        health = asyncio.create_task(app(request_of("/healthz"), nothing, answered[3]))
        free.set()
        await asyncio.gather(*working, health)
        assert [one.status for one in (*answered[:2], answered[3])] == [200, 200, 200]
        again = Answered()
        await app(request_of(), nothing, again)
        assert again.status == 200, "a place is free again"

    asyncio.run(live())


def test_what_takes_too_long_is_given_up_and_its_place_kept_until_it_is_over() -> None:
    async def live() -> None:
        over = asyncio.Event()

        async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
            # A thread that works cannot be stopped: the task ends when the thread does.
            while not over.is_set():
                try:
                    await over.wait()
                except asyncio.CancelledError:
                    continue
            await send({"type": "http.response.start", "status": 200, "headers": []})

        app = LoadLimit(stubborn, most=1, timeout=0.05)
        late, busy = Answered(), Answered()
        await app(request_of(), nothing, late)
        assert (late.status, late.headers[b"retry-after"]) == (503, b"1")
        await app(request_of(), nothing, busy)
        assert busy.status == 503
        over.set()
        await asyncio.sleep(0.05)
        assert len(late.messages) == 2, "nothing is sent after the refusal"
        third = Answered()
        await app(request_of(), nothing, third)
        assert third.status == 200

    asyncio.run(live())


def test_a_response_that_has_begun_may_take_its_time() -> None:
    async def live() -> None:
        async def stream(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await asyncio.sleep(0.2)
            await send({"type": "http.response.body", "body": b"end"})

        told = Answered()
        await LoadLimit(stream, most=1, timeout=0.05)(request_of(), nothing, told)
        assert [message["type"] for message in told.messages] == ["http.response.start", "http.response.body"]

    asyncio.run(live())


def test_a_fault_of_the_application_comes_through() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(LoadLimit(broken, most=1, timeout=1)(request_of(), nothing, Answered()))


def test_a_slow_answer_is_a_problem_document(built: Settings) -> None:
    app = create_app(built.model_copy(update={"timeout_seconds": 0.05}))

    @app.get("/slow")
    def slow() -> None:
        time.sleep(0.3)

    with TestClient(app) as client:
        response = client.get("/slow")
        assert "emergency number" in assert_problem(response, 503, "late")["detail"]
        assert response.headers["retry-after"] == "1"
