"""Topics: the articles of the corpus, and the questions of each."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from bot.pipeline import Pipeline
from bot.schema import Article, NotFound
from bot.web.api.shapes import PassageLink, link_passage
from bot.web.api.versioned import NOT_MODIFIED, VersionedRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["passages"], route_class=VersionedRoute)


class Topic(BaseModel):
    """One topic, and how many questions it answers."""

    topic: str
    title: str
    group: str
    group_label: str
    lang: str
    updated: date
    passages: int


class TopicList(BaseModel):
    """Every topic, in the order of the corpus."""

    corpus_version: str
    topics: tuple[Topic, ...]


class TopicShown(BaseModel):
    """One topic and its questions."""

    corpus_version: str
    topic: Topic
    questions: tuple[PassageLink, ...]


def show(article: Article, pipeline: Pipeline) -> Topic:
    """Return a topic as it is listed."""
    labels = pipeline.renderer.words(article.lang)["topic_groups"]
    return Topic(
        topic=article.topic,
        title=article.title,
        group=article.group,
        group_label=labels.get(article.group, article.group),
        lang=article.lang,
        updated=article.updated,
        passages=len(article.passages),
    )


@router.get("/topics", responses=documented() | NOT_MODIFIED)
def list_topics(pipeline: Answering) -> TopicList:
    """List the topics."""
    corpus = pipeline.corpus
    return TopicList(
        corpus_version=corpus.version, topics=tuple(show(article, pipeline) for article in corpus.articles)
    )


@router.get("/topics/{topic}", responses=documented(404, 422) | NOT_MODIFIED)
def show_topic(topic: Annotated[str, Path(max_length=120, pattern=r"^[a-z0-9-]+$")], pipeline: Answering) -> TopicShown:
    """Show one topic and the questions that it answers."""
    article = pipeline.corpus.topics.get(topic)
    if article is None:
        raise NotFound("No such topic; GET /api/v1/topics lists those that there are")
    return TopicShown(
        corpus_version=pipeline.corpus.version,
        topic=show(article, pipeline),
        questions=tuple(link_passage(passage) for passage in article.passages),
    )
