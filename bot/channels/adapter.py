"""What a channel is: five members. A new one is a class that has them, named by an entry point."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, cast
from urllib.parse import parse_qsl

from bot.schema import Answer
from bot.settings import Settings

GROUP = "careleaf.channels"
"""Entry points of this group are functions of the settings that return a channel, or None where it is not set up."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A webhook's request: names of headers in lower case, the address as the sender knows it, seconds since 1970."""

    headers: Mapping[str, str]
    url: str
    body: bytes
    now: float

    @property
    def form(self) -> dict[str, str]:
        """Return the fields of a form post; the last of a name counts."""
        return dict(self.pairs)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the fields in their order."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the sender."""

    body: str
    media_type: str


class Channel(Protocol):
    """A way in which questions arrive as webhooks.

    ``name`` is the last part of the address ``/webhooks/<name>``. ``verify`` says whether the sender signed the
    request; nothing of an unsigned one is read. ``read`` returns the question. ``limit`` is the most characters that a
    reply to it may have. ``write`` wraps a text, and knows the answer it came from (None where the question was
    refused).
    """

    name: str

    def verify(self, message: Incoming) -> bool:
        """Say whether the sender signed the request."""

    def read(self, message: Incoming) -> str:
        """Return the question."""

    def limit(self, message: Incoming) -> int:
        """Return the most characters of the reply's text."""

    def write(self, text: str, answer: Answer | None) -> Reply:
        """Return the reply in the channel's form."""


def open_channels(settings: Settings) -> dict[str, Channel]:
    """Return the channels that the settings turn on, by name."""
    from bot.channels.slack import slack_channel
    from bot.channels.twilio import twilio_channel

    makers: list[Callable[[Settings], Channel | None]] = [twilio_channel, slack_channel]
    makers += [cast(Callable[[Settings], Channel | None], found.load()) for found in entry_points(group=GROUP)]
    opened = [channel for make in makers if (channel := make(settings)) is not None]
    return {channel.name: channel for channel in opened}
