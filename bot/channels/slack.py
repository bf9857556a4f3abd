"""Slack slash commands (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""

import hashlib
import hmac
import json

from bot.channels.adapter import Incoming, Reply
from bot.schema import Answer
from bot.settings import Settings

LIMIT = 3000
"""The most characters that Slack shows in one block of text."""

OLDEST = 300.0
"""Seconds after which a signed request may be a recording."""


class Slack:
    """Form posts with ``text``, signed with the app's secret; only the person who asked sees the reply."""

    name = "slack"

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def verify(self, message: Incoming) -> bool:
        """Hold ``X-Slack-Signature`` against HMAC-SHA256 over time and body, no older than five minutes."""
        sent = message.headers.get("x-slack-request-timestamp", "")
        if not (sent.isascii() and sent.isdigit()) or abs(message.now - int(sent)) > OLDEST:
            return False
        given = message.headers.get("x-slack-signature", "")
        return hmac.compare_digest(given.encode(), self.sign(sent, message.body).encode())

    def sign(self, sent: str, body: bytes) -> str:
        """Return the signature that the request must carry."""
        return "v0=" + hmac.new(self._secret, f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()

    def read(self, message: Incoming) -> str:
        """Return what stands after the command."""
        return message.form.get("text", "")

    def limit(self, message: Incoming) -> int:
        """Return Slack's limit."""
        return LIMIT

    def write(self, text: str, answer: Answer | None) -> Reply:
        """Return a reply that only the person who asked sees, with Slack's three marks escaped."""
        shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body = {"response_type": "ephemeral", "text": shown, "unfurl_links": False}
        return Reply(json.dumps(body), "application/json")


def slack_channel(settings: Settings) -> Slack | None:
    """Return the channel where CARELEAF_SLACK_SIGNING_SECRET is set."""
    secret = settings.slack_signing_secret
    return Slack(secret.get_secret_value()) if secret else None
