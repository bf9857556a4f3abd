"""WhatsApp and SMS as Twilio posts them (https://www.twilio.com/docs/usage/security#validating-requests)."""

import base64
import hashlib
import hmac
from xml.sax.saxutils import escape

from bot.channels.adapter import Incoming, Reply
from bot.schema import Answer
from bot.settings import Settings

WHATSAPP_LIMIT = 1600
"""The most characters that Twilio sends in one message."""

SMS_LIMIT = 640
"""Four parts or so: a longer text message costs a family patience and the sender money."""


class Twilio:
    """Form posts with ``Body``, ``From`` and ``To``, signed with the account's token; the reply is TwiML."""

    name = "twilio"

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def verify(self, message: Incoming) -> bool:
        """Hold ``X-Twilio-Signature`` against HMAC-SHA1 over the address and the sorted fields."""
        given = message.headers.get("x-twilio-signature", "")
        return hmac.compare_digest(given.encode(), self.sign(message).encode())

    def sign(self, message: Incoming) -> str:
        """Return the signature that the request must carry."""
        signed = message.url + "".join(name + value for name, value in sorted(set(message.pairs)))
        # Twilio defines SHA-1 here; as a keyed hash it is not broken.
        return base64.b64encode(hmac.new(self._token, signed.encode(), hashlib.sha1).digest()).decode()

    def read(self, message: Incoming) -> str:
        """Return the message's text."""
        return message.form.get("Body", "")

    def limit(self, message: Incoming) -> int:
        """Return WhatsApp's limit, or that of text messages."""
        return WHATSAPP_LIMIT if message.form.get("From", "").startswith("whatsapp:") else SMS_LIMIT

    def write(self, text: str, answer: Answer | None) -> Reply:
        """Return TwiML with one message."""
        body = f'<?xml version="1.0" encoding="UTF-8"?><Response><Message>{escape(text)}</Message></Response>'
        return Reply(body, "application/xml")


def twilio_channel(settings: Settings) -> Twilio | None:
    """Return the channel where CARELEAF_TWILIO_AUTH_TOKEN is set."""
    token = settings.twilio_auth_token
    return Twilio(token.get_secret_value()) if token else None
