"""The MCP server, by the SDK's own client: over standard input and output, and over streamable HTTP."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from mcp import Client, MCPError, StdioServerParameters
from mcp.server.mcpserver import MCPServer

from bot.mcp_server.lookups import MOST, ask_within
from bot.mcp_server.server import build_server
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.store import Store
from tests.benchmarks.speed import free_port

CARELEAF = str(Path(sys.executable).with_name("careleaf"))
EMERGENCY = "she has been seizing for 8 minutes"
QUESTIONS = ["can cp be cured", EMERGENCY, "how many mg of baclofen", "hello", "best laptop"]
Server = str | StdioServerParameters | MCPServer[Any]
T = TypeVar("T")


@pytest.fixture(scope="module")
def environment(built: Settings) -> dict[str, str]:
    return os.environ | {"CARELEAF_INDEX_DIR": str(built.index_dir)}


@pytest.fixture(scope="module")
def http_address(environment: dict[str, str]) -> Iterator[str]:
    """``careleaf mcp --http`` as a process of its own."""
    port = free_port()
    process = subprocess.Popen([CARELEAF, "mcp", "--http", "--port", str(port)], env=environment)
    deadline = time.monotonic() + 60
    try:
        while True:
            assert process.poll() is None, "the server ended while starting"
            assert time.monotonic() < deadline, "the server did not start"
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(10)


Spoken = dict[str, Any]


@pytest.fixture(params=["stdio", "http", "in process"], scope="module")
def spoken(request: pytest.FixtureRequest, environment: dict[str, str], pipeline: Pipeline) -> Spoken:
    """What one connection of each transport gave for every request of these tests."""
    if request.param == "http":
        return talk(str(request.getfixturevalue("http_address")), say_everything)
    if request.param == "stdio":
        return talk(StdioServerParameters(command=CARELEAF, args=["mcp"], env=environment), say_everything)
    return talk(build_server(pipeline), say_everything)


def talk(server: Server, act: Callable[[Client], Awaitable[T]]) -> T:
    """Connect as an assistant does, act, and leave."""

    async def connected() -> T:
        async with Client(server, read_timeout_seconds=60) as client:
            return await act(client)

    return anyio.run(connected)


async def say_everything(client: Client) -> Spoken:
    """Make every request."""
    spoken: Spoken = {
        "info": client.server_info,
        "instructions": client.instructions,
        "tools": (await client.list_tools()).tools,
        "resources": (await client.list_resources()).resources,
        "templates": (await client.list_resource_templates()).resource_templates,
    }
    for question in QUESTIONS:
        spoken[question] = await client.call_tool("ask", {"question": question})
    for name, (tool, arguments) in CALLS.items():
        spoken[name] = await client.call_tool(tool, arguments)
    first = spoken["search"].structured_content["results"][0]
    spoken["passage"] = await client.call_tool("get_passage", {"passage_id": first["passage_id"]})
    source = spoken["passage"].structured_content["sources"][0]["id"]
    for uri in (first["uri"], f"careleaf://sources/{source}", "careleaf://passages", "careleaf://sources"):
        spoken[uri] = json.loads((await client.read_resource(uri)).contents[0].text)  # type: ignore[union-attr]
    for uri in ("careleaf://passages/no/where", "careleaf://sources/nobody-1999"):
        with pytest.raises(MCPError) as refused:
            await client.read_resource(uri)
        spoken[uri] = str(refused.value)
    return spoken


BOTOX = "how long does botox last"
PAGE = (
    "Welcome to our clinic! Cells are taken from the patient's own fat or bone marrow. Parking is free.\n"
    "Stem cells help patients of any age, including adults. Rehabilitation does not prevent tight joints."
)
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "short": ("ask", {"question": BOTOX, "max_chars": 700}),
    "urgent": ("ask", {"question": EMERGENCY, "max_chars": 640}),
    "two": ("search", {"query": "botox", "limit": 2}),
    "too long": ("ask", {"question": BOTOX, "max_chars": MOST + 1}),
    "too many": ("search", {"query": "botox", "limit": 9}),
    "search": ("search", {"query": BOTOX, "topic": "botulinum-toxin"}),
    "urgent search": ("search", {"query": EMERGENCY}),
    "claim": ("check_claim", {"text": "Stem cell therapy is practically free of risk.", "limit": 1}),
    "page": ("check_claim", {"text": PAGE}),
    "one of a page": ("check_claim", {"text": PAGE, "limit": 1}),
    "long sentence": ("check_claim", {"text": "Stem cell therapy is practically free of risk" + "!" * 19_000}),
    "nothing to check": ("check_claim", {"text": " "}),
    "no claim": ("check_claim", {"text": "We had a lovely picnic by the lake on Sunday."}),
    "no passage": ("get_passage", {"passage_id": "no#where"}),
    "no topic": ("search", {"query": "x", "topic": "nowhere"}),
    "nothing": ("ask", {"question": " "}),
    "too much": ("ask", {"question": "x" * 4001}),
}


def test_tools_and_resources_are_listed_with_what_they_say(spoken: Spoken) -> None:
    assert spoken["info"].name == "careleaf"
    assert "word for word" in spoken["instructions"]
    assert {tool.name for tool in spoken["tools"]} == {"ask", "search", "get_passage", "check_claim"}
    for tool in spoken["tools"]:
        assert tool.description
        assert tool.output_schema
        assert tool.annotations.read_only_hint is True
    assert {str(resource.uri) for resource in spoken["resources"]} == {"careleaf://passages", "careleaf://sources"}
    templates = {template.uri_template for template in spoken["templates"]}
    assert templates == {"careleaf://passages/{topic}/{name}", "careleaf://sources/{source_id}"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_ask_gives_what_the_pipeline_gives(spoken: Spoken, pipeline: Pipeline, question: str) -> None:
    answer = pipeline.ask(question)
    result = spoken[question]
    assert not result.is_error
    assert result.content[0].text == answer.text
    values = result.structured_content
    expected = json.loads(answer.model_dump_json())
    for name in ("kind", "statements", "citations", "caveat", "evidence", "heard", "calls", "answer_id"):
        assert values[name] == expected[name], name
    assert (values["truncated"], values["statements_total"]) == (False, len(answer.statements))
    assert values["corpus_version"] == answer.corpus_version


def test_results_keep_within_their_size_and_say_so(spoken: Spoken, pipeline: Pipeline) -> None:
    answer = pipeline.ask(BOTOX)
    short = spoken["short"]
    assert len(short.content[0].text) <= 700
    values = short.structured_content
    assert values["truncated"] is True
    assert values["statements_total"] == len(answer.statements) > len(values["statements"]) >= 1
    shown = [statement.text for statement in answer.statements]
    assert [statement["text"] for statement in values["statements"]] == shown[: len(values["statements"])]
    assert answer.caveat in short.content[0].text
    assert spoken["urgent"].content[0].text.splitlines()[0] == pipeline.ask(EMERGENCY).text.splitlines()[0]
    found = spoken["two"].structured_content
    assert len(found["results"]) == 2 < found["total"]
    assert found["truncated"] is True
    assert spoken["too long"].is_error
    assert spoken["too many"].is_error


def test_no_answer_of_the_corpus_is_longer_than_the_most(pipeline: Pipeline) -> None:
    for passage in pipeline.corpus.passages.values():
        text, result = ask_within(pipeline, pipeline.answer(passage.heading), MOST)
        assert len(text) <= MOST
        assert len(result.model_dump_json()) <= MOST


def test_search_leads_to_passages_and_passages_to_sources(spoken: Spoken, pipeline: Pipeline) -> None:
    found = spoken["search"].structured_content
    assert {result["topic"] for result in found["results"]} == {"botulinum-toxin"}
    assert found["emergency"] is None
    values = spoken["passage"].structured_content
    known = pipeline.corpus.passages["botulinum-toxin#how-long"]
    assert values["id"] == known.id
    assert values["text"] == known.text
    for sentence in values["sentences"]:
        assert values["text"][sentence["start"] : sentence["end"]] == sentence["text"]
        assert set(sentence["sources"]) <= {entry["id"] for entry in values["sources"]}
    assert values["caveat"]
    assert spoken[found["results"][0]["uri"]] == values
    first = values["sources"][0]
    expected = json.loads(pipeline.corpus.source[first["id"]].model_dump_json())
    assert spoken[f"careleaf://sources/{first['id']}"] == first == expected


def test_a_search_that_reads_like_an_emergency_says_so_first(spoken: Spoken, pipeline: Pipeline) -> None:
    first = pipeline.ask(EMERGENCY).text.splitlines()[0]
    assert spoken["urgent search"].structured_content["emergency"] == first
    assert spoken["urgent search"].content[0].text.splitlines()[0] == first


def test_check_claim_gives_verdict_reason_and_sources(spoken: Spoken, pipeline: Pipeline) -> None:
    found = spoken["claim"].structured_content["claims"][0]
    claim = pipeline.corpus.claim[found["claim_id"]]
    assert "stem-cell" in claim.topic
    assert found["verdict"] == claim.verdict != "supported"
    assert found["note"] == claim.note
    assert [source["id"] for source in found["references"]] == list(claim.refs)
    assert claim.note in spoken["claim"].content[0].text
    assert spoken["no claim"].structured_content["claims"] == []
    assert spoken["no claim"].structured_content["caveat"]


def test_check_claim_says_what_the_api_says(spoken: Spoken, client: TestClient) -> None:
    for text, name in ((PAGE, "page"), (CALLS["no claim"][1]["text"], "no claim")):
        api = client.post("/api/v1/claims/check", json={"text": text}).json()
        values = spoken[name].structured_content
        for field in ("claims", "left_out", "caveat", "sentences", "compared", "corpus_version"):
            assert values[field] == api[field], field
    assert [made["claim_id"] for made in spoken["page"].structured_content["claims"]] == ["S4-020", "S4-025", "S1-042"]
    for left in spoken["page"].structured_content["left_out"]:
        assert left["ask"] in spoken["page"].content[0].text


def test_check_claim_keeps_within_its_size_and_says_so(spoken: Spoken) -> None:
    one = spoken["one of a page"].structured_content
    assert (len(one["claims"]), one["total"], one["truncated"]) == (1, 3, True)
    long = spoken["long sentence"]
    assert len(json.dumps(long.structured_content)) <= MOST + 1000, "what is not the text's own is small"
    assert (long.structured_content["claims"], long.structured_content["truncated"]) == ([], True)


def test_search_finds_what_the_api_finds(spoken: Spoken, client: TestClient) -> None:
    api = client.get("/api/v1/search", params={"q": "botox", "per_page": 2}).json()
    found = spoken["two"].structured_content
    assert [one["passage_id"] for one in found["results"]] == [one["id"] for one in api["results"]]
    assert found["total"] == api["total"]


def test_a_passage_is_what_the_api_gives(spoken: Spoken, client: TestClient) -> None:
    values = spoken["passage"].structured_content
    api = client.get("/api/v1/passages/botulinum-toxin%23how-long").json()
    assert {name: value for name, value in values.items() if name not in ("uri", "review_said")} == {
        name: value for name, value in api.items() if name != "url"
    }
    assert "reviewed" in values["review_said"]


def test_lists_name_every_passage_and_source(spoken: Spoken, pipeline: Pipeline) -> None:
    passages, sources = spoken["careleaf://passages"], spoken["careleaf://sources"]
    assert [entry["id"] for entry in passages["passages"]] == list(pipeline.corpus.passages)
    assert [entry["id"] for entry in sources["sources"]] == list(pipeline.corpus.source)
    assert passages["corpus_version"] == pipeline.corpus.version


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("no passage", "careleaf://passages"),
        ("no topic", "the topics are"),
        ("nothing to check", "Paste the sentence"),
        ("nothing", "Write what you would like to know"),
        ("too much", "4,000"),
    ],
)
def test_what_cannot_be_done_is_a_tools_error_with_the_remedy(spoken: Spoken, name: str, remedy: str) -> None:
    assert spoken[name].is_error
    assert remedy in spoken[name].content[0].text


@pytest.mark.parametrize("uri", ["careleaf://passages/no/where", "careleaf://sources/nobody-1999"])
def test_a_resource_that_is_not_there_is_the_protocols_error(spoken: Spoken, uri: str) -> None:
    assert spoken[uri].startswith("No ")


@pytest.mark.parametrize("keep", [False, True])
def test_what_has_no_answer_is_kept_scrubbed_and_only_if_asked_for(
    environment: dict[str, str], tmp_path: Path, keep: bool
) -> None:
    path = tmp_path / "store.db"
    env = environment | {"CARELEAF_DATABASE_URL": f"sqlite:///{path}", "CARELEAF_KEEP_UNANSWERED": str(keep)}
    server = StdioServerParameters(command=CARELEAF, args=["mcp"], env=env)
    result: Any = talk(server, lambda client: client.call_tool("ask", {"question": "best laptop for Zuleika"}))
    assert result.structured_content["kind"] == "no_answer"
    kept = [question.text for question in Store(f"sqlite:///{path}").unanswered()]
    assert kept == (["best laptop for [name]"] if keep else [])


def test_a_page_of_another_site_cannot_reach_a_local_server(http_address: str) -> None:
    """Against DNS rebinding: a browser that was led here names another host."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"accept": "application/json, text/event-stream", "host": "evil.example"}
    assert httpx.post(http_address, json=body, headers=headers).status_code == 421


def test_nothing_but_the_protocol_is_written_to_standard_output(environment: dict[str, str]) -> None:
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
    done = subprocess.run(
        [CARELEAF, "mcp"], input=f"{json.dumps(request)}\n", env=environment, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["result"]["serverInfo"]["name"] for line in lines] == ["careleaf"]
