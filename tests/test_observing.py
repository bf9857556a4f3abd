"""Request ids, logs, metrics, traces, CORS: what an operator sees, and that no word that was asked is in it."""

import http.server
import json
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from bot.settings import Settings
from bot.web import create_app
from bot.web.figures import ROOM
from bot.web.logs import DiscreetJson, DiscreetText
from bot.web.server import share_figures
from tests.benchmarks.http import wait_until_ready
from tests.benchmarks.speed import free_port
from tests.conftest import ROOT

SECRET = "Zuleika"
"""A word that stands in questions here, and must stand nowhere else."""


@pytest.mark.parametrize("sent", ["3f2a-77b1.x_Y", "a" * 128, "0b1e6d8c6f5d4d7f9a1c2b3e4f5a6b7c"])
def test_a_well_formed_request_id_is_kept(client: TestClient, sent: str) -> None:
    assert client.get("/healthz", headers={"x-request-id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "short", "a" * 129, "two words here", 'quote"quote"', "new%0aline<script>"])
def test_any_other_request_id_is_replaced(client: TestClient, sent: str) -> None:
    given = client.get("/healthz", headers={"x-request-id": sent}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_each_request_has_an_id_of_its_own_also_where_it_fails(client: TestClient, built: Settings) -> None:
    ids = {client.get(path).headers["x-request-id"] for path in ("/", "/nowhere", "/api/v1/topics/none", "/healthz")}
    assert len(ids) == 4
    app = create_app(built)

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError

    with TestClient(app, raise_server_exceptions=False) as running:
        assert running.get("/breaks", headers={"x-request-id": "given-by-me"}).headers["x-request-id"] == "given-by-me"


def test_a_traceback_is_logged_without_its_message() -> None:
    for formatter in (DiscreetJson(), DiscreetText("%(levelprefix)s %(message)s")):
        try:
            raise ValueError(f"cannot read {SECRET}") from KeyError(SECRET)
        except ValueError:
            record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
        line = formatter.format(record)
        assert SECRET not in line
        assert "ValueError" in line
        assert "test_observing.py" in line


class Operated:
    """``careleaf serve`` with two workers, JSON logs and metrics, and what it wrote."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def operated(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    one = Operated(tmp_path_factory.mktemp("operated") / "log")
    careleaf = Path(sys.executable).with_name("careleaf")
    environment = os.environ | {
        "CARELEAF_LOG_FORMAT": "json",
        "CARELEAF_METRICS": "true",
        "CARELEAF_RATE_LIMIT": "off",
        "CARELEAF_INDEX_DIR": str(built.index_dir),
    }
    command = [str(careleaf), "serve", "--port", str(one.port), "--workers", "2"]
    with one.log.open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until_ready(one.port, process)
        for number in range(30):
            # Each on a connection of its own, so that both workers answer some.
            question = f"my daughter {SECRET} has cp, can it be cured {number}"
            httpx.post(f"{one.address}/api/v1/ask", json={"question": question})
        httpx.get(f"{one.address}/api/v1/search", params={"q": SECRET})
        httpx.get(f"{one.address}/", params={"q": SECRET})
        httpx.get(f"{one.address}/{SECRET}")
        # A line is written after its response was sent.
        deadline = time.monotonic() + 10
        while "unmatched" not in one.log.read_text(encoding="utf-8") and time.monotonic() < deadline:
            time.sleep(0.1)
        yield one
    finally:
        process.terminate()
        process.wait()


def test_the_log_is_json_with_a_line_a_request_and_no_word_of_a_question(operated: Operated) -> None:
    lines = operated.lines()
    answered = [line for line in lines if line["logger"] == "careleaf.requests"]
    asked = [line for line in answered if line["route"] == "/api/v1/ask"]
    assert len(asked) == 30
    assert {"time", "level", "logger", "message", "method", "route", "status", "ms", "request_id"} == set(asked[0])
    assert {line["route"] for line in answered} >= {"/api/v1/search", "/", "unmatched"}
    assert any("http://" in line["message"] for line in lines), "the address is printed"
    assert SECRET not in operated.log.read_text(encoding="utf-8")


def test_the_figures_are_those_of_all_workers_and_hold_no_word_of_a_question(operated: Operated) -> None:
    figures = httpx.get(f"{operated.address}/metrics")
    assert figures.headers["content-type"].startswith("text/plain")
    for _ in range(5):
        again = httpx.get(f"{operated.address}/metrics").text
        counted = re.search(
            r'^careleaf_requests_total\{method="POST",route="/api/v1/ask",status="200"\} (\S+)', again, re.M
        )
        assert counted, again
        assert float(counted[1]) == 30, "whichever worker is asked"
    assert re.search(r'^careleaf_answers_total\{kind="\w+"\} ', figures.text, re.M)
    assert 'careleaf_request_seconds_bucket{le="0.005",method="POST",route="/api/v1/ask"}' in figures.text
    assert "careleaf_corpus{" in figures.text
    assert SECRET not in figures.text


def in_a_worker(program: str, folder: Path) -> str:
    """Run a program as a process whose figures go to a folder, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


def test_room_for_figures_is_taken_beforehand_and_is_enough(tmp_path: Path) -> None:
    program = (
        "from bot.web import metrics\n"
        "from bot.web.requests_seen import Seen\n"
        "for route in range(100):\n"
        "    for method in ('GET', 'POST', 'OTHER'):\n"
        "        for status in (200, 304, 404, 405, 413, 422, 429, 503):\n"
        "            metrics.count_request(Seen(method, f'/api/v1/topics/{route:03}', status, 0.01, 'x'))\n"
    )
    in_a_worker(program, tmp_path)
    files = {path.name.rsplit("_", 1)[0]: path.stat() for path in tmp_path.glob("*.db")}
    assert {name: found.st_size for name, found in files.items()} == ROOM, "no file had to grow"
    assert [name for name, found in files.items() if found.st_blocks * 512 < found.st_size] == [], "and none has holes"


def test_a_worker_without_room_for_figures_answers_and_counts_by_itself(tmp_path: Path) -> None:
    # Writing more than the limit fails as on a full disk; `make rehearse` has a really full one.
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from fastapi.testclient import TestClient\n"
        "from bot.settings import Settings\n"
        "from bot.web import create_app\n"
        "client = TestClient(create_app(Settings(metrics=True)))\n"
        "client.get('/healthz')\n"
        "print(client.get('/metrics').text)\n"
    )
    printed = in_a_worker(program, tmp_path)
    assert "has no room for figures" in printed
    assert 'careleaf_requests_total{method="GET",route="/healthz",status="200"} 1.0' in printed
    assert list(tmp_path.iterdir()) == []


def test_a_server_starts_where_no_folder_for_figures_can_be_made(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/no-folder")
    with ExitStack() as stack:
        share_figures(stack)
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    assert "each worker shows its own" in caplog.text


def test_metrics_have_a_switch_of_their_own(client: TestClient, built: Settings) -> None:
    assert client.get("/metrics").status_code == 404
    with TestClient(create_app(built.model_copy(update={"metrics": True}))) as measured:
        measured.post("/api/v1/ask", json={"question": "can cp be cured"})
        assert 'careleaf_answers_total{kind="answer"}' in measured.get("/metrics").text
        assert "/metrics" not in measured.get("/openapi.json").json()["paths"]


def test_head_is_counted_as_itself_by_its_route(built: Settings) -> None:
    with TestClient(create_app(built.model_copy(update={"metrics": True}))) as measured:
        assert measured.head("/metrics").status_code == 200
        assert measured.head("/topics/is-cp-curable").status_code == 200
        figures = measured.get("/metrics").text
    assert 'careleaf_requests_total{method="HEAD",route="/topics/{topic}",status="200"} 1.0' in figures


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes what an OpenTelemetry exporter sends."""

    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    Collector.received = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", Collector.received
        server.shutdown()


def test_a_span_a_request_goes_to_the_collector_without_the_question(
    built: Settings, collector: tuple[str, list[tuple[str, bytes]]]
) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    address, received = collector
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    with TestClient(create_app(built.model_copy(update={"otlp_endpoint": address}))) as client:
        parent = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
        client.post("/api/v1/ask", json={"question": f"can cp be cured {SECRET}"}, headers=parent)
        client.get("/api/v1/search", params={"q": SECRET})
    assert received, "spans are sent before the process ends"
    spans = []
    for path, body in received:
        assert path == "/v1/traces"
        assert SECRET.encode() not in body
        request = ExportTraceServiceRequest.FromString(body)
        spans += [span for sent in request.resource_spans for scope in sent.scope_spans for span in scope.spans]
    assert [span.name for span in spans] == ["POST /api/v1/ask", "GET /api/v1/search"]
    assert spans[0].trace_id.hex() == trace_id
    attributes = {one.key: one.value for one in spans[0].attributes}
    assert attributes["http.response.status_code"].int_value == 200
    assert attributes["http.route"].string_value == "/api/v1/ask"


def test_a_tracer_of_the_operators_own_is_given_no_question(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI traces by itself where a process has a tracer, and writes whole addresses into spans."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    with provider.get_tracer("test").start_as_current_span("seen"), TestClient(create_app(built)) as client:
        assert client.get("/api/v1/search", params={"q": SECRET}).status_code == 200
    assert [span.name for span in exporter.get_finished_spans()] == ["seen"], "the exporter works"


def test_without_an_endpoint_nothing_of_opentelemetry_is_set_up(client: TestClient) -> None:
    application: Any = client.app
    names = {getattr(one.cls, "__name__", "") for one in application.user_middleware}
    assert "Traced" not in names
    assert "RequestsSeen" in names


ORIGIN = "https://hospital.example"


def test_no_other_site_may_call_by_default(client: TestClient) -> None:
    response = client.get("/api/v1/corpus", headers={"origin": ORIGIN})
    assert "access-control-allow-origin" not in response.headers
    preflight = {"origin": ORIGIN, "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in client.options("/api/v1/ask", headers=preflight).headers


def test_a_site_of_the_list_may_call_and_others_may_not(built: Settings) -> None:
    app = create_app(built.model_copy(update={"cors_origins": (ORIGIN,), "rate_limit": "3/minute"}))
    with TestClient(app) as client:
        preflight = {
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        }
        allowed = client.options("/api/v1/ask", headers=preflight)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == ORIGIN
        other = client.get("/api/v1/corpus", headers={"origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in other.headers
        responses = [client.get("/api/v1/corpus", headers={"origin": ORIGIN}) for _ in range(4)]
        assert responses[-1].status_code == 429
        assert {response.headers["access-control-allow-origin"] for response in responses} == {ORIGIN}


def test_origins_are_read_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_CORS_ORIGINS", "https://a.example, https://b.example/")
    assert Settings().cors_origins == ("https://a.example", "https://b.example")
    monkeypatch.setenv("CARELEAF_CORS_ORIGINS", "a.example")
    with pytest.raises(ValueError, match=re.escape("https://hospital.example")):
        Settings()
