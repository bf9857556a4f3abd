"""A question understood before it is looked up: spelling, parts, kind, the lexicon's names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.question.expand import Expander
from bot.question.kind import read_kinds, share_kinds
from bot.question.spelling import Speller
from bot.question.split import split_message
from bot.schema.content import Term
from bot.triage.words import english_words

WORDS = {
    "hydrocodone": 3,
    "diarrhea": 5,
    "botulinum": 9,
    "spasticity": 7,
    "physiotherapy": 4,
    "gmfcs": 6,
    "dyskinetic": 2,
}
LEXICON = (
    Term(term="botulinum toxin", definition="A medicine.", lay=("botox jabs",), variants=("Botox", "BoNT-A")),
    Term(term="ataxia", definition="Unsteady movement.", lay=("unsteadiness",), variants=("ataxic",)),
)


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(WORDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hydrocodene and diahrrea", "hydrocodone and diarrhea"),
        ("Physiotherpy helps?", "physiotherapy helps?"),
        ("dyskenetic cp", "dyskinetic cp"),
        ("spastisity", "spasticity"),
        ("what is gmfcs", "what is gmfcs"),
        ("SSPE and VDRL", "SSPE and VDRL"),
        ("xqzt", "xqzt"),
    ],
)
def test_an_unknown_word_becomes_the_nearest_known_one(speller: Speller, typed: str, meant: str) -> None:
    assert speller.correct(typed) == meant


@given(word=st.sampled_from(sorted(english_words() | WORDS.keys())))
def test_a_known_word_is_never_changed(speller: Speller, word: str) -> None:
    assert speller.correct(word) == word


@pytest.mark.parametrize(
    ("message", "questions", "story"),
    [
        ("can cp be cured", ("can cp be cured",), ""),
        (
            "Hello. My son is two and walks on his toes. Is it his cerebral palsy? Thanks!",
            ("Is it his cerebral palsy?",),
            "My son is two and walks on his toes.",
        ),
        (
            "She had an MRI. What does PVL mean? And will she walk?",
            ("What does PVL mean?", "And will she walk?"),
            "She had an MRI.",
        ),
        (
            "He cries a lot. I would like to know how pain is treated.",
            ("I would like to know how pain is treated.",),
            "He cries a lot.",
        ),
        ("sore hips", ("sore hips",), ""),
    ],
)
def test_a_message_falls_into_questions_and_story(message: str, questions: tuple[str, ...], story: str) -> None:
    found = split_message(message)
    assert found.questions == questions
    assert found.story == story
    assert found.several == (len(questions) > 1)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("What are the treatments and causes of hip pain?", {"treatment", "causes"}),
        ("what is spasticity", {"meaning"}),
        ("how long do people with it live", set()),
        ("What is the life expectancy?", {"outlook"}),
        ("Is it inherited?", {"inheritance"}),
        ("side effects of baclofen", {"safety"}),
        ("who pays, and what does it cost?", {"cost"}),
        ("stiff legs", set()),
    ],
)
def test_a_question_says_what_it_is_after(text: str, kinds: set[str]) -> None:
    assert read_kinds(text) == kinds


def test_the_share_of_kinds_is_of_those_asked_for() -> None:
    assert share_kinds(frozenset({"causes", "treatment"}), frozenset({"causes"})) == 0.5
    assert share_kinds(frozenset(), frozenset({"causes"})) == 0.0


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("does botox hurt", ("botulinum toxin",)),
        ("are botox  jabs safe for her unsteadiness", ("botulinum toxin", "ataxia")),
        ("is botulinum toxin the same as botox", ()),
        ("botoxed", ()),
    ],
)
def test_lay_words_bring_the_names_of_the_lexicon(question: str, names: tuple[str, ...]) -> None:
    assert Expander(LEXICON).expand(question) == names
    assert Expander(()).expand(question) == ()
