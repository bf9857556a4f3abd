"""A message → words as the rules see them: folded, numbered by sentence, with values, misspellings mended."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.triage.words import Mender, english_words, fold, fold_marks, number_of, split_words

ANY_TEXT = st.text(st.characters(), max_size=200)
"""Every code point: lone surrogates, NUL and unassigned ones too."""


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("Is He FITTING", "is he fitting"),
        ("can't", "cant"),
        ("can’t", "cant"),
        ("can‘t", "cant"),
        ("canʼt", "cant"),
        ("can`t", "cant"),
        ("can´t", "cant"),
        ("CAN\u00b4T", "cant"),
        ("can＇t", "cant"),
        ("sei\u200bzure", "seizure"),
        ("\ufeffsei\u200c\u200d\u2060zure", "seizure"),
        ("sei\u00adzure", "seizure"),
        ("sei\x00zure", "seizure"),
        ("sei\ud800zure", "seizure"),
        ("a\nb", "a\nb"),
        ("ｆｉｔ", "fit"),
        ("ﬁt", "fit"),
        ("he is nоt brеаthing", "he is not breathing"),
        ("НЕ ДЫШИТ", "не дышит"),
        ("please help my son не дышит now", "please help my son не дышит now"),
        ("STRASSE straße", "strasse strasse"),
    ],
)
def test_folding_unifies_what_a_reader_sees_as_the_same(message: str, folded: str) -> None:
    assert fold(message) == folded


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("Está  tendo uma\nCONVULSÃO", "esta tendo uma convulsao"),
        ("n’arrive pas à respirer", "narrive pas a respirer"),
        ("co giật", "co giat"),
        ("لا يتنفّس", "لا يتنفس"),
        ("у неё", "у нее"),
        ("不\u200b呼吸", "不呼吸"),
    ],
)
def test_marks_are_folded_away_for_other_languages(message: str, folded: str) -> None:
    assert fold_marks(message) == unicodedata.normalize("NFKD", folded)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("he fits. call now", [("he", 0), ("fits", 0), ("call", 1), ("now", 1)]),
        ("he fits! call? now; please", [("he", 0), ("fits", 0), ("call", 1), ("now", 2), ("please", 3)]),
        ("he fits\ncall", [("he", 0), ("fits", 0), ("call", 0)]),
        ("he fits\r\ncall", [("he", 0), ("fits", 0), ("call", 0)]),
        ("he fits\n\ncall", [("he", 0), ("fits", 0), ("call", 1)]),
        ("he fits\r\n \t\r\ncall", [("he", 0), ("fits", 0), ("call", 1)]),
        ("he fits\n\n\n\ncall", [("he", 0), ("fits", 0), ("call", 1)]),
        ("he fits… call", [("he", 0), ("fits", 0), ("call", 2)]),
        ("he\tfits", [("he", 0), ("fits", 0)]),
        ("he fits, call", [("he", 0), ("fits", 0), ("call", 0)]),
        ("floppy-limp 👶 baby", [("floppy", 0), ("limp", 0), ("baby", 0)]),
        ("10mins", [("10", 0), ("mins", 0)]),
        ("temp_39", [("temp", 0), ("39", 0)]),
        ("", []),
        ("👶 — …", []),
    ],
)
def test_words_know_their_sentence(message: str, words: list[tuple[str, int]]) -> None:
    assert [(word.text, word.sentence) for word in split_words(fold(message))] == words


def test_a_break_word_begins_a_sentence_and_belongs_to_it() -> None:
    words = split_words("he was fine but now he fits", frozenset({"but"}))
    assert [(word.text, word.sentence) for word in words] == [
        ("he", 0), ("was", 0), ("fine", 0), ("but", 1), ("now", 1), ("he", 1), ("fits", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("token", "value"),
    [("5", 5), ("38.5", 38.5), ("0", 0), ("five", 5), ("twenty", 20), ("hundred", 100), ("fifteen", 15), ("fit", None),
     ("٥", 5), ("²", None), ("9" * 400, float("inf"))],
)  # fmt: skip
def test_a_number_has_a_value_in_digits_and_in_words(token: str, value: float | None) -> None:
    assert number_of(token) == value


def test_a_decimal_point_does_not_end_a_sentence() -> None:
    assert [(word.text, word.value) for word in split_words("temp 38.5. help")] == [
        ("temp", None), ("38.5", 38.5), ("help", None),
    ]  # fmt: skip


@given(ANY_TEXT)
@settings(deadline=None)
def test_law_folding_leaves_nothing_invisible(text: str) -> None:
    assert not any(unicodedata.category(character) in {"Cf", "Cs"} for character in fold(text))


@given(ANY_TEXT)
@settings(deadline=None)
def test_law_words_stand_in_the_folded_text_in_order(text: str) -> None:
    folded = fold(text)
    place = 0
    sentence = 0
    for word in split_words(folded, frozenset({"but"})):
        place = folded.index(word.text, place) + len(word.text)
        assert word.sentence >= sentence
        sentence = word.sentence


# ---- mending


@pytest.fixture(scope="module")
def mender() -> Mender:
    return Mender(
        {"seizure", "breathing", "fitting", "unconscious", "baclofen", "blue", "swallowed"}, {"chok", "convuls"}
    )


@pytest.mark.parametrize(
    ("misspelt", "word"),
    [
        ("siezure", "seizure"),
        ("seziure", "seizure"),
        ("seizur", "seizure"),
        ("siezzure", "seizure"),
        ("sizzure", "sizzure"),
        ("bue", "bue"),
        ("breahting", "breathing"),
        ("brething", "breathing"),
        ("uncosncious", "unconscious"),
        ("unconsious", "unconscious"),
        ("baclofn", "baclofen"),
        ("bacolfen", "baclofen"),
        ("swalowed", "swallowed"),
        ("convulshun", "convulshun"),
        ("convlusion", "convulsion"),
        ("chocking", "chocking"),
        ("chokking", "chokking"),
        ("blu", "blu"),
        ("blueee", "blueee"),
        ("blule", "blue"),
    ],
)
def test_a_misspelling_is_mended_to_the_nearest_word_of_the_rules(mender: Mender, misspelt: str, word: str) -> None:
    assert mender.mend(misspelt) == word


@pytest.mark.parametrize("word", ["fit", "fits", "feed", "sitting", "seize", "breathe", "knitting", "glue", "pump"])
def test_a_known_word_is_never_changed(mender: Mender, word: str) -> None:
    assert mender.mend(word) == word


@pytest.mark.parametrize(
    ("listed", "mended"),
    [("siezure", "seizure"), ("breathng", "breathing"), ("fitts", "fitts"), ("zzzzzzz", "zzzzzzz")],
)
def test_a_misspelling_that_the_rules_list_is_mended_too_unless_it_is_short(listed: str, mended: str) -> None:
    assert Mender({"seizure", "breathing", "fits", listed}, ()).mend(listed) == mended


@pytest.mark.parametrize("word", ["судорога", "हिंदी", "不呼吸", "convulsão", ""])
def test_a_word_of_another_script_is_left_alone(mender: Mender, word: str) -> None:
    assert mender.mend(word) == word


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=14))
@settings(deadline=None)
def test_law_a_word_is_changed_by_at_most_two_edits_and_only_if_unknown(word: str) -> None:
    mended = SMALL.mend(word)
    if mended != word:
        assert word not in english_words()
        assert OSA.distance(word, mended) <= (2 if len(word) >= 8 else 1)


SMALL = Mender({"seizure", "breathing", "unconscious"}, {"chok"})


def test_the_dictionary_holds_plain_and_clinical_words() -> None:
    assert len(english_words()) > 80_000
    assert {"seizure", "fit", "the"} <= english_words()
