"""Questions that lean on the answer before them, and those that do not."""

from itertools import pairwise

import pytest

from bot.calibration import load_calibration
from bot.encoder import Encoder
from bot.evaluation.cases import read_conversations
from bot.follow import Follower, carry
from bot.index import OpenIndex
from bot.pipeline import Pipeline
from bot.schema import MAX_CONTEXT, Kind
from tests.conftest import ROOT

HELD_OUT = ROOT / "tests/cases/retrieval/conversations.yaml"
LEANING, FRESH = 0.85, 0.90
"""Floors, as shares of the held-out later turns whose first passage is right, given a right passage as context."""


@pytest.fixture(scope="module")
def index(pipeline: Pipeline) -> OpenIndex:
    return pipeline.index


@pytest.fixture(scope="module")
def follower(pipeline: Pipeline, index: OpenIndex, encoder: Encoder) -> Follower:
    return Follower(index, encoder, pipeline.retriever, load_calibration().following)


@pytest.mark.parametrize(
    ("before", "question", "topic"),
    [
        ("botulinum-toxin#what-it-does", "and the side effects?", "botulinum-toxin"),
        ("sdr#what-is-it", "what are the risks", "sdr"),
        ("sleep#why", "what can we do about it at home", "sleep"),
        ("constipation-continence#why-constipated", "what helps", "constipation-continence"),
    ],
)
def test_a_question_that_leans_is_read_as_one_about_what_was_spoken_of(
    follower: Follower, before: str, question: str, topic: str
) -> None:
    found = follower.follow(question, "en", (before,))
    assert found.stayed
    assert found.ranked[0].passage.topic == topic


@pytest.mark.parametrize("question", ["do kids with cp break bones easily", "Can somebody with CP learn to drive?"])
def test_a_fresh_question_is_not_dragged_to_the_old_topic(
    pipeline: Pipeline, follower: Follower, question: str
) -> None:
    found = follower.follow(question, "en", ("botulinum-toxin#what-it-does",))
    assert not found.stayed
    assert found == pipeline.retrieve(question)


def test_without_context_nothing_is_followed(pipeline: Pipeline, follower: Follower) -> None:
    assert follower.follow("what helps", "en", ()) == pipeline.retrieve("what helps")


def test_a_redirect_leaves_the_subject_as_it_was(follower: Follower) -> None:
    found = follower.follow("what are the risks", "en", ("out-of-scope#dose", "sdr#what-is-it"))
    assert found.ranked[0].passage.topic == "sdr"


def test_one_word_after_an_answer_is_answered_and_not_asked_back(pipeline: Pipeline) -> None:
    assert pipeline.ask("melatonin").kind is Kind.CLARIFY
    followed = pipeline.ask("and melatonin?", context=("sleep#at-home",))
    assert (followed.kind, followed.statements[0].passage_id) == (Kind.ANSWER, "sleep#melatonin")


def test_a_dose_is_sent_on_whatever_was_spoken_of(pipeline: Pipeline) -> None:
    assert pipeline.ask("how many mg of it", context=("oral-medicines#what-baclofen-does",)).kind is Kind.REDIRECT


def test_the_latest_answer_stands_first_in_the_context(pipeline: Pipeline) -> None:
    first, second = pipeline.ask("can cp be cured"), pipeline.ask("how long does botox last")
    context = carry(second, carry(first))
    assert context[0] == second.statements[0].passage_id
    assert len(set(context)) == len(context) <= MAX_CONTEXT
    assert {statement.passage_id for statement in first.statements} & set(context)


def test_held_out_conversations_stay_above_their_floors(follower: Follower) -> None:
    right: dict[bool, list[bool]] = {True: [], False: []}
    for talk in read_conversations(HELD_OUT).conversations:
        for before, turn in pairwise(talk.turns):
            first = follower.follow(turn.ask, "en", before.passages[:1]).ranked[0].passage.id
            right[turn.fresh].append(first in turn.passages)
    assert len(right[False]) + len(right[True]) >= 60
    assert sum(right[False]) / len(right[False]) >= LEANING
    assert sum(right[True]) / len(right[True]) >= FRESH
