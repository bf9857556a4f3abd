"""Careleaf measured: its answers on labelled questions, its retriever on any set of documents."""
