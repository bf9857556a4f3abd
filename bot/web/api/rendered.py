"""Answers as the bytes that are sent: making JSON of an answer takes longer than finding it in a cache."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from bot.schema import Answer, Kind
from bot.web.api.negotiate import Format

Key = tuple[str, str, tuple[str, ...], Format]
"""Question, language asked for, context, format."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent for one answer in one format."""

    body: bytes
    lang: str
    kind: str


class RenderedAnswers:
    """The answers that were sent last, at most ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Rendered] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> Rendered | None:
        """Return what was sent for a question before, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Key, answer: Answer) -> Rendered:
        """Render an answer in its format, and keep it; an unanswered question is not kept."""
        rendered = Rendered(render(answer, key[3]), answer.lang, answer.kind.value)
        if answer.kind == Kind.NO_ANSWER:
            # The pipeline is asked each time, so that an operator who keeps unanswered questions can count them.
            return rendered
        with self._lock:
            self._kept[key] = rendered
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return rendered


def render(answer: Answer, form: Format) -> bytes:
    """Return an answer in a format, as UTF-8."""
    if form == "json":
        return answer.model_dump_json().encode()
    return {"markdown": answer.markdown, "html": answer.html, "text": answer.text}[form].encode()
