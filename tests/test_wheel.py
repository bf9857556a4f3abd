"""The wheel, installed in an empty environment, answers in an empty folder."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.benchmarks.speed import free_port
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the repository."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(ROOT)], check=True
    )
    return next(out.glob("careleaf-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds nothing but the wheel and what it needs."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=True)
    subprocess.run(
        [place / "bin/python", "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(wheel)],
        check=True,
    )
    return place / "bin"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("CARELEAF_", "PYTHON"))}


def test_the_wheel_holds_what_answering_needs_and_nothing_of_the_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "bot/model/model.onnx",
        "bot/model/LICENSE",
        "bot/model/NOTICE",
        "bot/calibration.json",
        "bot/content/corpus/claims.yaml",
        "bot/content/corpus/articles/finding-out/is-cp-curable.md",
        "bot/content/templates/words/en.yaml",
        "bot/web/static/careleaf.css",
    ):
        assert wanted in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"bot", next(top for top in tops if top.endswith(".dist-info"))}


@pytest.mark.slow
def test_ask_answers_in_an_empty_folder(installed: Path, empty: Path) -> None:
    done = subprocess.run(
        [installed / "careleaf", "ask", "--json", "can cp be cured"],
        cwd=empty,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["kind"] == "answer"
    assert answer["statements"][0]["text"].startswith("There is no cure")


@pytest.mark.slow
def test_serve_answers_in_an_empty_folder(installed: Path, empty: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [installed / "careleaf", "serve", "--port", str(port)],
        cwd=empty,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/ask",
            data=b'{"question": "she has been seizing for 8 minutes"}',
            headers={"content-type": "application/json"},
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    assert json.load(response)["kind"] == "emergency"
                break
            except OSError:
                assert process.poll() is None, "careleaf serve ended"
                assert time.monotonic() < deadline, "careleaf serve does not answer"
                time.sleep(0.1)
    finally:
        process.terminate()
        assert process.wait(timeout=20) in (0, -signal.SIGTERM), "careleaf serve ends when it is asked to"
