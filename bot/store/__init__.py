"""Feedback and unanswered questions in SQLite or PostgreSQL. Nothing that answers needs it."""

from bot.store.opened import Store
from bot.store.records import Feedback, HelpfulByWeek, RatedPassage, Reason, StoreUnavailable, Unanswered

__all__ = ["Feedback", "HelpfulByWeek", "RatedPassage", "Reason", "Store", "StoreUnavailable", "Unanswered"]
