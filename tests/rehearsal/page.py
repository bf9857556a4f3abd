"""Puts what a script measured between two marks of ``docs/operations.md``."""

from pathlib import Path

from tests.benchmarks.speed import ROOT

PAGE = ROOT / "docs/operations.md"


def write_between(name: str, text: str, page: Path = PAGE) -> None:
    """Replace what stands between ``<!-- begin: name -->`` and ``<!-- end: name -->``; raise where they are missing."""
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    head, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ended, tail = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{page} has no place for it: write {begin} and {end} on lines of their own")
    page.write_text(f"{head}{begin}\n{text.strip()}\n{end}{tail}", encoding="utf-8")
