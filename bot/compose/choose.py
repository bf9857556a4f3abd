"""Which sentences answer this question: from the best one to three passages, whole, the direct answer first."""

from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.schema import MAX_STATEMENTS, Corpus, Passage, Ranked, Sentence

FROM_FIRST = 5
FROM_OTHERS = 2
MOST_PASSAGES = 3
CLOSE = 0.03
"""A further passage adds statements where its score is this close to the best one's."""

ASKING = 0.05
"""The first sentence answers the passage's own question by itself. So where the question is that question (the cosine
of the nearest way of asking, less this), the first sentence leads, however differently the two are worded."""

SAME = 88
"""Two sentences that share this much of their words (0 to 100) say the same; the second is left out."""

RELEVANT = 0.62
"""A sentence of a further passage must be at least this near to the question."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of a passage, chosen to be shown."""

    passage: Passage
    number: int

    @property
    def sentence(self) -> Sentence:
        """The span."""
        return self.passage.sentences[self.number]

    @property
    def text(self) -> str:
        """The sentence to the letter."""
        return self.passage.sentence_text(self.number)


def choose_statements(ranked: tuple[Ranked, ...]) -> tuple[Chosen, ...]:
    """Choose two to eight sentences: the one that answers first, the others in passage order."""
    first = ranked[0]
    lead = leading_sentence(first)
    numbers = nearest_sentences(first, FROM_FIRST)
    chosen = [Chosen(first.passage, number) for number in (lead, *(n for n in numbers if n != lead))]
    for other in close_rivals(ranked):
        for number in nearest_sentences(other, FROM_OTHERS):
            candidate = Chosen(other.passage, number)
            if other.sentences[number] >= RELEVANT and not repeats(candidate, chosen):
                chosen.append(candidate)
    return tuple(chosen[:MAX_STATEMENTS])


def leading_sentence(found: Ranked) -> int:
    """Return the sentence that answers by itself: the nearest, where the first is as near as its question is."""
    near = [max(found.sentences[0], found.itself - ASKING), *found.sentences[1:]]
    return near.index(max(near))


def nearest_sentences(found: Ranked, most: int) -> list[int]:
    """Return the nearest ``most`` sentences in passage order."""
    by_nearness = sorted(range(len(found.sentences)), key=lambda number: -found.sentences[number])
    return sorted(by_nearness[:most])


def close_rivals(ranked: tuple[Ranked, ...]) -> tuple[Ranked, ...]:
    """Return the further passages whose score is close to the best."""
    return tuple(other for other in ranked[1:MOST_PASSAGES] if ranked[0].score - other.score <= CLOSE)


def repeats(candidate: Chosen, chosen: list[Chosen]) -> bool:
    """Say whether a sentence repeats one that is shown already."""
    return any(fuzz.token_set_ratio(candidate.text, one.text) >= SAME for one in chosen)


def opening_sentences(corpus: Corpus, passage_ids: tuple[str, ...], most: int) -> tuple[Chosen, ...]:
    """Return the sentences that a rule wants shown, in reading order, at most ``most``.

    The first passage gives all it has; each further one gives its first two.
    """
    chosen: list[Chosen] = []
    for place, passage_id in enumerate(passage_ids):
        passage = corpus.passages[passage_id]
        take = len(passage.sentences) if place == 0 else 2
        for number in range(min(take, len(passage.sentences))):
            candidate = Chosen(passage, number)
            if not repeats(candidate, chosen):
                chosen.append(candidate)
    return tuple(chosen[:most])
