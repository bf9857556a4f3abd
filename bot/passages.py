"""A passage → the passage as every program reads it: sentences with their sources, evidence, hard words, caveat.

REST gives it at two addresses (by topic and name, and by the id that a statement carries), MCP as a tool and as a
resource.
"""

import re
from datetime import date

from pydantic import Field

from bot.compose import Renderer
from bot.compose.wording import caveat_of
from bot.schema import Corpus, Evidence, Frozen, Passage, Review, Source


class CitedSentence(Frozen):
    """A sentence of a passage, ``text[start:end]`` of it, and the sources it rests on."""

    text: str
    start: int = Field(ge=0, description="in Unicode code points of the passage's text")
    end: int = Field(ge=0)
    sources: tuple[str, ...]


class Explained(Frozen):
    """A clinical word as it stands in the passage, and what it means."""

    word: str
    definition: str


class WholePassage(Frozen):
    """One question that families ask, with its answer. The ways in which it is asked are for searching, not shown."""

    id: str
    heading: str
    topic: str
    group: str
    lang: str
    text: str
    sha256: str
    sentences: tuple[CitedSentence, ...]
    terms: tuple[Explained, ...] = Field(description="the clinical words in it, each where it stands first")
    evidence: Evidence
    sources: tuple[Source, ...]
    ask_your_team: tuple[str, ...]
    updated: date
    review: Review
    caveat: str
    corpus_version: str


class PassageReader:
    """Shows the passages of one corpus whole."""

    def __init__(self, corpus: Corpus, renderer: Renderer) -> None:
        self._corpus = corpus
        self._renderer = renderer
        # The longest first: "spastic diplegia" is not "spastic" and a rest.
        words = sorted(corpus.term, key=len, reverse=True)
        self._terms = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)", re.IGNORECASE)

    def read(self, passage: Passage) -> WholePassage:
        """Return a passage whole."""
        return WholePassage(
            id=passage.id,
            heading=passage.heading,
            topic=passage.topic,
            group=passage.group,
            lang=passage.lang,
            text=passage.text,
            sha256=passage.sha256,
            sentences=tuple(
                CitedSentence(text=passage.sentence_text(place), start=s.start, end=s.end, sources=s.sources)
                for place, s in enumerate(passage.sentences)
            ),
            terms=self.explain(passage),
            evidence=Evidence.of(self._corpus.grade[passage.evidence]),
            sources=tuple(self._corpus.source[name] for name in passage.source_ids),
            ask_your_team=passage.ask_your_team,
            updated=passage.updated,
            review=passage.review,
            caveat=caveat_of(passage, self._renderer.words(passage.lang)),
            corpus_version=self._corpus.version,
        )

    def explain(self, passage: Passage) -> tuple[Explained, ...]:
        """Return the hard words of a passage, each once, where it stands first; everyday ones need no explaining."""
        found: dict[str, Explained] = {}
        for match in self._terms.finditer(passage.text):
            term = self._corpus.term[match[0].casefold()]
            if not term.everyday:
                found.setdefault(term.term, Explained(word=match[0], definition=term.definition))
        return tuple(found.values())
