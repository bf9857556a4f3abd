"""What a message needs before anything is looked up: help now, individual advice, a greeting, or nothing.

Rules see first and say why. The second opinion hears what no rule lists, and where a rule saw a flag in what is all but
certainly a lesson, a tale or a figure of speech, it doubts the flag. A flag in doubt is not dropped: the message is
answered as what it asks, and the numbers to call stand before the answer, for the case that it is happening now. So is
a question that is a heading of the corpus to the letter: people come to it by a link, and the passage says what to do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.encoder import Encoder, Vectors
from bot.schema import TriageRules
from bot.triage import Triage, TriageResult, load_second_opinion
from bot.triage.words import fold

FEW_WORDS = 5
"""A message of fewer words names a subject: a faint alarm or a wish for advice that only the second opinion hears in it
is none."""


EXPLAINED = 10
"""Where a rule sees a wish for advice, an alarm must be this many times as loud to count as faint: "how many mg" sounds
a little like a poisoning to the second opinion, and is none."""

URGENT_TOPICS = ("red-flags-emergency", "out-of-scope", "seizure-first-aid", "parent-wellbeing")
"""Topics in whose ways of asking there may be flags."""

DOUBTED_WORDS = range(6, 101)
"""The flag of a rule is doubted in messages of so many words only: a handful of words say too little for a tale, and
from where on to doubt was chosen on messages that are no longer."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was recognised in a message.

    ``flag`` decides what the message is answered with. ``doubt`` is the response of an emergency that is possible but
    unlikely. ``vector`` is the encoder's, of shape (384,). ``heard_only`` says that no rule saw the flag.
    """

    flag: TriageResult | None
    doubt: str | None
    vector: Vectors
    heard_only: bool = False

    @property
    def urgent(self) -> bool:
        """Say whether help is needed now."""
        return self.flag is not None and self.flag.kind == "emergency"


class Recogniser:
    """Rules and second opinion together. ``recognise`` is a pure function of the message.

    ``headings`` are those of the corpus. ``asks_calmly`` says of a vector whether the message is one of the corpus's
    own questions outside ``URGENT_TOPICS``: its alarm must be loud as a whole, not in one part, to be heard.
    """

    def __init__(
        self,
        rules: TriageRules,
        encoder: Encoder,
        headings: Iterable[str] = (),
        asks_calmly: Callable[[Vectors], bool] = lambda _: False,
    ) -> None:
        self._asks_calmly = asks_calmly
        self.triage = Triage(rules)
        self._headings = frozenset(map(fold, headings))
        self._opinion = load_second_opinion()
        self._encoder = encoder

    def recognise(self, message: str) -> Recognised:
        """Return what a message needs."""
        flag = self.triage.match(message)
        vector = self._encoder.encode_question(message)
        opinion = self._opinion.read(message, vector, self._encoder.encode_question)
        words = len(message.split())
        few = words < FEW_WORDS
        advised = opinion.advice >= self._opinion.advice_from and not few
        advice = self.triage.heard("redirect", opinion.redirect) if advised else None
        if flag and flag.kind == "emergency":
            calm = self._opinion.doubts(opinion, flag.response) and words in DOUBTED_WORDS
            if not calm or not self.triage.is_own(flag):
                return Recognised(flag, None, vector)
            return Recognised(advice, flag.response, vector, heard_only=True)
        if self._opinion.alarms(opinion):
            whole = opinion.alarm >= self._opinion.alarm_from
            if fold(message) in self._headings or (not whole and self._asks_calmly(vector)):
                return Recognised(flag, opinion.response, vector)
            return Recognised(self.triage.heard("emergency", opinion.response), None, vector, heard_only=True)
        loud = self._opinion.doubt_from * (EXPLAINED if flag else 1)
        faint = opinion.alarm >= loud and not few
        return Recognised(flag or advice, opinion.response if faint else None, vector, heard_only=flag is None)
