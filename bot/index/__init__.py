"""Passages → vectors in Chroma and words in BM25: built beside the index in service, swapped, opened."""

from bot.index.build import BuildReport, build_index
from bot.index.lexical import LexicalIndex, split_terms
from bot.index.opened import Hit, OpenIndex, open_index, read_corpus
from bot.index.versions import IndexFolder

__all__ = [
    "BuildReport",
    "Hit",
    "IndexFolder",
    "LexicalIndex",
    "OpenIndex",
    "build_index",
    "open_index",
    "read_corpus",
    "split_terms",
]
