"""From the settings to an index in service: what ``careleaf index`` does, and ``serve`` where there is none."""

from bot.compose import Composer, Renderer
from bot.corpus import load_corpus
from bot.corpus.checks import check_citations
from bot.corpus.ledger import check_served
from bot.encoder import Encoder
from bot.index import BuildReport, IndexFolder, build_index
from bot.index.build import Progress
from bot.index.opened import read_manifest
from bot.schema import Corpus, CorpusError, IndexUnavailable
from bot.settings import Settings
from bot.triage import Triage


def build_from_settings(settings: Settings, progress: Progress | None = None) -> BuildReport:
    """Build the index of the corpus that the settings name, and put it into service."""
    corpus = load_corpus(settings.corpus_dir)
    refuse_broken(corpus, settings)
    return build_index(
        corpus,
        IndexFolder(settings.index_dir),
        settings.model_sha256,
        lambda: Encoder(settings.model_dir, settings.model_sha256),
        progress,
    )


def refuse_broken(corpus: Corpus, settings: Settings) -> None:
    """Raise CorpusError where the corpus could not be served: then the index in service stays in service."""
    faults = [*check_served(corpus, settings.corpus_dir)]
    for passage in corpus.passages.values():
        faults += [f"{passage.file}:{passage.line}: {fault}" for fault in check_citations(passage, corpus)]
    faults += check_words(corpus, settings)
    if faults:
        raise CorpusError(
            f"{faults[0]} ({len(faults)} such faults; careleaf corpus check lists them). "
            "The index in service was left as it is."
        )


def check_words(corpus: Corpus, settings: Settings) -> list[str]:
    """Return what keeps rules or templates from working with this corpus: an unknown concept, response or kind."""
    faults = []
    for make in (
        lambda: Triage(corpus.triage),
        lambda: Composer(corpus, Renderer(settings.templates_dir), settings.country),
    ):
        try:
            make()
        except CorpusError as error:
            faults.append(str(error))
    return faults


def has_index(settings: Settings) -> bool:
    """Say whether a version is in service that this Careleaf and its model can read."""
    current = IndexFolder(settings.index_dir).current()
    if current is None:
        return False
    try:
        return bool(read_manifest(current)["model_sha256"] == settings.model_sha256)
    except IndexUnavailable:
        return False
