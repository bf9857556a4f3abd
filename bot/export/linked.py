"""What search engines read: schema.org's FAQPage as JSON-LD, each answer with what it cites."""

import json
from collections.abc import Sequence
from typing import Any

from bot.export.items import FaqItem
from bot.schema import Citation


def faq_page(items: Sequence[FaqItem], address: str) -> str:
    """Return the JSON-LD of one page, safe to stand within a script element."""
    document = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "url": address,
        "inLanguage": items[0].answer.lang,
        "dateModified": max(item.passage.updated for item in items).isoformat(),
        "mainEntity": [question(item, address) for item in items],
    }
    # An element of script ends at the first "</", wherever it stands.
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")


def question(item: FaqItem, address: str) -> dict[str, Any]:
    """Return one Question with its accepted Answer."""
    return {
        "@type": "Question",
        "name": item.passage.heading,
        "url": f"{address}#{item.slug}",
        "acceptedAnswer": {
            "@type": "Answer",
            "text": item.plain,
            "url": f"{address}#{item.slug}",
            "dateModified": item.passage.updated.isoformat(),
            "citation": [work(citation) for citation in item.answer.citations],
        },
    }


def work(citation: Citation) -> dict[str, Any]:
    """Return one CreativeWork that an answer cites."""
    said: dict[str, Any] = {"@type": "CreativeWork", "name": citation.title}
    if citation.publisher:
        said["publisher"] = {"@type": "Organization", "name": citation.publisher}
    if citation.year:
        said["datePublished"] = str(citation.year)
    if citation.url:
        said["url"] = citation.url
    return said
