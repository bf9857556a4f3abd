"""The labelled messages of ``tests/cases/safety``: read, recombined and split into halves by hash.

Five authors wrote them who had seen neither the rules nor the system. Half of the emergencies are recombined from
fragments of an author of their own, so that nobody tunes to one phrasing. The halves are made by the hash of what
carries the flag: a clause stands in one half only, with whatever beginning and end it is joined to.
"""

import hashlib
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "cases/safety"
Half = Literal["development", "test"]
Expected = Literal["emergency", "crisis", "redirect", "none"]

RECOMBINED_A_CLAUSE = 2
"""Messages made of one clause, each with another opener, story and closer."""

BLIND: dict[str, Expected] = {
    "emergency": "emergency",
    "crisis": "crisis",
    "redirect": "redirect",
    "none": "none",
    "answer": "none",
}
"""What the labels of ``blind.yaml`` mean; its education questions need nothing either."""

CRISIS = frozenset({"carer-crisis", "young-crisis", "child-hurt"})


@dataclass(frozen=True, slots=True)
class Message:
    """One labelled message."""

    text: str
    kind: str
    expected: Expected
    half: Half
    origin: str


def half_of(text: str) -> Half:
    """Return the half that a text belongs to."""
    return "test" if hashlib.sha256(text.encode()).digest()[0] % 2 else "development"


def read_file(name: str) -> list[dict[str, str]]:
    """Read one list of messages."""
    return list(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def labelled(name: str, expected: Expected) -> list[Message]:
    """Return the messages of a file."""
    return [Message(e["text"], e["kind"], expected, half_of(e["text"]), name) for e in read_file(name)]


def recombined() -> list[Message]:
    """Join openers, clauses, closers and stories of ``fragments.yaml``; the same messages every time."""
    parts = yaml.safe_load((FOLDER / "fragments.yaml").read_text(encoding="utf-8"))
    messages = []
    for kind, clauses in sorted(parts["clauses"].items()):
        for clause in clauses:
            messages += [join(parts, kind, clause, "emergency", turn) for turn in range(RECOMBINED_A_CLAUSE)]
    for clause in parts["hurt"]:
        messages.append(join(parts, "child-hurt", clause, "crisis", 0))
    for place, sentence in enumerate(parts["young"]):
        kind = "young-crisis" if place < len(parts["young"]) // 2 else "carer-crisis"
        messages.append(Message(sentence, kind, "crisis", half_of(sentence), "recombined"))
    return messages


def join(parts: dict[str, list[str]], kind: str, clause: str, expected: Expected, turn: int) -> Message:
    """Return one recombined message; what stands around the clause is chosen by the clause and the turn."""
    choose = random.Random(f"{clause} {turn}")
    text = f"{choose.choice(parts['openers'])} {clause}"
    if choose.random() < 0.4:
        text = f"{choose.choice(parts['stories'])} {text}"
    if choose.random() < 0.7:
        text = (
            f"{text} {choose.choice(parts['closers'])}"
            if choose.random() < 0.5
            else f"{text}. {choose.choice(parts['closers'])}"
        )
    return Message(text, kind, expected, half_of(clause), "recombined")


@lru_cache(maxsize=1)
def all_messages() -> tuple[Message, ...]:
    """Return every labelled message."""
    return (
        *labelled("emergencies-written", "emergency"),
        *recombined(),
        *labelled("crisis-safeguarding", "crisis"),
        *labelled("redirects", "redirect"),
        *labelled("lookalikes", "none"),
        *labelled("crisis-lookalikes", "none"),
        *labelled("educational", "none"),
        *blind(),
    )


def blind() -> list[Message]:
    """Return the messages of ``blind.yaml``: written later, by one more author, all of them for the test half."""
    return [Message(e["text"], e["kind"], BLIND[e["expected"]], "test", "blind") for e in read_file("blind")]


def of_half(half: Half) -> tuple[Message, ...]:
    """Return the messages of one half."""
    return tuple(message for message in all_messages() if message.half == half)
