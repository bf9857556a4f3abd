"""A message → emergency, redirect, small talk or neither, by the rules of ``corpus/triage.yaml``."""

from bot.triage.match import Triage, TriageResult, disagreements
from bot.triage.opinion import Opinion, SecondOpinion, load_second_opinion

__all__ = ["Opinion", "SecondOpinion", "Triage", "TriageResult", "disagreements", "load_second_opinion"]
