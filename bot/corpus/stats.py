"""What the corpus holds, in figures."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from statistics import median

from bot.corpus.readability import clinical_words, reading_grade
from bot.schema import Corpus, Frozen


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
    reading_median: float
    reading_worst: float
    reading_worst_passage: str
    reviewed: int
    oldest_update: date


def read_stats(corpus: Corpus) -> CorpusStats:
    """Count a corpus."""
    passages = list(corpus.passages.values())
    clinical = clinical_words(corpus.lexicon)
    grades = {passage.id: reading_grade(passage.text, clinical) for passage in passages}
    worst = max(grades, key=lambda passage_id: grades[passage_id])
    decades = Counter(f"{source.year // 10 * 10}s" if source.year else "undated" for source in corpus.sources)
    return CorpusStats(
        version=corpus.version,
        topics=len(corpus.articles),
        passages=len(passages),
        sentences=sum(len(passage.sentences) for passage in passages),
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
        reading_median=round(median(grades.values()), 1),
        reading_worst=round(grades[worst], 1),
        reading_worst_passage=worst,
        reviewed=sum(passage.review.status == "reviewed" for passage in passages),
        oldest_update=min(passage.updated for passage in passages),
    )


def counted(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value stands there, most frequent first."""
    return dict(Counter(values).most_common())
