"""Each heading of the corpus asked as a family asks it: the same answer object as in every other channel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.pipeline import Pipeline
from bot.schema import Answer, Kind, Passage, Source


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence of a passage that its own question's answer does not show, and its sources."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class FaqItem:
    """One question with its answer.

    ``opening`` are the words before the statements, where there are any. ``kept`` holds the passage's own sentences
    where triage answers its heading by another passage, so that nothing of the corpus is left out.
    """

    passage: Passage
    answer: Answer
    opening: tuple[str, ...]
    kept: tuple[Kept, ...]

    @property
    def slug(self) -> str:
        """Return the name of the question within its topic."""
        return self.passage.id.partition("#")[2]

    @property
    def plain(self) -> str:
        """Return what the answer says, its caveat included, as one plain text."""
        said = [*self.opening, *(statement.text for statement in self.answer.statements)]
        return " ".join([*said, *(sentence.text for sentence in self.kept), self.answer.caveat])


def read_items(pipeline: Pipeline, passages: Iterable[Passage] | None = None) -> Iterator[FaqItem]:
    """Yield the questions of passages, by default of all, in the order of the corpus."""
    for passage in pipeline.corpus.passages.values() if passages is None else passages:
        answer = pipeline.answer(passage.heading, passage.lang)
        shown = any(statement.passage_id == passage.id for statement in answer.statements)
        opening = () if answer.kind == Kind.ANSWER else tuple(answer.text.partition("\n\n")[0].splitlines())
        kept = () if shown else tuple(own_sentences(pipeline, passage))
        yield FaqItem(passage=passage, answer=answer, opening=opening, kept=kept)


def own_sentences(pipeline: Pipeline, passage: Passage) -> Iterator[Kept]:
    """Yield the sentences of a passage."""
    for place, sentence in enumerate(passage.sentences):
        sources = tuple(pipeline.corpus.source[name] for name in sentence.sources)
        yield Kept(text=passage.sentence_text(place), sources=sources)
