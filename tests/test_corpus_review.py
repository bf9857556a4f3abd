"""Sign-offs: recorded under a name against a passage's hash, lapsed by one changed letter, shown by every answer."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.building import build_from_settings
from bot.cli import app
from bot.corpus.load import load_corpus
from bot.corpus.review import choose_passages, shown_hash, sign, write_sign_offs
from bot.pipeline import Pipeline
from bot.schema import CorpusError, Passage
from bot.settings import Settings, load_settings
from tests.conftest import ROOT

HIPS = "articles/bones-and-joints/hips.md"
NAME = "hips#hip-surveillance"
DAY = date(2026, 11, 24)
WHO = ("--by", "Dr A. Example", "--role", "children's orthopaedic surgeon, Example Hospital")


def passage_of(folder: Path, name: str = NAME) -> Passage:
    return load_corpus(folder).passages[name]


def sign_off(folder: Path, name: str = NAME) -> None:
    articles = load_corpus(folder).articles
    signed = [sign(p, "Dr A. Example", "orthopaedic surgeon", DAY, None) for p in choose_passages(articles, name)]
    write_sign_offs(folder, tuple(signed))


@pytest.fixture
def run(corpus_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """The command on a copy of the corpus; settings are read once a process, so they are read anew before and after."""
    monkeypatch.setenv("CARELEAF_CORPUS_DIR", str(corpus_copy))
    load_settings.cache_clear()
    yield lambda *words, **kept: CliRunner().invoke(app, ["corpus", "review", *words], **kept)
    load_settings.cache_clear()


def test_a_sign_off_stands_with_name_role_and_day(corpus_copy: Path) -> None:
    sign_off(corpus_copy)
    review = passage_of(corpus_copy).review
    assert (review.status, review.by, review.on) == ("reviewed", "Dr A. Example, orthopaedic surgeon", DAY)
    others = {p.review.status for p in load_corpus(corpus_copy).passages.values() if p.id != NAME}
    assert others == {"unreviewed"}


CHANGES = {
    "a letter": lambda text: text.replace("Hip surveillance", "Hip surveillence", 1),
    "a citation": lambda text: re.sub(r"\[@[\w-]+", "[@nice-cg145", text, count=1),
    "a grade": lambda text: re.sub(r"(#hip-surveillance evidence=)\w+", r"\1weak", text),
    "a heading": lambda text: text.replace("## What is hip", "## What is the hip", 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_sign_off_lapses_with_whatever_a_family_is_shown(corpus_copy: Path, change: Callable[[str], str]) -> None:
    sign_off(corpus_copy)
    path = corpus_copy / HIPS
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    assert passage_of(corpus_copy).review.status == "lapsed"
    path.write_text(before, encoding="utf-8")
    assert passage_of(corpus_copy).review.status == "reviewed", "put back to the letter, the sign-off stands again"


def test_ways_of_asking_are_not_shown_and_do_not_end_a_sign_off(corpus_copy: Path) -> None:
    before = shown_hash(passage_of(corpus_copy))
    path = corpus_copy / HIPS
    path.write_text(path.read_text(encoding="utf-8").replace("asked: ", "asked: hips please · ", 1), encoding="utf-8")
    assert shown_hash(passage_of(corpus_copy)) == before


def test_a_sign_off_of_a_passage_that_is_gone_is_named(corpus_copy: Path) -> None:
    sign_off(corpus_copy)
    path = corpus_copy / HIPS
    path.write_text(path.read_text(encoding="utf-8").replace("{#hip-surveillance ", "{#watching "), encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"'{NAME}', which is not there; run careleaf corpus review --withdraw"):
        load_corpus(corpus_copy)


def test_the_command_signs_what_it_shows_after_a_yes(run: Callable[..., Result], corpus_copy: Path) -> None:
    shown = run(NAME, *WHO, "--on", "2026-11-24", "--due", "2027-11-24", input="y\n")
    assert shown.exit_code == 0, shown.output
    assert passage_of(corpus_copy).text in shown.output
    review = passage_of(corpus_copy).review
    assert (review.status, review.on, review.due) == ("reviewed", DAY, date(2027, 11, 24))
    listed = run().output
    assert f"reviewed  {NAME}  Dr A. Example, children's orthopaedic surgeon, Example Hospital, 2026-11-24" in listed
    assert "1 signed off, 0 lapsed" in listed


def test_nothing_is_signed_after_a_no(run: Callable[..., Result], corpus_copy: Path) -> None:
    before = (corpus_copy / "reviews.yaml").read_bytes()
    assert run(NAME, *WHO, input="n\n").exit_code != 0
    assert (corpus_copy / "reviews.yaml").read_bytes() == before


def test_a_topic_is_signed_whole_and_withdrawn_whole(run: Callable[..., Result], corpus_copy: Path) -> None:
    before = (corpus_copy / "reviews.yaml").read_bytes()
    count = len(load_corpus(corpus_copy).topics["hips"].passages)
    assert f"{count} passages signed off" in run("hips", *WHO, "--yes").output
    assert f"{count} signed off" in run().output
    assert f"{count} sign-offs withdrawn" in run("--withdraw", "hips").output
    assert (corpus_copy / "reviews.yaml").read_bytes() == before


REFUSED = {
    "nobody": ((NAME, "--yes"), "--by '' names nobody"),
    "an initial": ((NAME, "--yes", "--by", "A.", "--role", "nurse"), "--by 'A.' names nobody"),
    "no profession": ((NAME, "--yes", "--by", "Dr A. Example"), "--role '' names nobody"),
    "no such passage": (("hips#nothing", "--yes", *WHO), "no passage or topic 'hips#nothing'"),
    "not signed": (("--withdraw", "hips"), "no sign-off of 'hips'"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_sign_off_that_names_nobody_or_nothing_is_refused(
    run: Callable[..., Result], corpus_copy: Path, words: tuple[str, ...], message: str
) -> None:
    before = (corpus_copy / "reviews.yaml").read_bytes()
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.output
    assert (corpus_copy / "reviews.yaml").read_bytes() == before


def test_answers_show_the_sign_off_and_that_it_lapsed(built: Settings, corpus_copy: Path, tmp_path: Path) -> None:
    shutil.copytree(built.index_dir, tmp_path / "index", ignore=shutil.ignore_patterns(".building*"))
    settings = Settings(corpus_dir=corpus_copy, templates_dir=ROOT / "templates", index_dir=tmp_path / "index")
    question = "What is hip surveillance in cerebral palsy?"
    passages = load_corpus(corpus_copy).passages.values()
    write_sign_offs(corpus_copy, tuple(sign(p, "Dr A. Example", "surgeon", DAY, None) for p in passages))
    build_from_settings(settings)
    answer = Pipeline.from_settings(settings).ask(question)
    assert answer.reviewed.by == "Dr A. Example, surgeon"
    assert "Reviewed by Dr A. Example, surgeon, 2026-11-24." in answer.text
    assert "Not yet reviewed" not in answer.text
    path = corpus_copy / HIPS
    path.write_text(path.read_text(encoding="utf-8").replace("Hip surveillance", "Hip watching", 1), encoding="utf-8")
    build_from_settings(settings)
    answer = Pipeline.from_settings(settings).ask(question)
    assert answer.reviewed.by is None
    assert "Changed since it was last reviewed, and not reviewed as it stands." in answer.text
