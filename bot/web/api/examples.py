"""Examples for the OpenAPI document, of real requests and what they gave (``make docs`` writes ``examples.json``)."""

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from bot.web.problems import MEDIA_TYPE

Document = dict[str, Any]
NOTHING: Document = {"parameters": {}, "responses": {}, "errors": {}}
"""For a route that brings its examples itself."""


@lru_cache(maxsize=1)
def load_examples() -> dict[str, dict[str, Any]]:
    """Read the examples by operation, such as ``GET /api/v1/search``: parameters, body, and responses by media type."""
    stored: dict[str, dict[str, Any]] = json.loads(
        files("bot.web.api").joinpath("examples.json").read_text(encoding="utf-8")
    )
    return stored


def with_examples(describe: Callable[[], Document]) -> Callable[[], Document]:
    """Return what describes the application, with the examples set into it."""

    @lru_cache(maxsize=1)
    def described() -> Document:
        document = describe()
        stored = load_examples()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                example = stored.get(f"{method.upper()} {path}", NOTHING)
                set_example(operation, example)
                set_errors(operation, example["errors"], path)
        return document

    return described


def set_example(operation: Document, example: dict[str, Any]) -> None:
    """Set the example of one operation: each parameter, the body, what is given in each format."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example["parameters"]:
            parameter["example"] = example["parameters"][parameter["name"]]
    if "body" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["body"]
    for media, given in example["responses"].items():
        operation["responses"]["200"]["content"][media]["example"] = given


def set_errors(operation: Document, given: Document, path: str) -> None:
    """Set the example of each error: what the API gave for a request that is wrong so, else a general one of here."""
    for status, response in operation["responses"].items():
        if status < "400":
            continue
        content = response["content"][MEDIA_TYPE]
        content["example"] = given.get(status) or content["example"] | {"instance": path}
