"""The words of the product, in ``templates/words/<lang>.yaml``: what a template says around the statements."""

from pathlib import Path
from typing import Any

import yaml

from bot.schema import CorpusError, Passage

BASE = "en"


class Words(dict[str, Any]):
    """Named words whose names a template may write with a dot.

    The words are attributes as well, so that a template finds them without a call; what every dictionary has by a name
    (``items``, ``get``) stays what it is.
    """

    def __init__(self, words: dict[str, Any]) -> None:
        super().__init__(words)
        vars(self).update({name: value for name, value in words.items() if not hasattr(dict, name)})


def caveat_of(passage: Passage, words: Words) -> str:
    """Return the caveat of a passage's topic, or else of its group, or else the general one."""
    caveats = words["caveats"]
    return str(caveats["topics"].get(passage.topic, caveats["groups"].get(passage.group, caveats["default"])))


def load_words(folder: Path) -> dict[str, Words]:
    """Return the words by language. A language that lacks a word speaks the base language's."""
    base = read_words(folder / "words" / f"{BASE}.yaml")
    found = {BASE: with_names(base)}
    for path in sorted((folder / "words").glob("*.yaml")):
        if path.stem != BASE:
            found[path.stem] = with_names(overlay(base, read_words(path)))
    return found


def read_words(path: Path) -> dict[str, Any]:
    """Read one catalogue."""
    try:
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); restore it or mend its YAML") from error
    if not isinstance(words, dict):
        raise CorpusError(f"{path} holds {type(words).__name__}, not named words; restore it from the repository")
    return words


def overlay(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the words of ``over`` in their places, at any depth."""
    merged = dict(base)
    for name, value in over.items():
        under = merged.get(name)
        merged[name] = overlay(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    return merged


def with_names(words: dict[str, Any]) -> Words:
    """Return the words as ``Words``, at any depth."""
    return Words({name: with_names(value) if isinstance(value, dict) else value for name, value in words.items()})
