"""The wheel, installed in an empty environment, answers in an empty folder."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from deploy.bill import write_bill
from deploy.dependencies import Policy, installed_closure
from deploy.lock import canonical, read_lock
from tests.benchmarks.speed import free_port
from tests.conftest import ROOT
from tests.test_repository import tracked


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


MODEL = {"LICENSE", "NOTICE", "config.json", "model.onnx", "tokenizer.json", "tokenizer_config.json", "vocab.txt"}


def test_the_wheel_holds_the_program_its_content_and_its_model_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    described = next(name for name in names if name.endswith(".dist-info/METADATA")).removesuffix("METADATA")
    expected = {f"bot/model/{name}" for name in MODEL}
    expected |= {described + name for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("bot/"):
            expected.add(name)
        elif name.startswith(("corpus/", "templates/")):
            expected.add(f"bot/content/{name}")
    assert "bot/content/corpus/claims.yaml" in expected
    assert "bot/content/templates/words/en.yaml" in expected
    assert names == expected


def test_two_builds_in_two_places_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o600)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(copy)],
        env=os.environ | {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"},
        check=True,
    )
    again = tmp_path / wheel.name
    assert hashlib.sha256(again.read_bytes()).hexdigest() == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_the_bill_of_materials_names_every_package_with_its_licence(installed: Path, tmp_path: Path) -> None:
    bill = tmp_path / "careleaf.cdx.json"
    write_bill(installed / "python", bill)
    written = json.loads(bill.read_text(encoding="utf-8"))
    assert written["bomFormat"] == "CycloneDX"
    components = {canonical(one["name"]): one for one in written["components"]}
    needed = set(installed_closure(extra=""))
    assert needed - set(components) == set()
    assert set(components) - needed <= {"pip", "careleaf"}, "nothing else is installed with Careleaf"
    pinned = read_lock(ROOT / "constraints.txt")
    assert {name: components[name]["version"] for name in needed if name in pinned} == {
        name: version for name, version in pinned.items() if name in needed
    }
    policy = Policy.from_file()
    unclear = [
        name for name in needed if not components[name].get("licenses") and canonical(name) not in policy.read_as
    ]
    assert unclear == []


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
