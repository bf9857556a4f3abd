"""A long message → the questions in it and the story around them."""

import re
from dataclasses import dataclass

from sentencex import segment

OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|dear \w+|good (?:morning|afternoon|evening)|please|so|and|but|also|my question is|question)"
    r"\b[\s,:!.-]*)*"
    r"(?:what|whats|what's|which|who|whose|whom|when|where|why|how|hows|is|isn't|are|aren't|am|was|were|do|does|don't|"
    r"doesn't|did|didn't|can|can't|could|couldn't|should|shouldn't|would|wouldn't|will|won't|has|have|had|may|might)\b",
    re.IGNORECASE,
)
"""A sentence that begins as a question does."""

ASKING = re.compile(
    r"\b(?:(?:like|want|wanted|need|love|trying|wish) to (?:know|find out|understand|ask|hear|learn|obtain)|"
    r"i(?:'m| am| was)? wonder(?:ing|ed)?|"
    r"(?:please |kindly |can you |could you )+(?:tell|explain|advise|help|let me know|send|suggest)|"
    r"tell me|let me know|looking for (?:information|info|advice|help|the)|"
    r"any (?:idea|advice|suggestions?|information|info)|"
    r"my question|is it true|not sure (?:if|whether|what|how)|no idea (?:what|how|why|if))\b",
    re.IGNORECASE,
)
"""A sentence that asks without being a question."""

COURTESY = re.compile(
    r"^\W*(?:(?:many |best |kind |warm )?"
    r"(?:thanks|thank you|thankyou|thx|regards|wishes|hi|hello|hey|dear|cheers|sincerely|yours)\b"
    r"(?:\W+\w+){0,6}|please (?:help|advise|reply)(?: me)?)\W*$",
    re.IGNORECASE,
)
"""A greeting, thanks or a signature: neither a question nor story."""

LONG = 25
"""A message of at least so many words may hold a story."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart; ``questions`` in their order, and the rest as ``story``; neither with courtesies.

    A message in which nothing asks has its whole text as its one question.
    """

    questions: tuple[str, ...]
    story: str

    @property
    def several(self) -> bool:
        """Whether more than one thing is asked."""
        return len(self.questions) > 1


def split_message(text: str) -> Message:
    """Return the questions and the story of a message.

    >>> split_message("Hello. My son is two and walks on his toes. Is it his cerebral palsy? Thanks!").questions
    ('Is it his cerebral palsy?',)
    """
    sentences = [one.strip() for line in text.splitlines() for one in segment("en", line) if one.strip()]
    said = [one for one in sentences if not COURTESY.match(one)]
    asking = tuple(one for one in said if asks(one))
    if not asking:
        return Message((" ".join(said) or text.strip(),), "")
    return Message(asking, " ".join(one for one in said if one not in asking))


def asks(sentence: str) -> bool:
    """Say whether a sentence asks: by its mark, by how it begins, or by saying so."""
    return sentence.rstrip(" \"')").endswith("?") or bool(OPENING.match(sentence) or ASKING.search(sentence))
