"""How far the weights of ``bot/evaluation/retriever.py`` can be believed: neighbours, halves, and Careleaf's own set.

    python -m tests.benchmarks.weights --documents F.jsonl.gz --questions F.jsonl

Each weight is halved, raised by half and taken away; and a grid of weights is chosen on one half of the questions and
measured on the other, which shows how little forty questions can tell weights apart.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from bot.corpus import load_corpus
from bot.encoder import Encoder
from bot.evaluation.cases import read_cases
from bot.evaluation.documents import Document, read_documents, read_questions
from bot.evaluation.retriever import WEIGHTS, DocumentRetriever, weigh
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
SPLITS = 200
GRID: dict[str, tuple[float, ...]] = {
    "title_words": (0.0, 0.25, 0.5),
    "text_words": (0.25, 0.5, 0.75),
    "covered": (0.0, 0.25, 0.5),
    "kind": (0.0, 0.25, 0.5),
    "length": (0.0, 0.25, 0.5, 0.75, 1.0),
}

Parts = dict[str, npt.NDArray[np.float64]]
Asked = list[tuple[Parts, npt.NDArray[np.bool_]]]


def rate(asked: Asked, weights: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Return average precision and reciprocal rank of each question, shape (n, 2), computed as trec_eval does."""
    rows = []
    for parts, relevant in asked:
        places = np.flatnonzero(relevant[np.argsort(-weigh(parts, weights), kind="stable")]) + 1
        rows.append((float(np.mean(np.arange(1, len(places) + 1) / places)), 1.0 / places[0]))
    return np.array(rows)


def prepare(retriever: DocumentRetriever, questions: Sequence[tuple[str, frozenset[str]]]) -> Asked:
    """Read the parts of each question that has a relevant document."""
    asked = []
    for question, names in questions:
        relevant = np.array([name in names for name in retriever.ids])
        if relevant.any():
            asked.append((retriever.read_parts(question), relevant))
    return asked


def neighbours() -> dict[str, Mapping[str, float]]:
    """Return the weights, and each of them halved, raised by half, taken away."""
    found: dict[str, Mapping[str, float]] = {"as they are": WEIGHTS}
    for name, factor in product(WEIGHTS, (0.5, 1.5, 0.0)):
        found[f"{name} × {factor:g}"] = {**WEIGHTS, name: WEIGHTS[name] * factor}
    return found


def choose_on_halves(original: Asked, summary: Asked) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the mean figures on the other half of weights chosen on one half, and of ours on the same halves."""
    grid = [{**WEIGHTS, **dict(zip(GRID, values, strict=True))} for values in product(*GRID.values())]
    rated = np.array([np.hstack([rate(original, one), rate(summary, one)]) for one in grid])
    ours = np.hstack([rate(original, WEIGHTS), rate(summary, WEIGHTS)])
    random = np.random.default_rng(0)
    chosen, kept = [], []
    for _ in range(SPLITS):
        order = random.permutation(len(ours))
        first, second = order[: len(order) // 2], order[len(order) // 2 :]
        best = int(rated[:, first].mean(axis=(1, 2)).argmax())
        chosen.append(rated[best][second].mean(axis=0))
        kept.append(ours[second].mean(axis=0))
    return np.mean(chosen, axis=0), np.mean(kept, axis=0)


def own_documents() -> tuple[list[Document], list[tuple[str, frozenset[str]]]]:
    """Return Careleaf's passages as documents, without their ways of asking, and its development questions."""
    corpus = load_corpus(load_settings().corpus_dir)
    documents = [
        Document(id=one.id, title=one.heading, url=one.topic, text=one.text)
        for one in corpus.passages.values()
        if one.lang == "en"
    ]
    cases = read_cases(ROOT / "tests/cases/development.yaml").answerable
    return documents, [(case.question, frozenset(case.passages)) for case in cases]


def main(
    documents: Annotated[Path, typer.Option(help="A judged set, as careleaf eval retrieval takes it.")],
    questions: Annotated[Path, typer.Option(help="Its questions.")],
) -> None:
    """Print the tables."""
    settings = load_settings()
    encoder = Encoder(settings.model_dir, settings.model_sha256)
    retriever = DocumentRetriever.from_documents(read_documents(documents), encoder, lambda _: None)
    judged = read_questions(questions)
    original = prepare(retriever, [(one.original, one.relevant) for one in judged])
    summary = prepare(retriever, [(one.summary, one.relevant) for one in judged])
    own, cases = own_documents()
    ours = prepare(DocumentRetriever.from_documents(own, encoder, lambda _: None), cases)
    typer.echo(
        "| weights | original MAP / MRR | summary MAP / MRR | own passages MAP / MRR |\n| --- | --- | --- | --- |"
    )
    for name, weights in neighbours().items():
        cells = [" / ".join(f"{value:.3f}" for value in rate(a, weights).mean(0)) for a in (original, summary, ours)]
        typer.echo(f"| {name} | {' | '.join(cells)} |")
    chosen, kept = choose_on_halves(original, summary)
    typer.echo(
        f"\nchosen on one half, measured on the other: {np.round(chosen, 3).tolist()}; ours: {np.round(kept, 3)}"
    )


if __name__ == "__main__":
    typer.run(main)
