"""A set of documents and graded questions in the form of TREC's LiveQA with MedQuAD's judgements (JSON lines).

Documents are ``{id, title, url, text}``, one a line, plain or gzipped; questions are ``{id, original, summary,
judgements: {document id: grade}}``, with grades 1 incorrect, 2 related, 3 incomplete, 4 excellent.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.schema import CareleafError

RELEVANT = 3
"""From this grade on a document counts as relevant."""

Wording = Literal["original", "summary"]
Line = TypeVar("Line", bound=BaseModel)


class Document(BaseModel):
    """A document: where it stands (documents of one ``url`` are parts of one article), its title, its text."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    url: str = ""
    text: str


class JudgedQuestion(BaseModel):
    """A question in two wordings, the person's own and a librarian's, with a grade for each judged document."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(coerce_numbers_to_str=True)
    original: str
    summary: str
    judgements: dict[str, int]

    def worded(self, wording: Wording) -> str:
        """Return the question in one of its wordings."""
        return self.original if wording == "original" else self.summary

    @property
    def relevant(self) -> frozenset[str]:
        """Ids of the documents that are judged to answer it, at least in part."""
        return frozenset(name for name, grade in self.judgements.items() if grade >= RELEVANT)


def read_documents(path: Path) -> tuple[Document, ...]:
    """Read documents; raise CareleafError with the line where one is none, or where an id stands twice."""
    documents = tuple(_read(path, Document))
    if len({document.id for document in documents}) != len(documents):
        raise CareleafError(f"{path} holds two documents of the same id; give each its own")
    if not documents:
        raise CareleafError(f"{path} holds no document; give one a line, as {{id, title, url, text}}")
    return documents


def read_questions(path: Path) -> tuple[JudgedQuestion, ...]:
    """Read judged questions; raise CareleafError with the line where one is none."""
    return tuple(_read(path, JudgedQuestion))


def _read(path: Path, form: type[Line]) -> Iterator[Line]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise CareleafError(f"{path} cannot be read ({error}); name a file of JSON lines, plain or .gz") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield form.model_validate(json.loads(line))
            except (ValueError, ValidationError) as error:
                raise CareleafError(f"{path}:{number} is not a {form.__name__} ({error}); mend the line") from error
