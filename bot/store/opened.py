"""The store, opened: what is written to it and what editors read from it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from alembic.util import CommandError
from sqlalchemy import case, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.store.engine import open_engine
from bot.store.migrate import migrate
from bot.store.records import Feedback, HelpfulByWeek, RatedPassage, StoreUnavailable, Unanswered
from bot.store.tables import FeedbackPassageRow, FeedbackRow, UnansweredRow

MOST = 5000
"""Unanswered questions that are read at once, newest first."""


AT_ONCE = 8
"""Threads that may wait for the database at once: one that hangs must leave the others of a server to answer."""


class Store:
    """One database. Nothing is opened before the first use, and a failure is always StoreUnavailable.

    >>> store = Store("sqlite:///var/careleaf.db")
    >>> store.add_feedback(feedback, date.today())
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._lock = threading.Lock()
        self._ready = False
        self._failed = 0.0
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        if not self._places.acquire(blocking=False):
            raise StoreUnavailable("The store is busy; try again in a moment. Answers do not need it.")
        try:
            self._prepare()
            with Session(self._engine) as session, session.begin():
                yield session
        except (SQLAlchemyError, CommandError, OSError) as error:
            # The message of the driver may hold what was to be written: its kind is enough.
            raise StoreUnavailable(
                f"The store failed ({type(error).__name__}); see that the database of CARELEAF_DATABASE_URL runs "
                "and may be written. Answers do not need it."
            ) from None
        finally:
            self._places.release()

    def _prepare(self) -> None:
        """Bring the tables up to date, once a process; tried again at the next use where it fails."""
        if self._ready:
            return
        came = time.monotonic()
        with self._lock:
            if self._failed > came:
                raise StoreUnavailable("The store failed while this waited for it. Answers do not need it.")
            if not self._ready:
                try:
                    migrate(self._engine)
                except Exception:
                    self._failed = time.monotonic()
                    raise
                self._ready = True

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def add_feedback(self, feedback: Feedback, on: date) -> None:
        """Keep a thumb."""
        with self._session() as session:
            row = FeedbackRow(
                given_on=on,
                answer_id=feedback.answer_id,
                corpus_version=feedback.corpus_version,
                helpful=feedback.helpful,
                reason=feedback.reason.value if feedback.reason else None,
            )
            session.add(row)
            session.flush()
            session.add_all(
                FeedbackPassageRow(feedback_id=row.id, passage_id=name) for name in dict.fromkeys(feedback.passage_ids)
            )

    def add_unanswered(self, text: str, lang: str, on: date) -> None:
        """Keep a question; the text must be scrubbed already."""
        with self._session() as session:
            session.add(UnansweredRow(asked_on=on, lang=lang, text=text))

    def delete_unanswered(self, before: date) -> int:
        """Delete what was asked before a day; return how many."""
        with self._session() as session:
            gone = session.scalars(
                delete(UnansweredRow).where(UnansweredRow.asked_on < before).returning(UnansweredRow.id)
            )
            return len(gone.all())

    def unanswered(self, most: int = MOST) -> tuple[Unanswered, ...]:
        """Return the newest unanswered questions, newest first."""
        with self._session() as session:
            rows = session.scalars(select(UnansweredRow).order_by(UnansweredRow.id.desc()).limit(most))
            return tuple(Unanswered(id=r.id, asked_on=r.asked_on, lang=r.lang, text=r.text) for r in rows)

    def lowest_rated(self, most: int, at_least: int = 1) -> tuple[RatedPassage, ...]:
        """Return the passages whose answers were rated worst, of those rated at least so often."""
        good = func.sum(case((FeedbackRow.helpful, 1), else_=0))
        total = func.count()
        query = (
            select(FeedbackPassageRow.passage_id, good, total)
            .join(FeedbackRow, FeedbackRow.id == FeedbackPassageRow.feedback_id)
            .group_by(FeedbackPassageRow.passage_id)
            .having(total >= at_least)
            .order_by(good * 1.0 / total, total.desc(), FeedbackPassageRow.passage_id)
            .limit(most)
        )
        with self._session() as session:
            return tuple(
                RatedPassage(passage_id=name, helpful=int(helpful), not_helpful=int(rated - helpful))
                for name, helpful, rated in session.execute(query)
            )

    def reasons(self) -> dict[str, int]:
        """Return how often each reason was given, most frequent first."""
        query = (
            select(FeedbackRow.reason, func.count())
            .where(FeedbackRow.reason.is_not(None))
            .group_by(FeedbackRow.reason)
            .order_by(func.count().desc(), FeedbackRow.reason)
        )
        with self._session() as session:
            return {str(reason): int(count) for reason, count in session.execute(query)}

    def helpful_by_week(self, since: date) -> tuple[HelpfulByWeek, ...]:
        """Return the thumbs since a day, by week; weeks without any are left out."""
        query = (
            select(FeedbackRow.given_on, FeedbackRow.helpful, func.count())
            .where(FeedbackRow.given_on >= since)
            .group_by(FeedbackRow.given_on, FeedbackRow.helpful)
        )
        weeks: dict[date, list[int]] = {}
        with self._session() as session:
            for day, helpful, count in session.execute(query):
                counts = weeks.setdefault(day - timedelta(days=day.weekday()), [0, 0])
                counts[0 if helpful else 1] += count
        return tuple(HelpfulByWeek(week=w, helpful=weeks[w][0], not_helpful=weeks[w][1]) for w in sorted(weeks))
