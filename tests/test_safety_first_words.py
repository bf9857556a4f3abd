"""An emergency's answer says what to do and whom to call in its first 200 characters, in every format and country."""

import html
import re

import pytest

from bot.compose import Composer
from bot.pipeline import Pipeline
from bot.schema import Answer, Kind

FIRST = 200
ELEMENT = re.compile(r"<[^<>]*>")
MARK = re.compile(r"[\\#*>]")


def read_aloud(answer: Answer) -> dict[str, str]:
    """Return the first characters of each format as a person reads them, white space single."""
    shown = {
        "text": answer.text,
        "markdown": MARK.sub("", answer.markdown),
        "html": html.unescape(ELEMENT.sub(" ", answer.html)),
    }
    return {name: " ".join(text.split())[:FIRST] for name, text in shown.items()}


def spoken(pipeline: Pipeline) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return language, response and passages of every emergency that a rule or a foreign phrase can give."""
    rules = {rule.response: rule.passages for rule in pipeline.corpus.triage.rules if rule.kind == "emergency"}
    found = [("en", response, passages) for response, passages in rules.items()]
    found += [(entry.lang, entry.response, rules[entry.response]) for entry in pipeline.corpus.triage.foreign]
    return list(dict.fromkeys(found))


def test_there_are_responses_in_every_language_that_flags_are_known_in(pipeline: Pipeline) -> None:
    languages = {lang for lang, _, _ in spoken(pipeline)}
    assert languages >= {"en", "es", "zh", "hi", "ar", "pt", "fr", "ru", "vi"}
    assert sum(lang == "en" for lang, _, _ in spoken(pipeline)) >= 15


def test_the_action_and_the_number_come_first_in_every_format_response_and_country(pipeline: Pipeline) -> None:
    countries = [None, *sorted(pipeline.corpus.country)]
    assert len(countries) > 20
    faults = []
    for country in countries:
        composer = Composer(pipeline.corpus, pipeline.renderer, country)
        for lang, response, passages in spoken(pipeline):
            answer = composer.emergency("?", lang, response, passages)
            action = pipeline.renderer.words(lang)["responses"][response]["first"]
            faults += [f"{country} {lang} {response} {fault}" for fault in first_faults(answer, action)]
    assert faults == []


def first_faults(answer: Answer, action: str) -> list[str]:
    """Return what does not stand in the first characters of which format."""
    assert answer.kind == Kind.EMERGENCY
    assert answer.calls
    before, _, after = action.partition("{numbers}")
    wanted = [before.strip(), *(call.number for call in answer.calls)]
    # What to do beside calling, where the response has more to say: its first sentence at least.
    wanted.append(re.split(r"(?<=[.。।!])", after.lstrip(" .。।"))[0].strip())
    return [
        f"{name}: {words!r} not in {shown!r}"
        for name, shown in read_aloud(answer).items()
        for words in wanted
        if " ".join(MARK.sub("", words).split()) not in shown
    ]


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("he has been fitting for 10 minutes", "turn them on their side"),
        ("grape stuck in his throat cant breathe", "back blows"),
        ("mi hijo no respira", "Llame a una ambulancia ahora"),
        ("i want to die", "You do not have to carry it alone"),
    ],
)
def test_a_message_as_a_parent_sends_it_gets_the_action_first(pipeline: Pipeline, message: str, action: str) -> None:
    answer = pipeline.ask(message)
    for shown in read_aloud(answer).values():
        assert action in shown
        assert answer.calls[0].number in shown
