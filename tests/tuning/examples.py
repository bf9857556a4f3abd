"""What the encoder is tuned on: nothing of the labelled questions, conversations and messages, in either half, and no
author on whom the second opinion's thresholds are chosen.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.encoder import QUERY_PREFIX
from bot.index.rows import claims_by_passage
from bot.schema import Corpus
from tests.benchmarks.second_opinion import gather_unlabelled

Kind = Literal["asked", "sentence", "text", "heading"]
SHARES: dict[Kind, float] = {"asked": 0.6, "sentence": 0.2, "text": 0.12, "heading": 0.08}
"""How often a question is set beside another way of asking its passage, a sentence, the text, the heading."""

LONGEST = 110
"""Messages of more words are left out: each would take the time of ten."""


@dataclass(frozen=True)
class Own:
    """What stands in one passage: ways of asking it, and the texts that it is found by."""

    asked: tuple[str, ...]
    texts: dict[Kind, tuple[str, ...]]


@dataclass(frozen=True)
class Examples:
    """Passages with their questions, questions that no passage answers, messages with the response they should get."""

    passages: tuple[Own, ...]
    silent: tuple[str, ...]
    messages: dict[str, tuple[str, ...]]

    @cached_property
    def rows(self) -> tuple[tuple[str, int], ...]:
        """Return every text that a passage is found by, and the passage's place."""
        return tuple(
            (text, place) for place, own in enumerate(self.passages) for texts in own.texts.values() for text in texts
        )

    @property
    def texts(self) -> list[str]:
        """Return all that is encoded."""
        asked = [text for own in self.passages for text in own.asked]
        said = [text for texts in self.messages.values() for text in texts]
        questions = [QUERY_PREFIX + text for text in (*asked, *self.silent, *said)]
        return [*(text for text, _ in self.rows), *self.silent, *questions]

    def beside(self, passage: int, question: str, chance: random.Random) -> str:
        """Return a text of a passage other than the question itself."""
        own = self.passages[passage]
        kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
        texts = [text for text in own.texts[kind] if text != question] or own.texts["text"]
        return chance.choice(texts)


def read_examples(corpus: Corpus) -> Examples:
    """Return what a corpus and the messages for training hold."""
    claims = claims_by_passage(corpus)
    passages = []
    for passage in corpus.passages.values():
        heard = [text for claim in claims.get(passage.id, ()) for text in claim.asked]
        asked = tuple(dict.fromkeys((*passage.asked, *heard, *passage.wordings)))
        sentences = tuple(passage.sentence_text(number) for number in range(len(passage.sentences)))
        texts: dict[Kind, tuple[str, ...]] = {
            "asked": asked,
            "sentence": sentences,
            "text": (f"{passage.heading} {passage.text}",),
            "heading": (passage.heading,),
        }
        passages.append(Own(asked, texts))
    messages: dict[str, list[str]] = defaultdict(list)
    for example in gather_unlabelled(corpus):
        if not example.held and len(example.text.split()) <= LONGEST:
            messages[example.response].append(example.text)
    return Examples(
        tuple(passages),
        tuple(silent.text for silent in corpus.silent),
        {response: tuple(texts) for response, texts in sorted(messages.items())},
    )
