"""What the tools do, without the protocol: each a pure function of the pipeline and its arguments."""

from bot.channels.shorten import shorten
from bot.compose.wording import caveat_of
from bot.mcp_server.results import (
    AskResult,
    CitedSentence,
    ClaimFound,
    ClaimResult,
    Found,
    PassageResult,
    SearchResult,
)
from bot.pipeline import Pipeline, read_question
from bot.schema import Answer, Claim, Evidence, Kind, NotFound, Passage

CLAIM_NEAR = 0.84
"""Cosine from which a text makes a claim; claims of the ledger in other words lie above, other sentences below."""


def ask_within(pipeline: Pipeline, answer: Answer, most: int) -> tuple[str, AskResult]:
    """Return an answer as text of at most ``most`` characters, and as values with the same statements."""
    whole = len(answer.text) <= most
    text = answer.text if whole else shorten(answer, pipeline.renderer, most)
    kept = answer.statements if whole else tuple(s for s in answer.statements if s.text in text)
    cited = {number for statement in kept for number in statement.citations}
    return text, AskResult(
        kind=answer.kind,
        statements=kept,
        citations=answer.citations if whole else tuple(c for c in answer.citations if c.number in cited),
        evidence=answer.evidence,
        heard=answer.heard if whole else (),
        caveat=answer.caveat,
        calls=answer.calls,
        follow_ups=answer.follow_ups if whole else (),
        reviewed=answer.reviewed,
        corpus_version=answer.corpus_version,
        answer_id=answer.answer_id,
        statements_total=len(answer.statements),
        truncated=not whole,
    )


def search_passages(pipeline: Pipeline, query: str, limit: int, topic: str | None) -> SearchResult:
    """Return the nearest passages; raise NotFound for a topic that is not there."""
    if topic is not None and topic not in pipeline.corpus.topics:
        known = ", ".join(sorted(pipeline.corpus.topics))
        raise NotFound(f"No topic {topic!r}; the topics are: {known}")
    answer = pipeline.answer(query)
    ranked = pipeline.retrieve(query, topic=topic).ranked
    results = tuple(
        Found(
            passage_id=found.passage.id,
            uri=passage_uri(found.passage),
            heading=found.passage.heading,
            topic=found.passage.topic,
            evidence=found.passage.evidence.value,
            first_sentence=found.passage.sentence_text(0),
        )
        for found in ranked[:limit]
    )
    return SearchResult(
        emergency=answer.text.splitlines()[0] if answer.kind == Kind.EMERGENCY else None,
        results=results,
        total=len(ranked),
        truncated=len(results) < len(ranked),
        caveat=answer.caveat,
        corpus_version=pipeline.corpus.version,
    )


def show_passage(pipeline: Pipeline, passage_id: str) -> PassageResult:
    """Return a passage; raise NotFound where there is none of the name."""
    passage = pipeline.corpus.passages.get(passage_id)
    if passage is None:
        raise NotFound(f"No passage {passage_id!r}; the tool search and the resource careleaf://passages name them")
    return PassageResult(
        passage_id=passage.id,
        heading=passage.heading,
        topic=passage.topic,
        text=passage.text,
        sha256=passage.sha256,
        sentences=tuple(
            CitedSentence(text=passage.sentence_text(place), start=s.start, end=s.end, sources=s.sources)
            for place, s in enumerate(passage.sentences)
        ),
        sources=tuple(pipeline.corpus.source[name] for name in passage.source_ids),
        evidence=Evidence.of(pipeline.corpus.grade[passage.evidence]),
        updated=passage.updated,
        review=pipeline.renderer.words(passage.lang)["reviewed"][passage.review.status],
        caveat=caveat_of(passage, pipeline.renderer.words(passage.lang)),
        corpus_version=pipeline.corpus.version,
    )


def check_claims(pipeline: Pipeline, text: str, limit: int) -> ClaimResult:
    """Return the claims of the ledger that a text comes near, nearest first."""
    vector = pipeline.encoder.encode_texts([read_question(text)])[0]
    near = pipeline.index.near_claims(vector).tolist()
    places = sorted((place for place, score in enumerate(near) if score >= CLAIM_NEAR), key=lambda p: -near[p])
    found = tuple(tell_claim(pipeline, pipeline.corpus.claims[place]) for place in places[:limit])
    return ClaimResult(
        claims=found,
        total=len(places),
        truncated=len(found) < len(places),
        caveat=pipeline.renderer.words("en")["caveats"]["topics"]["evaluating-claims"],
        corpus_version=pipeline.corpus.version,
    )


def tell_claim(pipeline: Pipeline, claim: Claim) -> ClaimFound:
    """Return a claim with its verdict and what that rests on."""
    return ClaimFound(
        claim_id=claim.id,
        claim=claim.claim,
        verdict=claim.verdict,
        note=claim.note,
        passage_id=claim.passage,
        sources=tuple(pipeline.corpus.source[name] for name in claim.refs),
    )


def passage_uri(passage: Passage) -> str:
    """Return the address of a passage's resource; a ``#`` would begin a fragment."""
    topic, _, name = passage.id.partition("#")
    return f"careleaf://passages/{topic}/{name}"
