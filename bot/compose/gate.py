"""The last gate before an answer leaves: no amount of a medicine passes it. It fails closed.

The corpus check refuses such a sentence long before; this is for what comes another way: an edited claim, an operator's
own wording, a template.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.amounts import find_amount
from bot.schema import Answer, AnswerWithheld, CorpusError

log = logging.getLogger(__name__)

WITHHELD = "withheld"
"""The response that stands in for an answer that holds an amount."""

NOT_SHOWN = frozenset({"question", "sha256", "answer_id", "link", "corpus_version"})
"""What the person wrote, and what is no text: a hash may hold "5mg"."""


def pass_gate(compose: Callable[[], Answer], compose_without: Callable[[], Answer]) -> Answer:
    """Return the answer, or where it holds an amount the one without; raise AnswerWithheld where both do.

    The fault is logged with where it stood. What was asked is not.
    """
    answer = compose()
    if not holds_amount(answer):
        return answer
    log.error(
        "an answer of kind %s held an amount of a medicine in %s and was replaced; its passages and claims: %s. "
        "Take the amount out of the corpus, the words or the template that it came from, then run: careleaf index",
        answer.kind,
        ", ".join(fields_with_amount(answer)),
        ", ".join([*(s.passage_id for s in answer.statements), *(heard.claim_id for heard in answer.heard)]) or "none",
    )
    without = compose_without()
    if holds_amount(without):
        raise AnswerWithheld(
            "This answer named an amount of a medicine and was held back. If someone is in danger now, call your "
            "emergency number. Operator: the log names where the amount stands"
        )
    return without


def holds_amount(answer: Answer) -> bool:
    """Say whether anything that an answer shows holds an amount."""
    return find_amount("\n".join(text for _, text in shown_texts(answer.model_dump(mode="json")))) is not None


def fields_with_amount(answer: Answer) -> list[str]:
    """Return the names of the fields that hold an amount."""
    shown = shown_texts(answer.model_dump(mode="json"))
    return list(dict.fromkeys(name for name, text in shown if find_amount(text)))


def shown_texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Yield every text of a JSON value with the name of the field that it stands in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in NOT_SHOWN:
                yield from shown_texts(inner, name or str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from shown_texts(inner, name)


def refuse_amounts(words: Mapping[str, Any], lang: str) -> None:
    """Raise CorpusError where the words around the statements hold an amount: no answer could stand in for them."""
    for name, text in shown_texts({key: words[key] for key in ("responses", "caveats")}):
        found = find_amount(text)
        if found:
            raise CorpusError(
                f"templates/words/{lang}.yaml: {name}: names an amount of a medicine ({found!r}); "
                "leave the amount out and say who decides it"
            )
