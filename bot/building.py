"""From the settings to an index in service: what ``careleaf index`` does, and ``serve`` where there is none."""

from bot.corpus import load_corpus
from bot.corpus.checks import check_citations
from bot.corpus.ledger import check_served
from bot.encoder import Encoder
from bot.index import BuildReport, IndexFolder, build_index
from bot.index.build import Progress
from bot.schema import Corpus, CorpusError
from bot.settings import Settings

BUILD_THREADS = 2
"""A build encodes batches, which two threads do faster; a question is encoded on one."""


def build_from_settings(settings: Settings, progress: Progress | None = None) -> BuildReport:
    """Build the index of the corpus that the settings name, and put it into service."""
    corpus = load_corpus(settings.corpus_dir)
    refuse_broken(corpus, settings)
    return build_index(
        corpus,
        IndexFolder(settings.index_dir),
        settings.model_sha256,
        lambda: Encoder(settings.model_dir, settings.model_sha256, threads=BUILD_THREADS),
        progress,
    )


def refuse_broken(corpus: Corpus, settings: Settings) -> None:
    """Raise CorpusError where the corpus could not be served: then the index in service stays in service."""
    faults = [*check_served(corpus, settings.corpus_dir)]
    for passage in corpus.passages.values():
        faults += [f"{passage.file}:{passage.line}: {fault}" for fault in check_citations(passage, corpus)]
    if faults:
        raise CorpusError(
            f"{faults[0]} ({len(faults)} such faults; careleaf corpus check lists them). "
            "The index in service was left as it is."
        )


def has_index(settings: Settings) -> bool:
    """Say whether a version is in service."""
    return IndexFolder(settings.index_dir).current() is not None
