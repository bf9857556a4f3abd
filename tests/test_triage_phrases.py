"""The pattern language of ``triage.yaml``, form by form, and what it refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schema import CorpusError
from bot.triage.phrases import PhraseIndex, read_phrase
from bot.triage.words import fold, split_words


def found_in(pattern: str, message: str) -> list[str]:
    """The stretches of a message that a pattern finds."""
    words = split_words(fold(message))
    spans = PhraseIndex({"it": (read_phrase(pattern, "a test"),)}).find(words)
    return [" ".join(word.text for word in words[start:end]) for start, end in spans.get("it", [])]


FORMS = [
    ("a word", "seizure", "a seizure now", ["seizure"]),
    ("not part of a word", "fit", "a fitting outfit", []),
    ("a word wherever it stands", "fit", "fit then fit", ["fit", "fit"]),
    ("words in a row", "turning blue", "he is turning blue", ["turning blue"]),
    ("not words apart", "turning blue", "he is turning very blue", []),
    ("not words in reverse", "turning blue", "blue turning", []),
    ("a hyphen is a space", "floppy-limp", "she is floppy limp", ["floppy limp"]),
    ("a hyphen in the message", "floppy limp", "she is floppy-limp", ["floppy limp"]),
    ("any ending", "chok*", "choke choking choked chok", ["choke", "choking", "choked", "chok"]),
    ("any ending, not any beginning", "chok*", "artichoke", []),
    ("any ending inside a row", "stopp* breathing", "he stopped breathing", ["stopped breathing"]),
    ("alternatives", "(he|she) fits", "he fits. she fits. it fits", ["he fits", "she fits"]),
    ("alternatives of several words", "(my son|she) fits", "my son fits", ["my son fits"]),
    ("two groups", "(he|she) (fits|seizes)", "she seizes", ["she seizes"]),
    ("an alternative or nothing", "having (a|) seizure", "having seizure, having a seizure",
     ["having seizure", "having a seizure"]),
    ("nothing at the beginning", "(a|) bad fit", "a bad fit. bad fit", ["a bad fit", "bad fit", "bad fit"]),
    ("nothing at the end", "fit (now|)", "fit now. fit", ["fit now", "fit"]),
    ("a group inside a group", "(in (a|his) car|home)", "in a car. in his car. home. in car",
     ["in a car", "in his car", "home"]),
    ("groups inside a choice of several words", "((a|his) car|home) seat",
     "a car seat. his car seat. home seat. car seat", ["a car seat", "his car seat", "home seat"]),
    ("nothing inside a group", "((very|) bad|big) fit", "bad fit. very bad fit. big fit. very big fit",
     ["bad fit", "very bad fit", "bad fit", "big fit", "big fit"]),
    ("three groups deep", "(a|(b|(c d|e) f)) g",
     "a g. b g. c d f g. e f g. c g. e g", ["a g", "b g", "c d f g", "e f g"]),
    ("a number inside two groups", "((at least|over) {5+}|many) fits", "over 6 fits. over 4 fits. many fits",
     ["over 6 fits", "many fits"]),
    ("a number inside a group", "for ({5+}|ten) minutes", "for 6 minutes. for 4 minutes", ["for 6 minutes"]),
    ("a number as one of several words", "(at least {5+}|many) fits", "at least 5 fits. many fits",
     ["at least 5 fits", "many fits"]),
    ("a gap inside a group", "(having .. fit|seizing)", "having a bad fit. seizing", ["having a bad fit", "seizing"]),
    ("an ending inside a group", "(chok*|gag*) now", "gagging now", ["gagging now"]),
    ("a gap of no word", "having .. seizure", "having seizure", ["having seizure"]),
    ("a gap of three words", "having .. seizure", "having a really bad seizure", ["having a really bad seizure"]),
    ("not a gap of four", "having .. seizure", "having a really very bad seizure", []),
    ("two gaps", "a .. b .. c", "a x x b x c", ["a x x b x c"]),
    ("a gap that looks further", "having .. fit now", "having fit a fit now", ["having fit a fit now"]),
    ("at least", "{5+} minutes", "4 minutes, 5 minutes, 12 minutes", ["5 minutes", "12 minutes"]),
    ("at least, in words", "{5+} minutes", "four minutes, five minutes", ["five minutes"]),
    ("at most", "{5-} weeks", "4 weeks 5 weeks 6 weeks", ["4 weeks", "5 weeks"]),
    ("a part of one", "temp {38.5+}", "temp 38.4 temp 38.5", ["temp 38.5"]),
    ("any number", "aged {#}", "aged 0 aged ten aged me", ["aged 0", "aged ten"]),
    ("a number joined to its unit", "{5+} mins", "10mins", ["10 mins"]),
    ("a number is no word", "{#} fits", "fits", []),
    ("the whole message", "=hello", "Hello!", ["hello"]),
    ("not a part of the message", "=hello", "hello there", []),
    ("not the end of the message", "=hello", "oh hello", []),
    ("the whole message, several words", "=thank you", "thank you", ["thank you"]),
    ("capitals and apostrophes", "can't BREATHE", "CAN’T breathe", ["cant breathe"]),
    ("not over the end of a sentence", "turning blue", "he is turning. blue sky", []),
    ("not over the end of a sentence by a gap", "having .. seizure", "having tea. a seizure", []),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "message", "found"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_a_form_of_the_language(pattern: str, message: str, found: list[str]) -> None:
    assert found_in(pattern, message) == found


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        " ",
        "=",
        "()",
        "(|)",
        ".. seizure",
        "..",
        "(a|) .. b",
        "(a|b|) (c|) .. d",
        "(.. a|b) c",
        "(a|) (b|)",
        "=(a|)",
    ],
)
def test_an_empty_pattern_or_one_that_begins_with_a_gap_is_refused(pattern: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_phrase(pattern, "concept fits")
    assert str(caught.value).startswith(f"triage.yaml: concept fits: pattern {pattern!r}")
    assert str(caught.value).endswith("is empty or begins with a gap; write its words")


@pytest.mark.parametrize("number", ["{5}", "{}", "{five+}", "{+5}", "{5 +}", "{#+}", "{-5+}"])
def test_a_number_that_cannot_be_read_is_refused(number: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_phrase(f"{number} minutes", "guard past")
    assert str(caught.value).startswith("triage.yaml: guard past: ")
    assert number in str(caught.value)
    assert str(caught.value).endswith("is not a number; write {5+}, {5-} or {#}")


@pytest.mark.parametrize("pattern", ["(he|she", "he|she", "he) fits", "(a (b) c", "(he|she)* fits"])
def test_brackets_that_do_not_close_are_refused(pattern: str) -> None:
    with pytest.raises(CorpusError) as caught:
        read_phrase(pattern, "concept fits")
    assert str(caught.value).startswith(f"triage.yaml: concept fits: pattern {pattern!r}: ")
    assert str(caught.value).endswith(("; add )", "; mend the brackets"))


WORDS = st.lists(st.sampled_from(["having", "a", "bad", "seizure", "5", "minutes", "."]), max_size=12)


@given(WORDS)
@settings(deadline=None)
def test_law_a_span_lies_in_the_message_within_one_sentence(tokens: list[str]) -> None:
    words = split_words(" ".join(tokens))
    index = PhraseIndex({"fit": (read_phrase("having .. seizure", ""),), "long": (read_phrase("{5+} min*", ""),)})
    for spans in index.find(words).values():
        for start, end in spans:
            assert 0 <= start < end <= len(words)
            assert words[start].sentence == words[end - 1].sentence


@given(WORDS, WORDS)
@settings(deadline=None)
def test_law_words_after_a_full_stop_take_nothing_away(tokens: list[str], more: list[str]) -> None:
    before, after = " ".join(tokens), " ".join([*tokens, ".", *more])
    found = found_in("having .. seizure", before)
    assert found_in("having .. seizure", after)[: len(found)] == found
