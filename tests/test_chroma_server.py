"""Chroma as a server: a real ``chroma run`` on loopback gives the answers of the embedded index, and may go away."""

import logging
import socket
import subprocess
import time
from collections.abc import Iterator

import numpy as np
import pytest

from bot.index import IndexFolder, open_index
from bot.index.chroma import connect
from bot.index.remote import prefix_of, upload
from bot.pipeline import Pipeline
from bot.schema import IndexUnavailable
from bot.settings import Settings
from tests.benchmarks.scale import start_chroma
from tests.benchmarks.speed import free_port, labelled_questions


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    port = free_port()
    process = start_chroma(tmp_path_factory.mktemp("chroma"), port)
    yield f"http://127.0.0.1:{port}", process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def asked(pipeline: Pipeline, built: Settings) -> "tuple[Pipeline, Settings]":
    """The pipeline whose rows all lie in embedded Chroma, and its settings."""
    settings = built.model_copy(update={"exact_rows": 0, "cache_size": 0})
    return Pipeline(
        open_index(IndexFolder(built.index_dir), 0), pipeline.encoder, pipeline.renderer, settings
    ), settings


def test_the_server_gives_the_answers_of_the_embedded_index_and_is_replaced_by_it_when_away(
    chroma: "tuple[str, subprocess.Popen[bytes]]",
    asked: "tuple[Pipeline, Settings]",
    caplog: pytest.LogCaptureFixture,
) -> None:
    url, process = chroma
    embedded, settings = asked
    version = IndexFolder(settings.index_dir).require_current()
    with caplog.at_level(logging.ERROR):
        early = open_index(IndexFolder(settings.index_dir), 0, url)
        Pipeline(early, embedded.encoder, embedded.renderer, settings).ask("can cp be cured")
    assert "run: careleaf index upload" in caplog.text, "a server without the version says what to do"
    caplog.clear()
    assert upload(version, url)
    assert not upload(version, url), "a version is copied once"
    served = Pipeline(
        open_index(IndexFolder(settings.index_dir), 0, url), embedded.encoder, embedded.renderer, settings
    )
    questions = labelled_questions()[:60]
    with caplog.at_level(logging.ERROR):
        assert [q for q in questions if served.ask(q) != embedded.ask(q)] == []
    assert caplog.text == ""
    assert "_collections" not in vars(served.index), "the embedded collections were never opened"
    vector = embedded.encoder.encode_question("Can cerebral palsy be cured?")
    near, wanted = (one.index.nearest(vector, "en", 10, "hips") for one in (served, embedded))
    assert [hit.row for hit in near] == [hit.row for hit in wanted]
    assert [hit.similarity for hit in near] == pytest.approx([hit.similarity for hit in wanted], abs=1e-6)

    forged = connect(url, 10).get_collection(f"{prefix_of(version.name)}en", embedding_function=None)
    forged.add(ids=["bought#place|text"], embeddings=vector[np.newaxis], metadatas=[{"topic": "hips"}])
    with caplog.at_level(logging.ERROR):
        near = served.index.nearest(vector, "en", 10, "hips")
    assert [hit.row for hit in near] == [hit.row for hit in wanted], "what a server invents is never shown"
    assert "rows that are not of this version" in caplog.text
    caplog.clear()

    process.kill()
    process.wait()
    with caplog.at_level(logging.ERROR):
        started = time.monotonic()
        assert [q for q in questions[:10] if served.ask(q) != embedded.ask(q)] == []
        assert time.monotonic() - started < 5
    assert caplog.text.count("does not answer") == 1, "said once, not with each question"
    assert url in caplog.text


def test_a_server_that_is_away_is_named_by_upload(asked: "tuple[Pipeline, Settings]") -> None:
    version = IndexFolder(asked[1].index_dir).require_current()
    with pytest.raises(IndexUnavailable, match=r"CARELEAF_CHROMA_URL=http://127\.0\.0\.1:\d+ does not answer"):
        upload(version, f"http://127.0.0.1:{free_port()}")


def test_a_server_that_hangs_is_given_up(asked: "tuple[Pipeline, Settings]", monkeypatch: pytest.MonkeyPatch) -> None:
    embedded, settings = asked
    monkeypatch.setattr("bot.index.remote.PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        index = open_index(IndexFolder(settings.index_dir), 0, url)
        started = time.monotonic()
        answer = Pipeline(index, embedded.encoder, embedded.renderer, settings).ask("can cp be cured")
        assert time.monotonic() - started < 4
    assert answer == embedded.ask("can cp be cured")
