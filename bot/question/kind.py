"""What a question is after: symptoms, causes, treatment …; read in questions and in headings by the same words."""

import re
from functools import lru_cache
from importlib.resources import files

import yaml
from pydantic import Field

from bot.schema import Frozen

MEANING = "meaning"
"""The kind that remains where a text asks what a thing is, and nothing narrower."""


class Cues(Frozen):
    """The patterns of every kind, as ``kinds.yaml`` holds them."""

    kinds: dict[str, tuple[str, ...]] = Field(min_length=1)


@lru_cache(maxsize=1)
def load_patterns() -> dict[str, re.Pattern[str]]:
    """Return one pattern a kind, compiled from ``kinds.yaml``."""
    raw = yaml.safe_load(files("bot.question").joinpath("kinds.yaml").read_text(encoding="utf-8"))
    return {
        kind: re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
        for kind, patterns in Cues.model_validate(raw).kinds.items()
    }


def read_kinds(text: str) -> frozenset[str]:
    """Return the kinds that a question, or a heading, is of; empty where its words say none.

    >>> sorted(read_kinds("What are the treatments and causes of hip pain?"))
    ['causes', 'treatment']
    """
    found = frozenset(kind for kind, pattern in load_patterns().items() if pattern.search(text))
    return found - {MEANING} if len(found) > 1 else found


def share_kinds(asked: frozenset[str], offered: frozenset[str]) -> float:
    """Return which share of the kinds that are asked for is offered, 0 to 1; 0 where none is asked for."""
    return len(asked & offered) / len(asked) if asked else 0.0
