"""What a person is shown where a page cannot be: what happened, and the way back to asking. Programs get problems."""

import re
from functools import lru_cache
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse

from bot.compose.render import Renderer
from bot.compose.wording import BASE
from bot.web.accept import preferences
from bot.web.language import TAG, words_spoken

TEMPLATE = "pages/error.html.j2"

FOR_PROGRAMS = frozenset({"api", "v1", "mcp", "webhooks", "widget", "healthz", "readyz", "metrics", "openapi.json"})
"""First parts of the addresses at which no person reads, whatever a client accepts."""

SAID = {
    400: "unread",
    404: "not_found",
    405: "unread",
    410: "gone",
    413: "unread",
    422: "unread",
    429: "often",
    500: "failed",
    503: "busy",
}
"""The words for each status, by their name in ``error_page``; any other stays a problem document."""


def asks_for_page(request: Request) -> bool:
    """Say whether a person with a browser asked for a page: HTML is named, and liked better than JSON, if that is."""
    first = request.scope["path"].lstrip("/").partition("/")[0]
    liked = dict.fromkeys(("text/html", "application/json", "application/problem+json"), 0.0)
    for weight, value in preferences(request.headers.get("accept", "")):
        if value in liked:
            liked[value] = max(liked[value], weight)
    html = liked.pop("text/html")
    return first not in FOR_PROGRAMS and html > max(liked.values())


def error_page(request: Request, status: int) -> HTMLResponse | None:
    """Return the page that says what happened; None where a person did not ask, or a status has no words."""
    if status not in SAID or not asks_for_page(request):
        return None
    state = request.app.state
    renderer = state.pipeline.renderer if state.pipeline else open_renderer(state.settings.templates_dir)
    lang = request.query_params.get("lang", BASE)
    words = words_spoken(renderer, lang if re.fullmatch(TAG, lang) else BASE)
    page = renderer.environment.get_template(TEMPLATE).render(
        words=words, lang=words["interface"], said=words["error_page"][SAID[status]]
    )
    return HTMLResponse(page, status_code=status)


@lru_cache(maxsize=1)
def open_renderer(templates: Path) -> Renderer:
    """Return a renderer for the time before there is a pipeline, which has its own."""
    return Renderer(templates)
