"""A pasted text → the claims of the ledger that its sentences make, and what such a text leaves out.

The text is another's: it is split, encoded and quoted back, and nothing in it is followed or rendered.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import Field

from bot.corpus.article import sentence_spans
from bot.encoder import Encoder, Vectors
from bot.index import OpenIndex
from bot.schema import CareleafError, Claim, Frozen, Source, Verdict

MAX_TEXT = 20_000
"""Longest text that is read, in Unicode code points: about eight printed pages."""

MAX_SENTENCES = 300
"""Sentences that are compared, from the beginning; each takes about 5 ms."""

SHORTEST = 3
"""A sentence of fewer words makes no claim."""

UNSAYABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What can be neither shown nor sent; each becomes one space, so that places stay what they were."""

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class TextRefused(CareleafError):
    """The pasted text cannot be read: empty or too long."""

    status = 422
    title = "The text cannot be read"


class Quote(Frozen):
    """A sentence of the pasted text, ``text[start:end]`` in code points. Another's words: show them as a quotation."""

    text: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class MadeClaim(Frozen):
    """A claim of the ledger that the text makes, what the evidence says of it, and where the text makes it."""

    claim_id: str
    claim: str
    topic: str
    verdict: Verdict
    note: str
    source: Source
    references: tuple[Source, ...]
    passage: str | None
    quoted: tuple[Quote, ...]


class CheckedText(Frozen):
    """What was found in a text. ``left_out`` names what a text about a treatment should say and this one does not."""

    corpus_version: str
    sentences: int
    compared: int
    claims: tuple[MadeClaim, ...]
    left_out: tuple[str, ...]


class LeftOut(Frozen):
    """Something that a text about a treatment should say and this one does not, and what to ask for."""

    name: str
    label: str
    ask: str


@dataclass(frozen=True, slots=True)
class Named:
    """The words by which a text names a thing, and the phrases that only seem to."""

    words: re.Pattern[str]
    exempt: re.Pattern[str] | None

    def stands_in(self, text: str) -> bool:
        """Say whether the text names the thing."""
        rest = self.exempt.sub(" ", text) if self.exempt else text
        return self.words.search(rest) is not None


@dataclass(frozen=True, slots=True)
class CheckRules:
    """What ``bot/claim_check.yaml`` holds, compiled."""

    threshold: float
    denies: re.Pattern[str]
    claim_denies: re.Pattern[str]
    treatment: re.Pattern[str]
    names: dict[str, Named]

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "CheckRules":
        """Compile the word groups."""
        return cls(
            threshold=float(stored["threshold"]),
            denies=compile_words(stored["denies"]),
            claim_denies=compile_words(stored["claim_denies"]),
            treatment=compile_words(stored["treatment"]),
            names={
                name: Named(
                    words=compile_words(group["words"]),
                    exempt=compile_words(group["except"]) if group["except"] else None,
                )
                for name, group in stored["names"].items()
            },
        )


@lru_cache(maxsize=1)
def load_check_rules() -> CheckRules:
    """Read ``bot/claim_check.yaml``."""
    return CheckRules.from_stored(yaml.safe_load(files("bot").joinpath("claim_check.yaml").read_text(encoding="utf-8")))


def compile_words(words: list[str]) -> re.Pattern[str]:
    """Return one pattern for words and phrases: ``*`` stands for any letters, ``?`` for one."""
    parts = []
    for word in sorted(words, key=len, reverse=True):
        pattern = re.escape(word).replace(r"\*", r"\w*").replace(r"\?", r"\w").replace(r"\ ", r"\s+")
        before = r"(?<!\w)" if word[0].isalnum() or word[0] == "*" else ""
        after = r"(?!\w)" if word[-1].isalnum() else ""
        parts.append(f"{before}{pattern}{after}")
    return re.compile("|".join(parts), re.IGNORECASE)


class ClaimChecker:
    """Holds texts against the ledger of one index."""

    def __init__(self, index: OpenIndex, encoder: Encoder, rules: CheckRules) -> None:
        self._index = index
        self._encoder = encoder
        self._rules = rules
        self._claims = index.corpus.claims
        self._denied = [rules.claim_denies.search(claim.claim) is not None for claim in self._claims]
        self._figures = [frozenset(NUMBER.findall(claim.claim)) for claim in self._claims]

    def check(self, text: str) -> CheckedText:
        """Return the claims that a text makes, in the order in which it makes them.

        Raises TextRefused where the text is empty or longer than ``MAX_TEXT``.
        """
        if len(text) > MAX_TEXT:
            raise TextRefused(
                f"The text has {len(text):,} characters; at most {MAX_TEXT:,} are read. Send a part of it."
            )
        readable = UNSAYABLE.sub(" ", text)
        if not readable.strip():
            raise TextRefused("The text is empty. Paste the sentence or the page that you would like to have checked.")
        quotes = tuple(split_quotes(readable))
        compared = [quote for quote in quotes if len(quote.text.split()) >= SHORTEST][:MAX_SENTENCES]
        distinct = list(dict.fromkeys(quote.text for quote in compared))
        vectors = self._encoder.encode_texts(distinct)
        made = {said: self.nearest_claim(said, vector) for said, vector in zip(distinct, vectors, strict=True)}
        found: dict[str, list[Quote]] = {}
        for quote in compared:
            claim = made[quote.text]
            if claim is not None:
                found.setdefault(claim.id, []).append(quote)
        return CheckedText(
            corpus_version=self._index.corpus.version,
            sentences=len(quotes),
            compared=len(compared),
            claims=tuple(self._told(self._index.corpus.claim[name], quoted) for name, quoted in found.items()),
            left_out=self.left_out(readable),
        )

    def nearest_claim(self, said: str, vector: Vectors) -> Claim | None:
        """Return the claim that a sentence makes, or None.

        A sentence that denies does not make a claim that asserts, and one with other figures makes another claim.
        """
        near = self._index.near_claims(vector)
        denies = self._rules.denies.search(said) is not None
        figures = frozenset(NUMBER.findall(said))
        order: list[int] = (-near).argsort(kind="stable").tolist()
        for place in order:
            if near[place] < self._rules.threshold:
                return None
            other_figures = figures and self._figures[place] and not figures & self._figures[place]
            if not other_figures and (not denies or self._denied[place]):
                return self._claims[place]
        return None

    def left_out(self, text: str) -> tuple[str, ...]:
        """Return the names of what a text about a treatment does not say; none where it speaks of no treatment."""
        if not self._rules.treatment.search(text):
            return ()
        return tuple(name for name, named in self._rules.names.items() if not named.stands_in(text))

    def _told(self, claim: Claim, quoted: list[Quote]) -> MadeClaim:
        known = self._index.corpus.source
        return MadeClaim(
            claim_id=claim.id,
            claim=claim.claim,
            topic=claim.topic,
            verdict=claim.verdict,
            note=claim.note,
            source=known[claim.source],
            references=tuple(known[name] for name in claim.refs),
            passage=claim.passage,
            quoted=tuple(quoted),
        )


def tell_left_out(names: tuple[str, ...], said: Mapping[str, Any]) -> tuple[LeftOut, ...]:
    """Return what a text leaves out in the words of a catalogue (its ``claim_check``)."""
    return tuple(LeftOut(name=name, **said["left_out"][name]) for name in names)


def split_quotes(text: str) -> Iterator[Quote]:
    """Yield the sentences of a text, line by line, each with its place."""
    place = 0
    for line in text.split("\n"):
        for start, end in sentence_spans(line, "en"):
            yield Quote(text=line[start:end], start=place + start, end=place + end)
        place += len(line) + 1
