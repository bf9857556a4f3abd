"""The commands, run as a person runs them."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings, load_settings
from tests.conftest import ROOT

CARELEAF = Path(sys.executable).with_name("careleaf")
runner = CliRunner()


@pytest.fixture(autouse=True)
def environment(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_CORPUS_DIR", str(built.corpus_dir))
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(built.index_dir))
    monkeypatch.setenv("COLUMNS", "100")
    load_settings.cache_clear()


def test_ask_prints_the_answer_with_sources_and_caveat() -> None:
    result = runner.invoke(app, ["ask", "can", "cp", "be", "cured"])
    assert result.exit_code == 0
    assert "There is no cure for cerebral palsy.[1]" in result.stdout
    assert "WHAT YOU MAY HAVE HEARD" in result.stdout
    assert "SOURCES" in result.stdout


def test_ask_json_gives_the_answer_object() -> None:
    result = runner.invoke(app, ["ask", "--json", "can cp be cured"])
    answer = json.loads(result.stdout)
    assert answer["kind"] == "answer"
    assert answer["statements"][0]["text"].startswith("There is no cure")


@pytest.mark.parametrize("question", ["", "x" * 4001])
def test_a_refused_question_is_one_line_on_standard_error(question: str) -> None:
    result = runner.invoke(app, ["ask", question])
    assert result.exit_code == 2
    assert result.stderr.startswith("careleaf: The question")
    assert result.stdout == ""


def test_index_says_that_nothing_changed() -> None:
    result = runner.invoke(app, ["index"])
    assert result.exit_code == 0
    assert "is in service already: nothing changed" in result.stderr


def test_index_says_what_it_encoded(
    built: Settings, corpus_copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(built.index_dir, tmp_path / "index", ignore=shutil.ignore_patterns(".building*"))
    path = corpus_copy / "articles/bones-and-joints/hips.md"
    path.write_text(path.read_text(encoding="utf-8").replace("> asked: ", "> asked: is it her hip zz · ", 1), "utf-8")
    monkeypatch.setenv("CARELEAF_CORPUS_DIR", str(corpus_copy))
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(tmp_path / "index"))
    load_settings.cache_clear()
    result = runner.invoke(app, ["index"])
    assert result.exit_code == 0, result.stderr
    assert re.search(r"in service: \d+ passages, (\d+) texts, 1 encoded, \d+ kept from before", result.stderr)


def test_a_setting_that_cannot_be_read_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_PORT", "abc")
    load_settings.cache_clear()
    result = runner.invoke(app, ["index"])
    assert result.exit_code == 2
    assert "careleaf: CARELEAF_PORT='abc':" in result.stderr
    assert "docs/settings.md" in result.stderr


def test_a_country_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_COUNTRY", "gb")
    load_settings.cache_clear()
    assert "999" in runner.invoke(app, ["ask", "she has been seizing for 8 minutes"]).stdout


def test_corpus_check_passes_on_the_corpus() -> None:
    result = runner.invoke(app, ["corpus", "check"])
    assert result.exit_code == 0, result.stdout
    assert "264 claims, no fault" in result.stdout


def test_corpus_check_names_file_and_line(corpus_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = corpus_copy / "articles/bones-and-joints/hips.md"
    path.write_text(path.read_text(encoding="utf-8").replace("[@", "[@unknown-", 1), encoding="utf-8")
    monkeypatch.setenv("CARELEAF_CORPUS_DIR", str(corpus_copy))
    load_settings.cache_clear()
    result = runner.invoke(app, ["corpus", "check"])
    assert result.exit_code == 1
    assert "articles/bones-and-joints/hips.md:" in result.stdout
    assert "unknown citation key @unknown-" in result.stdout


def test_corpus_stats_counts(built: Settings) -> None:
    figures = json.loads(runner.invoke(app, ["corpus", "stats", "--json"]).stdout)
    assert figures["claims"] == 264
    assert figures["passages"] >= 60
    shown = runner.invoke(app, ["corpus", "stats"]).stdout
    assert "passages" in shown
    assert str(figures["passages"]) in shown


def test_verify_accepts_an_answer_and_finds_a_change(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(runner.invoke(app, ["ask", "--json", "can cp be cured"]).stdout, encoding="utf-8")
    good = runner.invoke(app, ["verify", str(path)])
    assert good.exit_code == 0
    assert "are sentences of corpus" in good.stdout
    path.write_text(path.read_text(encoding="utf-8").replace("There is no cure", "There is a cure"), encoding="utf-8")
    bad = runner.invoke(app, ["verify", str(path)])
    assert bad.exit_code == 1
    assert "statement 1: its span of is-cp-curable#cure reads otherwise" in bad.stdout


def test_verify_reads_standard_input() -> None:
    answer = runner.invoke(app, ["ask", "--json", "can cp be cured"]).stdout
    assert runner.invoke(app, ["verify", "-"], input=answer).exit_code == 0


@pytest.mark.parametrize(("name", "message"), [("gone.json", "cannot be read"), ("pyproject.toml", "give the JSON")])
def test_verify_says_what_is_wrong_with_the_file(name: str, message: str) -> None:
    result = runner.invoke(app, ["verify", str(ROOT / name)])
    assert result.exit_code == 2
    assert message in result.stderr


def test_eval_measures_a_labelled_set(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "answerable:\n- {question: can cp be cured, passages: [is-cp-curable#cure]}\n"
        "unanswerable:\n- {question: best laptop}\n",
        encoding="utf-8",
    )
    assert "right passage first 100.0%" in runner.invoke(app, ["eval", str(path)]).stdout
    figures = json.loads(runner.invoke(app, ["eval", "--json", str(path)]).stdout)
    assert figures["cases.answered_wrongly"] == 0.0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("answerable: 3", "is not a labelled set"),
        ("answerable:\n- {question: x, passages: [no#where]}\nunanswerable: []", "labelled passages that the corpus"),
    ],
)
def test_eval_refuses_what_is_not_a_labelled_set(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(content, encoding="utf-8")
    result = runner.invoke(app, ["eval", str(path)])
    assert result.exit_code == 2
    assert message in result.stderr


def test_serve_starts_with_what_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}
    monkeypatch.setattr("uvicorn.run", lambda application, **options: told.update(options, application=application))
    result = runner.invoke(app, ["serve", "--host", "0.0.0.0", "--port", "8099", "--workers", "2"])
    assert result.exit_code == 0
    assert (told["host"], told["port"], told["workers"]) == ("0.0.0.0", 8099, 2)
    assert told["application"] == "bot.web.application:create_app"
    assert told["access_log"] is False, "a question in an address would be logged"


def test_help_is_quick() -> None:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        done = subprocess.run([CARELEAF, "--help"], capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.5
    for name in ("ask", "index", "serve", "verify", "corpus"):
        assert name in done.stdout


def test_help_imports_nothing_heavy() -> None:
    script = "import sys, bot.cli; print([m for m in ('chromadb','onnxruntime','fastapi','numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
