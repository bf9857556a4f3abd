"""The topic browser: ``/topics``, ``/topics/<topic>`` and a page for every question that the corpus answers."""

import re
from itertools import groupby
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from bot.compose import Shown
from bot.passages import Explained
from bot.pipeline import Pipeline
from bot.schema import Answer, Article, Corpus, NotFound, Passage
from bot.web.api.parts import parts_of
from bot.web.language import Lang, interface_words
from bot.web.state import Answering

router = APIRouter(prefix="/topics", include_in_schema=False)


def render(pipeline: Pipeline, name: str, lang: str, **values: Any) -> HTMLResponse:  # noqa: ANN401 - template values
    """Return a page of the topic browser."""
    words = interface_words(pipeline, lang)
    template = pipeline.renderer.environment.get_template(f"pages/{name}.html.j2")
    return HTMLResponse(template.render(words=words, lang=words["interface"], **values))


def articles_by_group(corpus: Corpus) -> tuple[tuple[str, tuple[Article, ...]], ...]:
    """Return the articles by their group: the basics first, about Careleaf last."""
    ordered = sorted(corpus.articles, key=lambda article: (article.group != "basics", article.group == "about"))
    names = dict.fromkeys(article.group for article in ordered)
    by_name = {
        name: tuple(found) for name, found in groupby(sorted(ordered, key=lambda a: a.group), key=lambda a: a.group)
    }
    return tuple((name, by_name[name]) for name in names)


def find_article(corpus: Corpus, topic: str) -> Article:
    """Return the article of a topic; raise NotFound where there is none."""
    article = corpus.topics.get(topic)
    if article is None:
        raise NotFound(f"No topic {topic!r}; /topics lists those that there are")
    return article


@router.get("")
def show_topics(pipeline: Answering, lang: Lang = "en") -> HTMLResponse:
    """List every topic by group."""
    corpus = pipeline.corpus
    return render(
        pipeline,
        "topics",
        lang,
        groups=articles_by_group(corpus),
        passages=len(corpus.passages),
        topics=len(corpus.topics),
    )


@router.get("/{topic}")
def show_topic(topic: str, pipeline: Answering, lang: Lang = "en") -> HTMLResponse:
    """List the questions of one topic."""
    return render(pipeline, "topic", lang, article=find_article(pipeline.corpus, topic))


@router.get("/{topic}/{slug}")
def show_question(topic: str, slug: str, pipeline: Answering, lang: Lang = "en") -> HTMLResponse:
    """Show one passage whole, as an answer to its own question."""
    article = find_article(pipeline.corpus, topic)
    passage = pipeline.corpus.passages.get(f"{topic}#{slug}")
    if passage is None:
        raise NotFound(f"No question {slug!r} on the topic {topic!r}; /topics/{topic} lists those that there are")
    answer = answer_of_passage(pipeline, passage)
    terms = parts_of(pipeline).reader.explain(passage)
    return render(
        pipeline,
        "question",
        lang,
        article=article,
        passage=passage,
        answer=answer,
        html=mark_terms(answer.html, terms),
        terms=terms,
        others=[other for other in article.passages if other.id != passage.id],
    )


def answer_of_passage(pipeline: Pipeline, passage: Passage) -> Answer:
    """Return the passage as an answer: every sentence of it, in its order."""
    return pipeline.recall(Shown(tuple((passage.id, number) for number in range(len(passage.sentences)))))


def mark_terms(html: str, terms: tuple[Explained, ...]) -> Markup:
    """Return an answer's HTML with each hard word a button that opens its meaning, where it stands first in it."""
    for number, term in enumerate(terms):
        word = str(escape(term.word))
        button = f'<button type="button" class="term" popovertarget="term-{number}">{word}</button>'
        html = re.sub(rf"(?<=[\s(>]){re.escape(word)}(?!\w)(?![^<]*>)", lambda _, said=button: said, html, count=1)  # type: ignore[misc]
    return Markup(html)  # noqa: S704 - our own escaped template, and escaped words
