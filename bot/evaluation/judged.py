"""``careleaf eval retrieval``: our retriever measured on documents and judged questions of any origin."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from time import perf_counter
from typing import get_args

from bot.encoder import Encoder
from bot.evaluation.documents import RELEVANT, JudgedQuestion, Wording, read_documents, read_questions
from bot.evaluation.measures import Ranked, RankingFigures, load_ir_measures, measure_rankings, summarise
from bot.evaluation.retriever import DocumentRetriever
from bot.schema import CareleafError, Frozen

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Makes a progress bar from a description and a total."""


class MeasuredQuestion(Frozen):
    """One question: its measures, and the documents that came first."""

    id: str
    question: str
    measures: Ranked
    first: tuple[str, ...]


class MeasuredRetrieval(Frozen):
    """What the retriever gave on a set."""

    documents: int
    query: str
    questions: int
    figures: RankingFigures
    build_seconds: float
    median_ms: float
    by_question: tuple[MeasuredQuestion, ...]

    def summary(self) -> str:
        """Return the figures as a few lines, each with its 95 % bootstrap interval."""
        figures = self.figures
        rows = (("MAP", figures.map), ("MRR", figures.mrr), ("nDCG@10", figures.ndcg_at_10))
        lines = [
            f"{self.documents:,} documents; {self.questions} questions ({self.query}), "
            f"{figures.questions} with a relevant document",
            *(f"{name:10} {v.mean:.3f}  ({v.low:.3f} to {v.high:.3f})" for name, v in rows),
            f"{'success@1':10} {figures.success_at_1.mean:.3f}  "
            f"({figures.success_at_1.low:.3f} to {figures.success_at_1.high:.3f})",
            f"encoded in {self.build_seconds:.0f} s; {self.median_ms:.1f} ms a question",
        ]
        return "\n".join(lines)


def read_wording(name: str) -> Wording:
    """Return a wording; raise CareleafError where there is none of that name."""
    for known in get_args(Wording):
        if name == known:
            return name  # type: ignore[return-value]
    raise CareleafError(f"--query is {name!r}; write one of {', '.join(get_args(Wording))}")


def grades_of(question: JudgedQuestion) -> dict[str, int]:
    """Return what a document is worth: 1 for grade 3, 2 for grade 4, 0 for the others that were judged."""
    return {name: max(grade - RELEVANT + 1, 0) for name, grade in question.judgements.items()}


def measure_retrieval(
    documents: Path, questions: Path, wording: Wording, encoder: Encoder, progress_bar: Bar
) -> MeasuredRetrieval:
    """Read the files, index the documents, ask every question, and measure."""
    load_ir_measures()
    known = read_documents(documents)
    asked = read_questions(questions)
    start = perf_counter()
    with progress_bar("Encoding documents", DocumentRetriever.count_texts(known)) as progress:
        retriever = DocumentRetriever.from_documents(known, encoder, progress)
    built = perf_counter() - start
    scores: dict[str, dict[str, float]] = {}
    times = []
    with progress_bar("Asking", len(asked)) as progress:
        for question in asked:
            begun = perf_counter()
            scores[question.id] = retriever.score(question.worded(wording))
            times.append((perf_counter() - begun) * 1000)
            progress(1)
    held = {document.id for document in known}
    judged = {one.id: {name: value for name, value in grades_of(one).items() if name in held} for one in asked}
    measured = measure_rankings(judged, scores)
    return MeasuredRetrieval(
        documents=len(known),
        query=wording,
        questions=len(asked),
        figures=summarise(measured),
        build_seconds=round(built, 1),
        median_ms=round(sorted(times)[len(times) // 2], 1) if times else 0.0,
        by_question=tuple(
            MeasuredQuestion(
                id=one.id,
                question=one.worded(wording),
                measures=measured[one.id],
                first=tuple(sorted(scores[one.id], key=scores[one.id].__getitem__, reverse=True)[:5]),
            )
            for one in asked
            if one.id in measured
        ),
    )
