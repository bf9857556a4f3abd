"""Labelled safety messages, how they are split and mutated, and how recognition is measured."""
