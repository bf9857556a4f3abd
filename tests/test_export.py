"""The export: valid pages, schema.org data, a sitemap, a search without a server, JSON lines, CSV."""

import csv
import io
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from justhtml import JustHTML
from tinyhtml5.parser import HTMLParser
from typer.testing import CliRunner

from bot.cli import app
from bot.export import FaqItem, read_items, write_csv, write_jsonl, write_site
from bot.pipeline import Pipeline
from bot.schema import CareleafError
from bot.settings import Settings, load_settings
from bot.verify import read_answer, verify_answer
from tests.chromium import page_after_scripts

URL = "https://careleaf.example/faq"
TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": r"^https?://[^\s]+$"}
FAQ_PAGE: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "@type", "url", "dateModified", "mainEntity"],
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "FAQPage"},
        "url": ADDRESS,
        "dateModified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "mainEntity": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["@type", "name", "acceptedAnswer"],
                "properties": {
                    "@type": {"const": "Question"},
                    "name": TEXT,
                    "acceptedAnswer": {
                        "type": "object",
                        "required": ["@type", "text", "citation"],
                        "properties": {
                            "@type": {"const": "Answer"},
                            "text": TEXT,
                            "citation": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["@type", "name"],
                                    "properties": {
                                        "@type": {"const": "CreativeWork"},
                                        "name": TEXT,
                                        "url": ADDRESS,
                                        "datePublished": {"type": "string", "pattern": r"^\d{4}$"},
                                    },
                                    "additionalProperties": {"type": ["string", "object"]},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What Google's and schema.org's pages ask of a FAQPage, and a citation in every answer."""


@pytest.fixture(scope="module")
def items(pipeline: Pipeline) -> list[FaqItem]:
    return list(read_items(pipeline))


@pytest.fixture(scope="module")
def site(items: list[FaqItem], pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "site"
    pages = write_site(items, pipeline.corpus, pipeline.renderer, folder, f"{URL}/")
    assert pages == len(list(folder.glob("*.html")))
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, JustHTML]:
    """Every page, parsed as a browser parses it."""
    return {path.name: JustHTML(path.read_text(encoding="utf-8"), sanitize=False) for path in site.glob("*.html")}


def test_every_passage_is_asked_and_answered(items: list[FaqItem], pipeline: Pipeline) -> None:
    assert [item.passage.id for item in items] == list(pipeline.corpus.passages)
    for item in items:
        shown = {statement.passage_id for statement in item.answer.statements}
        assert item.passage.id in shown or item.kept, "nothing of the corpus is left out"
        assert verify_answer(item.answer, pipeline.corpus, pipeline.renderer).verified


def attribute(node: Any, name: str) -> str:
    return str((node.attrs or {}).get(name))


def faults_of(page: str) -> list[str]:
    """Return what the HTML standard calls a parse error."""
    parser = HTMLParser()
    parser.parse(page)
    return [str(code) for _, code, _ in parser.errors]


def test_every_page_is_valid_html(site: Path, pipeline: Pipeline) -> None:
    pages = {path.name: faults_of(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}
    assert len(pages) == len(pipeline.corpus.articles) + 1
    assert {name: faults for name, faults in pages.items() if faults} == {}


@pytest.mark.parametrize("page", ["<!doctype html><p><b>x</p>", "<!doctype html><a href=x href=y></a>", "<p>x</p>"])
def test_the_parser_would_find_a_fault(page: str) -> None:
    assert faults_of(page)


def test_no_page_has_a_script_of_its_own_or_an_identifier_twice(site: Path, pages: dict[str, JustHTML]) -> None:
    for name, page in pages.items():
        for script in page.query("script"):
            assert attribute(script, "src") == "search.js" or attribute(script, "type") == "application/ld+json"
        assert page.query("[style]") == []
        text = (site / name).read_text(encoding="utf-8")
        assert not re.search(r"\son\w+=", text)
        found = [attribute(node, "id") for node in page.query("[id]")]
        assert len(found) == len(set(found)), name


def test_every_link_within_the_site_leads_somewhere(site: Path, pages: dict[str, JustHTML]) -> None:
    anchors = {name: {attribute(node, "id") for node in page.query("[id]")} for name, page in pages.items()}
    for name, page in pages.items():
        for link in page.query("a"):
            target = attribute(link, "href")
            if target.startswith(("http://", "https://")):
                continue
            file, _, anchor = target.partition("#")
            assert (site / (file or name)).is_file(), f"{name}: {target}"
            assert not anchor or anchor in anchors[file or name], f"{name}: {target}"


def test_each_page_of_a_topic_carries_its_questions_for_search_engines(
    site: Path, pages: dict[str, JustHTML], items: list[FaqItem]
) -> None:
    asked = []
    for name, page in pages.items():
        if name == "index.html":
            continue
        text = (site / name).read_text(encoding="utf-8")
        block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        assert block, name
        document = json.loads(block[1])
        jsonschema.validate(document, FAQ_PAGE)
        assert document["url"] == f"{URL}/{name}"
        visible = " ".join(page.to_text().split())
        for question in document["mainEntity"]:
            asked.append(question["name"])
            assert question["name"] in visible
    assert asked and sorted(asked) == sorted(item.passage.heading for item in items)


def test_what_search_engines_read_is_what_stands_there(pages: dict[str, JustHTML], items: list[FaqItem]) -> None:
    for item in items:
        article = pages[f"{item.passage.topic}.html"].query(f"#{item.slug}")[0]
        given = [p.to_text().strip() for p in article.query("p.statement")]
        plain = [re.sub(r"\s*\d*$", "", re.sub(r"\s+", " ", text)) for text in given]
        assert len(given) == len(item.answer.statements)
        for text, statement in zip(plain, item.answer.statements, strict=True):
            assert re.sub(r"[\s\d]", "", statement.text) == re.sub(r"[\s\d]", "", text)
            assert statement.text in item.plain
        assert item.answer.caveat in item.plain


def test_an_element_of_script_cannot_be_ended_from_within(items: list[FaqItem]) -> None:
    from bot.export.linked import faq_page

    passage = items[0].passage.model_copy(update={"heading": "</script><script>alert(1)</script>"})
    hostile = FaqItem(passage=passage, answer=items[0].answer, opening=(), kept=())
    assert "<" not in faq_page([hostile], URL)
    assert json.loads(faq_page([hostile], URL))["mainEntity"][0]["name"] == passage.heading


def test_the_sitemap_names_every_page_once(site: Path) -> None:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    root = ElementTree.parse(site / "sitemap.xml").getroot()
    assert root.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}urlset"
    named = [str(place.text) for place in root.findall("s:url/s:loc", space)]
    files = {f"{URL}/{path.name}" for path in site.glob("*.html") if path.name != "index.html"}
    assert sorted(named) == sorted({f"{URL}/"} | files)
    for day in root.findall("s:url/s:lastmod", space):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(day.text))
    assert f"Sitemap: {URL}/sitemap.xml" in (site / "robots.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The folder by a plain file server."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("where", ["server", "disk"])
def test_the_search_finds_in_a_real_browser(where: str, served: str, site: Path) -> None:
    base = served if where == "server" else site.as_uri()
    page = JustHTML(page_after_scripts(f"{base}/index.html?q=when+does+botox+wear+off"), sanitize=False)
    links = [attribute(link, "href") for link in page.query("#results a")]
    assert 1 < len(links) <= 12
    assert "botulinum-toxin.html#how-long" in links[:3]


def test_the_search_says_when_there_is_nothing_and_shows_what_was_typed_as_text(served: str) -> None:
    page = page_after_scripts(f"{served}/index.html?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3Ezzqq")
    results = re.search(r'id="results".*?</div>', page, re.DOTALL)
    assert results
    assert "<img" not in page
    none = page_after_scripts(f"{served}/index.html?q=zzqq")
    assert "Nothing found" in re.sub(r"<div[^>]*>", "", none[none.index('id="results"') :][:400])


def test_json_lines_hold_answers_that_verify(items: list[FaqItem], pipeline: Pipeline) -> None:
    out = io.StringIO()
    assert write_jsonl(items, out) == len(items)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(items)
    for line in lines[::20]:
        record = json.loads(line)
        answer = read_answer(json.dumps(record["answer"]))
        assert answer == pipeline.ask(record["question"])
        assert verify_answer(answer, pipeline.corpus, pipeline.renderer).verified


def test_csv_reads_back(items: list[FaqItem]) -> None:
    out = io.StringIO()
    assert write_csv(items, out) == len(items)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["passage_id"] for row in rows] == [item.passage.id for item in items]
    for row, item in zip(rows, items, strict=True):
        for statement in item.answer.statements:
            assert statement.text + "".join(f"[{n}]" for n in statement.citations) in row["answer"].splitlines()
        assert row["caveat"] == item.answer.caveat
        assert row["sources"].count("\n") == len(item.answer.citations) - 1
        assert not row["question"].startswith(("=", "+", "-", "@")), "a spreadsheet would run it"


def test_a_folder_of_somebody_else_is_left_alone(items: list[FaqItem], pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("mine", encoding="utf-8")
    with pytest.raises(CareleafError, match="not an export of ours"):
        write_site(items, pipeline.corpus, pipeline.renderer, tmp_path, URL)
    assert (tmp_path / "photo.jpg").read_text(encoding="utf-8") == "mine"


def test_an_export_is_replaced_and_is_the_same_each_time(
    items: list[FaqItem], pipeline: Pipeline, site: Path, tmp_path: Path
) -> None:
    again = tmp_path / "site"
    for _ in range(2):
        write_site(items, pipeline.corpus, pipeline.renderer, again, URL)
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in site.iterdir()}


def test_the_commands_write_what_they_say(built: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CARELEAF_INDEX_DIR", str(built.index_dir))
    # The first questions are enough here: every one of them takes its time to answer.
    monkeypatch.setattr("bot.export.read_items", lambda pipeline: islice(read_items(pipeline), 5))
    load_settings.cache_clear()
    runner = CliRunner()
    refused = runner.invoke(app, ["export", "site", str(tmp_path / "site")])
    assert refused.exit_code == 2
    assert "--url" in refused.stderr
    made = runner.invoke(app, ["export", "site", str(tmp_path / "site"), "--url", URL])
    assert made.exit_code == 0, made.output
    assert f"{len(list((tmp_path / 'site').glob('*.html')))} pages" in made.stdout
    assert runner.invoke(app, ["export", "jsonl", str(tmp_path / "faq.jsonl")]).exit_code == 0
    lines = (tmp_path / "faq.jsonl").read_text(encoding="utf-8").splitlines()
    assert [bool(json.loads(line)["answer"]["answer_id"]) for line in lines] == [True] * 5
    assert runner.invoke(app, ["export", "csv"]).stdout.startswith("passage_id,")
    nowhere = runner.invoke(app, ["export", "csv", str(tmp_path / "no" / "where.csv")])
    assert nowhere.exit_code == 2
    assert "cannot be written" in nowhere.stderr
    load_settings.cache_clear()
