"""Rules and second opinion together: what is flagged, what is doubted, and what a family then reads."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.channels.shorten import shorten
from bot.pipeline import Pipeline
from bot.schema import Kind
from bot.verify import verify_answer

ICON = re.compile(r"<svg.*?</svg>", re.DOTALL)
FITTING = "My son is having a seizure now and it will not stop."
SPANISH = "mi hijo está convulsionando ahora"
TOLD = "In the first aid class the trainer shouted that he is having a seizure now and it will not stop."


@pytest.fixture
def doubting(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """A pipeline whose second opinion doubts every flag of a rule."""
    recogniser = pipeline.recogniser
    doubtful = replace(recogniser._opinion, calm_below=1.1, alarm_from=1.1, doubt_from=1.1)
    monkeypatch.setattr(recogniser, "_opinion", doubtful)
    pipeline.forget_answers()
    yield pipeline
    pipeline.forget_answers()


def test_a_flag_of_a_rule_stands_where_the_second_opinion_agrees(pipeline: Pipeline) -> None:
    seen = pipeline.recogniser.recognise(FITTING)
    assert seen.urgent
    assert seen.doubt is None
    assert pipeline.ask(FITTING).kind == Kind.EMERGENCY


def test_a_flag_in_doubt_is_answered_as_what_it_asks_with_the_numbers_first(doubting: Pipeline) -> None:
    seen = doubting.recogniser.recognise(TOLD)
    assert not seen.urgent
    assert seen.doubt == "seizure"
    answer = doubting.ask(TOLD)
    assert answer.kind != Kind.EMERGENCY
    assert answer.calls
    for text in (answer.text, answer.markdown, ICON.sub("", answer.html)):
        assert "If someone is in danger now, call" in text[:250]
        assert answer.calls[0].number in text[:250]
    assert answer.calls[0].number in shorten(answer, doubting.renderer, 1600)[:100]
    assert not verify_answer(answer, doubting.corpus, doubting.renderer).faults


def test_a_flag_in_another_language_is_never_doubted(doubting: Pipeline) -> None:
    assert doubting.recogniser.recognise(SPANISH).urgent


def test_a_flag_in_a_long_message_is_never_doubted(doubting: Pipeline) -> None:
    assert doubting.recogniser.recognise(f"{'We live near Leeds. ' * 30}{FITTING}").urgent


def test_a_faint_alarm_shows_the_numbers_and_still_answers(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pipeline.recogniser, "_opinion", replace(pipeline.recogniser._opinion, alarm_from=1.1, doubt_from=0.0)
    )
    pipeline.forget_answers()
    answer = pipeline.ask("What is spasticity in cerebral palsy?")
    pipeline.forget_answers()
    assert answer.kind == Kind.ANSWER
    assert answer.calls
    assert answer.text.startswith("If someone is in danger now, call")


def test_an_ordinary_answer_shows_no_number(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What is spasticity?")
    assert answer.calls == ()
    assert "in danger" not in answer.text
