"""Retrieval: the right passage first, filters, and silence below the threshold."""

import numpy as np
import numpy.typing as npt
import pytest

from bot.calibration import FEATURES, Calibration, load_calibration
from bot.index import split_terms
from bot.pipeline import Pipeline
from bot.retrieve import Retriever, coverage


@pytest.fixture(scope="module")
def retriever(pipeline: Pipeline) -> Retriever:
    return Retriever(pipeline.index, pipeline.encoder, load_calibration())


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("can cp be cured", "is-cp-curable#cure"),
        ("how long does botox last", "botulinum-toxin#how-long"),
        ("what is hip surveillance", "hips#hip-surveillance"),
        ("are stem cells safe", "stem-cells-safety#are-they-safe"),
        ("who are you", "about-careleaf#who-are-you"),
    ],
)
def test_the_passage_that_answers_comes_first(retriever: Retriever, question: str, passage: str) -> None:
    found = retriever.retrieve(question)
    assert found.ranked[0].passage.id == passage
    assert found.answered


def test_scores_fall_and_every_sentence_is_compared(retriever: Retriever) -> None:
    ranked = retriever.retrieve("does stretching help tight legs").ranked
    scores = [found.score for found in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(len(found.sentences) == len(found.passage.sentences) for found in ranked)


def test_a_topic_keeps_every_other_topic_out(retriever: Retriever) -> None:
    ranked = retriever.retrieve("how long does botox last", topic="hips").ranked
    assert {found.passage.topic for found in ranked} == {"hips"}


def test_a_language_without_passages_gives_nothing_and_no_answer(retriever: Retriever) -> None:
    found = retriever.retrieve("how long does botox last", lang="fr")
    assert found.ranked == ()
    assert not found.answered


@pytest.mark.parametrize("question", ["best laptop for gaming", "recipe for banana bread", "who won the football"])
def test_it_is_silent_about_other_things(retriever: Retriever, question: str) -> None:
    assert not retriever.retrieve(question).answered


def test_a_passage_that_only_its_words_find_is_a_candidate(retriever: Retriever, pipeline: Pipeline) -> None:
    lexical = np.zeros(len(pipeline.index.passages), dtype=np.float32)
    lexical[7] = 3.0
    assert pipeline.index.passages[7] in retriever.find_candidates([], lexical)


def test_words_that_no_passage_holds_lower_the_probability(retriever: Retriever) -> None:
    plain = retriever.retrieve("how long does botulinum toxin last")
    strange = retriever.retrieve("how long does botulinum toxin last zorblax quuxify frobnicate")
    unknown = FEATURES.index("unknown")
    assert plain.features[unknown] == 0.0
    assert strange.features[unknown] > 0.3
    assert strange.probability < plain.probability


def test_claims_that_share_the_questions_words_come_nearer(pipeline: Pipeline, retriever: Retriever) -> None:
    near = retriever.retrieve("can the young be cured, is a cure likelier").claims
    nearest = {pipeline.corpus.claims[place].id for place in np.argsort(near)[-5:]}
    assert "S0-014" in nearest


def test_terms_are_stemmed_without_stop_words() -> None:
    assert split_terms("What are the children's hips doing?") == split_terms("children hip") == ["children", "hip"]
    assert split_terms("is it?") == []


@pytest.mark.parametrize(
    ("weight", "held", "share"),
    [({"a": 1.0, "b": 3.0}, {"b"}, 0.75), ({"a": 1.0}, set(), 0.0), ({}, {"a"}, 0.0)],
)
def test_coverage_is_the_share_by_weight(weight: dict[str, float], held: set[str], share: float) -> None:
    assert coverage(weight, held) == share


def read_row(named: dict[str, float]) -> npt.NDArray[np.float64]:
    """Return a row of features; those that are not named are 0."""
    return np.array([named.get(name, 0.0) for name in FEATURES])


def test_the_stored_calibration_gives_a_probability() -> None:
    calibration = load_calibration()
    poor = {"asked": 0.4, "manner": 0.4, "crowd": 0.4, "text": 0.4, "sentence": 0.4, "agreement": 0.1, "unknown": 1.0}
    good = {"asked": 0.95, "manner": 0.9, "crowd": 0.85, "text": 0.8, "sentence": 0.8, "agreement": 1.0, "margin": 0.2}
    low = calibration.probability(read_row(poor | {"silence": 0.8, "terms": 0.1}))
    high = calibration.probability(read_row(good | {"silence": 0.5, "terms": 0.1, "coverage": 1.0}))
    assert 0.0 <= low < calibration.threshold < high <= 1.0


def test_a_calibration_for_other_features_is_refused() -> None:
    stored = {"model": {"features": ["something"]}}
    with pytest.raises(ValueError, match="run: make calibrate"):
        Calibration.from_stored(stored)
