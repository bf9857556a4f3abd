"""Tuning of the encoder to the corpus and to what families write: see ``tests.tuning.train``."""
