"""The page at ``/``: a form that works without JavaScript. A question is sent in the body, so no log keeps it."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from bot.pipeline import Pipeline
from bot.schema import Answer, QuestionRefused
from bot.web.language import Lang, interface_words
from bot.web.metrics import count_answer
from bot.web.state import Answering

router = APIRouter(include_in_schema=False)

TEMPLATE = "pages/index.html.j2"


def render_page(
    pipeline: Pipeline, answer: Answer | None, question: str = "", refusal: str = "", lang: str = "en"
) -> str:
    """Return the whole page, with an answer or with why there is none."""
    words = interface_words(pipeline, lang)
    starters = [pipeline.corpus.passages[name].heading for name in words["starters"]]
    template = pipeline.renderer.environment.get_template(TEMPLATE)
    return template.render(
        words=words,
        lang=words["interface"],
        answer=answer,
        question=question,
        refusal=refusal,
        starters=starters,
    )


def answer_page(pipeline: Pipeline, question: str, lang: str) -> HTMLResponse:
    """Return the page for a question; one that is refused stays in the box, with the reason."""
    try:
        answer = pipeline.ask(question, lang)
        count_answer(answer.kind.value)
        return HTMLResponse(render_page(pipeline, answer, question, lang=lang))
    except QuestionRefused as refused:
        return HTMLResponse(render_page(pipeline, None, question, str(refused), lang), status_code=refused.status)


@router.get("/")
def show_page(pipeline: Answering, q: Annotated[str | None, Query()] = None, lang: Lang = "en") -> HTMLResponse:
    """Show the empty page, or with ``?q=`` one of the corpus's own questions, which a link may carry."""
    return HTMLResponse(render_page(pipeline, None, lang=lang)) if q is None else answer_page(pipeline, q, lang)


@router.post("/")
def ask_page(pipeline: Answering, question: Annotated[str, Form()] = "", lang: Lang = "en") -> HTMLResponse:
    """Answer the question of the form."""
    return answer_page(pipeline, question, lang)
