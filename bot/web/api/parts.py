"""What the routes need beside the pipeline, made once for each pipeline."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from bot.claim_check import ClaimChecker, load_check_rules
from bot.passages import PassageReader
from bot.pipeline import Pipeline
from bot.schema import Passage
from bot.search import Searcher
from bot.suggest import Suggester
from bot.web.api.rendered import RenderedAnswers
from bot.web.state import Answering, once_a_pipeline


@dataclass(frozen=True)
class Parts:
    """Search, suggestions, passages, the claims check, rendered answers of one pipeline, and what cites a source."""

    searcher: Searcher
    suggester: Suggester
    reader: PassageReader
    checker: ClaimChecker
    rendered: RenderedAnswers
    citing: dict[str, tuple[Passage, ...]]


@once_a_pipeline
def parts_of(pipeline: Pipeline) -> Parts:
    """Make the parts of a pipeline; takes about 20 ms, once."""
    citing: dict[str, list[Passage]] = {}
    for passage in pipeline.corpus.passages.values():
        for source_id in passage.source_ids:
            citing.setdefault(source_id, []).append(passage)
    return Parts(
        searcher=Searcher(pipeline.index, pipeline.encoder, pipeline.retriever),
        suggester=Suggester(pipeline.corpus),
        reader=PassageReader(pipeline.corpus, pipeline.renderer),
        checker=ClaimChecker(pipeline.index, pipeline.encoder, load_check_rules()),
        rendered=RenderedAnswers(pipeline.cache_size),
        citing={source_id: tuple(passages) for source_id, passages in citing.items()},
    )


async def read_parts(pipeline: Answering) -> Parts:
    """Return the parts of the pipeline in service."""
    return parts_of(pipeline)


Having = Annotated[Parts, Depends(read_parts)]
