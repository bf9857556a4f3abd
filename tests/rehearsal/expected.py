"""The table of expected statements: what each question has to be answered, for each index version in the rehearsal."""

import json
import shutil
from pathlib import Path
from typing import Any

from bot.building import build_from_settings
from bot.index import IndexFolder
from bot.pipeline import Pipeline
from bot.settings import Settings
from tests.benchmarks.speed import ROOT, labelled_questions

QUESTIONS = 400
CACHE = 128
"""Answers that a replica keeps: the popular ones; the others are asked in a round and found anew each time."""

COMPARED = ("answer_id", "kind", "lang", "text", "statements", "citations", "heard", "calls", "caveat")
"""Fields of an answer that have to be those of the table, to the letter."""

Table = dict[str, dict[str, str]]
"""Corpus version → question → its answer's compared fields as JSON."""


def essence(answer: dict[str, Any]) -> str:
    """Return what is compared of an answer."""
    return json.dumps([answer[name] for name in COMPARED], sort_keys=True)


def reword_one_passage(corpus: Path) -> None:
    """Make the corpus another one: a word of a sentence that questions are answered with."""
    path = corpus / "articles/basics/causes.md"
    before = path.read_text(encoding="utf-8")
    after = before.replace("and usually several things add up", "and mostly several things add up")
    if after == before:
        raise ValueError(f"{path} has another sentence now; choose one that questions are answered with")
    path.write_text(after, encoding="utf-8")


def two_versions(place: Path) -> tuple[IndexFolder, str, str]:
    """Return an index folder with the version of the checkout, in service, and a second one; and their names."""
    folder = IndexFolder(place / "index")
    shutil.copytree(ROOT / "var/index", folder.folder, ignore=shutil.ignore_patterns(".building*"))
    first = folder.require_current().name
    shutil.copytree(ROOT / "corpus", place / "corpus")
    reword_one_passage(place / "corpus")
    second = build_from_settings(Settings(corpus_dir=place / "corpus", index_dir=folder.folder)).version
    folder.use(first)
    return folder, first, second


def expected_answers(folder: IndexFolder, versions: tuple[str, str]) -> tuple[list[str], Table]:
    """Return the questions, and the table: each version asked in this process, where nothing fails."""
    questions = labelled_questions()[:QUESTIONS]
    table: Table = {}
    for version in versions:
        folder.use(version)
        pipeline = Pipeline.from_settings(Settings(index_dir=folder.folder))
        table[pipeline.corpus.version] = {
            question: essence(pipeline.ask(question).model_dump(mode="json")) for question in questions
        }
    folder.use(versions[0])
    return questions, table
