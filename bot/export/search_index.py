"""The search index of the exported site: words → questions, small enough to be read whole by ``search.js``."""

import re
from collections.abc import Sequence
from typing import Any

from bot.export.items import FaqItem

WORD = re.compile(r"[^\W_]+")
HEADING, ASKED, TEXT = 4, 2, 1
"""What a word weighs by where it stands. Ways of asking are searched and never shown."""


def search_index(items: Sequence[FaqItem]) -> dict[str, Any]:
    """Return ``{"questions": [[heading, address, first sentence] …], "words": {word: [place, weight, …]}}``."""
    words: dict[str, dict[int, int]] = {}
    for place, item in enumerate(items):
        passage = item.passage
        for weight, text in ((TEXT, passage.text), (ASKED, " ".join(passage.asked)), (HEADING, passage.heading)):
            for word in WORD.findall(text.lower()):
                words.setdefault(word, {})[place] = max(weight, words.get(word, {}).get(place, 0))
    return {
        "questions": [
            [item.passage.heading, f"{item.passage.topic}.html#{item.slug}", first_sentence(item)] for item in items
        ],
        "words": {word: [n for pair in places.items() for n in pair] for word, places in sorted(words.items())},
    }


def first_sentence(item: FaqItem) -> str:
    """Return the sentence that a result shows under its question."""
    return item.opening[0] if item.opening else item.answer.statements[0].text
