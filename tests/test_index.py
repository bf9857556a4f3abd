"""The index: what is built, what is kept, and that no crash ever leaves families without an answer."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from bot.building import build_from_settings, has_index
from bot.corpus import load_corpus
from bot.index import IndexFolder, OpenIndex, build_index, open_index, read_corpus
from bot.index.build import encode_rows, version_name
from bot.index.rows import Row
from bot.pipeline import Pipeline
from bot.schema import Corpus, CorpusError, IndexUnavailable
from bot.settings import Settings
from tests.conftest import ROOT

KILLS = 30


def settings_for(corpus: Path, index: Path) -> Settings:
    return Settings(corpus_dir=corpus, templates_dir=ROOT / "templates", index_dir=index)


@pytest.fixture
def own(built: Settings, corpus_copy: Path, tmp_path: Path) -> Settings:
    """A corpus that may be changed, with a copy of the built index, so that only changes are encoded."""
    index = tmp_path / "index"
    shutil.copytree(built.index_dir, index, ignore=shutil.ignore_patterns(".building*"))
    return settings_for(corpus_copy, index)


def reword(corpus: Path, mark: str) -> None:
    """Change one sentence of one passage."""
    path = corpus / "articles/basics/causes.md"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n> asked:")
    path.write_text(f"{head}\n> asked: is it this {mark} ·{rest}", encoding="utf-8")


def test_an_unchanged_corpus_is_not_built_again(own: Settings) -> None:
    report = build_from_settings(own)
    assert not report.changed
    assert report.encoded == 0


def test_only_what_changed_is_encoded_again(own: Settings) -> None:
    before = IndexFolder(own.index_dir).current()
    reword(own.corpus_dir, "new wording")
    steps: list[tuple[int, int]] = []
    report = build_from_settings(own, lambda done, total: steps.append((done, total)))
    assert report.changed
    assert report.encoded == 1
    assert report.reused == report.texts - 1
    assert steps[-1] == (1, 1)
    assert IndexFolder(own.index_dir).current() == report.folder != before


def test_a_version_that_lies_there_is_put_back_without_encoding(own: Settings) -> None:
    folder = IndexFolder(own.index_dir)
    old = folder.require_current()
    reword(own.corpus_dir, "for a while")
    build_from_settings(own)
    shutil.rmtree(own.corpus_dir)
    shutil.copytree(ROOT / "corpus", own.corpus_dir)
    report = build_from_settings(own)
    assert report.changed
    assert report.encoded == 0
    assert folder.current() == old


def test_a_corpus_that_could_not_be_served_is_refused_and_the_old_index_stays(own: Settings) -> None:
    before = IndexFolder(own.index_dir).current()
    path = own.corpus_dir / "articles/basics/causes.md"
    path.write_text(path.read_text(encoding="utf-8").replace("{#", "{#renamed-", 1), encoding="utf-8")
    shutil.rmtree(own.corpus_dir / "wordings")
    rules = own.corpus_dir / "triage.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("red-flags-emergency#breathing", "red-flags-emergency#gone"),
        encoding="utf-8",
    )
    with pytest.raises(CorpusError, match=r"triage\.yaml:\d+: .*no passage red-flags-emergency#gone"):
        build_from_settings(own)
    assert IndexFolder(own.index_dir).current() == before


def test_another_model_encodes_everything_again(own: Settings, corpus: Corpus) -> None:
    folder = IndexFolder(own.index_dir)

    def no_model() -> None:
        raise AssertionError("the encoder is asked for")

    with pytest.raises(AssertionError, match="asked for"):
        build_index(corpus, folder, "another model", no_model)  # type: ignore[arg-type]
    assert version_name(corpus, "another model") != version_name(corpus, own.model_sha256)
    assert not list(own.index_dir.glob(".building*")), "a failed build removes what it began"


def test_no_index_says_what_to_do(tmp_path: Path) -> None:
    settings = settings_for(ROOT / "corpus", tmp_path)
    assert not has_index(settings)
    with pytest.raises(IndexUnavailable, match="run: careleaf index"):
        open_index(IndexFolder(tmp_path))


def test_an_opened_index_holds_the_corpus_that_was_built(pipeline: Pipeline, corpus: Corpus, built: Settings) -> None:
    assert pipeline.index.corpus.version == corpus.version
    assert pipeline.index.corpus.passages.keys() == corpus.passages.keys()
    assert read_corpus(IndexFolder(built.index_dir)).version == corpus.version
    assert pipeline.index.languages == {"en"}
    assert set(pipeline.index.vectors) == set(corpus.passages)
    assert len(pipeline.index.near_claims(pipeline.encoder.encode_question("x"))) == len(corpus.claims)


def test_nearest_returns_each_passage_once_nearest_first(pipeline: Pipeline) -> None:
    vector = pipeline.encoder.encode_question("Can cerebral palsy be cured?")
    hits = pipeline.index.nearest(vector, "en", 40)
    assert hits[0].passage_id == "is-cp-curable#cure"
    assert len({hit.passage_id for hit in hits}) == len(hits)
    similarities = [hit.similarity for hit in hits]
    assert similarities == sorted(similarities, reverse=True)


def test_nearest_filters_by_topic_and_language(pipeline: Pipeline) -> None:
    vector = pipeline.encoder.encode_question("Can cerebral palsy be cured?")
    assert {hit.passage_id.split("#")[0] for hit in pipeline.index.nearest(vector, "en", 10, "hips")} == {"hips"}
    assert pipeline.index.nearest(vector, "xx", 10) == []


@pytest.fixture(scope="module")
def in_chroma(built: Settings) -> OpenIndex:
    """The same index, searched by Chroma alone."""
    return open_index(IndexFolder(built.index_dir), exact_rows=0)


def test_chroma_and_the_comparison_in_memory_find_the_same(pipeline: Pipeline, in_chroma: OpenIndex) -> None:
    found = wanted = 0
    for passage in list(pipeline.corpus.passages.values())[::5]:
        vector = pipeline.encoder.encode_question(passage.asked[0])
        exact = pipeline.index.nearest(vector, "en", 10)
        near = in_chroma.nearest(vector, "en", 10)
        assert near[0].passage_id == exact[0].passage_id == passage.id
        assert near[0].similarity == pytest.approx(exact[0].similarity, abs=1e-4)
        found += len({hit.passage_id for hit in exact} & {hit.passage_id for hit in near})
        wanted += len(exact)
    assert found / wanted >= 0.99


def test_an_answer_is_the_same_whichever_way_the_index_is_searched(
    pipeline: Pipeline, in_chroma: OpenIndex, built: Settings
) -> None:
    by_chroma = Pipeline(in_chroma, pipeline.encoder, pipeline.renderer, built)
    for question in ("can cp be cured", "how long does botox last", "best laptop", "is it my fault"):
        assert by_chroma.ask(question) == pipeline.ask(question)


def test_rows_are_encoded_once_however_often_a_text_stands_there() -> None:
    rows = [Row("a#b|text", "the same", True, "a", "en"), Row("a#c|text", "the same", True, "a", "en")]

    class Counting:
        def encode_texts(
            self, texts: list[str], done: Callable[[int], None]
        ) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
            done(len(texts))
            return np.ones((len(texts), 3), dtype=np.float32)

    vectors, encoded = encode_rows(rows, {}, Counting, None)  # type: ignore[arg-type]
    assert encoded == 1
    assert vectors.shape == (2, 3)


@pytest.fixture(scope="module")
def builders() -> BaseContext:
    """Builds in processes of their own, forked from one that has read the libraries: they begin at once."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["bot.building", "chromadb", "onnxruntime", "tokenizers"])
    return context


def start_build(builders: BaseContext, settings: Settings) -> BaseProcess:
    process: BaseProcess = builders.Process(target=build_from_settings, args=(settings,))  # type: ignore[attr-defined]
    process.start()
    return process


def build(builders: BaseContext, settings: Settings) -> None:
    process = start_build(builders, settings)
    process.join()
    assert process.exitcode == 0


def spoil(version: Path, what: str) -> None:
    manifest = version / "manifest.json"
    if what == "format":
        manifest.write_text(manifest.read_text(encoding="utf-8").replace('"format": "', '"format": "old '), "utf-8")
    else:
        manifest.write_text("spoilt", encoding="utf-8")


@pytest.mark.parametrize(("what", "message"), [("format", "has format old"), ("whole", "is damaged")])
def test_a_version_that_cannot_be_read_is_named_and_built_anew(own: Settings, what: str, message: str) -> None:
    folder = IndexFolder(own.index_dir)
    spoil(folder.require_current(), what)
    with pytest.raises(IndexUnavailable, match=message):
        open_index(folder)
    assert not has_index(own)
    reword(own.corpus_dir, "after the damage")
    # Everything is encoded again: what is not needed to show it is left out.
    shutil.rmtree(own.corpus_dir / "wordings")
    (own.corpus_dir / "silent.yaml").unlink()
    report = build_from_settings(own)
    assert report.encoded > 2000, "nothing is taken over from a version that cannot be read"
    assert open_index(folder).version == report.version


def test_only_the_version_in_service_and_the_one_before_are_kept(own: Settings) -> None:
    names = []
    for number in range(3):
        reword(own.corpus_dir, f"edit {number}")
        names.append(build_from_settings(own).version)
    kept = {path.name for path in own.index_dir.iterdir() if path.is_dir()}
    assert kept == set(names[1:])


def test_two_processes_that_swap_never_leave_a_reader_without_an_index(own: Settings) -> None:
    folder = IndexFolder(own.index_dir)
    first = folder.require_current().name
    reword(own.corpus_dir, "a second version")
    second = build_from_settings(own).version
    script = (
        "import sys; from pathlib import Path; from bot.index import IndexFolder\n"
        "for _ in range(200): IndexFolder(Path(sys.argv[1])).use(sys.argv[2])"
    )
    swapping = [
        subprocess.Popen([sys.executable, "-c", script, own.index_dir, version], stderr=subprocess.PIPE)
        for version in (first, second)
    ]
    reads = 0
    while any(process.poll() is None for process in swapping):
        assert folder.require_current().name in {first, second}
        reads += 1
    assert [process.returncode for process in swapping] == [0, 0]
    assert reads > 100


@pytest.mark.parametrize("content", [b"\xff\xfe", b""])
def test_a_spoilt_pointer_is_named_or_counts_as_none(own: Settings, content: bytes) -> None:
    (own.index_dir / "current").write_bytes(content)
    with pytest.raises(IndexUnavailable, match="run: careleaf index"):
        open_index(IndexFolder(own.index_dir))


def test_an_index_folder_that_cannot_be_made_names_the_setting(own: Settings, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    with pytest.raises(IndexUnavailable, match="set CARELEAF_INDEX_DIR"):
        build_from_settings(own.model_copy(update={"index_dir": tmp_path / "a file" / "index"}))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("triage.yaml", "response: seizure", "response: seizur", "response 'seizur' has no 'first'"),
        ("triage.yaml", "all: [", "all: [nothing_known, ", "no concept 'nothing_known'"),
        ("sources.yaml", "kind: guideline\n", "kind: hearsay\n", "kind 'hearsay' has no words"),
        ("articles/finding-out/is-cp-curable.md", "{#cure ", "{#remedy ", "no passage 'is-cp-curable#cure'"),
    ],
)
def test_nothing_that_would_fail_when_serving_goes_into_service(
    own: Settings, file: str, old: str, new: str, message: str
) -> None:
    before = IndexFolder(own.index_dir).current()
    path = own.corpus_dir / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        build_from_settings(own)
    assert IndexFolder(own.index_dir).current() == before


def wait_for_writing(settings: Settings, process: BaseProcess) -> None:
    """Wait until a build writes its version, or is over."""
    while process.is_alive() and not any(settings.index_dir.glob(".building*")):
        time.sleep(0.002)


@pytest.mark.slow
def test_kill_9_at_any_moment_of_a_build_leaves_an_index_that_answers(
    own: Settings, pipeline: Pipeline, builders: BaseContext
) -> None:
    chance = random.Random(20261124)
    folder = IndexFolder(own.index_dir)
    # What is neither shown nor searched only makes each of the builds longer.
    shutil.rmtree(own.corpus_dir / "wordings")
    (own.corpus_dir / "silent.yaml").unlink()
    build(builders, own)
    reword(own.corpus_dir, "timing run")
    started = time.monotonic()
    build(builders, own)
    whole = time.monotonic() - started
    in_service = folder.require_current()
    interrupted = 0
    for number in range(KILLS):
        reword(own.corpus_dir, f"kill {number}")
        whole_new = own.index_dir / version_name(load_corpus(own.corpus_dir), own.model_sha256)
        process = start_build(builders, own)
        # Every other build is killed at any moment of the run, the others while they write: that is soon over.
        if number % 2:
            wait_for_writing(own, process)
            time.sleep(chance.uniform(0.0, 0.3) * whole)
        else:
            time.sleep(chance.uniform(0.0, 1.0) * whole)
        process.kill()
        process.join()
        interrupted += any(own.index_dir.glob(".building*"))
        now = folder.require_current()
        assert now in {in_service, whole_new}, "what serves is the old version or the whole of the new one"
        in_service = now
        opened = Pipeline(OpenIndex(now, own.exact_rows), pipeline.encoder, pipeline.renderer, own)
        answer = opened.ask("can cp be cured")
        assert answer.statements[0].text.startswith("There is no cure"), f"kill {number} broke the index"
    assert interrupted >= 8, "too few kills fell into the writing of a version to prove anything"
    build(builders, own)
    assert not list(own.index_dir.glob(".building*")), "the next build removes what a killed one left"
    assert Pipeline.from_settings(own).ask("can cp be cured").kind == "answer"
