"""A message → emergency, redirect, small talk or neither, by the rules of ``corpus/triage.yaml``."""

from bot.triage.match import Triage, TriageResult, disagreements

__all__ = ["Triage", "TriageResult", "disagreements"]
