"""What the corpus holds, in figures."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from statistics import median

from pydantic import Field

from bot.corpus.readability import clinical_words, reading_grade
from bot.schema import Corpus, Frozen, Grade, Passage

GRADED = frozenset({"guideline", "review", "trial"})
"""Kinds of source that weigh evidence or test it."""


class CorpusStats(Frozen):
    """Figures of a corpus. Reading grades are Flesch–Kincaid, lexicon terms counted as two syllables."""

    version: str
    topics: int
    passages: int
    sentences: int
    words: int
    asked: int
    passages_by_grade: dict[str, int]
    claims: int
    claims_by_verdict: dict[str, int]
    contradictions: int
    terms: int
    sources: int
    sources_by_type: dict[str, int]
    sources_by_decade: dict[str, int]
    sources_graded: float = Field(description="share of the sources that are guidelines, reviews or trials")
    sentences_graded: float = Field(description="share of the sentences that rest on at least one of those")
    reading_median: float
    reading_worst: float
    reading_worst_passage: str
    reviewed: int
    lapsed: int
    oldest_review: date | None
    oldest_update: date
    groups: dict[str, dict[str, int]] = Field(description="passages by group of topics and grade")


def read_stats(corpus: Corpus) -> CorpusStats:
    """Count a corpus."""
    passages = list(corpus.passages.values())
    clinical = clinical_words(corpus.lexicon)
    grades = {passage.id: reading_grade(passage.text, clinical) for passage in passages}
    worst = max(grades, key=lambda passage_id: grades[passage_id])
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    graded = {source.id for source in corpus.sources if source.type in GRADED}
    decades = Counter(f"{source.year // 10 * 10}s" if source.year else "undated" for source in corpus.sources)
    return CorpusStats(
        version=corpus.version,
        topics=len(corpus.articles),
        passages=len(passages),
        sentences=len(sentences),
        words=sum(len(passage.text.split()) for passage in passages),
        asked=sum(len(passage.asked) for passage in passages),
        passages_by_grade=counted(passage.evidence.value for passage in passages),
        claims=len(corpus.claims),
        claims_by_verdict=counted(claim.verdict.value for claim in corpus.claims),
        contradictions=len(corpus.contradictions),
        terms=len(corpus.lexicon),
        sources=len(corpus.sources),
        sources_by_type=counted(source.type for source in corpus.sources),
        sources_by_decade=dict(sorted(decades.items())),
        sources_graded=round(len(graded) / len(corpus.sources), 3),
        sentences_graded=round(sum(bool(graded & set(s.sources)) for s in sentences) / len(sentences), 3),
        reading_median=round(median(grades.values()), 1),
        reading_worst=round(grades[worst], 1),
        reading_worst_passage=worst,
        reviewed=sum(passage.review.status == "reviewed" for passage in passages),
        lapsed=sum(passage.review.status == "lapsed" for passage in passages),
        oldest_review=min((passage.review.on for passage in passages if passage.review.on), default=None),
        oldest_update=min(passage.updated for passage in passages),
        groups=grades_by_group(passages),
    )


def grades_by_group(passages: list[Passage]) -> dict[str, dict[str, int]]:
    """Return for each group of topics how many passages have each grade, strongest first."""
    counts: dict[str, dict[str, int]] = {}
    for passage in passages:
        group = counts.setdefault(passage.group, {grade.value: 0 for grade in Grade})
        group[passage.evidence.value] += 1
    return counts


def counted(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value stands there, most frequent first."""
    return dict(Counter(values).most_common())
