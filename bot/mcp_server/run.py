"""Starts the MCP server on a transport. Standard output is the protocol's; whatever is to be said goes elsewhere."""

from bot.gaps import keeping_unanswered
from bot.pipeline import Pipeline
from bot.schema import CareleafError
from bot.settings import Settings
from bot.store import Store


def run_mcp(settings: Settings, http: bool, host: str, port: int) -> None:
    """Serve until the client leaves (stdio) or the process is stopped (HTTP)."""
    try:
        from bot.mcp_server.server import build_server
    except ImportError as error:
        raise CareleafError("careleaf mcp needs the MCP SDK; run: pip install 'careleaf[mcp]'") from error
    pipeline = Pipeline.from_settings(settings)
    server = build_server(pipeline)
    store = Store(settings.database_url.get_secret_value())
    with keeping_unanswered(pipeline, store, settings):
        if http:
            # Each request stands alone, so that several processes may serve behind one address.
            server.run("streamable-http", host=host, port=port, stateless_http=True, json_response=True)
        else:
            server.run("stdio")
