"""Writes ``bot/web/api/examples.json``: what the API gives for one real request an operation (``make docs``)."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient

from bot.settings import Settings
from bot.web import create_app
from tests.conftest import ROOT

FILE = ROOT / "bot/web/api/examples.json"
LONGEST_LIST = 2
"""An example shows the first entries of a list."""

PASTED = (
    "Stem cells travel to the injured place and become working nerve cells. "
    "The therapy is practically free of risk. Our doctors speak English."
)


@dataclass(frozen=True)
class Example:
    """One request: values for the path and the query, and a body. And what is wrong with others: parameters of things
    that are not there (404), parameters or a body that cannot be (422)."""

    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    formats: tuple[str, ...] = ("application/json",)
    missing: dict[str, Any] = field(default_factory=dict)
    refused: Any = None


ANSWERED = ("application/json", "text/markdown", "text/html", "text/plain")

EXAMPLES = (
    Example(
        "POST /api/v1/ask",
        body={"question": "can cp be cured", "lang": "en", "context": []},
        formats=ANSWERED,
        refused={"question": " "},
    ),
    Example("POST /api/v1/verify", body="an answer", refused={"kind": "answer"}),
    Example("GET /api/v1/search", {"q": "side effects of botox", "per_page": 2}, refused={"q": " "}),
    Example("GET /api/v1/suggest", {"q": "how long does bot", "limit": 2}, refused={"q": "how", "limit": 0}),
    Example("GET /api/v1/faq", {"topic": "is-cp-curable", "per_page": 2}, refused={"page": 0}),
    Example(
        "GET /api/v1/faq/{topic}/{name}",
        {"topic": "is-cp-curable", "name": "cure"},
        formats=ANSWERED,
        missing={"topic": "is-cp-curable", "name": "nothing"},
        refused={"topic": "is-cp-curable", "name": "Cure"},
    ),
    Example(
        "GET /api/v1/passages/{passage_id}",
        {"passage_id": "is-cp-curable#cure"},
        formats=ANSWERED,
        missing={"passage_id": "is-cp-curable#nothing"},
        refused={"passage_id": "Is CP curable?"},
    ),
    Example("GET /api/v1/topics"),
    Example(
        "GET /api/v1/topics/{topic}",
        {"topic": "is-cp-curable"},
        missing={"topic": "nothing"},
        refused={"topic": "Is CP curable?"},
    ),
    Example("GET /api/v1/sources"),
    Example(
        "GET /api/v1/sources/{source_id}",
        {"source_id": "novak-2020"},
        missing={"source_id": "nobody-1999"},
        refused={"source_id": "Novak, 2020"},
    ),
    Example("GET /api/v1/claims", {"verdict": "contradicted", "per_page": 2}, refused={"verdict": "false"}),
    Example("POST /api/v1/claims/check", body={"text": PASTED}, refused={"text": " "}),
    Example(
        "GET /api/v1/claims/{claim_id}",
        {"claim_id": "S4-031"},
        missing={"claim_id": "S9-999"},
        refused={"claim_id": "S4 031"},
    ),
    Example("GET /api/v1/glossary"),
    Example(
        "GET /api/v1/glossary/{term}", {"term": "spasticity"}, missing={"term": "nothing"}, refused={"term": "s" * 121}
    ),
    Example("GET /api/v1/corpus"),
    Example("GET /v1/models/{model}", {"model": "careleaf"}, missing={"model": "gpt-x"}, refused={"model": "x" * 201}),
    Example("GET /healthz"),
    Example("GET /readyz"),
)

UNREADABLE = b"\xff"
TOO_LARGE = b"x" * 300_000


def send(client: TestClient, example: Example, media: str) -> Any:
    """Return what the API gives for an example in one format, uncut."""
    response = request(client, example, example.parameters, json=body_of(client, example), headers={"accept": media})
    assert response.status_code == 200, f"{example.operation}: {response.text}"
    return response.json() if media == "application/json" else response.text


def request(client: TestClient, example: Example, parameters: dict[str, Any], **sent: Any) -> Any:
    """Send one request, its parameters in the path or in the query."""
    method, path = example.operation.split(" ")
    filled = path.format(**{name: quote(str(value), safe="") for name, value in parameters.items()})
    query = {name: value for name, value in parameters.items() if f"{{{name}}}" not in path}
    return client.request(method, filled, params=query, **sent)


def send_wrong(client: TestClient, example: Example) -> dict[str, Any]:
    """Return the problem documents, by status, that wrong requests of the operation give."""
    right = example.parameters
    responses = []
    if example.missing:
        responses.append(request(client, example, example.missing))
    if len(example.formats) > 1:
        responses.append(request(client, example, right, json=example.body, headers={"accept": "image/png"}))
    if example.refused and example.body is None:
        responses.append(request(client, example, example.refused))
    if example.refused and example.body is not None:
        responses.append(request(client, example, right, json=example.refused))
        for content in (UNREADABLE, TOO_LARGE):
            sent = {"content": content, "headers": {"content-type": "application/json"}}
            responses.append(request(client, example, right, **sent))
    return {str(response.status_code): response.json() for response in responses}


def body_of(client: TestClient, example: Example) -> Any:
    """Return the body of an example; what is verified is a real answer."""
    if example.operation == "POST /api/v1/verify":
        return client.post("/api/v1/ask", json={"question": "can cp be cured"}).json()
    return example.body


def shortened(value: Any) -> Any:
    """Return a value with the first entries of its lists."""
    if isinstance(value, list):
        return [shortened(one) for one in value[:LONGEST_LIST]]
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    return value


def write_examples() -> None:
    """Ask the application, and write."""
    settings = Settings(corpus_dir=ROOT / "corpus", templates_dir=ROOT / "templates", rate_limit="off")
    written = {}
    with TestClient(create_app(settings)) as client:
        for example in EXAMPLES:
            one: dict[str, Any] = {"parameters": example.parameters}
            body = body_of(client, example)
            if body is not None:
                one["body"] = body
            one["responses"] = {media: shortened(send(client, example, media)) for media in example.formats}
            one["errors"] = send_wrong(client, example)
            written[example.operation] = one
    FILE.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_examples()
