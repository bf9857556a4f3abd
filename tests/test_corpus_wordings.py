"""Wordings and questions met with silence: read with the corpus, told by name where they are wrong, never shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.corpus import load_corpus
from bot.pipeline import Pipeline
from bot.schema import Corpus, CorpusError

FAULTS: dict[str, tuple[Callable[[str], str], str]] = {
    "a passage that is not there": (
        lambda text: text.replace("causes#", "causes#gone-", 1),
        r"wordings/causes\.yaml:1: no passage 'causes#gone-.*mend the id, or remove its wordings",
    ),
    "a style that is not known": (
        lambda text: text.replace("  plain:", "  rhymed:", 1),
        r"wordings/causes\.yaml:1: causes#.*rhymed: .*; mend it",
    ),
    "no passages": (lambda _: "- a list\n", r"wordings/causes\.yaml:1: no passages; write <topic>#<passage>:"),
}


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_the_wordings_is_told_with_file_and_remedy(
    corpus_copy: Path, change: Callable[[str], str], message: str
) -> None:
    path = corpus_copy / "wordings/causes.yaml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        load_corpus(corpus_copy)


def test_a_kind_of_silence_that_is_not_known_is_told(corpus_copy: Path) -> None:
    path = corpus_copy / "silent.yaml"
    text = path.read_text(encoding="utf-8").replace("kind: off_topic", "kind: boring", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"silent\.yaml:1: .*kind: .*'boring'"):
        load_corpus(corpus_copy)


def test_every_passage_has_wordings(corpus: Corpus) -> None:
    assert [passage.id for passage in corpus.passages.values() if len(passage.wordings) < 10] == []


def test_a_question_that_is_listed_as_not_answered_is_near_to_silence(pipeline: Pipeline, corpus: Corpus) -> None:
    index, encode = pipeline.index, pipeline.encoder.encode_question
    listed = next(silent.text for silent in corpus.silent if silent.kind == "other_condition")
    assert index.near_silence(encode(listed)) > index.near_silence(encode("What is spasticity in cerebral palsy?"))
