"""A process in service: it swaps its index under load without losing a request, and ends as it should."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.building import build_from_settings
from bot.encoder import Encoder
from bot.index import IndexFolder
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.web.about import corpus_page
from bot.web.api.parts import parts_of
from bot.web.typeahead import questions
from bot.web.widget import loader
from tests.benchmarks.speed import free_port
from tests.conftest import ROOT
from tests.test_index import reword

CARELEAF = Path(sys.executable).with_name("careleaf")


@pytest.fixture(scope="module")
def two(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """An index folder with two versions, and their names; the second is in service."""
    place = tmp_path_factory.mktemp("two")
    shutil.copytree(built.index_dir, place / "index", ignore=shutil.ignore_patterns(".building*"))
    shutil.copytree(ROOT / "corpus", place / "corpus")
    old = IndexFolder(place / "index").require_current().name
    reword(place / "corpus", "a second version")
    new = build_from_settings(
        built.model_copy(update={"corpus_dir": place / "corpus", "index_dir": place / "index"})
    ).version
    return place / "index", old, new


class Served:
    """``careleaf serve`` on a free port."""

    def __init__(self, index: Path, *words: str, drain: float = 1.0) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        environment = os.environ | {
            "CARELEAF_INDEX_DIR": str(index),
            "CARELEAF_RELOAD_SECONDS": "0.2",
            "CARELEAF_RATE_LIMIT": "off",
            "CARELEAF_DRAIN_SECONDS": str(drain),
        }
        self.process = subprocess.Popen(
            [CARELEAF, "serve", "--port", str(port), *words],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait_until(lambda: self.ready() == 200)

    def ready(self) -> int:
        """Return the status of /readyz; 0 where nobody listens."""
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def version(self) -> str:
        """Return the index version in service."""
        return str(httpx.get(f"{self.address}/readyz", timeout=5).json()["index_version"])

    def wait_until(self, true: "object", seconds: float = 40) -> None:
        """Wait until something is true."""
        assert callable(true)
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.05)


@pytest.fixture
def served(two: tuple[Path, str, str]) -> Iterator[Served]:
    running = Served(two[0])
    yield running
    running.process.kill()
    running.process.wait()


def test_a_swap_under_load_loses_no_request_and_can_be_put_back(two: tuple[Path, str, str], served: Served) -> None:
    index, old, new = two
    statuses: list[int] = []
    faults: list[str] = []
    stop = threading.Event()

    def load(number: int) -> None:
        with httpx.Client(timeout=20) as client:
            count = 0
            while not stop.is_set():
                count += 1
                try:
                    body = {"question": f"can cp be cured {number} {count}"}
                    statuses.append(client.post(f"{served.address}/api/v1/ask", json=body).status_code)
                except httpx.HTTPError as error:
                    faults.append(repr(error))

    threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
    assert served.version() == new
    for thread in threads:
        thread.start()
    try:
        for version in (old, new, old, new):
            IndexFolder(index).use(version)
            served.wait_until(lambda version=version: served.version() == version)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []
    assert set(statuses) == {200}
    assert len(statuses) > 100, "too little load to prove anything"


def test_a_version_that_cannot_be_opened_leaves_the_old_one_in_service(
    two: tuple[Path, str, str], served: Served
) -> None:
    index, _, new = two
    (index / "broken").mkdir()
    IndexFolder(index).use("broken")
    try:
        time.sleep(1)
        assert served.version() == new
        assert httpx.post(f"{served.address}/api/v1/ask", json={"question": "can cp be cured"}).status_code == 200
    finally:
        IndexFolder(index).use(new)
        (index / "broken").rmdir()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_on_sigterm_readiness_ends_first_and_requests_go_on_being_answered(
    two: tuple[Path, str, str], workers: str
) -> None:
    running = Served(two[0], "--workers", workers, drain=2.0)
    if workers == "2":
        time.sleep(4)  # the second worker opens its index after the first one answers
    try:
        running.process.send_signal(signal.SIGTERM)
        running.wait_until(lambda: running.ready() == 503, 1.5)
        answer = httpx.post(f"{running.address}/api/v1/ask", json={"question": "can cp be cured"}, timeout=5)
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert running.process.wait(15) in (0, -signal.SIGTERM)
        assert running.ready() == 0
    finally:
        if running.process.poll() is None:
            running.process.kill()


def test_a_request_in_flight_at_the_end_is_finished(two: tuple[Path, str, str]) -> None:
    running = Served(two[0], drain=0.3)
    host, _, port = running.address.removeprefix("http://").partition(":")
    import socket

    body = b'{"question": "can cp be cured"}'
    head = (
        f"POST /api/v1/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    try:
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(head.encode() + body[:10])
            time.sleep(0.3)
            running.process.send_signal(signal.SIGTERM)
            time.sleep(1.5)
            assert running.process.poll() is None, "it waits for the request"
            connection.sendall(body[10:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert running.process.wait(15) in (0, -signal.SIGTERM)
    finally:
        if running.process.poll() is None:
            running.process.kill()


def test_what_was_made_of_an_index_goes_with_it(built: Settings, encoder: Encoder) -> None:
    pipeline = Pipeline.from_settings(built, encoder)
    for make in (parts_of, corpus_page, loader, questions):
        assert make(pipeline) is make(pipeline), "made once"
    gone = weakref.ref(pipeline)
    del pipeline
    gc.collect()
    assert gone() is None
