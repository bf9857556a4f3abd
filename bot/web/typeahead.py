"""The questions that type-ahead knows. It runs in the browser, so that nothing is sent while somebody types."""

import gzip
import json
from bisect import bisect_right
from itertools import chain, zip_longest
from typing import Any

from bot.pipeline import Pipeline
from bot.schema import Corpus
from bot.web.state import once_a_pipeline

MOST_BYTES = 2_900
"""What the list may weigh, compressed. All that the widget loads keeps within 20 kB (tests/test_page_speed.py), and the
list takes what the rest leaves."""


@once_a_pipeline
def questions(pipeline: Pipeline) -> dict[str, Any]:
    """Return as many questions as may be sent, and families' words for the clinical ones in them.

    Each topic's first question comes before any topic's second: editors put first what is asked most.
    """
    ordered = by_turns(pipeline.corpus)
    fitting = bisect_right(
        range(len(ordered) + 1), MOST_BYTES, key=lambda n: weight(listed(pipeline.corpus, ordered[:n]))
    )
    return listed(pipeline.corpus, ordered[: fitting - 1])


def by_turns(corpus: Corpus) -> list[str]:
    """Return every heading once: the first of each topic, then the second of each, and so on."""
    turns = zip_longest(*([passage.heading for passage in article.passages] for article in corpus.articles))
    return list(dict.fromkeys(heading for heading in chain.from_iterable(turns) if heading))


def listed(corpus: Corpus, headings: list[str]) -> dict[str, Any]:
    """Return headings as they are sent: in the alphabet's order, which compresses best, with lay words for them."""
    text = "\n".join(headings).lower()
    also: dict[str, list[str]] = {}
    for term in corpus.lexicon:
        said = (word.lower() for word in (*term.lay, *term.variants))
        unsaid = [word for word in dict.fromkeys(said) if word.isalpha() and word not in text]
        if unsaid and term.term.lower() in text:
            also[term.term.lower()] = unsaid
    return {"questions": sorted(headings), "also": also}


def weight(sent: dict[str, Any]) -> int:
    """Return how many bytes a JSON value is, compressed as the proxy compresses it."""
    return len(gzip.compress(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode(), 9))
