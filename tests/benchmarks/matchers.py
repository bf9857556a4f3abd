"""``make bench-matchers``: what kept libraries make of the development half, beside our rules.

Each is asked the same: does this message need an emergency's answer? What a library needs to know is the same for all
(``KEYWORDS``, or the rules' own examples as exemplars); nothing is downloaded. Writes the table of
``docs/safety/matching.md``. medspaCy pins an older spaCy than negspacy allows, so it is compared where it is installed.
"""

import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ahocorasick
import numpy as np
import regex
import spacy
from negspacy.negation import Negex  # noqa: F401 - registers the factory "negex"
from rapidfuzz import fuzz, process
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.corpus import load_corpus
from bot.encoder import Encoder
from bot.settings import load_settings
from bot.triage import Triage
from bot.triage.words import fold
from tests.safety.cases import Message, of_half

PAGE = Path(__file__).resolve().parents[2] / "docs/safety/matching.md"
MARKS = ("<!-- table -->\n", "<!-- end of table -->\n")

WORD = re.compile(r"[^\W_]+")
KEYWORDS = (
    *("seizure", "seizing", "fitting", "having a fit", "convulsing", "convulsions", "jerking", "eyes rolled back"),
    *(
        "not breathing",
        "cant breathe",
        "struggling to breathe",
        "stopped breathing",
        "gasping",
        "blue lips",
        "lips blue",
    ),
    *(
        "turning blue",
        "gone blue",
        "choking",
        "stuck in throat",
        "unconscious",
        "wont wake",
        "cant wake",
        "unresponsive",
    ),
    *("floppy", "passed out", "collapsed", "confused", "pump alarm", "pump is beeping", "run out of baclofen"),
    *(
        "missed baclofen",
        "trouble swallowing",
        "cant swallow",
        "cant hold head",
        "spasms wont stop",
        "twisting nonstop",
    ),
    *(
        "shunt",
        "vomiting",
        "head injury",
        "hit head",
        "banged head",
        "knocked out",
        "broken",
        "swollen",
        "cant move leg",
    ),
    *("fever", "high temperature", "dehydrated", "no wet nappy", "sunken eyes", "swallowed", "poison", "overdose"),
    *(
        "battery",
        "bleach",
        "stopped walking",
        "stopped talking",
        "lost skills",
        "want to die",
        "kill myself",
        "suicide",
    ),
    *("end it all", "hurt myself", "hurt my child", "self harm", "hits him", "hits her", "touched him", "touched her"),
    *("abuse", "hurting him", "hurting her", "locked in", "beats"),
)
LIKE_WORDS, LIKE_VECTORS = (55, 60, 70), (60, 65, 70)
"""Likeness (0 to 100) from which on the nearest exemplar decides: a row each, for it trades recall for alarms."""


@dataclass(frozen=True)
class Contestant:
    """A way to say whether a message is an emergency."""

    name: str
    flags: Callable[[str], bool]


def contestants() -> list[Contestant]:
    """Return everything that is compared, each prepared once."""
    corpus = load_corpus(load_settings().corpus_dir)
    triage = Triage(corpus.triage)
    urgent = [rule for rule in corpus.triage.rules if rule.kind == "emergency"]
    exemplars = [(fold(text), True) for rule in urgent for text in rule.examples.match]
    exemplars += [(fold(text), False) for rule in urgent for text in rule.examples.no_match]
    found = [
        Contestant("our rules (concepts, proximity, guards)", lambda m: is_emergency(triage, m)),
        Contestant("keyword list, `re`", keyword_list()),
        Contestant("keyword list, `regex` with one edit a phrase", fuzzy_keyword_list()),
        Contestant("keyword automaton, `pyahocorasick`", automaton()),
        *(
            Contestant(
                f"nearest exemplar, `rapidfuzz` token_set_ratio from {least}", nearest_by_words(exemplars, least)
            )
            for least in LIKE_WORDS
        ),
        *nearest_by_vector(exemplars),
        Contestant("spaCy Matcher, blank English, one edit a word", spacy_matcher()),
        Contestant("spaCy entity ruler and negspacy", spacy_negex()),
    ]
    if find_spec("medspacy"):
        found.append(Contestant("medspaCy target matcher and ConText", medspacy_context()))
    return found


def is_emergency(triage: Triage, message: str) -> bool:
    """Say what our rules say."""
    result = triage.match(message)
    return result is not None and result.kind == "emergency"


def keyword_list() -> Callable[[str], bool]:
    """Return a matcher by alternation."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, KEYWORDS))})\b")
    return lambda message: pattern.search(fold(message)) is not None


def fuzzy_keyword_list() -> Callable[[str], bool]:
    """Return a matcher that allows one edit in a phrase."""
    pattern = regex.compile(rf"\b(?:{'|'.join(map(re.escape, KEYWORDS))}){{e<=1}}\b")
    return lambda message: pattern.search(fold(message)) is not None


def automaton() -> Callable[[str], bool]:
    """Return an Aho-Corasick automaton, whole words."""
    trie = ahocorasick.Automaton()
    for word in KEYWORDS:
        trie.add_word(f" {word} ", word)
    trie.make_automaton()

    def flags(message: str) -> bool:
        words = " ".join(WORD.findall(fold(message)))
        return next(trie.iter(f" {words} "), None) is not None

    return flags


def nearest_by_words(exemplars: list[tuple[str, bool]], least: int) -> Callable[[str], bool]:
    """Return a matcher by the exemplar that shares most words."""
    texts = [text for text, _ in exemplars]

    def flags(message: str) -> bool:
        near = process.extractOne(fold(message), texts, scorer=fuzz.token_set_ratio, score_cutoff=least)
        return near is not None and exemplars[near[2]][1]

    return flags


def nearest_by_vector(exemplars: list[tuple[str, bool]]) -> list[Contestant]:
    """Return matchers by the exemplar whose vector is nearest, one a threshold."""
    settings = load_settings()
    encoder = Encoder(settings.model_dir, settings.model_sha256)
    known = np.stack([encoder.encode_question(text) for text, _ in exemplars])

    def from_likeness(least: int) -> Callable[[str], bool]:
        def flags(message: str) -> bool:
            near = known @ encoder.encode_question(message)
            return bool(near.max() * 100 >= least) and exemplars[int(near.argmax())][1]

        return flags

    name = "nearest exemplar, our encoder from"
    return [Contestant(f"{name} {least}", from_likeness(least)) for least in LIKE_VECTORS]


def spacy_matcher() -> Callable[[str], bool]:
    """Return spaCy's token matcher with its fuzzy operator."""
    nlp = spacy.blank("en")
    matcher = Matcher(nlp.vocab)
    for phrase in KEYWORDS:
        matcher.add(phrase, [[{"LOWER": {"FUZZY1": word} if len(word) > 4 else word} for word in phrase.split()]])
    return lambda message: bool(matcher(nlp.make_doc(fold(message))))


def spacy_negex() -> Callable[[str], bool]:
    """Return entities of the keyword list, those that are negated left out."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    ruler: Any = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([{"label": "FLAG", "pattern": phrase} for phrase in KEYWORDS])
    nlp.add_pipe("negex", config={"ent_types": ["FLAG"]})
    return lambda message: any(not entity._.negex for entity in nlp(fold(message)).ents)


def medspacy_context() -> Callable[[str], bool]:
    """Return targets of the keyword list, without those that are negated, past, hypothetical or of the family."""
    import medspacy
    from medspacy.target_matcher import TargetRule

    nlp = medspacy.load(medspacy_enable=["medspacy_pyrush", "medspacy_target_matcher", "medspacy_context"])
    nlp.get_pipe("medspacy_target_matcher").add([TargetRule(phrase, "FLAG") for phrase in KEYWORDS])

    def flags(message: str) -> bool:
        doc: Doc = nlp(fold(message))
        return any(not (e._.is_negated or e._.is_historical or e._.is_hypothetical) for e in doc.ents)

    return flags


def compare(one: Contestant, messages: tuple[Message, ...]) -> str:
    """Return a row of the table: recall, false alarms, milliseconds."""
    urgent, quiet, spent = [], [], []
    one.flags("warm up")
    for message in messages:
        start = time.perf_counter()
        flagged = one.flags(message.text)
        spent.append((time.perf_counter() - start) * 1000)
        if message.expected in ("emergency", "crisis"):
            urgent.append(flagged)
        elif message.expected == "none":
            quiet.append(flagged)
    recall, false = np.mean(urgent), np.mean(quiet)
    slowest = statistics.quantiles(spent, n=20)[-1]
    return f"| {one.name} | {recall:.1%} | {false:.1%} | {statistics.median(spent):.2f} | {slowest:.2f} |".replace(
        "%", " %"
    )


def main() -> None:
    """Compare, and write the table into its page."""
    messages = of_half("development")
    lines = [
        "| | flags seen | false alarms | median ms | 95th of 100 ms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for one in contestants():
        lines.append(compare(one, messages))
        sys.stdout.write(lines[-1] + "\n")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    PAGE.write_text(before + MARKS[0] + "\n".join(lines) + "\n" + MARKS[1] + after, encoding="utf-8")


if __name__ == "__main__":
    main()
