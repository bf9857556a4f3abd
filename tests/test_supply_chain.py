"""What comes with Careleaf is known: locked with hashes, licensed for it, described, and threatened by name."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from deploy.dependencies import MARK, PAGE, Policy, installed_closure, read_carried
from deploy.lock import BUILD, LEFT_OUT, RUNTIME, build_requirements, canonical, read_lock, unhashed
from tests.conftest import ROOT

THREATS = ROOT / "docs/threats.yaml"
MODEL = ROOT / "docs/threat-model.md"


@pytest.mark.parametrize("lock", [RUNTIME, BUILD], ids=lambda path: path.name)
def test_every_line_of_a_lock_has_hashes(lock: Path) -> None:
    assert len(read_lock(lock)) >= 5
    assert unhashed(lock) == []


def test_a_line_without_hash_is_found(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"a==1 \\\n    --hash=sha256:{'0' * 64}\nb==2\n", encoding="utf-8")
    assert unhashed(lock) == ["b==2"]


def test_the_lock_holds_what_careleaf_needs_in_the_tested_versions() -> None:
    lock, pinned = read_lock(RUNTIME), read_lock(ROOT / "constraints.txt")
    assert set(lock) == set(installed_closure(without=LEFT_OUT)), "run: make lock"
    assert {name: lock[name] for name in lock if name in pinned} == {
        name: pinned[name] for name in lock if name in pinned
    }
    assert LEFT_OUT not in lock


def test_the_lock_holds_what_a_build_needs() -> None:
    lock = read_lock(BUILD)
    for line in build_requirements():
        name, wanted = line.split("==")
        assert lock[canonical(name)] == wanted, "run: make lock"


def test_every_licence_is_allowed() -> None:
    policy = Policy.from_file()
    carried = read_carried(policy)
    assert len(carried) > 60
    assert [f"{row.name}: {row.licence}" for row in carried if not policy.allows(row.licence)] == []


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("not stated", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_a_licence_that_is_not_on_the_list_is_refused(expression: str, allowed: bool) -> None:
    assert Policy.from_file().allows(expression) is allowed


def test_no_reading_of_a_licence_is_kept_for_a_package_that_is_gone() -> None:
    assert set(Policy.from_file().read_as) - set(installed_closure()) == set()


def test_the_page_of_dependencies_shows_each_package_its_version_and_licence() -> None:
    written = PAGE.read_text(encoding="utf-8").split(MARK)[1]
    rows = dict(re.findall(r"^\| (\S+) \| (\S+) \| [^|]+ \|$", written.split("## Licences")[1], re.MULTILINE))
    rows.pop("package")
    rows.pop("---")
    pinned = read_lock(ROOT / "constraints.txt")
    assert set(rows) == set(installed_closure()), "run: make dependencies"
    assert {name: shown for name, shown in rows.items() if name in pinned and pinned[name] != shown} == {}


def test_the_environment_is_the_one_that_is_pinned() -> None:
    pinned = read_lock(ROOT / "constraints.txt")
    assert {name for name in installed_closure() if name in pinned and version(name) != pinned[name]} == set()


def test_the_model_is_the_one_that_the_settings_expect() -> None:
    from bot.settings import Settings

    # Read as text: the hook imports what is installed only while a wheel is built.
    hook = (ROOT / "deploy/build_model.py").read_text(encoding="utf-8")
    assert f'MODEL_SHA256 = "{Settings.model_fields["model_sha256"].default}"' in hook


def read_threats() -> list[dict[str, object]]:
    threats: list[dict[str, object]] = yaml.safe_load(THREATS.read_text(encoding="utf-8"))["threats"]
    return threats


def named_tests() -> set[str]:
    return {
        f"{path.relative_to(ROOT).as_posix()}::{name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


@pytest.mark.parametrize("threat", read_threats(), ids=lambda threat: str(threat["id"]))
def test_a_threat_names_its_control_and_tests_that_exist(threat: dict[str, object]) -> None:
    assert threat["who"] in {"attacker", "document", "operator", "supplier", "failure"}
    assert threat["could"]
    assert threat["control"]
    tests = threat["tests"]
    assert isinstance(tests, list)
    assert tests or threat.get("left"), "a threat without a test says what is left to the operator"
    assert [name for name in tests if name not in named_tests()] == []


def test_the_threat_model_is_written_from_its_data() -> None:
    from deploy.threats import write_threat_model

    assert MODEL.read_text(encoding="utf-8") == write_threat_model(), "run: make threats"
