"""The HTTP face: the same answers, problem documents for everything that fails, a page without JavaScript."""

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.web import create_app

PROBLEM = "application/problem+json"


def ask(client: TestClient, question: str) -> Any:
    return client.post("/api/v1/ask", json={"question": question})


def assert_problem(response: Any, status: int, name: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["type"] == f"urn:careleaf:problem:{name}"
    assert problem["status"] == status
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("can cp be cured", "answer"),
        ("she has been seizing for 8 minutes", "emergency"),
        ("how many mg of baclofen", "redirect"),
        ("best laptop", "no_answer"),
    ],
)
def test_ask_gives_what_the_pipeline_gives(client: TestClient, pipeline: Pipeline, question: str, kind: str) -> None:
    response = ask(client, question)
    assert response.status_code == 200
    assert response.json()["kind"] == kind
    assert response.json() == json.loads(pipeline.ask(question).model_dump_json())


def test_an_answer_verifies_and_a_changed_one_does_not(client: TestClient) -> None:
    answer = ask(client, "can cp be cured").json()
    assert client.post("/api/v1/verify", json=answer).json()["verified"] is True
    answer["statements"][0]["text"] = "There is a cure."
    found = client.post("/api/v1/verify", json=answer).json()
    assert found["verified"] is False
    assert found["faults"][0]["statement"] == 0


def test_sources_are_listed_and_shown_with_the_passages_that_rest_on_them(client: TestClient) -> None:
    listed = client.get("/api/v1/sources").json()
    assert len(listed["sources"]) >= 100
    shown = client.get("/api/v1/sources/novak-2020").json()
    assert shown["id"] == "novak-2020"
    assert shown["passages"]
    circulating = client.get("/api/v1/sources/seed-rehab-000").json()
    assert circulating["commercial"]
    assert circulating["passages"] == [], "a document in circulation supports no passage"


def test_an_unknown_source_says_where_the_known_ones_are(client: TestClient) -> None:
    problem = assert_problem(client.get("/api/v1/sources/nobody-1999"), 404, "not-found")
    assert "GET /api/v1/sources" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        (b'{"question": ""}', 422, "question-refused"),
        (b'{"question": "\\u0000"}', 422, "question-refused"),
        (json.dumps({"question": "x" * 4001}).encode(), 422, "question-refused"),
        (b"{}", 422, "invalid-request"),
        (b"", 422, "invalid-request"),
        (b"not json", 422, "invalid-request"),
        (b'{"question": 7}', 422, "invalid-request"),
        (b'{"question": "x", "lang": "<script>"}', 422, "invalid-request"),
        (b'{"question": "x", "surprise": 1}', 422, "invalid-request"),
        (json.dumps({"question": "x", "lang": "en-" + "a" * 99}).encode(), 422, "invalid-request"),
        (b'{"question": "\\ud800"}', 422, "question-refused"),
        (b"[" * 20_000, 400, "bad-request"),
        (b"\xff\xfe", 422, "invalid-request"),
        (json.dumps({"question": "x" * 1_000_000}).encode(), 413, "body-too-large"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem_document(
    client: TestClient, body: bytes, status: int, name: str
) -> None:
    response = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    assert_problem(response, status, name)


def test_a_question_over_the_limit_is_told_the_limit(client: TestClient) -> None:
    assert "4,000" in ask(client, "x" * 4001).json()["detail"]


def test_a_body_that_does_not_say_how_long_it_is_is_stopped_too(client: TestClient) -> None:
    chunks = (b"x" * 65_536 for _ in range(20))
    response = client.post("/api/v1/ask", content=chunks, headers={"content-type": "application/json"})
    assert_problem(response, 413, "body-too-large")


def test_a_problem_never_repeats_what_was_sent(client: TestClient) -> None:
    for body in ({"question": ["my daughter Zuleika"]}, {"question": "x", "my daughter Zuleika": 1}):
        assert "Zuleika" not in client.post("/api/v1/ask", json=body).text


def test_a_hostile_answer_to_verify_is_refused_or_found_false(client: TestClient) -> None:
    answer = ask(client, "can cp be cured").json()
    answer["statements"][0] |= {"passage_id": "\ud800", "start": 10**30}
    body = json.dumps(answer).encode()
    response = client.post("/api/v1/verify", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (200, 422)
    assert response.status_code == 422 or response.json()["verified"] is False


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/api/v1/ask", 405)])
def test_a_wrong_address_is_a_problem_document(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM


GIVEN = {
    "topic": "is-cp-curable",
    "slug": "cure",
    "name": "cure",
    "passage_id": "is-cp-curable%23cure",
    "answer_id": "0" * 20,
    "source_id": "novak-2020",
    "claim_id": "nothing",
    "term": "spasticity",
    "model": "careleaf",
    "gap_id": "1",
}
"""What stands for the parameters of an address."""

ADDRESSES = [
    "/", "/about", "/about/corpus", "/topics", "/topics/{topic}", "/topics/{topic}/{slug}", "/a/{answer_id}", "/demo",
    "/nowhere", "/admin", "/docs", "/openapi.json", "/static/careleaf.css", "/widget.js", "/widget/chat.js",
    "/widget/style.css", "/widget/words.json", "/widget/questions.json",
]  # fmt: skip
"""Those that the OpenAPI document does not name."""


def test_head_answers_as_get_without_a_body(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    addresses = [path for path, methods in paths.items() if "get" in methods] + ADDRESSES
    assert len(addresses) > 30
    for address in (pattern.format(**GIVEN) for pattern in addresses):
        got, head = client.get(address), client.head(address)
        assert head.status_code == got.status_code != 405, address
        assert head.content == b"", address
        changing = {"x-request-id", "date"}
        assert {name: value for name, value in head.headers.items() if name not in changing} == {
            name: value for name, value in got.headers.items() if name not in changing
        }, address
        assert int(head.headers["content-length"]) == len(got.content), address


def test_head_of_what_is_only_sent_to_is_refused_as_get_is(client: TestClient) -> None:
    response = client.head("/api/v1/ask")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.content == b""


def test_head_of_an_answer_that_has_not_changed_is_304(client: TestClient) -> None:
    tag = client.head("/api/v1/topics").headers["etag"]
    assert client.head("/api/v1/topics", headers={"if-none-match": tag}).status_code == 304


def test_a_fault_of_ours_is_a_problem_document_without_its_inside(built: Settings) -> None:
    app = create_app(built)

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError("secret inside")

    with TestClient(app, raise_server_exceptions=False) as running:
        response = running.get("/breaks")
        problem = assert_problem(response, 500, "unexpected")
        assert "default-src 'none'" in response.headers["content-security-policy"]
        page = running.get("/breaks", headers=BROWSER)
        assert_error_page(page, 500, "Something went wrong")
    assert "secret" not in json.dumps(problem) + page.text


BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def assert_error_page(response: Any, status: int, title: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{title}</h1>" in response.text
    assert f"<title>{title} · Careleaf</title>" in response.text
    assert "If your child is in danger now, call your emergency number first." in response.text
    assert '<a class="button" href="/">Ask a question</a>' in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nowhere", 404, "There is no such page"),
        ("GET", "/topics/x", 404, "There is no such page"),
        ("GET", "/topics/is-cp-curable/x", 404, "There is no such page"),
        ("GET", "/admin", 404, "There is no such page"),
        ("GET", "/static/x.css", 404, "There is no such page"),
        ("GET", "/apiary", 404, "There is no such page"),
        ("GET", "/a/x", 422, "This could not be read"),
        ("GET", "/about?lang=<b>", 422, "This could not be read"),
        ("POST", "/topics", 405, "This could not be read"),
    ],
)
def test_a_person_is_shown_a_page_where_a_program_gets_a_problem(
    client: TestClient, method: str, path: str, status: int, title: str
) -> None:
    assert_error_page(client.request(method, path, headers=BROWSER), status, title)
    for accept in ("*/*", "application/json", "text/html;q=0.5, application/json", "text/plain"):
        response = client.request(method, path, headers={"accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)


@pytest.mark.parametrize("path", ["/api/v1/sources/x", "/api/x", "/v1/models/x", "/mcp/x", "/webhooks/x", "/metrics"])
def test_an_address_for_programs_gives_a_problem_to_a_browser_too(client: TestClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.headers["content-type"] == PROBLEM


def test_a_form_that_is_too_large_is_told_on_a_page(client: TestClient) -> None:
    response = client.post("/", data={"question": "x" * 300_000}, headers=BROWSER)
    assert_error_page(response, 413, "This could not be read")


def test_what_is_gone_has_a_page_and_other_statuses_have_none(built: Settings) -> None:
    app = create_app(built)

    @app.get("/left/{status}")
    def left(status: int) -> None:
        raise HTTPException(status)

    visiting = TestClient(app)
    assert_error_page(visiting.get("/left/410", headers=BROWSER), 410, "This page is no longer here")
    assert visiting.get("/left/401", headers=BROWSER).headers["content-type"] == PROBLEM


def test_a_page_of_an_error_repeats_nothing_of_the_address(client: TestClient) -> None:
    for path in ("/my-daughter-zuleika", "/topics/zuleika", "/a/zuleika?lang=zuleika"):
        assert "zuleika" not in client.get(path, headers=BROWSER).text


def test_before_there_is_an_index_a_person_is_asked_to_come_back(built: Settings) -> None:
    response = TestClient(create_app(built)).get("/", headers=BROWSER)
    assert_error_page(response, 503, "Careleaf is busy")
    assert response.headers["retry-after"] == "5"


def test_before_the_index_is_open_the_process_is_alive_but_not_ready(built: Settings) -> None:
    starting = TestClient(create_app(built))
    assert starting.get("/healthz").json() == {"status": "alive"}
    waiting = starting.get("/readyz")
    assert_problem(waiting, 503, "index-unavailable")
    assert waiting.headers["retry-after"] == "5"
    assert_problem(ask(starting, "what is cp"), 503, "index-unavailable")


def test_ready_says_from_what_it_answers(client: TestClient, pipeline: Pipeline) -> None:
    ready = client.get("/readyz").json()
    assert ready["corpus_version"] == pipeline.corpus.version
    assert ready["passages"] == len(pipeline.corpus.passages)


def test_the_documentation_needs_no_other_server(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text) + re.findall(r"url:\s*'([^']+)'", page.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/"), f"{address} is loaded from elsewhere"
        assert client.get(address).status_code == 200


def test_the_openapi_document_names_every_endpoint_and_its_problems(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) >= {
        "/api/v1/ask",
        "/api/v1/search",
        "/api/v1/suggest",
        "/api/v1/faq",
        "/api/v1/faq/{topic}/{name}",
        "/api/v1/topics",
        "/api/v1/topics/{topic}",
        "/api/v1/claims",
        "/api/v1/claims/{claim_id}",
        "/api/v1/claims/check",
        "/api/v1/glossary",
        "/api/v1/glossary/{term}",
        "/api/v1/corpus",
        "/api/v1/verify",
        "/api/v1/sources",
        "/api/v1/sources/{source_id}",
        "/api/v1/feedback",
        "/v1/chat/completions",
        "/v1/models",
        "/api/v1/passages/{passage_id}",
        "/healthz",
        "/readyz",
    }
    assert PROBLEM in paths["/api/v1/ask"]["post"]["responses"]["422"]["content"]


def test_every_response_says_how_it_may_be_used(client: TestClient) -> None:
    for path in ("/", "/api/v1/sources", "/nowhere"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_page_is_a_form_without_javascript(client: TestClient) -> None:
    page = client.get("/").text
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/widget.js" defer>'], "it is not needed"
    assert '<form class="ask" method="post" action="/">' in page
    assert '<label for="question">' in page
    for link in re.findall(r'href="(/static/[^"]+)"', page):
        assert client.get(link).status_code == 200


def test_the_form_shows_the_answer_with_numbered_sources(client: TestClient, pipeline: Pipeline) -> None:
    page = client.post("/", data={"question": "can cp be cured"}).text
    answer = pipeline.ask("can cp be cured")
    assert "There is no cure for cerebral palsy." in page
    for citation in answer.citations:
        assert f'id="source-{citation.number}"' in page
        assert f'href="#source-{citation.number}"' in page


def test_the_title_of_an_answered_page_does_not_hold_the_question(client: TestClient) -> None:
    for page in (client.post("/", data={"question": "zuleika and cp"}), client.get("/?q=zuleika+and+cp")):
        assert "zuleika" in page.text
        assert re.findall(r"<title>(.*)</title>", page.text) == ["Your answer · Careleaf"]
    assert "<title>Ask about cerebral palsy · Careleaf</title>" in client.get("/").text


def test_a_link_may_carry_one_of_the_corpus_questions(client: TestClient) -> None:
    assert "There is no cure" in client.get("/", params={"q": "Can cerebral palsy be cured?"}).text


def test_a_refused_question_stays_in_the_box_with_the_reason(client: TestClient) -> None:
    response = client.post("/", data={"question": "y" * 4001})
    assert response.status_code == 422
    assert "y" * 4001 in response.text
    assert 'role="alert"' in response.text


def test_what_was_typed_is_shown_as_text(client: TestClient) -> None:
    page = client.post("/", data={"question": "<img src=x onerror=alert(1)> what is cp {{7*7}}"}).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "{{7*7}}" in page


def test_the_page_of_figures_shows_what_the_corpus_holds(client: TestClient, pipeline: Pipeline) -> None:
    page = client.get("/about/corpus")
    assert page.status_code == 200
    corpus = pipeline.corpus
    assert f"{len(corpus.passages)} short passages on {len(corpus.articles)} topics" in page.text
    assert page.text.count('<rect class="grade-') > len({article.group for article in corpus.articles})
    drawn = sum(int(count) for count in re.findall(r'class="bar-count"[^>]*>(\d+)<', page.text))
    assert drawn == len(corpus.passages), "the picture shows every passage once"
    for grade in corpus.grades:
        assert f'<th scope="col">{grade.label}</th>' in page.text
