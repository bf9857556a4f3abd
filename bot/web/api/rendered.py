"""Answers as the bytes that are sent: making an answer of a request takes longer than finding what was sent before."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from bot.schema import Answer
from bot.web.api.negotiate import Format

Asked = tuple[bytes, ...]
"""What an answer follows from, pipeline aside: the body of the request and the headers that are read."""

ASKED = "asked"
"""Where a route finds, in the state of a request, under what its answer is kept."""

LONGEST = 8192
"""Bytes of a request that is kept beside its answer; a question has at most 4,000 characters and mostly fifty."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was sent for one request: headers as they go over the wire, body, and the kind of the answer."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    kind: str


class RenderedAnswers:
    """The answers that were sent last, at most ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Asked, Rendered] = OrderedDict()
        self._lock = Lock()

    def find(self, asked: Asked) -> Rendered | None:
        """Return what was sent for a request before, or None."""
        with self._lock:
            found = self._kept.get(asked)
            if found is not None:
                self._kept.move_to_end(asked)
            return found

    def keep(self, asked: Asked, rendered: Rendered) -> None:
        """Keep what is sent for a request; one that is too long is not kept."""
        if sum(map(len, asked)) > LONGEST:
            return
        with self._lock:
            self._kept[asked] = rendered
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def render(answer: Answer, form: Format) -> bytes:
    """Return an answer in a format, as UTF-8."""
    if form == "json":
        return answer.model_dump_json().encode()
    return {"markdown": answer.markdown, "html": answer.html, "text": answer.text}[form].encode()
