"""The page at ``/``: a form that works without JavaScript. A question is sent in the body, so no log keeps it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse

from bot.schema import Answer, QuestionRefused
from bot.web.about import ABOUT_PERSON
from bot.web.language import Lang, interface_words, privacy_line
from bot.web.metrics import count_answer
from bot.web.state import Answering, Chosen

router = APIRouter(include_in_schema=False)

TEMPLATE = "pages/index.html.j2"


class Home:
    """The page, in the language and with the settings of one request."""

    def __init__(self, pipeline: Answering, settings: Chosen) -> None:
        self.pipeline = pipeline
        self.settings = settings

    def render(self, lang: str, answer: Answer | None = None, question: str = "", refusal: str = "") -> str:
        """Return the whole page, with an answer or with why there is none."""
        words = interface_words(self.pipeline, lang)
        template = self.pipeline.renderer.environment.get_template(TEMPLATE)
        return template.render(
            words=words,
            lang=words["interface"],
            answer=answer,
            question=question,
            refusal=refusal,
            starters=[self.pipeline.corpus.passages[name].heading for name in words["starters"]],
            privacy=privacy_line(words, self.settings),
            person=self.settings.person_url or ABOUT_PERSON,
        )

    def answer(self, question: str, lang: str) -> HTMLResponse:
        """Return the page for a question; one that is refused stays in the box, with the reason."""
        try:
            answer = self.pipeline.ask(question, lang)
            count_answer(answer.kind.value)
            return HTMLResponse(self.render(lang, answer, question))
        except QuestionRefused as refused:
            return HTMLResponse(self.render(lang, None, question, str(refused)), status_code=refused.status)


@router.get("/")
def show_page(
    home: Annotated[Home, Depends()], q: Annotated[str | None, Query()] = None, lang: Lang = "en"
) -> HTMLResponse:
    """Show the empty page, or with ``?q=`` one of the corpus's own questions, which a link may carry."""
    return HTMLResponse(home.render(lang)) if q is None else home.answer(q, lang)


@router.post("/")
def ask_page(
    home: Annotated[Home, Depends()], question: Annotated[str, Form()] = "", lang: Lang = "en"
) -> HTMLResponse:
    """Answer the question of the form."""
    return home.answer(question, lang)
