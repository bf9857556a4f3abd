"""Who read a passage and stands by it: recorded against the passage's hash, so one changed letter ends the sign-off."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml
from pydantic import Field

from bot.schema import Article, CorpusError, Frozen, Passage, Review

FILE = "reviews.yaml"
HEAD = """\
# Who read a passage and signed it off: written by `careleaf corpus review`, never by hand.
# sha256 is over what a family is shown of the passage (heading, text, citations, grade). Where the passage has changed
# since, the sign-off has lapsed: answers say so, and `careleaf corpus review` lists it.
"""


class SignOff(Frozen):
    """One reviewer's signature under one passage as it stood on one day."""

    passage: str = Field(pattern=r"^[a-z0-9-]+#[a-z0-9-]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    by: str = Field(min_length=3, description="the reviewer's name")
    role: str = Field(min_length=3, description="profession and place of work, such as: paediatric neurologist, …")
    on: date
    due: date | None = Field(default=None, description="the day by which somebody has to read the passage again")


def shown_hash(passage: Passage) -> str:
    """Return the SHA-256 over all that a family is shown of a passage."""
    shown = {
        "heading": passage.heading,
        "text": passage.text,
        "evidence": passage.evidence.value,
        "sentences": [[s.start, s.end, *s.sources] for s in passage.sentences],
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def with_reviews(articles: tuple[Article, ...], sign_offs: tuple[SignOff, ...]) -> tuple[Article, ...]:
    """Return the articles, each passage with its latest sign-off, ``lapsed`` where the passage has changed since.

    Raises CorpusError where a sign-off names a passage that is not there.
    """
    latest: dict[str, SignOff] = {}
    for sign_off in sorted(sign_offs, key=lambda entry: entry.on):
        latest[sign_off.passage] = sign_off
    known = {passage.id for article in articles for passage in article.passages}
    for name in latest:
        if name not in known:
            raise CorpusError(
                f"{FILE}:1: a sign-off names passage {name!r}, which is not there; run careleaf corpus review "
                f"--withdraw {name}, or give the passage its name back"
            )
    return tuple(
        article.model_copy(update={"passages": tuple(_reviewed(passage, latest) for passage in article.passages)})
        for article in articles
    )


def _reviewed(passage: Passage, latest: dict[str, SignOff]) -> Passage:
    signed = latest.get(passage.id)
    if signed is None:
        return passage
    status = "reviewed" if signed.sha256 == shown_hash(passage) else "lapsed"
    review = Review(status=status, by=f"{signed.by}, {signed.role}", on=signed.on, due=signed.due or passage.review.due)
    return passage.model_copy(update={"review": review})


def sign(passage: Passage, by: str, role: str, on: date, due: date | None) -> SignOff:
    """Return a sign-off of a passage as it stands. Raises CorpusError where the reviewer is not named."""
    for what, value in (("--by", by), ("--role", role)):
        if len(value.strip()) < 3:
            raise CorpusError(f"{what} {value!r} names nobody; a sign-off needs the reviewer's name and profession")
    return SignOff(passage=passage.id, sha256=shown_hash(passage), by=by.strip(), role=role.strip(), on=on, due=due)


def choose_passages(articles: tuple[Article, ...], name: str) -> tuple[Passage, ...]:
    """Return the passage of an id, or all of a topic. Raises CorpusError where there is neither."""
    found = tuple(
        passage for article in articles for passage in article.passages if name in {passage.id, article.topic}
    )
    if not found:
        raise CorpusError(f"no passage or topic {name!r}; write hips for a topic, hips#therapy for one passage")
    return found


def write_sign_offs(folder: Path, sign_offs: tuple[SignOff, ...]) -> None:
    """Replace ``reviews.yaml`` in one step; nothing is lost where the disk is full."""
    entries = [entry.model_dump(mode="json", exclude_none=True) for entry in sorted(sign_offs, key=lambda e: e.passage)]
    body = yaml.safe_dump({"reviews": entries}, sort_keys=False, allow_unicode=True, width=118)
    draft = folder / f".{FILE}.new"
    draft.write_text(HEAD + body, encoding="utf-8")
    draft.replace(folder / FILE)


def list_reviews(articles: tuple[Article, ...]) -> Iterator[str]:
    """Yield a line a sign-off, lapsed ones first, and a last line with the figures."""
    passages = [passage for article in articles for passage in article.passages]
    for status in ("lapsed", "reviewed"):
        for passage in passages:
            if passage.review.status == status:
                due = f", due {passage.review.due}" if passage.review.due else ""
                yield f"{status:9} {passage.id}  {passage.review.by}, {passage.review.on}{due}"
    counts = Counter(passage.review.status for passage in passages)
    yield (
        f"{len(passages)} passages: {counts['reviewed']} signed off, {counts['lapsed']} lapsed, "
        f"{counts['unreviewed']} read by no reviewer"
    )
