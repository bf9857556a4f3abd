"""The retriever once more without each of its parts, and with each part of question understanding put before it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from time import perf_counter

from bot.calibration import Ranking
from bot.evaluation.ask import Outcome, Progress, Shown, tell_outcome
from bot.evaluation.cases import Cases
from bot.evaluation.figures import count_outcomes
from bot.evaluation.retriever import count_words
from bot.evaluation.run import Part
from bot.pipeline import Pipeline
from bot.question.expand import Expander
from bot.question.spelling import Speller
from bot.question.split import LONG, split_message
from bot.retrieve import Retriever
from bot.schema import Corpus, Kind, Retrieval

PARTS = tuple(field.name for field in fields(Ranking))
"""The weights of the ranking."""

Way = Callable[[str], Retrieval]


def corpus_words(corpus: Corpus) -> Counter[str]:
    """Return the words of passages, ways of asking and lexicon, in small letters, with how often each stands there."""
    texts = [f"{p.heading} {p.text} {' '.join(p.asked)}" for p in corpus.passages.values() if p.lang == "en"]
    texts += [" ".join((term.term, *term.lay, *term.variants)) for term in corpus.lexicon]
    return count_words(texts)


def parts_of() -> dict[str, Callable[[Pipeline], Way]]:
    """Return how to make each variant of the retriever, by the name that its row has."""
    return {
        "all parts": lambda pipeline: pipeline.retriever.retrieve,
        "without BM25": lambda pipeline: weighted(pipeline, lexical=0.0),
        "without ways of asking": lambda pipeline: weighted(pipeline, asked=0.0, manner=0.0, crowd=0.0),
        "without sentences": lambda pipeline: weighted(pipeline, sentence=0.0),
        "without the whole text": lambda pipeline: weighted(pipeline, text=0.0),
        "BM25 alone": lambda pipeline: weighted(pipeline, **{part: 0.0 for part in PARTS if part != "lexical"}),
        "spelling mended before": mended,
        "lexicon's names added before": expanded,
        "the questions of a message alone": asked_only,
        "message and its questions, the surer": surer,
    }


def weighted(pipeline: Pipeline, **weights: float) -> Way:
    """Return the retriever with some weights of its ranking changed."""
    calibration = pipeline.retriever.calibration
    changed = replace(calibration, ranking=replace(calibration.ranking, **weights))
    return Retriever(pipeline.index, pipeline.encoder, changed).retrieve


def mended(pipeline: Pipeline) -> Way:
    """Return the retriever, asked with misspellings mended."""
    speller = Speller(corpus_words(pipeline.corpus))
    return lambda question: pipeline.retriever.retrieve(speller.correct(question))


def expanded(pipeline: Pipeline) -> Way:
    """Return the retriever, asked with the lexicon's names after the question."""
    expander = Expander(pipeline.corpus.lexicon)
    return lambda question: pipeline.retriever.retrieve(" ".join((question, *expander.expand(question))))


def asked_only(pipeline: Pipeline) -> Way:
    """Return the retriever, asked with what a long message asks, without its story."""
    return lambda question: pipeline.retriever.retrieve(questions_of(question))


def surer(pipeline: Pipeline) -> Way:
    """Return the retriever, asked with a message and with its questions alone; the surer reading counts."""

    def retrieve(question: str) -> Retrieval:
        readings = [pipeline.retriever.retrieve(text) for text in dict.fromkeys((question, questions_of(question)))]
        return max(readings, key=lambda found: found.probability)

    return retrieve


def questions_of(message: str) -> str:
    """Return what a long message asks; a short one whole."""
    return message if len(message.split()) < LONG else " ".join(split_message(message).questions)


def ablate(pipeline: Pipeline, cases: Cases, progress: Progress) -> tuple[Part, ...]:
    """Measure a set with each variant. Only retrieval is asked; what triage takes counts like any other question."""
    return tuple(
        Part(name=name, figures=count_outcomes(retrieve_cases(make(pipeline), cases, progress)))
        for name, make in parts_of().items()
    )


def retrieve_cases(way: Way, cases: Cases, progress: Progress) -> tuple[Outcome, ...]:
    """Retrieve for every question of a set."""
    asked = [(one.question, one.style, one.passages) for one in cases.answerable]
    asked += [(one.question, one.kind, ()) for one in cases.unanswerable]
    outcomes = []
    for question, group, expected in asked:
        start = perf_counter()
        found = way(question)
        ms = (perf_counter() - start) * 1000
        right = bool(found.ranked) and found.ranked[0].passage.id in expected
        kind = Kind.ANSWER if found.answered else Kind.NO_ANSWER
        shown = Shown(kind, found.answered, found.answered and right, ms)
        outcomes.append(tell_outcome(question, group, expected, found, shown))
        progress(1)
    return tuple(outcomes)
