"""Where an answer's Markdown cites and warns: annotations with code-point offsets, and the lines of a stream."""

import re
from typing import Any

from bot.schema import Answer

MARK = re.compile(r"\[\^(\d+)\](?!:)")
QUOTE = "> "


def annotate(answer: Answer) -> list[dict[str, Any]]:
    """Return a ``url_citation`` for each mark, as OpenAI shapes it, and one ``caveat``. ``end_index`` is exclusive."""
    cited = {citation.number: citation for citation in answer.citations}
    found: list[dict[str, Any]] = []
    for mark in MARK.finditer(answer.markdown):
        citation = cited[int(mark[1])]
        place = {
            "start_index": mark.start(),
            "end_index": mark.end(),
            "title": citation.title,
            "url": citation.url or f"/api/v1/sources/{citation.source_id}",
        }
        found.append({"type": "url_citation", "url_citation": place})
    start = answer.markdown.find(QUOTE + answer.caveat) + len(QUOTE)
    caveat = {"start_index": start, "end_index": start + len(answer.caveat), "text": answer.caveat}
    found.append({"type": "caveat", "caveat": caveat})
    return found


def split_lines(markdown: str) -> list[str]:
    """Return the lines with their ends, so that their sum is the whole to the letter."""
    return markdown.splitlines(keepends=True)
