"""Pseudo-locales, made from English for tests alone: one longer and accented, one written from right to left.

They borrow the tags ``eo`` and ``he``, because a browser and axe know only real languages.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

ACCENTED = "eo"
MIRRORED = "he"
NOT_SAID = {"calls", "dir", "interface"}
PASSAGE = re.compile(r"[a-z0-9-]+#[a-z0-9-]+")
LETTERS = str.maketrans("aeiouAEIOUcnsyCNSY", "áéîöüÁÉÎÖÜçñšýÇÑŠÝ")
NAMES = re.compile(r"(\{\w+\})")


def accented(text: str) -> str:
    """Return a sentence with other letters and a third longer, between marks that show whether its end is cut."""
    parts = [part if NAMES.fullmatch(part) else part.translate(LETTERS) for part in NAMES.split(text)]
    return "⟦" + "".join(parts) + " ~" * (len(text) // 6) + "⟧"


def mirrored(text: str) -> str:
    """Return a sentence that starts and ends with Hebrew letters."""
    return f"אבג {text} דהו"


def translate(words: Any, say: Any) -> Any:
    """Return a catalogue with every sentence said otherwise."""
    if isinstance(words, dict):
        return {name: value if name in NOT_SAID else translate(value, say) for name, value in words.items()}
    if isinstance(words, list):
        return [translate(value, say) for value in words]
    return say(words) if isinstance(words, str) and not PASSAGE.fullmatch(words) else words


def copy_with_pseudo_locales(templates: Path, target: Path) -> Path:
    """Copy the templates, with a catalogue for each pseudo-locale beside English."""
    shutil.copytree(templates, target)
    english = yaml.safe_load((target / "words/en.yaml").read_text(encoding="utf-8"))
    for lang, say, direction in ((ACCENTED, accented, "ltr"), (MIRRORED, mirrored, "rtl")):
        words = translate(english, say) | {"interface": lang, "dir": direction}
        text = yaml.safe_dump(words, allow_unicode=True)
        (target / f"words/{lang}.yaml").write_text(text, encoding="utf-8")
    return target
