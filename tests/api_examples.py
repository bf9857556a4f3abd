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
    """One request: values for the path and the query, and a body."""

    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    formats: tuple[str, ...] = ("application/json",)


ANSWERED = ("application/json", "text/markdown", "text/html", "text/plain")

EXAMPLES = (
    Example("POST /api/v1/ask", body={"question": "can cp be cured", "lang": "en", "context": []}, formats=ANSWERED),
    Example("POST /api/v1/verify", body="an answer"),
    Example("GET /api/v1/search", {"q": "side effects of botox", "per_page": 2}),
    Example("GET /api/v1/suggest", {"q": "how long does bot", "limit": 2}),
    Example("GET /api/v1/faq", {"topic": "is-cp-curable", "per_page": 2}),
    Example("GET /api/v1/faq/{topic}/{name}", {"topic": "is-cp-curable", "name": "cure"}, formats=ANSWERED),
    Example("GET /api/v1/passages/{passage_id}", {"passage_id": "is-cp-curable#cure"}),
    Example("GET /api/v1/topics"),
    Example("GET /api/v1/topics/{topic}", {"topic": "is-cp-curable"}),
    Example("GET /api/v1/sources"),
    Example("GET /api/v1/sources/{source_id}", {"source_id": "novak-2020"}),
    Example("GET /api/v1/claims", {"verdict": "contradicted", "per_page": 2}),
    Example("POST /api/v1/claims/check", body={"text": PASTED}),
    Example("GET /api/v1/claims/{claim_id}", {"claim_id": "S4-031"}),
    Example("GET /api/v1/glossary"),
    Example("GET /api/v1/glossary/{term}", {"term": "spasticity"}),
    Example("GET /api/v1/corpus"),
    Example("GET /healthz"),
    Example("GET /readyz"),
)


def send(client: TestClient, example: Example, media: str) -> Any:
    """Return what the API gives for an example in one format, uncut."""
    method, path = example.operation.split(" ")
    filled = path.format(**{name: quote(str(value), safe="") for name, value in example.parameters.items()})
    query = {name: value for name, value in example.parameters.items() if f"{{{name}}}" not in path}
    body = body_of(client, example)
    response = client.request(method, filled, params=query, json=body, headers={"accept": media})
    assert response.status_code == 200, f"{example.operation}: {response.text}"
    return response.json() if media == "application/json" else response.text


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
            written[example.operation] = one
    FILE.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_examples()
