"""The rules of ``corpus/triage.yaml``: their own examples, what must stay silent, and the laws of the matcher."""

import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.corpus import load_corpus
from bot.schema import Corpus, Rule
from bot.triage import Triage
from tests.conftest import ROOT

RULES = load_corpus(Path(__file__).resolve().parents[1] / "corpus").triage
TRIAGE = Triage(RULES)
BY_ID = {rule.id: rule for rule in RULES.rules}
EXAMPLES = [m for rule in RULES.rules for m in (*rule.examples.match, *rule.examples.no_match)]


def response_of(message: str) -> str | None:
    result = TRIAGE.match(message)
    return result.response if result else None


@pytest.mark.parametrize("rule", RULES.rules, ids=BY_ID.keys())
def test_a_rule_matches_each_message_that_it_must(rule: Rule) -> None:
    missed = [message for message in rule.examples.match if response_of(message) != rule.response]
    assert missed == []


@pytest.mark.parametrize("rule", RULES.rules, ids=BY_ID.keys())
def test_a_rule_leaves_alone_each_message_that_it_must_not_match(rule: Rule) -> None:
    wrong = [message for message in rule.examples.no_match if response_of(message) == rule.response]
    assert wrong == []


@pytest.mark.parametrize("rule", RULES.rules, ids=BY_ID.keys())
def test_a_rule_has_enough_examples_to_be_judged_by(rule: Rule) -> None:
    assert len(rule.examples.match) >= 5
    assert len(rule.examples.no_match) >= 5


def test_a_rule_stands_once() -> None:
    assert len(BY_ID) == len(RULES.rules)


def test_every_emergency_shows_a_passage_and_names_where_it_was_read(corpus: Corpus) -> None:
    for rule in RULES.rules:
        if rule.kind == "emergency":
            assert rule.passages, rule.id
            assert rule.sources, rule.id
            assert set(rule.passages) <= set(corpus.passages), rule.id


SILENT = {
    "education": (
        "What is a seizure?",
        "What are the signs of a blocked shunt?",
        "How common is epilepsy in cerebral palsy?",
        "What does a dystonic storm look like?",
        "Can botox cause trouble swallowing?",
        "What causes infantile spasms?",
        "Why do babies with CP sometimes stop breathing?",
        "what happens during a seizure",
        "tell me about status epilepticus",
        "Is choking more common in children with CP?",
        "How do I know if my child is dehydrated?",
        "Is the baclofen pump better than tablets?",
        "What is safeguarding?",
        "does teething cause fever",
    ),
    "negation": (
        "She is not having a seizure",
        "no seizures so far",
        "There is no fever and no vomiting",
        "she isn't choking, she just coughs at meals",
        "he is not suicidal",
        "My son doesn't have epilepsy",
        "The scan ruled out a head injury",
    ),
    "settled past": (
        "Last year he had a seizure",
        "when she was a baby she had fits",
        "He used to have seizures and is fine",
        "She had a seizure three years ago",
        "my son stopped breathing at birth and was resuscitated",
        "He broke his leg two years ago",
        "at two weeks old she had a fever in the NICU",
    ),
    "what might happen": (
        "What should I do if my child has a seizure at school?",
        "what if he chokes at nursery",
        "What if she swallows a battery?",
        "when should I call an ambulance for a seizure",
        "I'm scared that he might have a seizure one day",
        "should he ever stop breathing, who do I ring",
        "we are writing a seizure plan for school",
        "In case he chokes, is there a course",
        "first aid training for choking where",
    ),
    "other meanings": (
        "I'm dying to see him walk",
        "She is fit and healthy",
        "My daughter has blue eyes",
        "new splints don't fit",
        "he fell in love with swimming",
        "I am a bit confused about GMFCS levels",
        "the breast pump is broken",
        "this waiting list is killing me",
        "he is floppy, he always has low tone",
        "My son has a weak left hand since birth",
        "Her hips hurt after long walks",
        "is it normal that he sleeps a lot",
    ),
}
SILENT_CASES = [(why, message) for why, messages in SILENT.items() for message in messages]


@pytest.mark.parametrize(("why", "message"), SILENT_CASES)
def test_what_only_sounds_like_an_emergency_is_none(why: str, message: str) -> None:
    result = TRIAGE.match(message)
    assert result is None or result.kind != "emergency", f"{why}: {result}"


def test_no_passage_and_no_way_of_asking_is_taken_for_another_language(corpus: Corpus) -> None:
    for passage in corpus.passages.values():
        for message in (passage.heading, passage.text, *passage.asked):
            result = TRIAGE.match(message)
            assert result is None or result.lang == "en", message


@pytest.mark.parametrize(
    ("message", "response"),
    [
        ("he is having\na seizure", "seizure"),
        ("he is\nhaving a\r\nseizure", "seizure"),
        ("she can´t breathe", "breathing"),
        ("I can´t wake her", "unconscious"),
    ],
)
def test_a_full_line_or_an_acute_accent_hides_no_emergency(message: str, response: str) -> None:
    result = TRIAGE.match(message)
    assert result is not None
    assert (result.kind, result.response, result.lang) == ("emergency", response, "en")


# ---- laws


@given(st.text(st.characters(), max_size=4000))
@example("\x00")
@example("\ud800\udfff")
@example("\u202eezies a gnivah si eh")
@example("9" * 4000)
@example("{5+} .. (a|b) =hello *")
@settings(deadline=None)
def test_law_any_text_is_matched_without_an_error_and_always_alike(message: str) -> None:
    assert TRIAGE.match(message) == TRIAGE.match(message)


SOME_WORDS = st.lists(
    st.sampled_from(
        "he is having a seizure not last year now 5 minutes blue baclofen pump how much . but ? stop".split()
    )
)


@given(SOME_WORDS.map(" ".join))
@settings(deadline=None)
def test_law_capitals_and_width_change_nothing(message: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in message)
    assert TRIAGE.match(message) == TRIAGE.match(message.upper()) == TRIAGE.match(wide)


@pytest.mark.parametrize("rule", RULES.rules, ids=BY_ID.keys())
def test_law_capitals_apostrophes_and_zero_width_change_no_example(rule: Rule) -> None:
    for message in (*rule.examples.match, *rule.examples.no_match):
        expected = TRIAGE.match(message)
        assert TRIAGE.match(message.upper()) == expected, message
        assert TRIAGE.match(message.replace("'", "").replace("’", "")) == expected, message
        assert TRIAGE.match(message.replace("'", "’")) == expected, message
        assert TRIAGE.match("\u200b".join(message)) == expected, message


def test_law_another_triage_of_the_same_rules_answers_alike() -> None:
    again = Triage(RULES)
    assert [again.match(message) for message in EXAMPLES] == [TRIAGE.match(message) for message in EXAMPLES]


# ---- time


TIMED = """
import json, sys, time
from pathlib import Path
from bot.corpus.load import read_triage
from bot.triage import Triage
from tests.conftest import ROOT
triage = Triage(read_triage(Path(sys.argv[1])))
times = []
for message in json.load(sys.stdin):
    started = time.perf_counter()
    triage.match(message)
    times.append(time.perf_counter() - started)
print(min(times))
"""


def seconds_for(messages: list[str]) -> float:
    """The quickest match of several, in a process of its own: there no coverage is traced, as in service."""
    assert all(len(message) == 4000 for message in messages)
    done = subprocess.run(
        [sys.executable, "-c", TIMED, str(ROOT / "corpus")],
        input=json.dumps(messages),
        env={name: value for name, value in os.environ.items() if not name.startswith("COV_")},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


TALK = " ".join(message for messages in SILENT.values() for message in messages)
LONG = {
    "questions": TALK,
    "one word": "x",
    "a word of the rules": "seizure ",
    "a flag again and again": "he is having a fit ",
    "a guarded flag again and again": "not a seizure for 5 minutes. ",
    "numbers": "1 ",
    "emoji": "👶",
    "line breaks": "\n",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_four_thousand_characters_are_matched_in_under_200_ms(text: str) -> None:
    assert seconds_for([(text * 4000)[:4000]] * 3) < 0.2


def test_four_thousand_characters_of_unknown_words_are_matched_in_under_200_ms() -> None:
    chance = random.Random(0)
    messages = ["".join(chance.choices(string.ascii_lowercase + "  ", k=4000)) for _ in range(3)]
    assert seconds_for(messages) < 0.2
