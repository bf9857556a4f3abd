"""What is encoded: for each passage its text, its heading and the ways it is asked; its sentences; the claims."""

import hashlib
import re
from dataclasses import dataclass

from bot.schema import Corpus, Passage

FORMAT = "3"
"""Raised when the files of a version change their form."""

SEPARATOR = "|"
CLAIM = "claim"
SENTENCE = "sentence-"
COLLECTION = "passages-"
"""A collection is named by this and its language; Chroma wants names of three letters or more."""

REPORTED = re.compile(r"^The (?:\w+ )?(?:article|page|text|table) says (?:that )?")
"""Who says it stands before every claim and would make all claims alike, so it is not encoded."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text that is encoded. ``searched`` rows lie in Chroma and find passages; others are compared afterwards."""

    id: str
    text: str
    searched: bool
    topic: str
    lang: str

    @property
    def key(self) -> str:
        """Return the hash by which an unchanged text is known again."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def passage_of(row_id: str) -> str:
    """Return the passage that a searched row stands for."""
    return row_id.split(SEPARATOR, 1)[0]


def passage_rows(passage: Passage) -> list[Row]:
    """Return the rows of one passage."""

    def row(name: str, text: str, searched: bool) -> Row:
        return Row(f"{passage.id}{SEPARATOR}{name}", text, searched, passage.topic, passage.lang)

    return [
        row("text", f"{passage.heading} {passage.text}", True),
        row("heading", passage.heading, True),
        *(row(f"asked-{number}", asked, True) for number, asked in enumerate(passage.asked)),
        *(row(f"{SENTENCE}{number}", passage.sentence_text(number), False) for number in range(len(passage.sentences))),
    ]


def corpus_rows(corpus: Corpus) -> list[Row]:
    """Return every row of the corpus, in a fixed order."""
    rows = [row for passage in corpus.passages.values() for row in passage_rows(passage)]
    rows += [
        Row(f"{CLAIM}{SEPARATOR}{claim.id}", REPORTED.sub("", claim.claim), False, claim.topic, "en")
        for claim in corpus.claims
    ]
    return rows


def lexical_text(passage: Passage, title: str) -> str:
    """Return the words by which BM25 finds a passage: those of its topic, its text and the ways it is asked."""
    return " ".join((title, passage.heading, passage.text, *passage.asked))
