"""Versions as archives: packed, pushed, pulled, put back; nothing that was changed on the way goes into service."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.building import build_from_settings
from bot.cli import app
from bot.index import IndexFolder, open_index
from bot.index.archive import Archive, hash_of, pack
from bot.index.exchange import pull, push
from bot.schema import IndexUnavailable
from bot.settings import Settings, load_settings
from tests.servers import own_s3
from tests.test_index import reword

runner = CliRunner()


@pytest.fixture(scope="module")
def pushed(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the version in service was pushed to, once for all tests: packing takes seconds."""
    place = tmp_path_factory.mktemp("pushed")
    folder = IndexFolder(built.index_dir)
    push(folder, folder.require_current(), str(place))
    return place


@pytest.fixture
def away(pushed: Path, tmp_path: Path) -> Path:
    """A folder that the version in service was pushed to, and that may be spoilt."""
    return Path(shutil.copytree(pushed, tmp_path / "away"))


def test_the_same_files_give_the_same_archive_named_by_its_hash(built: Settings, tmp_path: Path) -> None:
    version = IndexFolder(built.index_dir).require_current()
    copy = tmp_path / version.name
    shutil.copytree(version, copy)
    first, second = pack(version, tmp_path / "a"), pack(copy, tmp_path / "b")
    assert first == second
    assert hash_of(tmp_path / "a" / first.file) == first.sha256


def test_a_pulled_version_answers_as_the_one_that_was_pushed(built: Settings, away: Path, tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path / "replica")
    place = pull(folder, str(away), None, built.model_sha256)
    assert folder.current() == place
    assert place.name == IndexFolder(built.index_dir).require_current().name
    assert open_index(folder).corpus == open_index(IndexFolder(built.index_dir)).corpus
    assert pull(folder, str(away), place.name, built.model_sha256) == place, "a second pull changes nothing"


def spoil_archive(away: Path) -> None:
    path = next(away.glob("*.tar.gz"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def spoil_file_hash(away: Path) -> None:
    path = next(away.glob("*.json"))
    archive = json.loads(path.read_text(encoding="utf-8"))
    archive["files"]["corpus.json"] = "0" * 64
    path.write_text(json.dumps(archive), encoding="utf-8")


def spoil_names(away: Path) -> None:
    path = next(away.glob("*.json"))
    archive = json.loads(path.read_text(encoding="utf-8"))
    archive["files"]["../outside"] = "0" * 64
    path.write_text(json.dumps(archive), encoding="utf-8")


def spoil_version(away: Path) -> None:
    path = next(away.glob("*.json"))
    archive = json.loads(path.read_text(encoding="utf-8")) | {"version": "0" * 16}
    (away / f"{'0' * 16}.json").write_text(json.dumps(archive), encoding="utf-8")
    (away / "current").write_text("0" * 16, encoding="utf-8")


def spoil_pointer(away: Path) -> None:
    (away / "current").write_text("../../elsewhere", encoding="utf-8")


def spoil_description(away: Path) -> None:
    next(away.glob("*.json")).write_text("{}", encoding="utf-8")


def remove_archive(away: Path) -> None:
    next(away.glob("*.tar.gz")).unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_archive, "damaged or changed"),
        (spoil_file_hash, r"corpus\.json is not the file that was packed"),
        (spoil_names, "holds other files"),
        (spoil_version, "not 0000000000000000"),
        (spoil_pointer, "is not the name of a version"),
        (spoil_description, "does not describe an archive"),
        (remove_archive, "cannot be read"),
    ],
)
def test_what_was_changed_on_the_way_is_named_and_never_serves(
    built: Settings, away: Path, tmp_path: Path, spoil: "object", message: str
) -> None:
    assert callable(spoil)
    spoil(away)
    folder = IndexFolder(tmp_path / "replica")
    with pytest.raises(IndexUnavailable, match=message):
        pull(folder, str(away), None, built.model_sha256)
    assert folder.current() is None
    assert folder.versions() == []
    assert not list(folder.folder.glob(".building*")), "a pull that failed leaves nothing"


def test_another_archive_or_another_model_than_asked_for_is_refused(
    built: Settings, away: Path, tmp_path: Path
) -> None:
    folder = IndexFolder(tmp_path / "replica")
    with pytest.raises(IndexUnavailable, match="not the one that was asked for"):
        pull(folder, str(away), None, built.model_sha256, "f" * 64)
    with pytest.raises(IndexUnavailable, match="another model"):
        pull(folder, str(away), None, "another model")
    assert folder.current() is None


def test_the_commands_pack_push_pull_list_use_and_put_back(
    built: Settings, corpus_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    shutil.copytree(built.index_dir, index, ignore=shutil.ignore_patterns(".building*"))
    folder = IndexFolder(index)
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(index))
    load_settings.cache_clear()
    old = folder.require_current().name

    def command(*words: str) -> str:
        result = runner.invoke(app, ["index", *words])
        assert result.exit_code == 0, result.stderr
        return result.stdout

    assert f"version {old}" in command("push", str(tmp_path / "away"))
    reword(corpus_copy, "a second version")
    new = build_from_settings(built.model_copy(update={"corpus_dir": corpus_copy, "index_dir": index})).version
    assert f"* {new}" in (listed := command("versions"))
    assert f"- {old}" in listed
    assert old in command("use", "--back")
    assert folder.require_current().name == old
    assert new in command("use", new)
    assert folder.require_current().name == new
    assert old in command("pull", str(tmp_path / "away"))
    assert folder.require_current().name == old
    assert new in command("use", "--back"), "a pull can be put back too"
    packed = command("pack", str(tmp_path / "packed"), old)
    Archive.model_validate_json((tmp_path / "packed" / f"{old}.json").read_text(encoding="utf-8"))
    assert "tar.gz: version" in packed
    refused = runner.invoke(app, ["index", "use", "nothing"])
    assert refused.exit_code == 2
    assert "careleaf index versions lists them" in refused.stderr


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a bucket of a real S3-compatible server, whose address and keys stand in the environment."""
    (tmp_path / "s3/bucket").mkdir(parents=True)
    with own_s3(tmp_path / "s3") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path / "s3/bucket"


def test_a_version_goes_through_an_s3_compatible_server(
    built: Settings, bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = IndexFolder(built.index_dir).require_current().name
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(built.index_dir))
    load_settings.cache_clear()
    pushed = runner.invoke(app, ["index", "push", "s3://bucket/careleaf"])
    assert pushed.exit_code == 0, pushed.output
    sha256 = pushed.stdout.strip().rpartition(" ")[2]
    assert {path.name for path in (bucket / "careleaf").iterdir()} == {f"{sha256}.tar.gz", f"{name}.json", "current"}
    assert runner.invoke(app, ["index", "push", "s3://bucket/careleaf"]).exit_code == 0, "a second push changes nothing"
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(tmp_path / "replica"))
    load_settings.cache_clear()
    pulled = runner.invoke(app, ["index", "pull", "s3://bucket/careleaf", "--sha256", sha256])
    assert pulled.exit_code == 0, pulled.output
    here, there = IndexFolder(built.index_dir), IndexFolder(tmp_path / "replica")
    assert there.require_current().name == name
    assert open_index(there).corpus == open_index(here).corpus


def test_what_an_s3_compatible_server_refuses_is_told_and_nothing_goes_into_service(
    built: Settings, bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = IndexFolder(tmp_path / "replica")
    with pytest.raises(IndexUnavailable, match="careleaf index push puts one there"):
        pull(folder, "s3://bucket/nothing-there", None, built.model_sha256)
    here = IndexFolder(built.index_dir)
    push(here, here.require_current(), "s3://bucket/damaged")
    spoil_archive(bucket / "damaged")
    with pytest.raises(IndexUnavailable, match="damaged or changed"):
        pull(folder, "s3://bucket/damaged", None, built.model_sha256)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    with pytest.raises(IndexUnavailable, match="cannot be written") as refused:
        push(here, here.require_current(), "s3://bucket/refused")
    assert "another-secret" not in str(refused.value)
    assert folder.current() is None
