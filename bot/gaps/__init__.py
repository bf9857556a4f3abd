"""What families asked and did not find: scrubbed, kept for a while, gathered for the people who curate."""

from bot.gaps.keep import keeping_unanswered

__all__ = ["keeping_unanswered"]
