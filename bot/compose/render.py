"""The same content in three formats, by ``templates/<format>/<kind>.j2``, compiled once."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.compose.wording import BASE, Words, load_words
from bot.schema import Answer, Kind, Source

EMPTY_LINES = re.compile(r"\n\s*\n\s*")

FORMATS = ("text", "markdown", "html")

ESCAPED = 4096
"""Texts whose Markdown is kept at hand: the sentences and titles of the corpus come again and again."""


class Renderer:
    """Renders answers; holds the compiled templates and the words of every language."""

    def __init__(self, folder: Path) -> None:
        self._words = load_words(folder)
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.filters["markdown_escape"] = escape_markdown
        self.environment.filters["tel"] = dialled
        self._templates = {
            (name, kind): self.environment.get_template(f"{name}/{kind.value}.{name}.j2")
            for name in FORMATS
            for kind in Kind
        }

    def words(self, lang: str) -> Words:
        """Return the words of a language, or of the base language where there are none."""
        return self._words.get(lang, self._words[BASE])

    def languages(self) -> Mapping[str, Words]:
        """Return the words of every language."""
        return self._words

    def render(self, draft: Answer, response: str, sources: Mapping[str, Source]) -> Answer:
        """Return the answer with its text, Markdown and HTML."""
        words = self.words(draft.lang)
        values = {
            "answer": draft,
            "words": words,
            "said": words["responses"].get(response, {}),
            "sources": sources,
        }
        rendered = {name: tidy(self._templates[name, draft.kind].render(values)) for name in FORMATS}
        return draft.model_copy(update=rendered)


def tidy(text: str) -> str:
    """Leave at most one empty line between parts; a template's own lines leave more."""
    return EMPTY_LINES.sub("\n\n", text).strip() + "\n"


@lru_cache(maxsize=ESCAPED)
def escape_markdown(text: str) -> str:
    """Escape what Markdown would read as a mark in a text that is not ours."""
    for mark in "\\`*_[]<>#|":
        text = text.replace(mark, f"\\{mark}")
    return text


def dialled(number: str) -> str:
    """Return what a telephone dials: the digits of the first number of a line such as "112 or 999"."""
    first = re.split(r"\s(?:or|/)\s|[,(;]", number)[0]
    return re.sub(r"[^\d+*#]", "", first)
