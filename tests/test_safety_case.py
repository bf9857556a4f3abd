"""The safety case is true: what it names exists, its pages are in step with their data, its links lead somewhere."""

import ast
import re
from datetime import date

import pytest

from bot.schema import Corpus
from tests.conftest import ROOT
from tests.safety.hazards import LIKELIHOODS, PAGE, RISK, SEVERITIES, Hazard, read_hazards, render
from tests.safety.measure import read_bars

FOLDER = ROOT / "docs/safety"
HAZARDS = read_hazards()
PAGES = sorted(FOLDER.glob("*.md"))
EXPECTED = {
    *("README.md", "intended-use.md", "hazard-log.md", "recognition.md", "matching.md", "limits.md", "operators.md"),
    "self-assessment.md",
}


def functions_of(name: str) -> set[str]:
    """Return the names of the tests of a file."""
    path = ROOT / name
    assert path.is_file(), f"{name} does not exist"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.id)
def test_every_test_that_the_hazard_log_names_exists(hazard: Hazard) -> None:
    for node in hazard.tests:
        name, _, function = node.partition("::")
        assert function.startswith("test_"), f"{hazard.id}: {node!r} names no test; write file.py::test_name"
        assert function in functions_of(name), f"{hazard.id}: no {function} in {name}; mend the name or write the test"


def test_the_hazard_log_is_in_step_with_its_data() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(HAZARDS), "run: make safety-case"


def test_hazards_are_numbered_in_order() -> None:
    assert [hazard.id for hazard in HAZARDS] == [f"H{number:02}" for number in range(1, len(HAZARDS) + 1)]
    assert len(HAZARDS) >= 12


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.id)
def test_a_control_never_makes_a_risk_greater(hazard: Hazard) -> None:
    assert hazard.after.risk <= hazard.before.risk
    assert hazard.after.severity == hazard.before.severity, "no control here makes the harm itself smaller"


def test_risk_grows_with_severity_and_likelihood() -> None:
    rows = [RISK[name] for name in LIKELIHOODS]
    assert all(len(row) == len(SEVERITIES) == 5 and list(row) == sorted(row) for row in rows)
    assert all(list(column) == sorted(column) for column in zip(*rows, strict=True))


def test_the_pages_of_the_safety_case_are_there() -> None:
    assert {path.name for path in PAGES} == EXPECTED
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in EXPECTED - {"README.md"} if f"]({name})" not in index] == []


def test_links_of_the_safety_case_lead_somewhere() -> None:
    missing = [
        f"{path.name}: {target}"
        for path in PAGES
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
        if not (FOLDER / target).exists()
    ]
    assert missing == []


def test_tests_and_files_that_the_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    missing: list[str] = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        files = re.findall(r"`((?:tests|corpus|templates|bot|docs)/[\w./-]+)(?:::\w+)?`", text)
        targets = re.findall(r"`make ([\w-]+)`", text)
        missing += [f"{path.name}: {name}" for name in files if not (ROOT / name).exists()]
        missing += [f"{path.name}: make {name}" for name in targets if f"\n{name}:" not in makefile]
    assert missing == []


def test_no_page_claims_what_has_not_happened() -> None:
    """Nobody has reviewed, certified or approved anything; each page that assesses says so."""
    for name in ("README.md", "self-assessment.md", "hazard-log.md", "limits.md", "intended-use.md"):
        text = " ".join((FOLDER / name).read_text(encoding="utf-8").split())
        assert re.search(r"no clinic|not (?:been )?(?:reviewed|certified|signed)|nobody", text, re.IGNORECASE), name
    words = " ".join(path.read_text(encoding="utf-8").lower() for path in PAGES)
    assert not re.search(
        r"\b(?:is|are|was|has been) (?:dcb0129|dtac|pif tick)[- ](?:compliant|certified|approved)", words
    )


def test_the_report_is_of_the_test_half_and_its_bars_are_those_of_the_floors() -> None:
    text = (FOLDER / "recognition.md").read_text(encoding="utf-8")
    assert "test half" in text
    assert "no clinician has checked a label" in text
    for name, bar in read_bars().items():
        assert f"| {bar:.1%} |".replace("%", " %") in text, name


def test_every_number_to_call_says_where_and_when_it_was_read(corpus: Corpus) -> None:
    assert len(corpus.country) >= 20
    for country in corpus.country.values():
        for name in ("ambulance", "poison", "crisis", "child_protection", "text_relay"):
            line = getattr(country, name)
            if line is not None:
                assert line.source.startswith("http"), f"{country.code} {name}"
                assert isinstance(line.read, date), f"{country.code} {name}"
