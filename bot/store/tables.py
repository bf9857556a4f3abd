"""The tables. Days, not times: a time of day would help to tell who wrote."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Base of the tables."""


class FeedbackRow(Table):
    """One thumb."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    given_on: Mapped[date] = mapped_column(Date, index=True)
    answer_id: Mapped[str] = mapped_column(String(20), index=True)
    corpus_version: Mapped[str] = mapped_column(String(16))
    helpful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(32))


class FeedbackPassageRow(Table):
    """A passage that the rated answer showed."""

    __tablename__ = "feedback_passage"

    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True)
    passage_id: Mapped[str] = mapped_column(String(160), primary_key=True, index=True)


class UnansweredRow(Table):
    """A scrubbed question that found no answer; deleted after CARELEAF_KEEP_DAYS."""

    __tablename__ = "unanswered"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_on: Mapped[date] = mapped_column(Date, index=True)
    lang: Mapped[str] = mapped_column(String(35))
    text: Mapped[str] = mapped_column(Text)
