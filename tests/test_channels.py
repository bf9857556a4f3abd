"""Every channel gives the same statements, in the same order, with the same citations, for the same question."""

import base64
import csv
import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import anyio
import pytest
from fastapi.testclient import TestClient
from justhtml import JustHTML
from mcp import Client, StdioServerParameters
from openai import OpenAI
from typer.testing import CliRunner

from bot.cli import app
from bot.export import read_items, write_csv, write_jsonl, write_site
from bot.pipeline import Pipeline
from bot.schema import Answer
from bot.settings import Settings, load_settings
from bot.web import create_app
from tests.live import live_server

TOKEN = "twilio-token"
SECRET = "slack-secret"

QUESTIONS = (
    "Can cerebral palsy be cured?",
    "How long does botulinum toxin last?",
    "What should I do when my child has a seizure?",
    "Will my child with cerebral palsy walk?",
    "my son has been shaking for six minutes and won't wake up",
    "a clinic told us stem cells are completely safe, is that true?",
    "how many mg of baclofen should she take",
    "spasticity",
    "hello",
    "best laptop",
)
"""An answer, one with claims and one with disagreements, emergencies, redirects, clarifications, no answer. The first
four are headings of the corpus, so they stand in the export too."""

Said = list[tuple[str, tuple[str, ...]]]
"""Statements in order, each with what it cites, by title."""


@dataclass
class Doors:
    """Everything through which a question can be put."""

    http: TestClient
    ai: OpenAI
    pipeline: Pipeline
    environment: dict[str, str]
    exported: Path


@pytest.fixture(scope="module")
def doors(built: Settings, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    chosen = Settings(**(built.model_dump() | {"twilio_auth_token": TOKEN, "slack_signing_secret": SECRET}))
    folder = tmp_path_factory.mktemp("channels")
    wanted = [passage for passage in pipeline.corpus.passages.values() if passage.heading in QUESTIONS]
    assert len(wanted) == 4
    few = list(read_items(pipeline, wanted))
    write_site(few, pipeline.corpus, pipeline.renderer, folder / "site", "https://careleaf.example")
    with (folder / "faq.jsonl").open("w", encoding="utf-8") as lines, (folder / "faq.csv").open("w") as rows:
        write_jsonl(few, lines)
        write_csv(few, rows)
    with (
        live_server(chosen) as address,
        TestClient(create_app(chosen)) as http,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("CARELEAF_INDEX_DIR", str(built.index_dir))
        load_settings.cache_clear()
        ai = OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0)
        environment = os.environ | {"CARELEAF_INDEX_DIR": str(built.index_dir)}
        yield Doors(http, ai, pipeline, environment, folder)
    load_settings.cache_clear()


def said_by(answer: Answer) -> Said:
    titles = {citation.number: citation.title for citation in answer.citations}
    return [(s.text, tuple(titles[number] for number in s.citations)) for s in answer.statements]


def from_values(values: dict[str, Any]) -> Said:
    titles = {citation["number"]: citation["title"] for citation in values["citations"]}
    return [(s["text"], tuple(titles[number] for number in s["citations"])) for s in values["statements"]]


def in_text(text: str, answer: Answer, mark: str = "[{}]") -> Said:
    """Find the statements of an answer in a text, each with the numbers right behind it, in the order of the text."""
    titles = {citation.number: citation.title for citation in answer.citations}
    pattern = re.escape(mark).replace(r"\{\}", r"(\d+)")
    found = []
    for statement in answer.statements:
        for start in (match.end() for match in re.finditer(re.escape(statement.text), text)):
            cited = re.match(rf"\**((?:{pattern})*)", text[start:])
            numbers = re.findall(pattern, cited[1]) if cited else []
            if numbers:
                found.append((start, statement.text, tuple(titles[int(number)] for number in numbers)))
                break
    return [(text, cited) for _, text, cited in sorted(found)]


def unescaped(markdown: str) -> str:
    return re.sub(r"\\([\\`*_\[\]<>#|])", r"\1", markdown)


def in_html(page: str, answer: Answer, root: str = ".answer") -> Said:
    """Read the statements of a page as a browser shows them."""
    titles = {citation.number: citation.title for citation in answer.citations}
    said = []
    for node in JustHTML(page, sanitize=False).query(f"{root} p.statement"):
        numbers = [int(link.to_text()) for link in node.query("sup a")]
        text = node.to_text()
        for _ in numbers:
            text = re.sub(r"\s*\d+\s*$", "", text)
        said.append((" ".join(text.split()), tuple(titles[number] for number in numbers)))
    return said


def by_rest(doors: Doors, question: str, answer: Answer) -> Said:
    return from_values(doors.http.post("/api/v1/ask", json={"question": question}).json())


def rest_as(doors: Doors, question: str, media: str, field: str) -> str:
    """Return an answer in a format: by Accept where the API gives it so, else from the answer object."""
    response = doors.http.post("/api/v1/ask", json={"question": question}, headers={"accept": media})
    whole = response.headers["content-type"].startswith("application/json")
    return str(response.json()[field]) if whole else response.text


def by_rest_text(doors: Doors, question: str, answer: Answer) -> Said:
    return in_text(rest_as(doors, question, "text/plain", "text"), answer)


def by_rest_markdown(doors: Doors, question: str, answer: Answer) -> Said:
    return in_text(unescaped(rest_as(doors, question, "text/markdown", "markdown")), answer, "[^{}]")


def by_rest_html(doors: Doors, question: str, answer: Answer) -> Said:
    return in_html(rest_as(doors, question, "text/html", "html"), answer)


def by_openai(doors: Doors, question: str, answer: Answer) -> Said:
    asked: Any = [{"role": "user", "content": question}]
    message = doors.ai.chat.completions.create(model="careleaf", messages=asked).choices[0].message
    assert from_values((message.model_extra or {})["careleaf"]) == said_by(answer)
    return in_text(unescaped(message.content or ""), answer, "[^{}]")


def by_openai_stream(doors: Doors, question: str, answer: Answer) -> Said:
    asked: Any = [{"role": "user", "content": question}]
    stream = doors.ai.chat.completions.create(model="careleaf", messages=asked, stream=True)
    content = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    return in_text(unescaped(content), answer, "[^{}]")


def by_mcp(doors: Doors, question: str, answer: Answer) -> Said:
    server = StdioServerParameters(
        command=str(Path(sys.executable).with_name("careleaf")), args=["mcp"], env=doors.environment
    )

    async def ask_all() -> dict[str, Any]:
        async with Client(server, read_timeout_seconds=60) as client:
            return {asked: await client.call_tool("ask", {"question": asked}) for asked in QUESTIONS}

    if not MCP_RESULTS:
        MCP_RESULTS.update(anyio.run(ask_all))
    result = MCP_RESULTS[question]
    assert in_text(result.content[0].text, answer) == said_by(answer)
    return from_values(result.structured_content)


MCP_RESULTS: dict[str, Any] = {}
"""One process answers all the questions: starting it takes two seconds."""


def by_command(doors: Doors, question: str, answer: Answer) -> Said:
    return from_values(json.loads(CliRunner().invoke(app, ["ask", "--json", question]).stdout))


def by_page(doors: Doors, question: str, answer: Answer) -> Said:
    return in_html(doors.http.post("/", data={"question": question}).text, answer)


def by_twilio(doors: Doors, question: str, answer: Answer) -> Said:
    fields = {"Body": question, "From": "whatsapp:+15550100"}
    signed = "http://testserver/webhooks/twilio" + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
    response = doors.http.post("/webhooks/twilio", data=fields, headers=headers)
    return in_text(str(ElementTree.fromstring(response.text).findtext("Message")), answer)


def by_slack(doors: Doors, question: str, answer: Answer) -> Said:
    body = urlencode({"text": question}).encode()
    sent = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": sent, "X-Slack-Signature": f"v0={digest}"}
    return in_text(doors.http.post("/webhooks/slack", content=body, headers=headers).json()["text"], answer)


def by_jsonl(doors: Doors, question: str, answer: Answer) -> Said:
    lines = (doors.exported / "faq.jsonl").read_text(encoding="utf-8").splitlines()
    return from_values(next(r["answer"] for r in map(json.loads, lines) if r["question"] == question))


def by_csv(doors: Doors, question: str, answer: Answer) -> Said:
    with (doors.exported / "faq.csv").open(encoding="utf-8", newline="") as file:
        return in_text(next(r["answer"] for r in csv.DictReader(file) if r["question"] == question), answer)


def by_site(doors: Doors, question: str, answer: Answer) -> Said:
    for path in (doors.exported / "site").glob("*.html"):
        page = path.read_text(encoding="utf-8")
        if f'data-answer="{answer.answer_id}"' in page:
            return in_html(page, answer, f'[data-answer="{answer.answer_id}"]')
    raise AssertionError(f"no page has {question}")


Door = Callable[[Doors, str, Answer], Said]
WHOLE: tuple[Door, ...] = (
    *(by_rest, by_rest_text, by_rest_markdown, by_rest_html, by_openai, by_openai_stream, by_mcp, by_command, by_page),
)
SHORTENED: tuple[Door, ...] = (by_twilio, by_slack)
EXPORTED: tuple[Door, ...] = (by_jsonl, by_csv, by_site)


def test_the_questions_reach_every_kind_of_answer(pipeline: Pipeline) -> None:
    answers = [pipeline.ask(question) for question in QUESTIONS]
    assert {answer.kind.value for answer in answers} == {"answer", "emergency", "redirect", "clarify", "no_answer"}
    assert any(answer.heard for answer in answers)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("door", WHOLE, ids=lambda door: door.__name__)
def test_a_channel_says_the_same(doors: Doors, door: Door, question: str) -> None:
    answer = doors.pipeline.ask(question)
    assert door(doors, question, answer) == said_by(answer)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("door", SHORTENED, ids=lambda door: door.__name__)
def test_a_channel_that_shortens_says_the_beginning_of_the_same(doors: Doors, door: Door, question: str) -> None:
    answer = doors.pipeline.ask(question)
    said = door(doors, question, answer)
    assert said == said_by(answer)[: len(said)]
    assert bool(said) == bool(answer.statements)


@pytest.mark.parametrize("question", QUESTIONS[:4])
@pytest.mark.parametrize("door", EXPORTED, ids=lambda door: door.__name__)
def test_the_export_says_the_same(doors: Doors, door: Door, question: str) -> None:
    answer = doors.pipeline.ask(question)
    assert door(doors, question, answer) == said_by(answer)
