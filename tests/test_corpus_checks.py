"""``careleaf corpus check``: each rule finds the fault that was planted, and says where it is and what to do."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from bot.corpus import checks
from bot.corpus.checks import check_boundaries, check_passages
from bot.schema import Corpus, Grade, Passage, Review, Sentence

TODAY = date(2026, 11, 24)
GUIDANCE = "nice-ng62"
SOLD = "seed-clinic-001"
SENTENCE = "A child with CP can go to a local school and play with other children there."
"""Sixteen plain words."""

ASKED = ("one", "two", "three", "four", "five", "six")


def passage_of(*sentences: str, sources: tuple[str, ...] = (GUIDANCE,), **changes: Any) -> Passage:
    """A passage without a fault, except for what a test plants in it."""
    text = " ".join(sentences or [SENTENCE] * 4)
    spans, place = [], 0
    for sentence in sentences or [SENTENCE] * 4:
        spans.append(Sentence(start=place, end=place + len(sentence), sources=sources))
        place += len(sentence) + 1
    passage = Passage(
        id="school#start",
        topic="school",
        group="life",
        lang="en",
        heading="When does school start?",
        text=text,
        sha256="0" * 64,
        sentences=tuple(spans),
        asked=ASKED,
        evidence=Grade.PRACTICAL,
        ask_your_team=(),
        updated=TODAY,
        review=Review(),
        file="articles/life/school.md",
        line=7,
    )
    return passage.model_copy(update=changes)


@pytest.fixture(scope="module")
def faults_of(corpus: Corpus) -> Callable[[Passage], list[str]]:
    """Check a passage in the company of the real sources and lexicon."""

    def check(passage: Passage) -> list[str]:
        article = corpus.articles[0].model_copy(update={"passages": (passage,)})
        alone = Corpus.model_validate(
            {name: getattr(corpus, name) for name in Corpus.model_fields} | {"articles": (article,)}
        )
        return [str(fault) for fault in check_passages(alone, TODAY)]

    return check


def test_a_passage_that_keeps_the_rules_has_no_fault(faults_of: Callable[[Passage], list[str]]) -> None:
    assert faults_of(passage_of()) == []


LONG = "A child with CP can go to a school near home and play there with a friend and ride back each day."
TWENTY = "A child with CP can go to a school near home and play there with a friend at the break."
HARD = "Multidisciplinary rehabilitation interventions necessitate individualised collaborative documentation."
RUN = "can a child with cp can go to a local school"

PASSAGE_FAULTS = {
    "unknown citation key": (passage_of(sources=("no-such-key",)), "unknown citation key @no-such-key in", "mend"),
    "unknown beside known": (passage_of(sources=(GUIDANCE, "nobody")), "unknown citation key @nobody in", "mend"),
    "no citation": (passage_of(sources=()), f"no citation in {SENTENCE!r}; add [@key]", "before its full stop"),
    "commercial alone": (passage_of(sources=(SOLD,)), "a commercial source is the only support", "use claims.yaml"),
    "two commercial": (passage_of(sources=(SOLD, "seed-rehab-000")), "is the only support", "cite guidance"),
    "too short": (passage_of(SENTENCE, SENTENCE), "32 words, between 40 and 160", "split it or say more"),
    "too long": (passage_of(*[SENTENCE] * 11), "176 words, between 40 and 160", "split it or say more"),
    "long sentences": (passage_of(LONG, LONG), "22.0 words a sentence, under 20 are allowed", "split the longest"),
    "over-hard": (passage_of(*[SENTENCE] * 2, *[HARD] * 2), "reading grade", "use shorter words and sentences"),
    "twenty words a sentence": (passage_of(*[TWENTY] * 2), "20.0 words a sentence, under 20", "split the longest"),
    "asked too few": (passage_of(asked=ASKED[:5]), "5 ways of asking, between 6 and 12", "are wanted"),
    "asked too many": (passage_of(asked=ASKED + ASKED + ("x",)), "13 ways of asking, between 6", "are wanted"),
    "asked copied": (passage_of(asked=(*ASKED, RUN)), f"asked {RUN!r} copies 'a child with cp can'", "in other words"),
    "review passed": (
        passage_of(review=Review(due=TODAY - timedelta(days=1))),
        "the review was due on 2026-11-23",
        "read it again and set a new date",
    ),
}


@pytest.mark.parametrize(("passage", "message", "remedy"), PASSAGE_FAULTS.values(), ids=PASSAGE_FAULTS.keys())
def test_a_fault_of_a_passage_is_found(
    faults_of: Callable[[Passage], list[str]], passage: Passage, message: str, remedy: str
) -> None:
    faults = faults_of(passage)
    assert faults
    assert all(fault.startswith("articles/life/school.md:7: school#start: ") for fault in faults)
    assert all(message in fault and remedy in fault for fault in faults)


KEPT = {
    "commercial beside guidance": passage_of(sources=(SOLD, GUIDANCE)),
    "least words": passage_of(*["A child can go to a school near home."] * 4, "You can ask them now for some help."),
    "most words": passage_of(*["A child can go to a school near home."] * 17, "Ask them now for some help.", "Bye."),
    "asked most": passage_of(asked=ASKED + ASKED),
    "four words shared": passage_of(asked=(*ASKED, "can go to a what")),
    "review due today": passage_of(review=Review(due=TODAY)),
}


@pytest.mark.parametrize("passage", KEPT.values(), ids=KEPT.keys())
def test_what_just_keeps_a_rule_is_no_fault(faults_of: Callable[[Passage], list[str]], passage: Passage) -> None:
    assert faults_of(passage) == []


DANGLING = ["It helps.", "Its aim is play.", "This helps.", "That helps.", "These help.", "Those help.", "They help."]
DANGLING += ["Their aim is play.", "Them too.", "He walks.", "She walks.", "His legs.", "Her legs.", "Such toys help."]
DANGLING += ["Also, play helps.", "But play helps.", "And play helps.", "However, play helps.", "Then play."]
DANGLING += ["So play.", "The trial was small.", "The study was small.", "The review found this.", "The same holds."]
DANGLING += ["In this group play helps.", "In that case play.", "In these children play.", "In those days."]


@pytest.mark.parametrize("opening", DANGLING)
def test_a_sentence_must_not_begin_with_a_word_that_points_back(opening: str, corpus: Corpus) -> None:
    found = list(checks.check_openings(passage_of(SENTENCE, opening), corpus))
    assert found == [f"{opening!r} begins with a word that points back; name the thing"]


@pytest.mark.parametrize(
    "opening",
    ["It is safe to ask.", "It is not safe to wait.", "It is never fair to blame.", "That is why teams ask.",
     "It is all right to cry.", "Items help.", "Hershey is a town.", "The trials were small.", "Sometimes play helps."],
)  # fmt: skip
def test_a_sentence_that_stands_by_itself_is_no_fault(opening: str, corpus: Corpus) -> None:
    assert list(checks.check_openings(passage_of(SENTENCE, opening), corpus)) == []


DOSES = ["5 mg", "5mg", "2.5 MG", "100 mcg", "100 µg", "300 units", "1 unit", "10 ml", "5 millilitres", "20 milligrams"]
DOSES += ["50 micrograms", "4 IU", "1,000 mg", "40 million cells"]


@pytest.mark.parametrize("dose", DOSES)
def test_no_passage_names_a_dose(dose: str, faults_of: Callable[[Passage], list[str]]) -> None:
    [fault] = faults_of(passage_of(*[SENTENCE] * 3, f"A child once got {dose} at a school."))
    assert fault.startswith("articles/life/school.md:7: school#start: names a dose (")
    assert fault.endswith("; leave the amount out and say who decides it")


@pytest.mark.parametrize("amount", ["5 minutes", "160 words", "5 miles", "30 centres", "about 1 in 3", "level 5"])
def test_a_number_that_is_no_dose_is_no_fault(amount: str, corpus: Corpus) -> None:
    assert list(checks.check_dose(passage_of(f"A child waited {amount}."), corpus)) == []


def test_two_sentences_that_are_read_as_one(corpus: Corpus) -> None:
    passage = corpus.passages["hips#hip-surveillance"]
    text = "CP at level V. Hips are checked."
    merged = passage.model_copy(
        update={"text": text, "sentences": (Sentence(start=0, end=len(text), sources=("novak-2020",)),)}
    )
    assert [fault for fault in check_boundaries(merged, corpus) if "is read as one sentence" in fault]
    assert list(check_boundaries(passage, corpus)) == []
