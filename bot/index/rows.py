"""What is encoded: for each passage its text, its heading and the ways it is asked; its sentences; the claims; the
questions that are met with silence."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.schema import Claim, Corpus, Passage

FORMAT = "5"
"""Raised when the files of a version change their form."""

SEPARATOR = "|"
CLAIM = "claim"
SENTENCE = "sentence-"
HEARD = "heard-"
WORDED = "worded-"
SILENT = "silent"
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


def passage_rows(passage: Passage, claims: Iterable[Claim] = ()) -> list[Row]:
    """Return the rows of one passage; ``claims`` are those that it answers, so that it is found by them."""

    def row(name: str, text: str, searched: bool) -> Row:
        return Row(f"{passage.id}{SEPARATOR}{name}", text, searched, passage.topic, passage.lang)

    return [
        row("text", f"{passage.heading} {passage.text}", True),
        row("heading", passage.heading, True),
        *(row(f"asked-{number}", asked, True) for number, asked in enumerate(passage.asked)),
        *(row(f"{HEARD}{c.id}-{number}", asked, True) for c in claims for number, asked in enumerate(c.asked)),
        *(row(f"{WORDED}{number}", wording, False) for number, wording in enumerate(passage.wordings)),
        *(row(f"{SENTENCE}{number}", passage.sentence_text(number), False) for number in range(len(passage.sentences))),
    ]


def claims_by_passage(corpus: Corpus) -> dict[str, list[Claim]]:
    """Return the claims that each passage answers."""
    answered: dict[str, list[Claim]] = {}
    for claim in corpus.claims:
        if claim.passage is not None:
            answered.setdefault(claim.passage, []).append(claim)
    return answered


def corpus_rows(corpus: Corpus) -> list[Row]:
    """Return every row of the corpus, in a fixed order."""
    answered = claims_by_passage(corpus)
    rows = [row for p in corpus.passages.values() for row in passage_rows(p, answered.get(p.id, ()))]
    rows += [
        Row(f"{CLAIM}{SEPARATOR}{claim.id}{SEPARATOR}{number}", text, False, claim.topic, "en")
        for claim in corpus.claims
        for number, text in enumerate((REPORTED.sub("", claim.claim), *claim.asked))
    ]
    rows += [
        Row(f"{SILENT}{SEPARATOR}{number}", silent.text, False, "", "en") for number, silent in enumerate(corpus.silent)
    ]
    return rows


def lexical_text(passage: Passage, title: str, claims: Iterable[Claim] = ()) -> str:
    """Return the words by which BM25 finds a passage: its topic, its text, the ways it and its claims are asked."""
    heard = (asked for claim in claims for asked in claim.asked)
    return " ".join((title, passage.heading, passage.text, *passage.asked, *heard))
