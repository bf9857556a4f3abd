"""What the store keeps and gives back: frozen values without a word that a person typed, but for scrubbed questions."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from bot.schema import MAX_CONTEXT, CareleafError, Frozen


class Reason(StrEnum):
    """Why an answer did not help: a list, so that nobody can write about a person here."""

    OTHER_QUESTION = "other_question"
    UNCLEAR = "unclear"
    TOO_LITTLE = "too_little"
    OUT_OF_DATE = "out_of_date"
    NOT_TRUSTED = "not_trusted"


class Feedback(Frozen):
    """A thumb under an answer. ``passage_ids`` are those of the answer's statements."""

    answer_id: str = Field(pattern=r"^[0-9a-f]{20}$", examples=["0e3b1f0c7a5d4b2e9f10"])
    corpus_version: str = Field(pattern=r"^[0-9a-f]{16}$", examples=["04b3a3abd7269859"])
    passage_ids: tuple[str, ...] = Field(default=(), max_length=MAX_CONTEXT, examples=[["is-cp-curable#cure"]])
    helpful: bool = Field(strict=True, examples=[False])
    reason: Reason | None = Field(default=None, examples=["unclear"])


class RatedPassage(Frozen):
    """How the answers that showed a passage were rated."""

    passage_id: str
    helpful: int
    not_helpful: int

    @property
    def rated(self) -> int:
        """Return how often it was rated."""
        return self.helpful + self.not_helpful

    @property
    def share(self) -> float:
        """Return the share, 0 to 1, that found it helpful."""
        return self.helpful / self.rated


class HelpfulByWeek(Frozen):
    """Thumbs of one week, which is named by its Monday."""

    week: date
    helpful: int
    not_helpful: int


class Unanswered(Frozen):
    """A question that the corpus did not answer, scrubbed, and the day on which it was asked."""

    id: int
    asked_on: date
    lang: str
    text: str


class StoreUnavailable(CareleafError):
    """The database cannot be reached or written. Answers are given all the same."""

    status = 503
    title = "The store cannot be reached"
