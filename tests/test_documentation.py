"""The documentation is true: its commands print what it shows, and nothing that exists is left out."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.main import get_command

from bot.building import build_from_settings
from bot.cli import app
from bot.schema import Answer, Grade, Verdict
from bot.settings import Settings
from tests.benchmarks.speed import free_port
from tests.conftest import ROOT
from tests.documentation import Shown, run, shown_commands

PAGES = {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}
ALL = "\n".join(PAGES.values())


@pytest.fixture(scope="module", autouse=True)
def index_of_the_checkout(built: Settings) -> None:
    index = ROOT / "var/index"
    if not index.exists():
        shutil.copytree(built.index_dir, index, ignore=shutil.ignore_patterns(".building*"))
    build_from_settings(Settings(corpus_dir=ROOT / "corpus", index_dir=ROOT / "var/index"))


@pytest.mark.parametrize("shown", shown_commands(), ids=lambda shown: f"{shown.page}: {shown.command}")
def test_a_command_prints_what_the_documentation_shows(shown: Shown) -> None:
    assert run(shown.command) == shown.output, "run: make docs"


def test_the_readme_shows_a_real_answer() -> None:
    assert any(shown.command.startswith("careleaf ask") and shown.page == "README.md" for shown in shown_commands())


@pytest.fixture(scope="module")
def server(index_of_the_checkout: None) -> Iterator[str]:
    """``careleaf serve`` as the README starts it, on a free port; its address."""
    port = free_port()
    careleaf = Path(sys.executable).with_name("careleaf")
    process = subprocess.Popen([careleaf, "serve", "--port", str(port)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        printed = next(line for line in process.stderr if "http://" in line)
        assert f"http://127.0.0.1:{port}" in printed, "serve prints the address"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_the_readmes_request_is_answered(server: str) -> None:
    line = next(line for line in PAGES["README.md"].splitlines() if line.startswith("curl "))
    words = shlex.split(line)
    assert words[2] == "http://127.0.0.1:8000/api/v1/ask"
    header, body = words[words.index("-H") + 1], words[words.index("-d") + 1]
    name, value = header.split(": ")
    response = httpx.post(f"{server}/api/v1/ask", headers={name: value}, content=body)
    assert response.json()["kind"] == "answer"
    assert response.json()["statements"][0]["text"].startswith("There is no cure")


def test_the_readmes_program_runs(server: str) -> None:
    program = re.search(r"```python\n(.*?)```", PAGES["README.md"], re.DOTALL)
    assert program is not None
    code = program[1].replace("http://127.0.0.1:8000", server)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("answer ")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`CARELEAF_{name.upper()}`" in PAGES["settings.md"]


def test_every_command_is_documented() -> None:
    command = get_command(app)
    names = []
    for name, one in command.commands.items():  # type: ignore[attr-defined]
        names += [f"careleaf {name} {sub}" for sub in getattr(one, "commands", {})] or [f"careleaf {name}"]
    assert len(names) >= 7
    assert [name for name in names if name not in ALL] == []


def test_every_endpoint_is_documented(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert [path for path in paths if f"{path}" not in ALL] == []


@pytest.mark.parametrize("field", list(Answer.model_fields))
def test_every_field_of_an_answer_is_documented(field: str) -> None:
    assert f"`{field}`" in PAGES["architecture.md"]


@pytest.mark.parametrize("word", [*Grade, *Verdict])
def test_every_grade_and_verdict_is_documented(word: str) -> None:
    assert f"`{word}`" in PAGES["corpus.md"]


def test_links_between_the_pages_lead_somewhere() -> None:
    missing = [
        f"{name}: {target}"
        for name, text in PAGES.items()
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", text)
        if not (ROOT / ("" if name == "README.md" else "docs") / target).exists()
    ]
    assert missing == []
