"""The words of the product, in ``templates/words/<lang>.yaml``: what a template says around the statements."""

from pathlib import Path
from typing import Any

import yaml

from bot.schema import CorpusError

BASE = "en"


def load_words(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the words by language. A language that lacks a word speaks the base language's."""
    base = read_words(folder / "words" / f"{BASE}.yaml")
    found = {BASE: base}
    for path in sorted((folder / "words").glob("*.yaml")):
        if path.stem != BASE:
            found[path.stem] = overlay(base, read_words(path))
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
