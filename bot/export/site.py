"""The questions as a site of plain HTML: a page a topic, an index with a search, a sitemap. Any file server will do."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from bot.compose import Renderer
from bot.export.items import FaqItem
from bot.export.linked import faq_page
from bot.export.search_index import search_index
from bot.schema import CareleafError, Corpus

MARK = "search.json"
"""A folder that holds this file was written by us, and may be written anew."""

STATIC = ("search.js", "site.css")


@dataclass(frozen=True, slots=True)
class Topic:
    """A page: one topic with its questions."""

    name: str
    title: str
    group: str
    items: tuple[FaqItem, ...]

    @property
    def file(self) -> str:
        """Return the name of its page."""
        return f"{self.name}.html"


def write_site(items: Iterable[FaqItem], corpus: Corpus, renderer: Renderer, folder: Path, url: str) -> int:
    """Write the site, whole or not at all; return how many pages it has. ``url`` is where it will be served."""
    base = url.rstrip("/")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise CareleafError(f"{folder} holds files that are not an export of ours; name an empty or a new folder")
    draft = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    topics = [
        Topic(name, corpus.topics[name].title, corpus.topics[name].group, tuple(own))
        for name, own in groupby(items, key=lambda item: item.passage.topic)  # a topic is one file of the corpus
    ]
    write_pages(topics, corpus, renderer, draft, base)
    write_search(topics, draft)
    write_sitemap(topics, draft, base)
    for name in STATIC:
        (draft / name).write_bytes(files("bot.export").joinpath("static", name).read_bytes())
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return len(topics) + 1


def write_pages(topics: list[Topic], corpus: Corpus, renderer: Renderer, folder: Path, base: str) -> None:
    """Write the index and a page a topic."""
    words = renderer.words("en")
    common = {"words": words, "said": words["export"], "base": base, "version": corpus.version}
    order = [*words["topic_groups"], *(topic.group for topic in topics)]
    groups = [(name, tuple(t for t in topics if t.group == name)) for name in dict.fromkeys(order)]
    index = renderer.environment.get_template("export/index.html.j2")
    (folder / "index.html").write_text(
        index.render(**common, groups=[(name, own) for name, own in groups if own]), encoding="utf-8"
    )
    page = renderer.environment.get_template("export/topic.html.j2")
    for topic in topics:
        linked = faq_page(topic.items, f"{base}/{topic.file}")
        text = page.render(**common, topic=topic, linked=linked, sources=corpus.source)
        (folder / topic.file).write_text(text, encoding="utf-8")


def write_search(topics: list[Topic], folder: Path) -> None:
    """Write the search index: as JSON, and as a script for pages opened from a disk, where nothing can be fetched."""
    index = json.dumps(search_index([item for topic in topics for item in topic.items]), ensure_ascii=False)
    (folder / MARK).write_text(index, encoding="utf-8")
    (folder / "search-index.js").write_text(f"globalThis.careleafIndex = {index};\n", encoding="utf-8")


def write_sitemap(topics: list[Topic], folder: Path, base: str) -> None:
    """Write the sitemap (https://www.sitemaps.org/protocol.html) and point robots to it."""
    newest = {topic.file: max(item.passage.updated for item in topic.items) for topic in topics}
    pages = {"": max(newest.values()), **newest}
    lines = [
        f"<url><loc>{escape(f'{base}/{name}')}</loc><lastmod>{updated.isoformat()}</lastmod></url>"
        for name, updated in pages.items()
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    (folder / "sitemap.xml").write_text(head + "\n".join(lines) + "\n</urlset>\n", encoding="utf-8")
    (folder / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n", encoding="utf-8")
