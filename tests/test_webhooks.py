"""Webhooks: signed messages in, whole statements out, an emergency's action and number first."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from bot.channels.adapter import Incoming, open_channels
from bot.channels.shorten import shorten
from bot.channels.slack import Slack
from bot.channels.twilio import SMS_LIMIT, WHATSAPP_LIMIT, Twilio
from bot.pipeline import Pipeline
from bot.schema import Answer, Kind
from bot.settings import Settings
from bot.web import create_app

TOKEN = "12345"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PUBLIC = "https://careleaf.example"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
EMERGENCY = "she has been seizing for 8 minutes"


@pytest.fixture(scope="module")
def hooked(built: Settings) -> Iterator[TestClient]:
    chosen = Settings(
        **(
            built.model_dump()
            | {"twilio_auth_token": TOKEN, "slack_signing_secret": SECRET, "public_url": f"{PUBLIC}/"}
        )
    )
    with TestClient(create_app(chosen), raise_server_exceptions=False) as running:
        yield running


def send_twilio(client: TestClient, text: str, sender: str = "whatsapp:+15550100", token: str = TOKEN) -> Any:
    fields = {"Body": text, "From": sender, "To": "whatsapp:+15550199", "MessageSid": "SM1"}
    signed = f"{PUBLIC}/webhooks/twilio" + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
    return client.post("/webhooks/twilio", data=fields, headers=headers)


def send_slack(client: TestClient, text: str, secret: str = SECRET, late: float = 0.0) -> Any:
    body = urlencode({"command": "/careleaf", "text": text, "user_id": "U1"}).encode()
    sent = str(int(time.time() - late))
    digest = hmac.new(secret.encode(), f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": sent,
        "X-Slack-Signature": f"v0={digest}",
        "content-type": "application/x-www-form-urlencoded",
    }
    return client.post("/webhooks/slack", content=body, headers=headers)


def message_of(response: Any) -> str:
    assert response.status_code == 200
    if response.headers["content-type"].startswith("application/json"):
        said = json.loads(response.text)
        assert said["response_type"] == "ephemeral"
        return str(said["text"]).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return str(ElementTree.fromstring(response.text).findtext("Message"))


def statements_in(text: str) -> list[str]:
    """Return the lines of a message that cite: its statements."""
    return [line for line in text.splitlines() if re.search(r"[^\s\d\]]\S*(?:\[\d+\])+$", line)]


def test_the_published_example_of_slack_is_accepted() -> None:
    sent = "1531420618"
    message = Incoming(
        headers={
            "x-slack-request-timestamp": sent,
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        url="",
        body=SLACK_BODY,
        now=float(sent) + 299,
    )
    assert Slack(SECRET).verify(message)
    assert not Slack(SECRET).verify(Incoming(message.headers, "", SLACK_BODY, float(sent) + 301)), "a recording"
    assert not Slack(SECRET).verify(Incoming(message.headers, "", SLACK_BODY + b"x", float(sent)))
    assert not Slack(SECRET + "x").verify(message)


def test_the_published_example_of_twilio_is_accepted() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    message = Incoming({"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}, url, urlencode(fields).encode(), 0.0)
    assert Twilio(TOKEN).verify(message)
    assert not Twilio(TOKEN).verify(Incoming(message.headers, url + "&x=1", message.body, 0.0))
    assert not Twilio(TOKEN).verify(Incoming({}, url, message.body, 0.0))


@pytest.mark.parametrize("question", ["can cp be cured", "how many mg of baclofen", "best laptop", "hello", EMERGENCY])
def test_each_channel_gives_the_statements_of_the_answer_from_the_first_on(
    hooked: TestClient, pipeline: Pipeline, question: str
) -> None:
    answer = pipeline.ask(question)
    shown = [s.text + "".join(f"[{n}]" for n in s.citations) for s in answer.statements]
    for response in (
        send_twilio(hooked, question),
        send_twilio(hooked, question, sender="+15550100"),
        send_slack(hooked, question),
    ):
        text = message_of(response)
        given = statements_in(text)
        assert given == shown[: len(given)]
        assert bool(given) == bool(shown)
        assert answer.caveat in text


def test_the_limit_is_the_channels(hooked: TestClient, pipeline: Pipeline) -> None:
    headings = [passage.heading for passage in pipeline.corpus.passages.values()]
    question = max(headings, key=lambda heading: len(shorten(pipeline.ask(heading), pipeline.renderer, 100_000)))
    lengths = [
        len(message_of(send_twilio(hooked, question, sender="+15550100"))),
        len(message_of(send_twilio(hooked, question))),
        len(message_of(send_slack(hooked, question))),
    ]
    assert lengths[0] <= SMS_LIMIT < lengths[1] <= WHATSAPP_LIMIT
    assert lengths[1] <= lengths[2] <= 3000


def test_an_emergency_keeps_action_and_number_first(hooked: TestClient, pipeline: Pipeline) -> None:
    first = pipeline.ask(EMERGENCY).text.splitlines()[0]
    assert "112" in first
    for response in (send_twilio(hooked, EMERGENCY, sender="+15550100"), send_slack(hooked, EMERGENCY)):
        assert message_of(response).splitlines()[0] == first


def test_every_emergency_fits_the_shortest_message(pipeline: Pipeline) -> None:
    rules = [rule for rule in pipeline.corpus.triage.rules if rule.kind == "emergency"]
    assert len(rules) >= 15
    asked = [rule.examples.match[0] for rule in rules]
    asked += [phrase for entry in pipeline.corpus.triage.foreign for phrase in entry.phrases[:1]]
    for question in asked:
        answer = pipeline.ask(question)
        assert answer.kind == Kind.EMERGENCY
        text = shorten(answer, pipeline.renderer, SMS_LIMIT)
        assert len(text) <= SMS_LIMIT, question
        assert text.splitlines()[0] == answer.text.splitlines()[0]
        assert answer.caveat in text


def test_every_heading_fits_every_channel_with_at_least_one_statement(pipeline: Pipeline) -> None:
    def links(text: str) -> set[str]:
        return set(re.findall(r"^\[(\d+)\] \S", text, re.MULTILINE))

    for passage in pipeline.corpus.passages.values():
        answer = pipeline.ask(passage.heading)
        for limit in (SMS_LIMIT, WHATSAPP_LIMIT, 3000):
            text = shorten(answer, pipeline.renderer, limit, PUBLIC)
            assert len(text) <= limit
            assert answer.caveat in text
            given = statements_in(text)
            assert given, passage.id
            assert links(text) == set(re.findall(r"\[(\d+)\]", " ".join(given))), "a link for each number, and no other"


def cut(answer: Answer, pipeline: Pipeline, limit: int) -> str:
    return shorten(answer, pipeline.renderer, limit, PUBLIC)


def test_the_whole_answer_is_named_only_where_something_was_left_out(pipeline: Pipeline) -> None:
    assert PUBLIC in cut(pipeline.ask("how long does botox last"), pipeline, SMS_LIMIT)
    assert PUBLIC not in cut(pipeline.ask(EMERGENCY), pipeline, 100_000)


def test_what_was_not_signed_is_refused_and_not_read(hooked: TestClient) -> None:
    for response in (
        send_twilio(hooked, "can cp be cured", token="other"),
        send_slack(hooked, "can cp be cured", secret="other"),
        send_slack(hooked, "can cp be cured", late=301),
        hooked.post("/webhooks/slack", data={"text": "x"}),
        hooked.post("/webhooks/slack", data={"text": "x"}, headers={b"X-Slack-Request-Timestamp": b"\xb2"}),
        hooked.post("/webhooks/twilio", data={"Body": "x"}),
    ):
        assert response.status_code == 403
        assert response.json()["type"] == "urn:careleaf:problem:forbidden"


@pytest.mark.parametrize("text", ["", "x" * 4001, "\x00"])
def test_a_refused_question_is_answered_with_the_reason(hooked: TestClient, text: str) -> None:
    for response in (send_twilio(hooked, text), send_slack(hooked, text)):
        assert message_of(response).startswith("The question ")


def test_what_was_typed_does_not_come_back(hooked: TestClient) -> None:
    hostile = "<Response><Message>hi</Message></Response> <!channel> can cp be cured"
    assert "hi</Message>" not in send_twilio(hooked, hostile).text
    assert "<!channel>" not in send_slack(hooked, hostile).text


def test_a_channel_that_is_not_set_up_does_not_exist(client: TestClient, hooked: TestClient) -> None:
    assert send_twilio(client, "can cp be cured").status_code == 404
    assert send_slack(client, "can cp be cured").status_code == 404
    assert hooked.post("/webhooks/carrier-pigeon", data={}).status_code == 404


def test_another_package_can_bring_a_channel(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pigeon.py").write_text(
        "class Pigeon:\n    name = 'pigeon'\n\ndef make(settings):\n    return Pigeon()\n", encoding="utf-8"
    )
    described = tmp_path / "pigeon-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon\nVersion: 1.0\n", encoding="utf-8")
    (described / "entry_points.txt").write_text("[careleaf.channels]\npigeon = pigeon:make\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list(open_channels(settings)) == ["pigeon"]
