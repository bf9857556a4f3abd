"""The MCP server: four tools that only read, and the resources of passages and sources."""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from bot.claim_check import MAX_TEXT
from bot.mcp_server.lookups import MOST, Lookups, ask_within, passage_uri
from bot.mcp_server.results import AskResult, ClaimResult, PassageResult, SearchResult
from bot.pipeline import Pipeline
from bot.schema import MAX_CONTEXT, CareleafError, NotFound

Result = TypeVar("Result")

INSTRUCTIONS = (
    "Careleaf answers families' questions about cerebral palsy from a curated corpus, every statement a sentence of it "
    "to the letter, with sources. Show statements word for word with their citations, always show the caveat, and show "
    "an emergency before anything else. Where the kind is no_answer, say that Careleaf does not know."
)
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def build_server(pipeline: Pipeline) -> MCPServer[Any]:
    """Return the server of one pipeline, for any transport."""
    server: MCPServer[Any] = MCPServer(
        name="careleaf", title="Careleaf", version=version("careleaf"), instructions=INSTRUCTIONS, log_level="WARNING"
    )
    lookups = Lookups(pipeline)
    add_tools(server, pipeline, lookups)
    add_resources(server, pipeline, lookups)
    return server


def add_tools(server: MCPServer[Any], pipeline: Pipeline, lookups: Lookups) -> None:
    """Add ask, search, get_passage and check_claim."""

    @server.tool(title="Ask a question", annotations=READS)
    def ask(
        question: Annotated[str, Field(description="in the family's own words, at most 4,000 characters")],
        lang: Annotated[str, Field(description="BCP 47 tag")] = "en",
        context: Annotated[
            tuple[str, ...],
            Field(max_length=MAX_CONTEXT, description="passage ids of the answers before, the latest first"),
        ] = (),
        max_chars: Annotated[int, Field(ge=640, le=MOST, description="most characters of the text")] = 8000,
    ) -> Annotated[CallToolResult, AskResult]:
        """Answer a question from the corpus: cited statements, evidence grade, caveat; an emergency comes first."""
        answer = refused(lambda: pipeline.ask(question, lang, context))
        text, result = ask_within(pipeline, answer, max_chars)
        return told(text, result)

    @server.tool(title="Search passages", annotations=READS)
    def search(
        query: Annotated[str, Field(description="words or a question")],
        limit: Annotated[int, Field(ge=1, le=8)] = 5,
        topic: Annotated[str | None, Field(description="only this topic")] = None,
    ) -> Annotated[CallToolResult, SearchResult]:
        """Find the passages that fit a query, best first; get_passage returns one whole."""
        result = refused(lambda: lookups.search(query, limit, topic))
        lines = [f"{found.passage_id}: {found.heading} {found.first_sentence}" for found in result.results]
        return told("\n".join([*filter(None, [result.emergency]), *lines, result.caveat]), result)

    @server.tool(title="Get a passage", annotations=READS)
    def get_passage(
        passage_id: Annotated[str, Field(description="such as is-cp-curable#cure")],
    ) -> Annotated[CallToolResult, PassageResult]:
        """Return one passage to the letter, with its sentences, their sources, evidence grade and review."""
        result = refused(lambda: lookups.passage(passage_id))
        return told(f"{result.heading}\n{result.text}\n{result.caveat}\n{result.review_said}", result)

    @server.tool(title="Check a claim", annotations=READS)
    def check_claim(
        text: Annotated[str, Field(description=f"a sentence or a page, at most {MAX_TEXT:,} characters, in English")],
        limit: Annotated[int, Field(ge=1, le=20, description="most claims")] = 8,
    ) -> Annotated[CallToolResult, ClaimResult]:
        """Find the claims in circulation that a text makes, with verdict, reason, sources, and what the text omits."""
        result = refused(lambda: lookups.check_claims(text, limit))
        verdicts = pipeline.renderer.words("en")["verdicts"]
        lines = [f"{found.claim} {verdicts[found.verdict.value]}: {found.note}" for found in result.claims]
        lines += [f"{left.label}? {left.ask}" for left in result.left_out]
        return told("\n".join([*lines, result.caveat]), result)


def add_resources(server: MCPServer[Any], pipeline: Pipeline, lookups: Lookups) -> None:
    """Add the lists of passages and sources, and one resource for each of them."""
    corpus = pipeline.corpus

    @server.resource("careleaf://passages", title="Passages", mime_type="application/json")
    def passages() -> str:
        """List every passage: its id, its resource and its heading."""
        listed = [{"id": p.id, "uri": passage_uri(p), "heading": p.heading} for p in corpus.passages.values()]
        return json.dumps({"corpus_version": corpus.version, "passages": listed}, ensure_ascii=False)

    @server.resource("careleaf://passages/{topic}/{name}", title="Passage", mime_type="application/json")
    def passage(topic: str, name: str) -> str:
        """Return one passage, as the tool get_passage does."""
        try:
            return lookups.passage(f"{topic}#{name}").model_dump_json()
        except NotFound as error:
            raise ResourceNotFoundError(str(error)) from error

    @server.resource("careleaf://sources", title="Sources", mime_type="application/json")
    def sources() -> str:
        """List every source: its id and title."""
        listed = [{"id": s.id, "uri": f"careleaf://sources/{s.id}", "title": s.title} for s in corpus.sources]
        return json.dumps({"corpus_version": corpus.version, "sources": listed}, ensure_ascii=False)

    @server.resource("careleaf://sources/{source_id}", title="Source", mime_type="application/json")
    def source(source_id: str) -> str:
        """Return one source."""
        found = corpus.source.get(source_id)
        if found is None:
            raise ResourceNotFoundError(f"No source {source_id!r}; careleaf://sources lists those that there are")
        return found.model_dump_json()


def refused(look_up: Callable[[], Result]) -> Result:
    """Return what was looked up; one of our errors becomes the tool's, with its remedy."""
    try:
        return look_up()
    except CareleafError as error:
        raise ToolError(str(error)) from error


def told(text: str, result: BaseModel) -> CallToolResult:
    """Return a tool's result as text for a model to read, and as values."""
    values = result.model_dump(mode="json")
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=values)
