"""The OpenAPI document: an example for every endpoint and every error, true ones; and what it says holds."""

import json
import re
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from tests.api_examples import EXAMPLES, Example, send, send_wrong
from tests.benchmarks.http import serving
from tests.fuzz_api import fuzz

JSON = "application/json"
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def validate(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def test_every_endpoint_has_an_example_in_every_format(document: dict[str, Any]) -> None:
    missing = [
        f"{name} {media}"
        for name, operation in operations(document)
        for media, given in operation["responses"]["200"]["content"].items()
        if "example" not in given
    ]
    assert missing == [], "add them to tests/api_examples.py and run: make docs"


def test_every_body_and_needed_parameter_has_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if body is not None:
            assert "example" in body, name
            validate(body["example"], body["schema"], document)
        for parameter in operation.get("parameters", ()):
            if parameter["required"]:
                assert "example" in parameter, f"{name}: {parameter['name']}"
            if "example" in parameter:
                validate(parameter["example"], parameter["schema"], document)


def test_every_error_has_an_example(document: dict[str, Any]) -> None:
    errors = 0
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status < "400":
                continue
            given = response["content"][PROBLEM]
            validate(given["example"], given["schema"], document)
            assert given["example"]["status"] == int(status), name
            assert re.fullmatch(r"[!-~]+", given["example"]["instance"]), "a URI reference"
            instance = re.sub(r"\{\w+\}", "[^/]+", name.split(" ")[1])
            assert re.fullmatch(instance, given["example"]["instance"]), f"{name} {status}: an error of somewhere else"
            errors += 1
        assert "429" in operation["responses"] or name == "GET /healthz"
    assert errors > 50


def test_the_examples_have_the_form_that_the_document_says(document: dict[str, Any]) -> None:
    checked = 0
    for _, operation in operations(document):
        given = operation["responses"]["200"]["content"][JSON]
        validate(given["example"], given["schema"], document)
        checked += 1
    assert checked >= 18


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.operation)
def test_an_example_is_what_the_api_gives(client: TestClient, document: dict[str, Any], example: Example) -> None:
    """Its fields; what they hold changes with the corpus, and ``make docs`` writes it anew."""
    method, path = example.operation.split(" ")
    content = document["paths"][path][method.lower()]["responses"]["200"]["content"]
    for media in example.formats:
        given = send(client, example, media)
        shown = content[media]["example"]
        assert type(given) is type(shown)
        if isinstance(given, dict):
            assert list(given) == list(shown)
            validate(given, content[media]["schema"], document)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.operation)
def test_an_error_is_what_the_api_gives(client: TestClient, document: dict[str, Any], example: Example) -> None:
    method, path = example.operation.split(" ")
    responses = document["paths"][path][method.lower()]["responses"]
    given = send_wrong(client, example)
    for status, problem in given.items():
        assert responses[status]["content"][PROBLEM]["example"] == problem, "run: make docs"
    ours = {"400", "404", "406", "413", "422"} & set(responses)
    assert ours - {"413", "400"} <= set(given), "say in tests/api_examples.py what is wrong so"


def test_the_document_holds_no_way_of_asking(document: dict[str, Any]) -> None:
    assert '"asked"' not in json.dumps(document)


def test_generated_requests_find_nothing_that_does_not_hold() -> None:
    """A fixed smaller run of ``make schemathesis``: the same checks, the same seed."""
    with serving(1) as (port, _):
        fuzzed = fuzz(port, 6)
    assert fuzzed.held, fuzzed.printed
    assert fuzzed.cases >= 500, fuzzed.printed
