"""Real parts for every test: the real corpus, model, Chroma index and templates."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from bot.building import build_from_settings
from bot.corpus import load_corpus
from bot.encoder import Encoder
from bot.pipeline import Pipeline
from bot.schema import Corpus
from bot.settings import Settings
from bot.triage import Triage
from bot.web import create_app
from tests.postgres import database, postgres  # noqa: F401 - fixtures
from tests.safety.planted import plant
from tests.servers import redis_url  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser import Visitor

ROOT = Path(__file__).resolve().parents[1]
INDEX = ROOT / "var" / "test-index"
"""Kept between runs: a version is named by its content, so an unchanged corpus is not encoded twice."""


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Settings of the checkout, with an index of their own."""
    return Settings(corpus_dir=ROOT / "corpus", templates_dir=ROOT / "templates", index_dir=INDEX, rate_limit="off")


@pytest.fixture(scope="session")
def corpus(settings: Settings) -> Corpus:
    """The real corpus, read from its files."""
    return load_corpus(settings.corpus_dir)


@pytest.fixture(scope="session")
def triage(corpus: Corpus) -> Triage:
    """The real rules, compiled."""
    return Triage(corpus.triage)


@pytest.fixture(scope="session")
def built(settings: Settings) -> Settings:
    """Settings whose index is built."""
    build_from_settings(settings)
    return settings


@pytest.fixture(scope="session")
def pipeline(built: Settings) -> Pipeline:
    """The whole road, opened once."""
    return Pipeline.from_settings(built)


@pytest.fixture(scope="session")
def encoder(settings: Settings) -> Encoder:
    """The encoder that the build brought."""
    return Encoder(settings.model_dir, settings.model_sha256)


@pytest.fixture(scope="session")
def client(built: Settings) -> Iterator[TestClient]:
    """The real application; errors come back as responses, as they do in service."""
    with TestClient(create_app(built), raise_server_exceptions=False) as running:
        yield running


@pytest.fixture(scope="session")
def planted(built: Settings, pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The whole road over a corpus in which somebody planted doses, markup and instructions."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(INDEX, folder / "index")
    faulty = built.model_copy(update={"corpus_dir": plant(folder / "corpus"), "index_dir": folder / "index"})
    build_from_settings(faulty)
    return Pipeline.from_settings(faulty)


@pytest.fixture
def corpus_copy(tmp_path: Path) -> Path:
    """A copy of the corpus in which a test may plant a fault."""
    target = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpus", target)
    return target


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, for the tests of one file: Playwright's event loop must not meet another test's."""
    from tests.browser import open_browser

    with open_browser() as opened:
        yield opened


@pytest.fixture
def visitor(browser: "Browser", site: str) -> Iterator["Visitor"]:
    """Somebody in a window of their own, who has opened nothing yet."""
    from tests.browser import visit

    with visit(browser, site) as coming:
        yield coming


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[int]:
    """The port of another site, which may ask under the name 127.0.0.1 and not under localhost."""
    from tests.elsewhere import another_site

    with another_site() as port:
        yield port


@pytest.fixture(scope="session")
def site(built: Settings, elsewhere: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real application, with pseudo-locales beside English."""
    from tests.browser import serve
    from tests.pseudo import copy_with_pseudo_locales

    templates = copy_with_pseudo_locales(built.templates_dir, tmp_path_factory.mktemp("words") / "templates")
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/careleaf.db"
    own = {
        "templates_dir": templates,
        "database_url": SecretStr(store),
        "cors_origins": (f"http://127.0.0.1:{elsewhere}",),
    }
    with serve(built.model_copy(update=own)) as address:
        yield address
