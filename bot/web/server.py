"""Starts uvicorn: one process or several, each with the whole of the index."""

import uvicorn


def run_server(host: str, port: int, workers: int) -> None:
    """Serve until stopped. Uvicorn prints the address; questions are never logged, so there is no access log."""
    uvicorn.run(
        "bot.web.application:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # bot.web.peer reads them
        timeout_graceful_shutdown=10,
    )
