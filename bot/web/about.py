"""The pages ``/about`` (what this is) and ``/about/corpus`` (what the corpus holds, in figures and one picture)."""

import re
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.corpus.stats import CorpusStats, read_stats
from bot.pipeline import Pipeline
from bot.schema import Grade
from bot.web.language import Lang, interface_words
from bot.web.state import Answering, Chosen, once_a_pipeline

router = APIRouter(include_in_schema=False)

TEMPLATE = "pages/corpus.html.j2"
ABOUT = "pages/about.html.j2"
ABOUT_PERSON = "/about#person"
"""Where talking to a person is spoken of; the operator may name a better address."""


@router.get("/about")
def show_about(pipeline: Answering, settings: Chosen, lang: Lang = "en") -> HTMLResponse:
    """Say what Careleaf is, who reviewed what, what the grades mean and what is kept."""
    words = interface_words(pipeline, lang)
    corpus = pipeline.corpus
    reviewed = sum(passage.review.status == "reviewed" for passage in corpus.passages.values())
    template = pipeline.renderer.environment.get_template(ABOUT)
    return HTMLResponse(
        template.render(
            words=words,
            lang=words["interface"],
            grades=corpus.grades,
            reviewed=reviewed,
            passages=len(corpus.passages),
            keeping=settings.keep_unanswered,
            days=settings.keep_days,
            person=settings.person_url,
            person_shown=readable(settings.person_url or ""),
        )
    )


def readable(address: str) -> str:
    """Return an address as people write it: a number or a mailbox without its scheme, which may be on paper too."""
    return re.sub(r"^(?:tel:|mailto:|https?://)", "", address)


@router.get("/about/corpus")
def show_corpus(pipeline: Answering) -> HTMLResponse:
    """Show what the corpus in service holds."""
    return HTMLResponse(corpus_page(pipeline))


@once_a_pipeline
def corpus_page(pipeline: Pipeline) -> str:
    """Return the page; a corpus is counted once a process, which takes about a second."""
    corpus = pipeline.corpus
    stats = read_stats(corpus)
    words = pipeline.renderer.words("en")
    template = pipeline.renderer.environment.get_template(TEMPLATE)
    return template.render(
        lang="en",
        words=words,
        said=words["corpus_page"],
        stats=stats,
        widest=max(sum(counts.values()) for counts in stats.groups.values()),
        labels={grade.value: corpus.grade[grade].label for grade in Grade},
        rows=figures_shown(stats, words["corpus_page"]),
    )


def figures_shown(stats: CorpusStats, said: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the figures of the page, each with its words."""
    counted = ("sentences", "words", "claims", "contradictions", "terms", "sources")
    return [
        *((said[name], f"{getattr(stats, name):,}") for name in counted),
        (said["graded"], f"{stats.sources_graded:.0%}"),
        (said["sentences_graded"], f"{stats.sentences_graded:.0%}"),
        (said["reading"], f"{stats.reading_median}"),
        (said["hardest"], f"{stats.reading_worst}"),
        (said["reviewed"], f"{stats.reviewed:,}"),
        (said["lapsed"], f"{stats.lapsed:,}"),
        (said["oldest_review"], str(stats.oldest_review or said["nobody"])),
        (said["oldest"], str(stats.oldest_update)),
        (said["version"], stats.version),
    ]
