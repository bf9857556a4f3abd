"""``careleaf eval retrieval``: any set of documents with judged questions."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.evaluation.documents import Document, read_documents, read_questions
from bot.evaluation.measures import interval, measure_rankings, summarise
from bot.evaluation.retriever import WINDOW, common_words, plain_title, split_windows, standardise
from bot.schema import CareleafError

runner = CliRunner()

DOCUMENTS = [
    {
        "id": "d1",
        "title": "What causes shingles ? (Also called: Zoster)",
        "url": "a",
        "text": "A virus that wakes again causes it.",
    },
    {
        "id": "d2",
        "title": "What are the treatments for shingles ?",
        "url": "a",
        "text": "Antiviral medicines shorten it.",
    },
    {"id": "d3", "title": "What is (are) gout ?", "url": "b", "text": "Crystals of uric acid hurt a joint."},
]
QUESTIONS = [
    {
        "id": 1,
        "original": "hi how do u treat shingels",
        "summary": "How is shingles treated?",
        "judgements": {"d2": 4, "d1": 2},
    },
    {"id": 2, "original": "gout??", "summary": "What is gout?", "judgements": {"d3": 3, "d1": 1}},
    {"id": 3, "original": "cats", "summary": "Cats?", "judgements": {"d3": 1}},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    documents, questions = tmp_path / "d.jsonl.gz", tmp_path / "q.jsonl"
    documents.write_bytes(gzip.compress("\n".join(map(json.dumps, DOCUMENTS)).encode()))
    questions.write_text("\n".join(map(json.dumps, QUESTIONS)) + "\n")
    return documents, questions


@pytest.mark.parametrize("query", ["original", "summary"])
def test_the_command_measures_both_wordings(files: tuple[Path, Path], query: str) -> None:
    options = ["--documents", str(files[0]), "--questions", str(files[1]), "--query", query]
    result = runner.invoke(app, ["eval", "retrieval", *options, "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["documents"] == 3
    assert found["questions"] == 3
    assert found["figures"]["questions"] == 2, "the third has no relevant document"
    assert found["figures"]["mrr"]["mean"] == 1.0
    assert found["by_question"][0]["first"][0] == "d2"


def test_a_wording_that_there_is_not_is_refused(files: tuple[Path, Path]) -> None:
    result = runner.invoke(
        app, ["eval", "retrieval", "--documents", str(files[0]), "--questions", str(files[1]), "--query", "short"]
    )
    assert result.exit_code == 2
    assert "write one of original, summary" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "1 is not a Document"), ("[", "1 is not a Document"), ("", "holds no document")],
)
def test_a_file_of_something_else_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(text)
    with pytest.raises(CareleafError, match=said):
        read_documents(path)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f"{json.dumps(DOCUMENTS[0])}\n{json.dumps(DOCUMENTS[0])}\n")
    with pytest.raises(CareleafError, match="same id"):
        read_documents(path)


def test_only_grades_three_and_four_are_relevant(files: tuple[Path, Path]) -> None:
    assert [one.relevant for one in read_questions(files[1])] == [{"d2"}, {"d3"}, set()]


def test_measures_are_those_of_trec_eval() -> None:
    judged = {"q": {"a": 1, "b": 0, "c": 1}, "none": {"a": 0}}
    found = measure_rankings(judged, {"q": {"a": 0.1, "b": 0.9, "c": 0.5}, "none": {"a": 1.0}})
    assert set(found) == {"q"}
    assert found["q"].average_precision == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert found["q"].reciprocal_rank == 0.5
    assert summarise(found).questions == 1
    assert interval([]).mean == 0.0
    wide = interval([0.0, 1.0] * 10)
    assert wide.low < wide.mean == 0.5 < wide.high


def test_a_document_is_read_in_windows_each_with_its_title() -> None:
    document = Document(id="d", title="Title (Also called: Other)", text="word " * (WINDOW + 1))
    assert plain_title(document) == "Title"
    windows = split_windows(document)
    assert [len(one.split()) for one in windows] == [WINDOW + 1, 2]
    assert all(one.startswith("Title: ") for one in windows)
    assert split_windows(Document(id="e", title="T", text="")) == ["T: "]


def test_a_word_that_stands_once_may_be_a_misspelling() -> None:
    assert common_words(["gout gout gaut", "gout"]) == {"gout": 3}


def test_values_that_are_all_the_same_say_nothing() -> None:
    assert standardise([2.0, 2.0]).tolist() == [0.0, 0.0]
    assert standardise([0.0, 2.0]).tolist() == [-1.0, 1.0]
