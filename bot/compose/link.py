"""The permanent link of an answer: which sentences it showed and in which of our own words. Never what was asked.

Nothing is kept for it anywhere: the link itself names all that is needed to show the answer again.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from bot.compose.wording import BASE
from bot.schema import Answer, Corpus, Kind

SHORT = 8
"""Hexadecimal digits of a passage's sha256 that a link carries: enough to see that a passage has changed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer showed."""

    sentences: tuple[tuple[str, int], ...]
    """Passage ids and sentence numbers, in the order in which they were shown."""

    kind: Kind = Kind.ANSWER
    response: str = "answer"
    lang: str = BASE
    claims: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """Ids of the passages whose headings a clarify offered."""


def write_link(answer: Answer, response: str, corpus: Corpus) -> str:
    """Return the path of an answer's permanent link; it holds ids and numbers only.

    Small talk and "no answer" have none, and the path is empty: they show no sentence of the corpus, and a link that
    says that nothing was found would go on saying so after the passage has been written.
    """
    if not answer.statements and answer.kind not in (Kind.EMERGENCY, Kind.REDIRECT):
        return ""
    parts: list[list[str]] = []
    last = ""
    for statement in answer.statements:
        if statement.passage_id != last:
            parts.append([dotted(statement.passage_id), statement.sha256[:SHORT]])
            last = statement.passage_id
        parts[-1].append(str(statement.start))
    query = [("c", answer.corpus_version)]
    if answer.kind != Kind.ANSWER:
        query.append(("k", f"{answer.kind.value}.{response}"))
    if answer.lang != BASE:
        query.append(("l", answer.lang))
    query += [("p", ".".join(part)) for part in parts]
    query += [("h", heard.claim_id) for heard in answer.heard]
    if answer.kind == Kind.CLARIFY:
        offered = {passage.heading: passage.id for passage in reversed(corpus.passages.values())}
        query += [("f", dotted(offered[heading])) for heading in answer.follow_ups if heading in offered]
    return f"/a/{answer.answer_id}?{urlencode(query)}"


def dotted(passage_id: str) -> str:
    """Return a passage id as a link writes it: in an address ``#`` has a meaning of its own."""
    return passage_id.replace("#", ".")
