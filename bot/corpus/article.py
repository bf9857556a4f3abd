"""One Markdown file → one article: passages with plain text, sentences as spans, and their citations.

Parsed with markdown-it-py; sentence boundaries are found once, here, by sentencex (Wikimedia) and kept as spans.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import sentencex
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import ValidationError

from bot.schema import Article, CorpusError, Grade, Passage, Review, Sentence

CITED = r"@[A-Za-z0-9][A-Za-z0-9_-]*(?:,[^;@\]]*)?"
CITATION = re.compile(rf"\s*\[({CITED}(?:;\s*{CITED})*)\]")
"""Pandoc's form: keys, each with a place in the source where one is given."""

KEY = re.compile(r"@([A-Za-z0-9][A-Za-z0-9_-]*)")
HEADING = re.compile(r"^(?P<text>.+?)\s*\{#(?P<id>[a-z0-9-]+)(?P<attributes>[^}]*)\}$")
EVIDENCE = re.compile(r"\bevidence=(\w+)")
FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
PARAGRAPH = "\n\n"
SHAPES: tuple[tuple[str, type, str], ...] = (
    ("topic", str, "a word, such as hips"),
    ("group", str, "a word, the name of the folder"),
    ("lang", str, "a language, such as en"),
    ("ask_your_team", list, "each question on a line that begins with -"),
    ("review", dict, "status: unreviewed, and due where there is a day by which to look again"),
)
"""What the fields of the front matter must be, and how to write them."""

FORBIDDEN = frozenset({"fence", "code_block", "html_block", "bullet_list_open", "ordered_list_open", "hr"})
"""Blocks whose text would be lost or would stand outside every sentence."""


@dataclass
class Draft:
    """A passage while its section is being read."""

    heading: str
    slug: str
    grade: str | None
    line: int
    asked: tuple[str, ...] = ()
    paragraphs: list[str] = field(default_factory=list)


def read_article(path: Path, shown: str) -> Article:
    """Read one article.

    ``shown`` is the path as messages name it. Raises CorpusError naming file, line and remedy where the file does not
    have the form of ``docs/corpus.md``.
    """
    meta, body, offset = read_front_matter(path, shown)
    title, drafts = read_sections(body, shown, offset)
    try:
        return Article(
            topic=meta["topic"],
            group=meta["group"],
            lang=meta["lang"],
            title=title,
            updated=meta["updated"],
            file=shown,
            passages=tuple(build_passage(draft, meta, shown) for draft in drafts),
        )
    except KeyError as missing:
        raise CorpusError(f"{shown}:1: the front matter lacks {missing}; add it") from missing
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CorpusError(f"{shown}:1: {place}: {first['msg']} (found {first['input']!r}); mend it") from error


def read_front_matter(path: Path, shown: str) -> tuple[dict[str, Any], str, int]:
    """Return the front matter, the text below it and the number of lines above that."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{shown}:1: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise CorpusError(f"{shown}:1: cannot be read ({error.strerror}); an article is a file") from error
    front = FRONT_MATTER.match(text)
    if front is None:
        raise CorpusError(f"{shown}:1: no front matter; begin the file with a block between two lines of ---")
    try:
        meta = yaml.safe_load(front.group(1))
    except yaml.YAMLError as error:
        raise CorpusError(f"{shown}:1: the front matter is not readable as YAML ({error}); mend it") from error
    if not isinstance(meta, dict):
        raise CorpusError(f"{shown}:1: the front matter names nothing; write topic: … and the other fields")
    for name, kind, form in SHAPES:
        if name in meta and not isinstance(meta[name], kind):
            raise CorpusError(f"{shown}:1: {name} is {meta[name]!r}; write {form}")
    return meta, text[front.end() :], front.group(0).count("\n")


def read_sections(body: str, shown: str, offset: int) -> tuple[str, list[Draft]]:
    """Return the title and one draft a ``##`` section."""
    title = ""
    drafts: list[Draft] = []
    tokens = MarkdownIt("commonmark").parse(body)
    quoted = False
    refuse_blocks(tokens, shown, offset)
    for opening, token in pairwise(tokens):
        line = offset + (token.map[0] if token.map else 0) + 1
        if opening.type == "blockquote_open":
            quoted = True
        elif opening.type == "blockquote_close":
            quoted = False
        if token.type != "inline":
            continue
        words = plain_inline(token, shown, line)
        if opening.type == "heading_open" and opening.tag == "h1" and not title:
            title = words
        elif opening.type == "heading_open":
            if opening.tag != "h2":
                raise CorpusError(f"{shown}:{line}: heading {words!r} is an {opening.tag}; a passage begins with ##")
            drafts.append(read_heading(words, shown, line))
        elif not drafts:
            raise CorpusError(f"{shown}:{line}: text before the first ## section; move it into a passage")
        elif quoted:
            drafts[-1].asked += read_asked(words, shown, line)
        else:
            drafts[-1].paragraphs.append(words)
    if not title:
        raise CorpusError(f"{shown}:{offset + 1}: no title; add a line that begins with '# '")
    if not drafts:
        raise CorpusError(f"{shown}:{offset + 1}: a topic with no passage; add a '## question? {{#id}}' section")
    return title, drafts


def refuse_blocks(tokens: list[Token], shown: str, offset: int) -> None:
    """Raise CorpusError at the first block that is not a heading, a quotation or a paragraph."""
    for token in tokens:
        if token.type in FORBIDDEN:
            line = offset + (token.map[0] if token.map else 0) + 1
            raise CorpusError(f"{shown}:{line}: a {token.type} is not allowed; write plain paragraphs")
        if token.type == "blockquote_open" and token.level > 0:
            line = offset + (token.map[0] if token.map else 0) + 1
            raise CorpusError(f"{shown}:{line}: a quotation in a quotation; write one > asked: line")


def plain_inline(token: Token, shown: str, line: int) -> str:
    """Return the plain text of a paragraph; marks, links and HTML would put text on the page that no hash covers."""
    parts = []
    for child in token.children or ():
        if child.type == "text":
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type == "text_special":
            parts.append(child.content)
        else:
            raise CorpusError(f"{shown}:{line}: {child.type} ({child.content!r}) is not allowed; write plain words")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def read_heading(words: str, shown: str, line: int) -> Draft:
    """Split ``Question? {#id evidence=grade}``."""
    found = HEADING.match(words)
    if found is None:
        raise CorpusError(f"{shown}:{line}: heading {words!r} has no id; end it with {{#short-id evidence=grade}}")
    grade = EVIDENCE.search(found["attributes"])
    return Draft(heading=found["text"], slug=found["id"], grade=grade[1] if grade else None, line=line)


def read_asked(words: str, shown: str, line: int) -> tuple[str, ...]:
    """Split ``asked: one · two · three``."""
    if not words.startswith("asked:"):
        raise CorpusError(f"{shown}:{line}: a quotation must begin with 'asked:' (found {words[:30]!r})")
    return tuple(part.strip() for part in words.removeprefix("asked:").split("·") if part.strip())


def build_passage(draft: Draft, meta: dict[str, Any], shown: str) -> Passage:
    """Set the draft's plain text, sentences and hash."""
    where = f"{shown}:{draft.line}"
    if draft.grade is None:
        raise CorpusError(f"{where}: passage {draft.slug!r} has no evidence grade; add evidence=… to its heading")
    if draft.grade not in set(Grade):
        raise CorpusError(f"{where}: evidence={draft.grade!r} is not one of {', '.join(Grade)}")
    if not draft.paragraphs:
        raise CorpusError(f"{where}: passage {draft.slug!r} has no text; write it or remove the heading")
    try:
        text, sentences = split_statements(draft.paragraphs, meta["lang"])
    except CorpusError as error:
        raise CorpusError(f"{where}: passage {draft.slug!r}: {error}") from error
    if not sentences:
        raise CorpusError(f"{where}: passage {draft.slug!r} has no sentence; write one before its citation")
    if "@" in text:
        raise CorpusError(
            f"{where}: passage {draft.slug!r} shows an @; write each citation as [@key] or [@key; @other]"
        )
    return Passage(
        id=f"{meta['topic']}#{draft.slug}",
        topic=meta["topic"],
        group=meta["group"],
        lang=meta["lang"],
        heading=draft.heading,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sentences=sentences,
        asked=draft.asked,
        evidence=Grade(draft.grade),
        ask_your_team=tuple(meta.get("ask_your_team", ())),
        updated=meta["updated"],
        review=read_review(meta, shown),
        file=shown,
        line=draft.line,
    )


def read_review(meta: dict[str, Any], shown: str) -> Review:
    """Return the review of the front matter: nobody's, for a sign-off is recorded against the passage's hash."""
    stated = meta.get("review", {})
    review = Review.model_validate(stated)
    if review.status != "unreviewed" or review.by is not None:
        raise CorpusError(
            f"{shown}:1: review: {stated} claims a sign-off; leave status: unreviewed and record the sign-off with "
            "careleaf corpus review"
        )
    return review


def split_statements(paragraphs: list[str], lang: str) -> tuple[str, tuple[Sentence, ...]]:
    """Return the plain text without citations, and its sentences with the sources cited in each."""
    plain_parts: list[str] = []
    sentences: list[Sentence] = []
    length = 0
    for paragraph in paragraphs:
        plain, cited = lift_citations(paragraph)
        for start, end in sentence_spans(plain, lang):
            keys = dict.fromkeys(key for position, key in cited if start < position <= end)
            sentences.append(Sentence(start=length + start, end=length + end, sources=tuple(keys)))
        plain_parts.append(plain)
        length += len(plain) + len(PARAGRAPH)
    return PARAGRAPH.join(plain_parts), tuple(sentences)


def lift_citations(paragraph: str) -> tuple[str, list[tuple[int, str]]]:
    """Take Pandoc citations out of a paragraph; return the plain text and (place, key) pairs."""
    plain = ""
    cited: list[tuple[int, str]] = []
    last = 0
    for found in CITATION.finditer(paragraph):
        if found.start() == 0:
            raise CorpusError(f"a paragraph begins with the citation {found[0]}; put it before a sentence's full stop")
        plain += paragraph[last : found.start()]
        cited.extend((len(plain), key) for key in KEY.findall(found.group(1)))
        last = found.end()
    return plain + paragraph[last:], cited


def sentence_spans(text: str, lang: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of one paragraph, without the white space around them."""
    place = 0
    for segment in sentencex.segment(lang, text):
        start = text.index(segment, place)
        place = start + len(segment)
        stripped = segment.strip()
        if stripped:
            lead = len(segment) - len(segment.lstrip())
            yield start + lead, start + lead + len(stripped)
