"""The documentation is true: its commands print what it shows, and nothing that exists is left out."""

import re

import pytest
from fastapi.testclient import TestClient
from typer.main import get_command

from bot.building import build_from_settings
from bot.cli import app
from bot.schema import Answer, Grade, Verdict
from bot.settings import Settings
from tests.conftest import ROOT
from tests.documentation import Shown, run, shown_commands

PAGES = {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}
ALL = "\n".join(PAGES.values())


@pytest.fixture(scope="module", autouse=True)
def index_of_the_checkout() -> None:
    build_from_settings(Settings(corpus_dir=ROOT / "corpus", index_dir=ROOT / "var/index"))


@pytest.mark.parametrize("shown", shown_commands(), ids=lambda shown: f"{shown.page}: {shown.command}")
def test_a_command_prints_what_the_documentation_shows(shown: Shown) -> None:
    assert run(shown.command) == shown.output, "run: make docs"


def test_the_readme_shows_a_real_answer() -> None:
    assert any(shown.command.startswith("careleaf ask") and shown.page == "README.md" for shown in shown_commands())


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
    missing = []
    for name, text in PAGES.items():
        folder = ROOT if name == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", text):
            if not (folder / target).exists():
                missing.append(f"{name}: {target}")
    assert missing == []
