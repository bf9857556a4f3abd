"""``/demo``: a stand-in for a hospital's page, with a strict policy and hostile CSS, that embeds the widget twice."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.web.language import Lang, interface_words
from bot.web.state import Answering

router = APIRouter(include_in_schema=False)

TEMPLATE = "pages/demo.html.j2"
HOST_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
"""As strict as a host can be: the widget needs nothing but ``script-src`` and ``connect-src`` for its own address."""


@router.get("/demo")
def show_demo(pipeline: Answering, lang: Lang = "en") -> HTMLResponse:
    """Show the host page."""
    words = interface_words(pipeline, lang)
    page = pipeline.renderer.environment.get_template(TEMPLATE).render(words=words, lang=words["interface"])
    return HTMLResponse(page, headers={"content-security-policy": HOST_POLICY})
