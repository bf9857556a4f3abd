"""Keeps unanswered questions where the operator asks for it: beside the answering, so that no answer waits or fails."""

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from bot.gaps.scrub import Scrubber
from bot.pipeline import Pipeline
from bot.schema import Answer, Kind
from bot.settings import Settings
from bot.store import Store, StoreUnavailable

log = logging.getLogger(__name__)

WAITING = 1000
"""Questions that may wait to be kept; where the store is slower than the families, the rest is dropped."""

HOUR = 3600.0


class UnansweredKeeper:
    """Called with every answer; scrubs and stores those that had none, on a thread of its own."""

    def __init__(self, store: Store, scrubber: Scrubber, days: int) -> None:
        self._store = store
        self._scrubber = scrubber
        self._days = days
        self._waiting: queue.Queue[Answer | None] = queue.Queue(maxsize=WAITING)
        self._failed = False
        self._thread = threading.Thread(target=self._work, name="unanswered", daemon=True)
        self._thread.start()

    def __call__(self, answer: Answer) -> None:
        """Take note of an answer. Never waits and never raises."""
        if answer.kind == Kind.NO_ANSWER:
            try:
                self._waiting.put_nowait(answer)
            except queue.Full:
                self._say_once("more questions than the store can keep")

    def stop(self, seconds: float = 5.0) -> None:
        """Keep what waits, and end the thread."""
        try:
            self._waiting.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            self._attempt(None)
            try:
                answer = self._waiting.get(timeout=HOUR)
            except queue.Empty:
                continue
            if answer is None:
                return
            self._attempt(answer)

    def _attempt(self, answer: Answer | None) -> None:
        """Delete what is too old, or keep one question; a failure is told without a word of the question."""
        today = date.today()
        try:
            if answer is None:
                self._store.delete_unanswered(before=today - timedelta(days=self._days))
            elif text := self._scrubber.scrub(answer.question):
                self._store.add_unanswered(text, answer.lang, today)
            self._failed = False
        except StoreUnavailable:
            self._say_once("the store cannot be reached")
        except Exception as error:
            # The thread must live, and the message might hold the question.
            self._say_once(type(error).__name__)

    def _say_once(self, why: str) -> None:
        if not self._failed:
            log.warning("unanswered questions are not being kept: %s", why)
        self._failed = True


@contextmanager
def keeping_unanswered(pipeline: Pipeline, store: Store, settings: Settings) -> Iterator[None]:
    """Keep unanswered questions while a server runs, if the settings say so."""
    if not settings.keep_unanswered:
        yield
        return
    keeper = UnansweredKeeper(store, Scrubber(pipeline.corpus), settings.keep_days)
    pipeline.on_answer = keeper
    try:
        yield
    finally:
        pipeline.on_answer = None
        keeper.stop()
