"""Files of ``corpus/`` → validated articles and passages, and the checks that keep them right."""

from bot.corpus.load import load_corpus

__all__ = ["load_corpus"]
