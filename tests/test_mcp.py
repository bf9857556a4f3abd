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
from mcp import Client, MCPError, StdioServerParameters

from bot.mcp_server.lookups import ask_within
from bot.mcp_server.server import MOST
from bot.pipeline import Pipeline
from bot.settings import Settings
from bot.store import Store
from tests.benchmarks.speed import free_port

CARELEAF = str(Path(sys.executable).with_name("careleaf"))
EMERGENCY = "she has been seizing for 8 minutes"
QUESTIONS = ["can cp be cured", EMERGENCY, "how many mg of baclofen", "hello", "best laptop"]
Server = str | StdioServerParameters
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


@pytest.fixture(params=["stdio", "http"], scope="module")
def server(request: pytest.FixtureRequest, environment: dict[str, str]) -> Server:
    if request.param == "http":
        return str(request.getfixturevalue("http_address"))
    return StdioServerParameters(command=CARELEAF, args=["mcp"], env=environment)


def talk(server: Server, act: Callable[[Client], Awaitable[T]]) -> T:
    """Connect as an assistant does, act, and leave."""

    async def connected() -> T:
        async with Client(server, read_timeout_seconds=60) as client:
            return await act(client)

    return anyio.run(connected)


def test_tools_and_resources_are_listed_with_what_they_say(server: Server) -> None:
    async def act(client: Client) -> None:
        assert client.server_info is not None
        assert client.server_info.name == "careleaf"
        assert "word for word" in str(client.instructions)
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {"ask", "search", "get_passage", "check_claim"}
        for tool in tools:
            assert tool.description
            assert tool.output_schema
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is True
        listed = {str(resource.uri) for resource in (await client.list_resources()).resources}
        assert listed == {"careleaf://passages", "careleaf://sources"}
        templates = {template.uri_template for template in (await client.list_resource_templates()).resource_templates}
        assert templates == {"careleaf://passages/{topic}/{name}", "careleaf://sources/{source_id}"}

    talk(server, act)


def test_ask_gives_what_the_pipeline_gives(server: Server, pipeline: Pipeline) -> None:
    async def act(client: Client) -> list[Any]:
        return [await client.call_tool("ask", {"question": question}) for question in QUESTIONS]

    for question, result in zip(QUESTIONS, talk(server, act), strict=True):
        answer = pipeline.ask(question)
        assert not result.is_error
        assert result.content[0].text == answer.text
        values = result.structured_content
        expected = json.loads(answer.model_dump_json())
        for name in ("kind", "statements", "citations", "caveat", "evidence", "heard", "calls", "answer_id"):
            assert values[name] == expected[name], name
        assert (values["truncated"], values["statements_total"]) == (False, len(answer.statements))
        assert values["corpus_version"] == answer.corpus_version


def test_results_keep_within_their_size_and_say_so(server: Server, pipeline: Pipeline) -> None:
    async def act(client: Client) -> list[Any]:
        asked = {"question": "how long does botox last", "max_chars": 700}
        return [
            await client.call_tool("ask", asked),
            await client.call_tool("ask", {"question": EMERGENCY, "max_chars": 640}),
            await client.call_tool("search", {"query": "botox", "limit": 2}),
            await client.call_tool("ask", asked | {"max_chars": MOST + 1}),
            await client.call_tool("search", {"query": "botox", "limit": 9}),
        ]

    short, urgent, found, too_long, too_many = talk(server, act)
    answer = pipeline.ask("how long does botox last")
    assert len(short.content[0].text) <= 700
    values = short.structured_content
    assert values["truncated"] is True
    assert values["statements_total"] == len(answer.statements) > len(values["statements"]) >= 1
    shown = [statement.text for statement in answer.statements]
    assert [statement["text"] for statement in values["statements"]] == shown[: len(values["statements"])]
    assert answer.caveat in short.content[0].text
    assert urgent.content[0].text.splitlines()[0] == pipeline.ask(EMERGENCY).text.splitlines()[0]
    assert len(found.structured_content["results"]) == 2
    assert found.structured_content["truncated"] is True
    assert found.structured_content["total"] > 2
    assert too_long.is_error
    assert too_many.is_error


def test_no_answer_of_the_corpus_is_longer_than_the_most(pipeline: Pipeline) -> None:
    for passage in pipeline.corpus.passages.values():
        text, result = ask_within(pipeline, pipeline.answer(passage.heading), MOST)
        assert len(text) <= MOST
        assert len(result.model_dump_json()) <= MOST


def test_search_leads_to_passages_and_passages_to_sources(server: Server, pipeline: Pipeline) -> None:
    async def act(client: Client) -> tuple[Any, Any, Any, Any]:
        found = await client.call_tool("search", {"query": "how long does botox last", "topic": "botulinum-toxin"})
        first = found.structured_content["results"][0]
        passage = await client.call_tool("get_passage", {"passage_id": first["passage_id"]})
        same = await client.read_resource(first["uri"])
        source = passage.structured_content["sources"][0]["id"]
        return found, passage, same, await client.read_resource(f"careleaf://sources/{source}")

    found, passage, same, source = talk(server, act)
    assert {result["topic"] for result in found.structured_content["results"]} == {"botulinum-toxin"}
    assert found.structured_content["emergency"] is None
    values = passage.structured_content
    known = pipeline.corpus.passages["botulinum-toxin#how-long"]
    assert values["passage_id"] == known.id
    assert values["text"] == known.text
    for sentence in values["sentences"]:
        assert values["text"][sentence["start"] : sentence["end"]] == sentence["text"]
        assert set(sentence["sources"]) <= {entry["id"] for entry in values["sources"]}
    assert values["caveat"]
    assert json.loads(same.contents[0].text) == values
    first = json.loads(source.contents[0].text)
    assert first == json.loads(pipeline.corpus.source[first["id"]].model_dump_json())


def test_a_search_that_reads_like_an_emergency_says_so_first(server: Server, pipeline: Pipeline) -> None:
    result = talk(server, lambda client: client.call_tool("search", {"query": EMERGENCY}))
    first = pipeline.ask(EMERGENCY).text.splitlines()[0]
    assert result.structured_content["emergency"] == first
    assert result.content[0].text.splitlines()[0] == first  # type: ignore[union-attr]


def test_check_claim_gives_verdict_reason_and_sources(server: Server, pipeline: Pipeline) -> None:
    claim = next(claim for claim in pipeline.corpus.claims if claim.verdict == "contradicted" and claim.refs)

    async def act(client: Client) -> list[Any]:
        return [
            await client.call_tool("check_claim", {"text": claim.claim, "limit": 1}),
            await client.call_tool("check_claim", {"text": "We had a lovely picnic by the lake on Sunday."}),
        ]

    made, none = talk(server, act)
    found = made.structured_content["claims"][0]
    assert found["claim_id"] == claim.id
    assert found["verdict"] == "contradicted"
    assert found["note"] == claim.note
    assert [source["id"] for source in found["sources"]] == list(claim.refs)
    assert claim.note in made.content[0].text
    assert none.structured_content["claims"] == []
    assert none.structured_content["caveat"]


def test_lists_name_every_passage_and_source(server: Server, pipeline: Pipeline) -> None:
    async def act(client: Client) -> list[Any]:
        return [await client.read_resource(f"careleaf://{name}") for name in ("passages", "sources")]

    passages, sources = (json.loads(read.contents[0].text) for read in talk(server, act))
    assert [entry["id"] for entry in passages["passages"]] == list(pipeline.corpus.passages)
    assert [entry["id"] for entry in sources["sources"]] == list(pipeline.corpus.source)
    assert passages["corpus_version"] == pipeline.corpus.version


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


@pytest.mark.parametrize(
    ("tool", "arguments", "remedy"),
    [
        ("get_passage", {"passage_id": "no#where"}, "careleaf://passages"),
        ("search", {"query": "x", "topic": "nowhere"}, "the topics are"),
        ("ask", {"question": " "}, "Write what you would like to know"),
        ("ask", {"question": "x" * 4001}, "4,000"),
    ],
)
def test_what_cannot_be_done_is_a_tools_error_with_the_remedy(
    http_address: str, tool: str, arguments: dict[str, Any], remedy: str
) -> None:
    result: Any = talk(http_address, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    assert remedy in result.content[0].text


@pytest.mark.parametrize("uri", ["careleaf://passages/no/where", "careleaf://sources/nobody-1999"])
def test_a_resource_that_is_not_there_is_the_protocols_error(http_address: str, uri: str) -> None:
    async def act(client: Client) -> None:
        with pytest.raises(MCPError, match=r"No (passage|source) '"):
            await client.read_resource(uri)

    talk(http_address, act)


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
