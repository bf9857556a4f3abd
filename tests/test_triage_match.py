"""The matcher, on a handful of rules written here: distance, guards, order, languages, and what it refuses."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.schema import CorpusError, TriageRules
from bot.triage import Triage, TriageResult, disagreements


def rule(name: str, kind: str, *when: dict[str, Any], passages: tuple[str, ...] = ()) -> dict[str, Any]:
    examples = {"match": [name], "no_match": []}
    return {"id": name, "kind": kind, "response": name, "when": when, "passages": passages, "examples": examples}


RULES: dict[str, Any] = {
    "breaks": ["but"],
    "concepts": {
        "seizure": ["seizure", "(having|in) .. fit"],
        "long": ["{5+} minutes", "wont stop"],
        "dose": ["how much"],
        "medicine": ["baclofen"],
        "hello": ["=hello", "=hi there"],
        "quiet": ["sleepy"],
    },
    "guards": {
        "negated": {"scope": "before", "within": 2, "words": ["not", "no", "never had"]},
        "past": {"scope": "sentence", "words": ["last year"]},
        "story": {"scope": "message", "words": ["in the film"]},
    },
    "rules": [
        rule("greeting", "clarify", {"all": ["hello"]}),
        rule("dose", "redirect", {"all": ["dose", "medicine"], "within": 6}),
        rule(
            "seizure",
            "emergency",
            {"all": ["seizure", "long"], "within": 8, "unless": ["negated", "past", "story"]},
            {"all": ["quiet", "seizure"], "within": 4},
            passages=("first-aid#seizure",),
        ),
        rule("bare", "emergency", {"all": ["quiet", "long"], "within": 25}),
    ],
    "foreign": [
        {"lang": "es", "response": "seizure", "phrases": ["está convulsionando"]},
        {"lang": "zh", "response": "seizure", "phrases": ["抽搐"]},
        {"lang": "fr", "response": "elsewhere", "phrases": ["ne respire pas"]},
    ],
}


SMALL = Triage(TriageRules.model_validate(RULES))


@pytest.fixture(scope="module")
def triage() -> Triage:
    """These rules, not the real ones."""
    return SMALL


def rule_of(triage: Triage, message: str) -> str | None:
    result = triage.match(message)
    return result.rule if result else None


def test_a_result_names_kind_response_rule_passages_and_language(triage: Triage) -> None:
    assert triage.match("a seizure, it wont stop") == TriageResult(
        "emergency", "seizure", "seizure", ("first-aid#seizure",), "en"
    )


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("a seizure for 5 minutes", "seizure"),
        ("5 minutes of seizure", "seizure"),
        ("a seizure", None),
        ("5 minutes", None),
        ("sleepy after a seizure", "seizure"),
        ("seizure one two three four five 5 minutes", "seizure"),
        ("seizure one two three four five six 5 minutes", None),
        ("a seizure. It went on. 5 minutes now", "seizure"),
        ("seizure a b c d e f g. h seizure 5 minutes", "seizure"),
        ("He is in a bad fit that wont stop", "seizure"),
        ("a siezure for five minuets, 5 minutes", "seizure"),
    ],
)
def test_all_concepts_must_stand_close_together(triage: Triage, message: str, found: str | None) -> None:
    assert rule_of(triage, message) == found


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("not seizure for 5 minutes", None),
        ("not a seizure for 5 minutes", None),
        ("not such a seizure for 5 minutes", "seizure"),
        ("never had seizure for 5 minutes", None),
        ("a seizure not for 5 minutes", None),
        ("a seizure for not even quite 5 minutes", "seizure"),
        ("not here. seizure for 5 minutes", "seizure"),
        ("not here but a seizure for 5 minutes", "seizure"),
        ("a seizure for 5 minutes last year", None),
        ("last year a seizure for 5 minutes", None),
        ("a seizure for 5 minutes. Last year was better", "seizure"),
        ("last year was better but a seizure for 5 minutes", "seizure"),
        ("a seizure for 5 minutes. It was in the film", None),
        ("last year a seizure for 5 minutes. Now a seizure for 5 minutes", "seizure"),
        ("not sleepy after a seizure", "seizure"),
    ],
)
def test_a_guard_takes_a_match_back_within_its_scope(triage: Triage, message: str, found: str | None) -> None:
    assert rule_of(triage, message) == found


@pytest.mark.parametrize("message", ["hello", "Hello!", "  HELLO ... ", "hi there", "👋 hello"])
def test_a_whole_message_is_matched_whole(triage: Triage, message: str) -> None:
    assert rule_of(triage, message) == "greeting"


def test_a_greeting_before_a_question_is_not_the_whole_message(triage: Triage) -> None:
    assert rule_of(triage, "hello, what is CP") is None


FAR = "and so on it goes "


@pytest.mark.parametrize(
    "message",
    [
        f"{('how much ' + FAR * 3) * 12} how much baclofen",
        f"{('baclofen ' + FAR * 3) * 12} baclofen, how much",
        f"how much baclofen {('how much ' + FAR * 3) * 12}",
        f"{'how much ' * 20}{FAR * 3}{'baclofen ' * 20}{FAR * 3}how much baclofen{' how much' * 20}",
        f"{'baclofen ' * 50}{FAR * 3}how much {FAR * 3}{'baclofen ' * 50}how much {FAR * 3}",
    ],
)
def test_a_close_pair_is_found_among_many_distant_mentions(triage: Triage, message: str) -> None:
    assert rule_of(triage, message) == "dose"


def test_many_mentions_that_are_all_distant_are_no_pair(triage: Triage) -> None:
    assert rule_of(triage, f"{'how much ' * 20}{FAR * 3}{'baclofen ' * 20}{FAR * 3}{'how much ' * 20}") is None


@given(st.lists(st.sampled_from(["seizure", "5 minutes", "then", "not"]), max_size=60))
@example(["not", "seizure", "seizure", "seizure", "5 minutes"])
@settings(deadline=None)
def test_law_a_pair_is_found_exactly_where_two_spans_stand_close_enough(units: list[str]) -> None:
    said = " ".join(units).split()
    # As in bot.triage.words: a word said for the third time in a row says nothing new.
    words = [word for place, word in enumerate(said) if said[max(0, place - 2) : place] != [word, word]]
    free = [
        place
        for place in range(len(words))
        if words[place] in {"seizure", "5"} and "not" not in words[max(0, place - 2) : place]
    ]
    seizures = [(place, place + 1) for place in free if words[place] == "seizure"]
    long = [(place, place + 2) for place in free if words[place] == "5"]
    close = any(max(a[1], b[1]) - min(a[0], b[0]) <= 8 for a in seizures for b in long)
    assert (rule_of(SMALL, " ".join(units)) == "seizure") is close


def test_a_misspelling_that_one_pattern_lists_is_known_in_all() -> None:
    rules = {
        "concepts": {"listed": ["bad breathng"], "other": ["(stopped|not) breathing"]},
        "guards": {},
        "rules": [rule("listed", "redirect", {"all": ["listed"]}), rule("other", "emergency", {"all": ["other"]})],
    }
    triage = Triage(TriageRules.model_validate(rules))
    assert rule_of(triage, "he stopped breathng") == "other"
    assert rule_of(triage, "not breathing") == "other"
    assert rule_of(triage, "a bad breathng") == rule_of(triage, "a bad breathing") == "listed"


def test_a_red_flag_in_another_language_is_looked_for_before_the_english_rules(triage: Triage) -> None:
    result = triage.match("a seizure wont stop, está convulsionando")
    assert result is not None
    assert (result.rule, result.response, result.lang) == ("foreign-es-seizure", "seizure", "es")


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("in a bad\nfit that wont stop", "seizure"),
        ("in a bad\n\nfit that wont stop", None),
        ("not\na seizure for 5 minutes", None),
        ("not\n\na seizure for 5 minutes", "seizure"),
    ],
)
def test_a_line_break_ends_no_sentence_and_an_empty_line_does(triage: Triage, message: str, found: str | None) -> None:
    assert rule_of(triage, message) == found


def test_an_emergency_wins_over_a_redirect_and_a_redirect_over_small_talk(triage: Triage) -> None:
    assert rule_of(triage, "how much baclofen") == "dose"
    assert rule_of(triage, "how much baclofen, a seizure wont stop") == "seizure"


def test_of_two_emergencies_the_first_of_the_file_wins(triage: Triage) -> None:
    assert rule_of(triage, "sleepy seizure wont stop") == "seizure"
    assert rule_of(triage, "sleepy and wont stop") == "bare"


@pytest.mark.parametrize(
    ("message", "lang", "passages"),
    [
        ("mi hijo ESTA convulsionando", "es", ("first-aid#seizure",)),
        ("孩子在抽搐", "zh", ("first-aid#seizure",)),
        ("bébé ne  respire\npas !", "fr", ()),
        ("how much baclofen? está convulsionando", "es", ("first-aid#seizure",)),
    ],
)
def test_a_red_flag_in_another_language_is_answered_in_it(
    triage: Triage, message: str, lang: str, passages: tuple[str, ...]
) -> None:
    result = triage.match(message)
    assert result is not None
    assert (result.kind, result.lang, result.passages) == ("emergency", lang, passages)


@pytest.mark.parametrize("message", ["", " ", "\n", "👶", "...", "\x00", "\ud800", "5", "what is cp"])
def test_what_no_rule_knows_is_nothing(triage: Triage, message: str) -> None:
    assert triage.match(message) is None


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"all": ["nobody"]}, "triage.yaml: rule greeting: no concept 'nobody'; add it or mend the name"),
        ({"all": ["hello"], "unless": ["nobody"]}, "triage.yaml: rule greeting: no guard 'nobody'; add it or mend"),
    ],
)
def test_a_rule_with_an_unknown_name_is_refused(condition: dict[str, Any], message: str) -> None:
    rules = TriageRules.model_validate({**RULES, "rules": [rule("greeting", "clarify", condition)]})
    with pytest.raises(CorpusError) as caught:
        Triage(rules)
    assert str(caught.value).startswith(message)


def test_examples_that_disagree_are_named_with_what_went_wrong() -> None:
    examples = {"match": ["hello", "how much baclofen", "what is cp"], "no_match": ["hi there", "a seizure"]}
    greeting = rule("greeting", "clarify", {"all": ["hello"]}) | {"examples": examples}
    dose = rule("dose", "redirect", {"all": ["dose"]}) | {"examples": {"match": ["how much"]}}
    rules = TriageRules.model_validate({**RULES, "rules": [greeting, dose]})
    assert [(found.id, message, fault) for found, message, fault in disagreements(rules)] == [
        ("greeting", "how much baclofen", "must match, but gives dose"),
        ("greeting", "what is cp", "must match, but gives nothing"),
        ("greeting", "hi there", "must not match, but greeting does"),
    ]
