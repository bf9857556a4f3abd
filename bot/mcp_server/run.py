"""Starts the MCP server on a transport. Standard output is the protocol's; whatever is to be said goes elsewhere."""

from bot.pipeline import Pipeline
from bot.schema import CareleafError
from bot.settings import Settings


def run_mcp(settings: Settings, http: bool, host: str, port: int) -> None:
    """Serve until the client leaves (stdio) or the process is stopped (HTTP)."""
    try:
        from bot.mcp_server.server import build_server
    except ImportError as error:
        raise CareleafError("careleaf mcp needs the MCP SDK; run: pip install 'careleaf[mcp]'") from error
    server = build_server(Pipeline.from_settings(settings))
    if http:
        # Each request stands alone, so that several processes may serve behind one address.
        server.run("streamable-http", host=host, port=port, stateless_http=True, json_response=True)
    else:
        server.run("stdio")
