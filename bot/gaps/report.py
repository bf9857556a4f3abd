"""What editors see: clusters of unanswered questions, the passages rated worst, reviews that went stale."""

from datetime import date, timedelta

from pydantic import Field

from bot.gaps.cluster import Cluster, gather
from bot.pipeline import Pipeline
from bot.schema import Corpus, Frozen, NotFound
from bot.store import HelpfulByWeek, RatedPassage, Store

MOST_QUESTIONS = 1000
"""Questions that are gathered at once, newest first: encoding them takes about five seconds."""

MOST_RATED = 15
WEEKS = 12


class Gap(Frozen):
    """A subject that families asked about and the corpus did not answer. All texts are scrubbed."""

    id: int = Field(description="of its newest question")
    count: int
    asked: tuple[str, ...] = Field(description="different texts, the most typical first")
    newest: date
    nearest: str = Field(description="passage that comes nearest")
    heading: str
    group: str


class StaleReview(Frozen):
    """A passage whose sign-off lapsed or whose day to be read again has passed."""

    passage_id: str
    heading: str
    status: str
    by: str | None
    due: date | None


class GapReport(Frozen):
    """Everything that the editors' page and ``careleaf gaps`` show."""

    corpus_version: str
    gaps: tuple[Gap, ...]
    questions: int
    lowest_rated: tuple[RatedPassage, ...]
    reasons: dict[str, int]
    weeks: tuple[HelpfulByWeek, ...]
    stale: tuple[StaleReview, ...]
    unreviewed: int
    ages: dict[str, int] = Field(description="passages by the month in which they were last updated")


def read_report(store: Store, pipeline: Pipeline, today: date, days: int) -> GapReport:
    """Return the report of a day; questions older than ``days`` are deleted first."""
    store.delete_unanswered(before=today - timedelta(days=days))
    gaps = read_gaps(store, pipeline)
    corpus = pipeline.corpus
    months = sorted(f"{passage.updated:%Y-%m}" for passage in corpus.passages.values())
    return GapReport(
        corpus_version=corpus.version,
        gaps=gaps,
        questions=sum(gap.count for gap in gaps),
        lowest_rated=store.lowest_rated(MOST_RATED),
        reasons=store.reasons(),
        weeks=store.helpful_by_week(today - timedelta(weeks=WEEKS)),
        stale=stale_reviews(corpus, today),
        unreviewed=sum(passage.review.status == "unreviewed" for passage in corpus.passages.values()),
        ages={month: months.count(month) for month in dict.fromkeys(months)},
    )


def read_gaps(store: Store, pipeline: Pipeline) -> tuple[Gap, ...]:
    """Return the unanswered questions, gathered, the most frequent subject first."""
    clusters = gather(store.unanswered(MOST_QUESTIONS), pipeline.encoder)
    return tuple(describe(cluster, pipeline) for cluster in clusters)


def find_gap(store: Store, pipeline: Pipeline, gap_id: int) -> Gap:
    """Return the gap of an id; raise NotFound where its questions have been deleted since."""
    for gap in read_gaps(store, pipeline):
        if gap.id == gap_id:
            return gap
    raise NotFound(f"No gap {gap_id}; its questions may have been deleted since. Open /admin anew")


def describe(cluster: Cluster, pipeline: Pipeline) -> Gap:
    """Return a cluster with the passage that comes nearest to it."""
    newest = max(cluster.questions, key=lambda question: (question.asked_on, question.id))
    hits = pipeline.index.nearest(cluster.middle, pipeline.read_language(newest.lang), 1)
    nearest = pipeline.corpus.passages[hits[0].passage_id]
    return Gap(
        id=newest.id,
        count=len(cluster.questions),
        asked=cluster.asked,
        newest=newest.asked_on,
        nearest=nearest.id,
        heading=nearest.heading,
        group=nearest.group,
    )


def stale_reviews(corpus: Corpus, today: date) -> tuple[StaleReview, ...]:
    """Return the passages that somebody has to read again, lapsed ones first."""
    stale = [
        StaleReview(
            passage_id=passage.id,
            heading=passage.heading,
            status=passage.review.status,
            by=passage.review.by,
            due=passage.review.due,
        )
        for passage in corpus.passages.values()
        if passage.review.status == "lapsed" or (passage.review.due is not None and passage.review.due < today)
    ]
    return tuple(sorted(stale, key=lambda review: (review.status != "lapsed", str(review.due), review.passage_id)))
