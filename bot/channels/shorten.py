"""An answer → a short message: whole statements from the first on, their links, the caveat; never half a sentence."""

from collections.abc import Iterator

from bot.compose import Renderer
from bot.compose.render import tidy
from bot.schema import Answer, Kind

TEMPLATE = "channel/short.text.j2"


def shorten(answer: Answer, renderer: Renderer, limit: int, more: str | None = None) -> str:
    """Return the longest of the short forms that has at most ``limit`` characters.

    What to do and the number to call stand first in an emergency, then as many statements as fit, in their order. The
    caveat always stays. ``more`` is an address where the whole answer can be had; it is named where something was left
    out and there is room.
    """
    forms = [*short_forms(answer, renderer, more)]
    return next((form for form in forms if len(form) <= limit), forms[-1])


def short_forms(answer: Answer, renderer: Renderer, more: str | None) -> Iterator[str]:
    """Yield the forms, longest first; the last has the opening words and the caveat alone."""
    template = renderer.environment.get_template(TEMPLATE)
    words = renderer.words(answer.lang)
    head = "" if answer.kind == Kind.ANSWER else answer.text.partition("\n\n")[0]
    choices = () if answer.statements else answer.follow_ups
    kept = [(count, choices) for count in range(len(answer.statements), -1, -1)]
    kept += [(0, choices[:count]) for count in range(len(choices) - 1, -1, -1)]
    for count, offered in kept:
        statements = answer.statements[:count]
        used = {number for statement in statements for number in statement.citations}
        citations = [citation for citation in answer.citations if citation.number in used]
        whole = count == len(answer.statements) and not answer.heard and not answer.disagreements
        for address in (None,) if whole or not more else (more, None):
            yield tidy(
                template.render(
                    answer=answer,
                    head=head,
                    statements=statements,
                    choices=offered,
                    citations=citations,
                    more=address,
                    words=words,
                )
            ).strip()
