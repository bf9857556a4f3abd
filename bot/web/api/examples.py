"""Examples for the OpenAPI document, of real requests and what they gave (``make docs`` writes ``examples.json``)."""

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

Document = dict[str, Any]


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
        for name, example in load_examples().items():
            method, path = name.split(" ")
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                set_example(operation, example)
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
