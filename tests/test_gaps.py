"""Gaps: clusters, the report, ``careleaf gaps``, the editors' page, the article stub; on SQLite and PostgreSQL."""

import base64
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from justhtml import JustHTML
from typer.testing import CliRunner

from bot.cli import app
from bot.corpus.article import read_article
from bot.gaps.cluster import gather
from bot.gaps.draft import write_draft
from bot.gaps.report import find_gap, read_report, stale_reviews
from bot.pipeline import Pipeline
from bot.schema import Corpus, NotFound, Review
from bot.settings import Settings, load_settings
from bot.store import Feedback, Reason, Store, Unanswered
from bot.web import create_app
from tests.live import live_server

TODAY = date.today()
TOKEN = "editor-token-0123456789"
LENSES = ["can my son wear contact lenses", "are contact lenses ok for a child", "contact lenses for kids with cp"]
TRAMPOLINE = ["is a trampoline safe for kids with cp", "does trampolining help"]


@pytest.fixture
def database(database: str) -> str:
    """A database with a few questions and thumbs."""
    fill(database)
    return database


def fill(url: str) -> None:
    store = Store(url)
    for place, text in enumerate([*LENSES, *TRAMPOLINE, "tax refund for a car"]):
        store.add_unanswered(text, "en", TODAY - timedelta(days=place))
    store.add_unanswered("asked long ago about horses", "en", TODAY - timedelta(days=31))
    for helpful, passage in [(False, "causes#at-birth"), (False, "is-cp-curable#cure"), (True, "is-cp-curable#cure")]:
        store.add_feedback(
            Feedback(
                answer_id="a" * 20,
                corpus_version="b" * 16,
                passage_ids=(passage,),
                helpful=helpful,
                reason=None if helpful else Reason.UNCLEAR,
            ),
            TODAY,
        )
    store.close()


def asked(texts: list[str]) -> list[Unanswered]:
    return [Unanswered(id=place, asked_on=TODAY, lang="en", text=text) for place, text in enumerate(texts)]


def test_questions_about_the_same_stand_together(pipeline: Pipeline) -> None:
    mixed = [TRAMPOLINE[0], LENSES[0], "tax refund for a car", LENSES[1], TRAMPOLINE[1], LENSES[2]]
    clusters = gather(asked(mixed), pipeline.encoder)
    assert [set(cluster.asked) for cluster in clusters] == [set(LENSES), set(TRAMPOLINE), {"tax refund for a car"}]
    assert gather([], pipeline.encoder) == []


def test_marks_do_not_bring_questions_together(pipeline: Pipeline) -> None:
    clusters = gather(asked(["[name] [number] needs a dog", "[name] [number] wants a passport"]), pipeline.encoder)
    assert len(clusters) == 2


def test_the_report_counts_what_was_kept(database: str, pipeline: Pipeline) -> None:
    store = Store(database)
    report = read_report(store, pipeline, TODAY, days=30)
    assert [(gap.count, gap.newest) for gap in report.gaps] == [
        (3, TODAY),
        (2, TODAY - timedelta(days=3)),
        (1, TODAY - timedelta(days=5)),
    ]
    assert report.questions == 6, "what is older than 30 days is deleted before anything is shown"
    assert len(store.unanswered()) == 6
    assert report.lowest_rated[0].passage_id == "causes#at-birth"
    assert report.reasons == {"unclear": 2}
    assert sum(week.not_helpful for week in report.weeks) == 2
    assert report.unreviewed == len(pipeline.corpus.passages)
    assert sum(report.ages.values()) == len(pipeline.corpus.passages)
    for gap in report.gaps:
        assert pipeline.corpus.passages[gap.nearest].heading == gap.heading
    store.close()


def with_reviews(corpus: Corpus, *reviews: Review) -> Corpus:
    """Return the corpus with the first passages of its first article reviewed so."""
    first = corpus.articles[0]
    passages = tuple(
        passage.model_copy(update={"review": review}) for passage, review in zip(first.passages, reviews, strict=False)
    )
    article = first.model_copy(update={"passages": (*passages, *first.passages[len(passages) :])})
    return corpus.model_copy(update={"articles": (article, *corpus.articles[1:])})


def test_lapsed_and_overdue_reviews_are_stale(corpus: Corpus) -> None:
    overdue = Review(status="reviewed", by="Dr A", on=TODAY, due=TODAY - timedelta(days=1))
    lapsed = Review(status="lapsed", by="Dr B", on=TODAY)
    fresh = Review(status="reviewed", by="Dr C", on=TODAY, due=TODAY)
    changed = with_reviews(corpus, overdue, lapsed, fresh)
    stale = stale_reviews(Corpus(**{name: getattr(changed, name) for name in Corpus.model_fields}), TODAY)
    assert [(review.status, review.by) for review in stale] == [("lapsed", "Dr B"), ("reviewed", "Dr A")]


def test_a_stub_is_an_article_that_only_lacks_what_an_editor_writes(
    database: str, pipeline: Pipeline, tmp_path: Path
) -> None:
    store = Store(database)
    gap = read_report(store, pipeline, TODAY, days=30).gaps[0]
    assert find_gap(store, pipeline, gap.id) == gap
    name, text = write_draft(gap, pipeline.renderer, TODAY)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    article = read_article(path, name)
    assert article.topic == name.removesuffix(".md")
    assert set(article.passages[0].asked) == set(LENSES)
    assert article.group == gap.group
    assert all(source == "TODO-source" for s in article.passages[0].sentences for source in s.sources)
    with pytest.raises(NotFound, match="/admin"):
        find_gap(store, pipeline, 10**9)
    store.close()


def test_the_command_prints_the_report(database: str, built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(built.index_dir))
    monkeypatch.setenv("CARELEAF_DATABASE_URL", database)
    load_settings.cache_clear()
    runner = CliRunner()
    shown = runner.invoke(app, ["gaps"])
    assert shown.exit_code == 0, shown.output
    assert re.search(r"^ +3  .*contact lenses", shown.stdout, re.MULTILINE)
    assert "causes#at-birth" in shown.stdout
    assert json.loads(runner.invoke(app, ["gaps", "--json"]).stdout)["questions"] == 6
    monkeypatch.setenv("CARELEAF_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    load_settings.cache_clear()
    away = runner.invoke(app, ["gaps"])
    assert away.exit_code == 2
    assert "CARELEAF_DATABASE_URL" in away.stderr
    load_settings.cache_clear()


def served(built: Settings, database: str, **settings: Any) -> TestClient:
    chosen = Settings(**(built.model_dump() | {"database_url": database} | settings))
    return TestClient(create_app(chosen), raise_server_exceptions=False)


def basic(token: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"editor:{token}".encode()).decode()}


PATHS = ["/admin", "/admin/report.json", "/admin/drafts/1"]


@pytest.mark.parametrize("path", PATHS)
def test_the_page_is_off_by_default(client: TestClient, path: str) -> None:
    assert client.get(path, headers=basic(TOKEN)).status_code == 404


def test_the_page_wants_the_token(built: Settings, tmp_path: Path) -> None:
    with served(built, f"sqlite:///{tmp_path / 'store.db'}", admin_token=TOKEN) as client:
        for path in PATHS:
            for headers in (
                {},
                basic("wrong-token-0123456789"),
                {"authorization": f"Bearer {TOKEN}x"},
                {"authorization": TOKEN},
                {"authorization": "Basic %%%"},
                {"x-remote-user": "editor"},
            ):
                response = client.get(path, headers=headers)
                assert response.status_code == 401
                assert response.headers["www-authenticate"].startswith("Basic")
                assert response.headers["content-type"] == "application/problem+json"
        assert client.get("/admin", headers=basic(TOKEN)).status_code == 200
        assert client.get("/admin", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_proxy_that_is_believed_may_sign_editors_in(built: Settings, tmp_path: Path) -> None:
    changes = {"database_url": f"sqlite:///{tmp_path / 'store.db'}", "admin_header": "X-Remote-User"}
    signed = {"x-remote-user": "editor", "x-forwarded-for": "203.0.113.9"}
    with live_server(Settings(**(built.model_dump() | changes))) as address:
        assert httpx.get(f"{address}/admin", headers=signed).status_code == 200
        assert httpx.get(f"{address}/admin", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 401
        assert httpx.get(f"{address}/admin", headers=basic("")).status_code == 401
    with live_server(Settings(**(built.model_dump() | changes | {"admin_proxies": "10.0.0.0/8"}))) as address:
        pretends = signed | {"x-forwarded-for": "10.0.0.1"}
        assert httpx.get(f"{address}/admin", headers=pretends).status_code == 401, "a client cannot name itself a proxy"


def test_the_page_shows_gaps_ratings_and_plots(built: Settings, database: str, pipeline: Pipeline) -> None:
    with served(built, database, admin_token=TOKEN, keep_unanswered=True) as client:
        response = client.get("/admin", headers=basic(TOKEN))
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["cache-control"] == "no-store"
        page = JustHTML(response.text, sanitize=False)
        assert "<script" not in response.text
        assert "contact lenses" in response.text
        plots = page.query("svg.plot")
        assert len(plots) == 4
        for plot in plots:
            assert plot.query("rect")
        rows = [row.to_text() for row in page.query("table tr")]
        assert any(pipeline.corpus.passages["is-cp-curable#cure"].heading in row for row in rows)
        links = [str((link.attrs or {})["href"]) for link in page.query("a") if "drafts" in str(link.attrs)]
        draft = client.get(links[0], headers=basic(TOKEN))
        assert draft.headers["content-disposition"].startswith('attachment; filename="')
        assert "> asked: " in draft.text
        report = client.get("/admin/report.json", headers=basic(TOKEN)).json()
        assert report["questions"] == 6
        assert client.get("/admin/drafts/999999999", headers=basic(TOKEN)).status_code == 404


def test_an_empty_store_shows_an_empty_page(built: Settings, tmp_path: Path) -> None:
    with served(built, f"sqlite:///{tmp_path / 'store.db'}", admin_token=TOKEN) as client:
        page = client.get("/admin", headers=basic(TOKEN))
        assert page.status_code == 200
        assert "CARELEAF_KEEP_UNANSWERED" in page.text


def test_a_store_that_is_away_is_said(built: Settings) -> None:
    with served(built, "postgresql://nobody@127.0.0.1:1/none", admin_token=TOKEN) as client:
        response = client.get("/admin", headers=basic(TOKEN))
        assert response.status_code == 503
        assert response.json()["type"] == "urn:careleaf:problem:store-unavailable"
