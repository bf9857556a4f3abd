"""Open ways of retrieving beside Careleaf's, on its own questions and on a judged set: ``make bench-retrieval``.

Every way gets the same texts: of a passage its heading and text (not the ways of asking, which are Careleaf's own
work), of a document its title and text. Dense ways use Careleaf's encoder with the model's query prefix; only
``Chroma's query`` searches by HNSW. Writes docs/pictures/retrieval/peers.json, from which docs/retrieval.md is made.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import bm25s
import chromadb
import numpy as np
import psutil
import typer
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.encoder import Encoder, Vectors
from bot.evaluation.cases import read_cases
from bot.evaluation.documents import Document, JudgedQuestion, read_documents, read_questions
from bot.evaluation.judged import grades_of
from bot.evaluation.measures import RankingFigures, measure_rankings, summarise
from bot.evaluation.retriever import DocumentRetriever
from bot.pipeline import Pipeline
from bot.settings import load_settings
from tests.benchmarks.frameworks import haystack_dense, haystack_hybrid, llama_index

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "docs/pictures/retrieval/peers.json"
DEEP = 1000
RRF = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""

Rank = Callable[[str], Mapping[str, float]]
SetUp = Callable[[], Rank]
Ask = Sequence[tuple[str, str]]
Judged = Mapping[str, Mapping[str, int]]


def by_place(ids: Sequence[str], scores: Sequence[float]) -> dict[str, float]:
    """Return scores by id."""
    return dict(zip(ids, map(float, scores), strict=True))


def lucene_bm25(ids: Sequence[str], texts: Sequence[str]) -> Rank:
    """BM25 as bm25s sets it up: its tokeniser, English stop words, Snowball stems."""
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    engine = bm25s.BM25()
    engine.index(bm25s.tokenize(list(texts), stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def rank(question: str) -> Mapping[str, float]:
        tokens = bm25s.tokenize([question], stopwords="en", stemmer=stemmer, show_progress=False, return_ids=False)[0]
        return by_place(ids, engine.get_scores(tokens)) if tokens else {}

    return rank


def okapi_bm25(ids: Sequence[str], texts: Sequence[str]) -> Rank:
    """BM25 as rank_bm25's README sets it up: words split at spaces."""
    from rank_bm25 import BM25Okapi

    engine = BM25Okapi([text.lower().split() for text in texts])
    return lambda question: by_place(ids, engine.get_scores(question.lower().split()))


def tf_idf(ids: Sequence[str], texts: Sequence[str]) -> Rank:
    """TF-IDF with cosine, as scikit-learn sets it up, English stop words."""
    vectoriser = TfidfVectorizer(stop_words="english")
    matrix = vectoriser.fit_transform(texts)
    return lambda question: by_place(ids, (matrix @ vectoriser.transform([question]).T).toarray().ravel().tolist())


def dense(ids: Sequence[str], vectors: Vectors, encoder: Encoder) -> Rank:
    """Cosine of the question with the whole text (its first 256 tokens), compared with every text."""
    return lambda question: by_place(ids, (vectors @ encoder.encode_question(question)).tolist())


def chroma_query(ids: Sequence[str], vectors: Vectors, encoder: Encoder) -> Rank:
    """A collection of Chroma in memory, cosine, otherwise as it comes; ``collection.query``."""
    collection = chromadb.EphemeralClient().create_collection(
        f"peers-{len(ids)}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    for at in range(0, len(ids), 1000):
        collection.add(ids=list(ids[at : at + 1000]), embeddings=vectors[at : at + 1000])

    def rank(question: str) -> Mapping[str, float]:
        wanted = min(100, len(ids))
        found: Any = collection.query(query_embeddings=encoder.encode_question(question)[np.newaxis], n_results=wanted)
        return {name: 1.0 - far for name, far in zip(found["ids"][0], found["distances"][0], strict=True)}

    return rank


def fused(first: Rank, second: Rank) -> Rank:
    """Reciprocal rank fusion of two ways, as hybrid search usually has it."""

    def rank(question: str) -> Mapping[str, float]:
        total: dict[str, float] = {}
        for scores in (first(question), second(question)):
            for place, name in enumerate(sorted(scores, key=scores.__getitem__, reverse=True)[:DEEP], start=1):
                total[name] = total.get(name, 0.0) + 1.0 / (RRF + place)
        return total

    return rank


def measure_way(rank: Rank, asked: Ask, judged: Judged) -> tuple[RankingFigures, float]:
    """Return the measures of a way, and the median milliseconds of a question."""
    scores, times = {}, []
    for name, question in asked:
        start = perf_counter()
        scores[name] = rank(question)
        times.append((perf_counter() - start) * 1000)
    return summarise(measure_rankings(judged, scores)), round(median(times), 2)


def ways(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> dict[str, SetUp]:
    """Return by name what sets each peer up."""
    return {
        "BM25 (bm25s, stemmed)": lambda: lucene_bm25(ids, texts),
        "BM25 (rank_bm25, as its README)": lambda: okapi_bm25(ids, texts),
        "TF-IDF (scikit-learn)": lambda: tf_idf(ids, texts),
        "dense, whole text": lambda: dense(ids, vectors, encoder),
        "Chroma's query": lambda: chroma_query(ids, vectors, encoder),
        "hybrid, RRF of BM25 and dense": lambda: fused(lucene_bm25(ids, texts), dense(ids, vectors, encoder)),
        "Haystack, Chroma": lambda: haystack_dense(ids, texts, vectors, encoder),
        "Haystack, hybrid": lambda: haystack_hybrid(ids, texts, vectors, encoder),
        "LlamaIndex, Chroma": lambda: llama_index(ids, texts, vectors, encoder),
    }


def own_set(pipeline: Pipeline, path: Path) -> dict[str, dict[str, Any]]:
    """Measure every way on Careleaf's own questions."""
    cases = read_cases(path).answerable
    asked = [(str(number), case.question) for number, case in enumerate(cases)]
    judged = {str(number): dict.fromkeys(case.passages, 1) for number, case in enumerate(cases)}
    passages = [passage for passage in pipeline.index.passages if passage.lang == "en"]
    ids = [passage.id for passage in passages]
    texts = [f"{passage.heading} {passage.text}" for passage in passages]
    vectors = np.array([pipeline.index.vectors[name].rows[0] for name in ids])

    def careleaf(question: str) -> Mapping[str, float]:
        return {found.passage.id: found.score for found in pipeline.retrieve(question).ranked}

    return measure_all(
        {"Careleaf": lambda: careleaf, **ways(ids, texts, vectors, pipeline.encoder)}, {"own": asked}, judged
    )["own"]


def judged_set(
    documents: Sequence[Document], questions: Sequence[JudgedQuestion], encoder: Encoder, wordings: Sequence[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure every way on documents with judged questions, by wording."""
    ids = [document.id for document in documents]
    texts = [f"{document.title} {document.text}" for document in documents]
    vectors = encoder.encode_texts(texts)
    everyone = {
        "Careleaf": lambda: DocumentRetriever.from_documents(documents, encoder, lambda _: None).score,
        **ways(ids, texts, vectors, encoder),
    }
    judged = {one.id: grades_of(one) for one in questions}
    asked = {wording: [(one.id, getattr(one, wording)) for one in questions] for wording in wordings}
    return measure_all(everyone, asked, judged)


def measure_all(
    everyone: Mapping[str, SetUp], asked: Mapping[str, Ask], judged: Judged
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the figures of each way, set up once, for each wording of the questions."""
    rows: dict[str, dict[str, dict[str, Any]]] = {wording: {} for wording in asked}
    for name, set_up in everyone.items():
        before = resident()
        rank = set_up()
        megabytes = round(resident() - before, 1)
        for wording, questions in asked.items():
            figures, ms = measure_way(rank, questions, judged)
            rows[wording][name] = {**figures.model_dump(), "median_ms": ms, "megabytes": megabytes}
            quality = f"MAP {figures.map.mean:.3f}  MRR {figures.mrr.mean:.3f}"
            typer.echo(f"{name:32} {wording:8} {quality}  {ms} ms  {megabytes} MB", err=True)
    return rows


def resident() -> float:
    """Return the resident memory of this process, in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


def main(
    cases: Annotated[Path, typer.Option(help="Own labelled questions.")] = ROOT / "tests/cases/heldout.yaml",
    documents: Annotated[Path | None, typer.Option(help="A judged set, as careleaf eval retrieval takes it.")] = None,
    questions: Annotated[Path | None, typer.Option(help="Its questions.")] = None,
    output: Annotated[Path, typer.Option(help="Where the figures go.")] = OUTPUT,
) -> None:
    """Measure and write the figures."""
    pipeline = Pipeline.from_settings(load_settings())
    found: dict[str, Any] = {"own": own_set(pipeline, cases)}
    if documents and questions:
        known, asked = read_documents(documents), read_questions(questions)
        found["judged"] = judged_set(known, asked, pipeline.encoder, ("original", "summary"))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
