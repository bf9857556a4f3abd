"""A question → what may be kept of it. Not a search for names: only words that are known to be harmless pass.

What passes is a word of the corpus, or an English word (symspellpy's list) that is no name of a person or place
(Faker's lists). Everything else is replaced: every digit, whatever is in no list, and, by where it stands, a name that
is also a word ("my son Mark"). A misspelling of a corpus word becomes that word. So whatever is typed, the output holds
nothing but words of a list that was there before.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.gaps.names import all_names, first_names
from bot.schema import Corpus
from bot.triage.words import english_words

Mark = Literal["[name]", "[number]", "[date]", "[place]", "[contact]"]

CHUNK = re.compile(r"\S+")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
CONTACT = re.compile(r"@|://|www\.|\.(?:com|org|net|uk|co|io)\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?:;]$")
MENDED_FROM = 6
REACH_FAR = 9
ADDRESS = 4
"""Words between a house number and the word for a street."""
SHOUTED = 0.5
"""A message with more than this share of capitalised words says nothing by its capitals."""


@lru_cache(maxsize=1)
def word_lists() -> dict[str, frozenset[str]]:
    """Return the lists of ``words.yaml``."""
    lists = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in lists.items()}


class Token:
    """One word or chunk of a message, and what becomes of it: itself, a corpus word, or a mark."""

    __slots__ = ("first", "out", "raw", "text")

    def __init__(self, raw: str, first: bool) -> None:
        self.raw = raw
        self.text = re.sub(r"['’]s$", "", raw.lower()).replace("’", "").replace("'", "")
        self.first = first
        self.out: str | None = None


class Scrubber:
    """Scrubs questions by the vocabulary of one corpus.

    >>> Scrubber(corpus).scrub("My son Tom (4) has hip pain since March")
    'my son [name] [number] has hip pain since [date]'
    """

    def __init__(self, corpus: Corpus) -> None:
        self._lists = word_lists()
        self._names = all_names()
        self._first = first_names()
        self._lower, self._capital = corpus_words(corpus)
        self.vocabulary = self._lower | (english_words() - self._names) | self._lists["function"]
        self._clinical = sorted(word for word in self._lower if len(word) >= MENDED_FROM)

    def scrub(self, question: str) -> str:
        """Return what may be kept; an empty text where nothing of use is left."""
        tokens = split_tokens(question)
        self._mark_chunks(tokens)
        self._mark_dates(tokens)
        self._mark_addresses(tokens)
        self._mark_by_place(tokens)
        self._mark_capitals(tokens)
        for token in tokens:
            if token.out is None:
                token.out = self._word(token.text)
        kept = [str(token.out) for token in tokens]
        if not any(word in self._lower and word not in self._lists["function"] for word in kept):
            return ""
        return " ".join(word for place, word in enumerate(kept) if not (place and is_mark(word, kept[place - 1])))

    def _word(self, word: str) -> str:
        if word in self.vocabulary:
            return word
        if len(word) >= MENDED_FROM and word not in self._names:
            reach = 2 if len(word) >= REACH_FAR else 1
            near = process.extractOne(word, self._clinical, scorer=OSA.distance, score_cutoff=reach)
            if near:
                return str(near[0])
        return "[name]"

    def _mark_chunks(self, tokens: list[Token]) -> None:
        for token in tokens:
            if CONTACT.search(token.raw):
                token.out = "[contact]"
            elif any(character.isdigit() for character in token.raw) or token.text in self._lists["numbers"]:
                token.out = "[number]"

    def _mark_dates(self, tokens: list[Token]) -> None:
        for place, token in enumerate(tokens):
            near = [other.out == "[number]" for other in tokens[max(0, place - 2) : place + 2]]
            before = tokens[place - 1].text if place else ""
            may = token.text == "may" and (before in self._lists["before_may"] or any(near))
            if token.text in self._lists["months"] or token.text in self._lists["weekdays"] or may:
                token.out = "[date]"

    def _mark_addresses(self, tokens: list[Token]) -> None:
        for place, token in enumerate(tokens):
            if token.text not in self._lists["streets"]:
                continue
            start = place
            while start and place - start < ADDRESS and tokens[start - 1].text not in self._lists["function"]:
                start -= 1
            before = tokens[start - 1].text if start else ""
            numbered = any(other.out == "[number]" for other in tokens[start:place])
            if start < place and (numbered or before in self._lists["located"]):
                for other in tokens[start : place + 1]:
                    other.out = "[place]"

    def _mark_by_place(self, tokens: list[Token]) -> None:
        """Mark names that are words too, where they stand as a name stands."""
        for place, token in enumerate(tokens):
            after = tokens[place + 1 : place + 3]
            if token.text in self._lists["titles"]:
                self._mark_names(after)
            elif token.text in self._lists["where"] and after and after[0].text not in self._lower:
                # Towns are too many for any list: after "in" a word passes only if the corpus uses it.
                after[0].out = after[0].out or "[place]"
            elif token.text in self._lists["kin"] or (
                token.text == "is" and place and tokens[place - 1].text == "name"
            ):
                self._mark_names(after[:1])
            if token.first and token.text in self._first and token.text not in self._lists["function"]:
                follows = after[0].text if after else ""
                if follows in self._lists["after_name"] or token.raw.lower().endswith(("'s", "’s")):
                    token.out = "[name]"

    def _mark_names(self, tokens: Iterable[Token]) -> None:
        for token in tokens:
            titled = token.raw.istitle() and not token.first
            if token.text not in self._names or (token.text in self._lists["function"] and not titled):
                return
            token.out = token.out or "[name]"

    def _mark_capitals(self, tokens: list[Token]) -> None:
        """Mark a capital within a sentence, unless the corpus writes the word so."""
        inner = [token for token in tokens if not token.first]
        if not inner or sum(token.raw[0].isupper() for token in inner) / len(inner) > SHOUTED:
            return
        for token in inner:
            capital = token.raw[0].isupper() and (len(token.raw) == 1 or not token.raw.isupper())
            if capital and token.text != "i" and token.text not in self._capital and token.out is None:
                token.out = "[name]"


def split_tokens(question: str) -> list[Token]:
    """Return the words of a message; a chunk with a digit or an address of the web stays one token."""
    tokens: list[Token] = []
    first = True
    for chunk in CHUNK.findall(question):
        whole = CONTACT.search(chunk) or any(character.isdigit() for character in chunk)
        for word in [chunk] if whole else WORD.findall(chunk):
            tokens.append(Token(word, first))
            first = False
        first = first or bool(SENTENCE_END.search(chunk))
    return tokens


def is_mark(word: str, before: str) -> bool:
    """Say whether a mark repeats the one before it."""
    return word == before and word.startswith("[")


def corpus_words(corpus: Corpus) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that the corpus writes in lower case within a sentence, and those it writes with a capital.

    Only passages and the lexicon count: titles of sources name people and places.
    """
    lower: set[str] = set()
    capital: set[str] = set()
    texts = [text for p in corpus.passages.values() for text in (p.heading, p.text, *p.asked)]
    texts += [word for term in corpus.lexicon for word in (term.term, *term.lay, *term.variants)]
    for token in (token for text in texts for token in split_tokens(text)):
        (capital if token.raw[0].isupper() else lower).add(token.text)
    names = all_names()
    # A word that only ever stands with a capital may be a name; "Botox" and "GMFCS" are in no list of names.
    strange = {word for word in capital if word not in names}
    return frozenset(w for w in lower | strange if w.isalpha()), frozenset(w for w in capital if w.isalpha())
