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


def test_a_flag_of_somebody_who_may_be_harmed_is_never_doubted(doubting: Pipeline) -> None:
    assert doubting.recogniser.recognise(
        "I told the trainer that I want to end my life and nobody in the class knew."
    ).urgent


def test_a_flag_in_a_handful_of_words_is_never_doubted(doubting: Pipeline) -> None:
    assert doubting.recogniser.recognise("he is having a seizure").urgent


@pytest.fixture
def alarmed(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """A pipeline whose second opinion hears the part about harm in everything, and no alarm as a whole."""
    recogniser = pipeline.recogniser
    monkeypatch.setattr(recogniser, "_opinion", replace(recogniser._opinion, alarm_from=1.1, harm_from=0.0))
    pipeline.forget_answers()
    yield pipeline
    pipeline.forget_answers()


def test_a_question_of_the_corpus_is_no_flag_for_a_part_of_an_alarm(alarmed: Pipeline) -> None:
    for passage in list(alarmed.corpus.passages.values())[::50]:
        seen = alarmed.recogniser.recognise(passage.heading)
        assert not seen.urgent, passage.heading
        assert seen.doubt
    assert alarmed.recogniser.recognise("the bus was late again and it rained on all of us").urgent


def test_a_question_of_the_corpus_is_a_flag_where_the_whole_alarm_is_loud(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = next(p for p in pipeline.corpus.passages.values() if p.id == "spasticity-overview#changes-with-age").asked[
        0
    ]
    opinion = pipeline.recogniser._opinion
    assert not pipeline.recogniser.recognise(asked).urgent
    monkeypatch.setattr(pipeline.recogniser, "_opinion", replace(opinion, alarm_from=0.0))
    assert pipeline.recogniser.recognise(asked).urgent


def test_a_heading_of_the_corpus_to_the_letter_is_no_flag_of_the_second_opinion(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    heading = pipeline.corpus.passages["red-flags-emergency#choking"].heading
    monkeypatch.setattr(pipeline.recogniser, "_opinion", replace(pipeline.recogniser._opinion, alarm_from=0.0))
    assert pipeline.recogniser.recognise(heading).doubt
    assert pipeline.recogniser.recognise(f"{heading} Quick").urgent


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
