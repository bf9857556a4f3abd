"""The repository: its layout, and that nothing stands in it that must not."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

TOP = {
    *("bot", "corpus", "templates", "tests", "docs", "deploy", "pyproject.toml", "README.md", "LICENSE"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile", "constraints.txt", "Dockerfile", "compose.yaml"),
}
RUN = 8
"""Words in a row that count as a sentence of somebody else."""

SHINGLES = ROOT / "tests/cases/documents-in-circulation.sha256"
"""Truncated hashes of every run of eight words of the five documents, so that their sentences are not in here."""


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def texts() -> dict[Path, str]:
    found = {}
    for path in tracked():
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_the_top_level_is_the_customers_and_what_a_repository_needs() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {top for top in tops if not top.startswith(".")} == TOP


def test_no_file_names_a_place_of_one_machine_or_an_address_of_a_registry() -> None:
    machine = re.compile(r"(?<![\w.])/(?:home|root|Users|work|opt|tmp)/\w")
    registry = re.compile(r"(?:pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian|index-url)", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in texts().items()
        if path != Path(__file__)
        for match in [*machine.finditer(text), *registry.finditer(text)]
    ]
    assert found == []


def test_constraints_pin_every_version_without_an_address() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 50
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin)] == []


def test_no_sentence_of_the_five_documents_stands_here() -> None:
    known = set(SHINGLES.read_text(encoding="utf-8").split())
    assert len(known) > 2000
    copied = []
    for path, text in texts().items():
        if path.suffix not in {".md", ".yaml", ".j2", ".py", ".html", ".txt"}:
            continue
        words = re.findall(r"[^\W_]+", text.lower())
        for start in range(len(words) - RUN + 1):
            run = " ".join(words[start : start + RUN])
            if hashlib.sha256(run.encode()).hexdigest()[:12] in known:
                copied.append(f"{path.relative_to(ROOT)}: {run}")
    assert copied == []


@pytest.mark.parametrize("path", sorted((ROOT / "bot").glob("**/*.py")), ids=lambda path: path.name)
def test_a_file_of_code_holds_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
