"""What the tools do, without the protocol: each a pure function of the pipeline and its arguments."""

from bot.channels.shorten import shorten
from bot.claim_check import ClaimChecker, load_check_rules, tell_left_out
from bot.mcp_server.results import AskResult, ClaimResult, Found, PassageResult, SearchResult
from bot.passages import PassageReader
from bot.pipeline import Pipeline, read_question
from bot.schema import Answer, NotFound, Passage
from bot.search import Filters, Searcher

MOST = 16_000
"""Most characters of a result; an answer has about 2,000, the longest about 6,000."""


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


class Lookups:
    """Search, passages and the claims check of one pipeline: those of the API, so that both say the same."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._searcher = Searcher(pipeline.index, pipeline.encoder, pipeline.retriever)
        self._checker = ClaimChecker(pipeline.index, pipeline.encoder, load_check_rules())
        self._reader = PassageReader(pipeline.corpus, pipeline.renderer)

    def search(self, query: str, limit: int, topic: str | None) -> SearchResult:
        """Return the passages that fit, best first; raise NotFound for a topic that is not there."""
        corpus = self._pipeline.corpus
        if topic is not None and topic not in corpus.topics:
            raise NotFound(f"No topic {topic!r}; the topics are: {', '.join(sorted(corpus.topics))}")
        asked = read_question(query)
        urgent = self._pipeline.urgent(asked)
        total, found = self._searcher.search(asked, Filters(topic=topic), 0, limit)
        return SearchResult(
            emergency=urgent.text.splitlines()[0] if urgent else None,
            results=tuple(
                Found(
                    passage_id=one.passage.id,
                    uri=passage_uri(one.passage),
                    heading=one.passage.heading,
                    topic=one.passage.topic,
                    evidence=one.passage.evidence.value,
                    first_sentence=one.passage.sentence_text(0),
                )
                for one in found
            ),
            total=total,
            truncated=len(found) < total,
            caveat=urgent.caveat if urgent else self._pipeline.renderer.words("en")["caveats"]["default"],
            corpus_version=corpus.version,
        )

    def passage(self, passage_id: str) -> PassageResult:
        """Return a passage; raise NotFound where there is none of the name."""
        passage = self._pipeline.corpus.passages.get(passage_id)
        if passage is None:
            raise NotFound(f"No passage {passage_id!r}; the tool search and the resource careleaf://passages name them")
        whole = self._reader.read(passage)
        said = self._pipeline.renderer.words(passage.lang)["reviewed"][passage.review.status]
        return PassageResult(**dict(whole), uri=passage_uri(passage), review_said=said)

    def check_claims(self, text: str, limit: int) -> ClaimResult:
        """Return the claims of the ledger that a text makes, and what it leaves out, within ``MOST`` characters."""
        checked = self._checker.check(text)
        said = self._pipeline.renderer.words("en")["claim_check"]
        whole = ClaimResult(
            sentences=checked.sentences,
            compared=checked.compared,
            claims=checked.claims[:limit],
            total=len(checked.claims),
            left_out=tell_left_out(checked.left_out, said),
            truncated=len(checked.claims) > limit,
            caveat=said["caveat"],
            corpus_version=checked.corpus_version,
        )
        while whole.claims and len(whole.model_dump_json()) > MOST:
            whole = whole.model_copy(update={"claims": whole.claims[:-1], "truncated": True})
        return whole


def passage_uri(passage: Passage) -> str:
    """Return the address of a passage's resource; a ``#`` would begin a fragment."""
    topic, _, name = passage.id.partition("#")
    return f"careleaf://passages/{topic}/{name}"
