"""The questions as JSON lines (one answer object a line) and as CSV (one row a question)."""

import csv
import json
from collections.abc import Iterable
from typing import Any, TextIO

from bot.export.items import FaqItem
from bot.schema import Answer

COLUMNS = (
    *("passage_id", "topic", "group", "lang", "question", "kind", "answer", "caveat", "evidence", "sources"),
    *("reviewed", "updated", "corpus_version"),
)


def write_jsonl(items: Iterable[FaqItem], out: TextIO) -> int:
    """Write a line a question; return how many."""
    return len([out.write(json.dumps(record(item), ensure_ascii=False) + "\n") for item in items])


def record(item: FaqItem) -> dict[str, Any]:
    """Return one question with its whole answer object."""
    return {
        "passage_id": item.passage.id,
        "topic": item.passage.topic,
        "group": item.passage.group,
        "question": item.passage.heading,
        "passage": item.passage.text,
        "answer": item.answer.model_dump(mode="json"),
    }


def write_csv(items: Iterable[FaqItem], out: TextIO) -> int:
    """Write a row a question, RFC 4180, with a head row; return how many."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    return len([writer.writerow(row(item)) for item in items])


def row(item: FaqItem) -> tuple[object, ...]:
    """Return the values of ``COLUMNS``."""
    passage, answer = item.passage, item.answer
    return (
        *(passage.id, passage.topic, passage.group, answer.lang, passage.heading, answer.kind.value),
        "\n".join((*item.opening, *cited_statements(answer), *(kept.text for kept in item.kept))),
        answer.caveat,
        answer.evidence.grade.value if answer.evidence else "",
        "\n".join(f"[{c.number}] {c.title} {c.url or ''}".rstrip() for c in answer.citations),
        *(answer.reviewed.status, answer.reviewed.updated or "", answer.corpus_version),
    )


def cited_statements(answer: Answer) -> list[str]:
    """Return the statements, each with its numbers."""
    return [s.text + "".join(f"[{number}]" for number in s.citations) for s in answer.statements]
