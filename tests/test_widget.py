"""What the widget loads: its words, its passages, its own files; readable from any site, and nothing else is."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from bot.compose.wording import load_words
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.web import create_app
from bot.web.language import interface_words
from bot.web.lean import STATIC, join_modules, read_lean
from bot.web.typeahead import MOST_BYTES, by_turns, listed, questions, weight
from bot.web.widget import may_ask, widget_words
from tests.conftest import ROOT
from tests.pseudo import ACCENTED, MIRRORED, copy_with_pseudo_locales

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")}


def test_every_word_that_the_component_says_is_in_the_catalogue(pipeline: Pipeline) -> None:
    words = widget_words(pipeline.renderer.words("en")) | {"starters": [], "person_url": ""}
    used = set(re.findall(r"\bwords\.(\w+)", "\n".join(SOURCES.values()))) - {"json", "closed"}
    used |= set(re.findall(r"tool\('(\w+)'", SOURCES["answer.js"]))
    assert used - set(words) - {"launcher", "open_elsewhere"} == set()
    page = set(re.findall(r"words\.page\.(\w+)", "\n".join(SOURCES.values())))
    assert page <= set(words["page"])
    unused = set(words) - used - {"lang", "reasons"}
    assert unused == set(), "a word that nobody says"


def test_no_sentence_stands_in_the_component() -> None:
    for name, source in SOURCES.items():
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)
        said = [text for text in re.findall(r"'([^'\n]*)'", code) if re.match(r"[A-Z][a-z]+ [a-z]+ ", text)]
        assert said == [], name


SINKS = "innerHTML outerHTML insertAdjacentHTML DOMParser eval( Function( document.write srcdoc setHTML".split()


@pytest.mark.parametrize("sink", SINKS)
def test_no_text_is_made_markup(sink: str) -> None:
    assert [name for name, code in SOURCES.items() if sink in code] == []


def test_the_widget_needs_no_package() -> None:
    imports = re.findall(r"(?:from|import)\(?\s*[`']([^`']+)", "\n".join(SOURCES.values()))
    assert [name for name in imports if not name.startswith(("./", "${this.server}widget/"))] == []


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_what_is_served_lacks_only_comments_and_indentation(client: TestClient, name: str) -> None:
    lean = read_lean(name)
    assert not re.search(r"^\s*(//|/\*\*)", lean, re.MULTILINE)
    code = [line.strip() for line in SOURCES[name].splitlines()]
    kept = [line for line in lean.splitlines() if line]
    assert [line for line in kept if line not in code] == []
    comments = [line for line in code if line and line not in kept]
    assert [line for line in comments if not line.startswith(("/", "*"))] == []


def test_the_component_is_served_as_one_module_that_holds_them_all(client: TestClient) -> None:
    served = client.get("/widget/chat.js")
    assert served.headers["content-type"].startswith("text/javascript")
    lines = served.text.splitlines()
    for name in set(SOURCES) - {"widget.js"}:
        code = [line for line in read_lean(name).splitlines() if not line.startswith("import ")]
        assert "\n".join(code).replace("export ", "") in served.text, name
    assert [line for line in lines if line.startswith("import ") or "import(" in line] == []
    assert [line for line in lines if line.startswith("export ")] == ["export {start};"]
    assert client.get("/widget.js").headers["content-type"].startswith("text/javascript")


def test_no_two_modules_declare_the_same_name() -> None:
    """They share one scope where they are served as one."""
    names = [
        name
        for source in SOURCES.values()
        for name in re.findall(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", source, re.MULTILINE)
    ]
    assert len(names) > 40
    assert sorted(names) == sorted(set(names))


def test_every_module_is_imported_and_says_what_it_imports_in_one_line() -> None:
    joined = join_modules()
    for name, source in SOURCES.items():
        for line in re.findall(r"^import .*", source, re.MULTILINE):
            assert re.fullmatch(r"import \{[\w, ]+\} from '\./\w+\.js';", line), f"{name}: {line}"
    first = joined.index("class Chat")
    assert all(joined.index(said) < first for said in ("const h =", "export function h") if said in joined)


@pytest.mark.parametrize("name", ["tokens.css", "answer.css", "chat.css"])
def test_a_style_sheet_loses_only_spaces_that_mean_nothing(name: str) -> None:
    source = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    lean = read_lean(name)
    assert re.sub(r"[\s;]", "", lean) == re.sub(r"[\s;]", "", source)
    for kept in (" + ", " - ", " > ", "1px solid", "0 auto", " and ", ") :is("):
        assert lean.count(kept) == source.count(kept), kept


def test_code_and_words_may_be_read_from_any_site_but_answers_may_not(client: TestClient) -> None:
    for path in ("/widget.js", "/widget/chat.js", "/widget/style.css", "/widget/words.json", "/widget/questions.json"):
        assert (
            client.get(path, headers={"origin": "https://host.example"}).headers["access-control-allow-origin"] == "*"
        )
    asked = client.post("/api/v1/ask", json={"question": "x"}, headers={"origin": "https://host.example"})
    assert "access-control-allow-origin" not in asked.headers


def test_a_site_learns_whether_it_may_ask(client: TestClient) -> None:
    other = {"origin": "https://host.example"}
    closed = client.get("/widget/words.json", headers=other).json()["closed"]
    assert "origin" in client.get("/widget/words.json", headers=other).headers["vary"].lower()
    assert "CARELEAF_CORS_ORIGINS=https://host.example" in closed["why"]
    assert "closed" not in client.get("/widget/words.json").json(), "our own page"
    assert may_ask("https://host.example", ("https://host.example",))
    assert may_ask("https://host.example", ("*",))
    assert not may_ask("https://host.example.evil.example", ("https://host.example",))
    assert not may_ask("null", ("https://host.example",))


def test_the_loader_knows_the_launchers_words(client: TestClient, pipeline: Pipeline) -> None:
    loader = client.get("/widget.js").text
    assert pipeline.renderer.words("en")["widget"]["launcher"] in loader
    assert "/*WORDS*/" not in loader


def test_a_language_without_a_whole_catalogue_speaks_english(pipeline: Pipeline) -> None:
    words = interface_words(pipeline, "ar-EG")
    assert words["interface"] == "en"
    assert words["dir"] == "ltr"


def test_pseudo_locales_say_every_word_of_the_interface_otherwise(settings: Settings, tmp_path: Any) -> None:
    words = load_words(copy_with_pseudo_locales(settings.templates_dir, tmp_path / "templates"))
    english = load_words(ROOT / "templates")["en"]
    assert words[MIRRORED]["dir"] == "rtl"
    for lang in (ACCENTED, MIRRORED):
        assert words[lang]["interface"] == lang
        for part in ("page", "widget", "topics_page", "link_page", "about_page"):
            same = [name for name, said in english[part].items() if words[lang][part][name] == said]
            assert same == [], f"{lang}.{part}"
            for name, said in english[part].items():
                if isinstance(said, str):
                    assert re.findall(r"\{\w+\}", words[lang][part][name]) == re.findall(r"\{\w+\}", said)


def test_a_topic_opens_with_its_own_questions(client: TestClient, pipeline: Pipeline) -> None:
    words = client.get("/widget/words.json", params={"topic": "botulinum-toxin"}).json()
    own = [passage.heading for passage in pipeline.corpus.topics["botulinum-toxin"].passages]
    assert words["starters"] == own[:4]
    assert client.get("/widget/words.json", params={"topic": "nothing"}).status_code == 404
    assert client.get("/widget/nothing.js").status_code == 404


def test_type_ahead_knows_a_question_of_every_topic_and_families_words(client: TestClient, pipeline: Pipeline) -> None:
    sent = client.get("/widget/questions.json").json()
    known, also = set(sent["questions"]), sent["also"]
    assert len(sent["questions"]) == len(known)
    assert known <= {passage.heading for passage in pipeline.corpus.passages.values()}
    for article in pipeline.corpus.articles:
        assert article.passages[0].heading in known, article.topic
    assert "botox" in also["botulinum toxin"]
    text = "\n".join(known).lower()
    assert [term for term in also if term not in text] == []


def test_type_ahead_takes_what_its_share_of_the_widget_allows(pipeline: Pipeline) -> None:
    """A corpus that grows does not make the widget heavier: it takes fewer questions of each topic."""
    sent = questions(pipeline)
    assert MOST_BYTES * 0.95 < weight(sent) <= MOST_BYTES
    ordered = by_turns(pipeline.corpus)
    assert set(sent["questions"]) == set(ordered[: len(sent["questions"])])
    firsts = [article.passages[0].heading for article in pipeline.corpus.articles]
    assert ordered[: len(firsts)] == firsts
    assert weight(listed(pipeline.corpus, ordered[: len(sent["questions"]) + 1])) > MOST_BYTES


def test_a_passage_is_shown_with_its_sentences_and_hard_words(client: TestClient, pipeline: Pipeline) -> None:
    passage = pipeline.corpus.passages["is-cp-curable#cure"]
    shown = client.get("/api/v1/passages/is-cp-curable%23cure").json()
    assert shown["text"] == passage.text
    assert shown["sha256"] == passage.sha256
    assert [one["text"] for one in shown["sentences"]] == [
        passage.sentence_text(number) for number in range(len(passage.sentences))
    ]
    assert [one["text"] for one in shown["sentences"]] == [
        shown["text"][one["start"] : one["end"]] for one in shown["sentences"]
    ]


def test_every_hard_word_stands_in_its_passage(client: TestClient, pipeline: Pipeline) -> None:
    explained = 0
    for passage in list(pipeline.corpus.passages.values())[::25]:
        shown = client.get(f"/api/v1/passages/{passage.id.replace('#', '%23')}").json()
        for term in shown["terms"]:
            assert term["word"] in passage.text
            assert term["definition"]
            assert term["word"].lower() not in ("cp", "cerebral palsy")
        explained += len(shown["terms"])
    assert explained > 20


def test_a_passage_is_the_same_at_both_its_addresses(client: TestClient) -> None:
    for accept in ("application/json", "text/markdown", "text/html", "text/plain"):
        by_id = client.get("/api/v1/passages/is-cp-curable%23cure", headers={"accept": accept})
        by_name = client.get("/api/v1/faq/is-cp-curable/cure", headers={"accept": accept})
        assert by_id.status_code == 200
        for header in ("content-type", "content-language", "etag", "cache-control"):
            assert by_id.headers[header] == by_name.headers[header]
        assert by_id.content == by_name.content


def test_an_unknown_passage_is_a_problem(client: TestClient) -> None:
    response = client.get("/api/v1/passages/nothing%23here")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_the_font_is_ours_with_its_licence(client: TestClient) -> None:
    css = client.get("/static/careleaf.css").text
    fonts = re.findall(r"url\((fonts/[^)]+)\)", css)
    assert len(fonts) == 4
    for font in fonts:
        assert client.get(f"/static/{font}").content[:4] == b"wOF2"
    assert "SIL Open Font License" in (STATIC / "fonts/LICENSE").read_text(encoding="utf-8")


def test_the_loaders_one_colour_is_the_tokens() -> None:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    accent = re.search(r"--careleaf-accent,(#\w+)", SOURCES["widget.js"])
    assert accent is not None
    assert f"--leaf: var(--careleaf-accent, {accent[1]});" in tokens


def test_a_colour_stands_in_the_tokens_alone() -> None:
    for name in ("answer.css", "chat.css", "careleaf.css"):
        css = (STATIC / name).read_text(encoding="utf-8")
        css = re.sub(r"rect\.grade-[^}]+}", "", css)
        assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", css)) <= {"#fff", "#000"}, f"{name}: paper in print aside"


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours, 1 to 21."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_colours_can_be_read(scheme: int) -> None:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--([\w-]+):[^;]*light-dark\((#\w+), (#\w+)\)", tokens)
    colour = {name: (light, dark)[scheme] for name, light, dark in pairs}
    read = (
        "ink/paper ink/card quiet/paper quiet/card leaf/paper leaf/card leaf-ink/leaf leaf/leaf-paper ink/leaf-paper "
        "amber/amber-paper amber/paper ink/amber-paper brick/brick-paper brick-ink/brick"
    )
    text = [tuple(pair.split("/")) for pair in read.split()]
    assert {
        f"{a} on {b}": contrast(colour[a], colour[b]) for a, b in text if contrast(colour[a], colour[b]) < 4.5
    } == {}
    assert contrast(colour["edge"], colour["paper"]) >= 3


def test_light_values_are_the_same_where_a_browser_knows_no_light_dark() -> None:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    plain, schemes = tokens.split("@supports", 1)
    for name, light in re.findall(r"--([\w-]+):[^;]*light-dark\((#\w+),", schemes):
        assert re.search(rf"--{name}: (?:var\([^,]+, )?{light}\)?;", plain), name


def test_every_attribute_part_and_property_is_documented() -> None:
    page = (ROOT / "docs/widget.md").read_text(encoding="utf-8")
    code = "\n".join(SOURCES.values())
    attributes = set(re.findall(r"(?:this|element)\.getAttribute\('(\w+)'\)", code))
    assert {"layout", "lang", "topic", "person", "server", "heading", "label"} <= attributes
    parts = set(re.findall(r"part: '(\w+)'", code)) | {"answer", "emergency", "launcher", "sheet", "forget", "close"}
    css = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.css"))
    properties = set(re.findall(r"--careleaf-[\w-]+", css + code))
    missing = [f"`{name}`" for name in sorted(attributes | parts | properties) if f"`{name}`" not in page]
    assert [name for name in missing if name != "`emergency`"] == []


def test_the_pictures_are_those_that_are_made_and_small() -> None:
    from tests.pictures import SCHEMES, SHOWN

    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs/pictures").glob("*.png")}
    assert set(pictures) == {f"{name.replace(' ', '-')}-{scheme}.png" for name in SHOWN for scheme in SCHEMES}
    assert max(pictures.values()) <= 150_000
    assert len(SHOWN) == 10


def test_nothing_moves_by_itself() -> None:
    for path in STATIC.glob("*.css"):
        assert re.findall(r"transition|animation|(?<!over)scroll-behavior", path.read_text(encoding="utf-8")) == [], (
            path.name
        )


def test_the_operator_says_where_a_person_is_reached_and_what_is_kept(built: Settings) -> None:
    own = {"person_url": "tel:+441234", "keep_unanswered": True, "keep_days": 12}
    with TestClient(create_app(built.model_copy(update=own))) as running:
        said = running.get("/widget/words.json").json()
        assert said["person_url"] == "tel:+441234"
        assert '<a href="tel:+441234">Talk to a person</a>' in running.get("/").text
        assert '<a href="tel:+441234">+441234</a>' in running.get("/about").text.partition('id="person"')[2]
        for page in (said["page"]["privacy"], running.get("/").text, running.get("/about").text):
            assert "kept for 12 days" in page, "what the operator keeps is said where something is written"
            assert "Nothing you write" not in page
    with TestClient(create_app(built)) as running:
        assert '<a href="/about#person">Talk to a person</a>' in running.get("/").text
        assert "names this way to a person" not in running.get("/about").text
    with pytest.raises(ValidationError):
        Settings(person_url="javascript:alert(1)")
