"""What was asked, and what an answer says to it, before the templates put it into words."""

from dataclasses import dataclass

from bot.compose.choose import Chosen
from bot.schema import Claim, Kind, Passage


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the language that answers it, and the response of an emergency that is possible but unlikely."""

    question: str
    lang: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What an answer says, before the templates put it into words."""

    kind: Kind
    response: str
    question: str
    lang: str
    chosen: tuple[Chosen, ...] = ()
    claims: tuple[Claim, ...] = ()
    lead: Passage | None = None
    follow_ups: tuple[str, ...] = ()
    ask_your_team: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
