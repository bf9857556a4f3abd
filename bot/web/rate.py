"""How many requests a client may send: counted in memory, or in Redis where workers count together.

A failing Redis never stops an answer: memory counts until it is back.
"""

import ipaddress
import logging
import math
import time
from typing import Any

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.schema import CareleafError
from bot.web.metrics import refused
from bot.web.problems import problem_response

log = logging.getLogger(__name__)

FREE = ("/healthz", "/readyz", "/metrics", "/static/", "/docs-assets/")
"""What an orchestrator and a page's own files ask for is not counted."""

PATIENCE = 0.25
"""Seconds that Redis may take; an answer takes a fortieth of it."""

RETRY = 2.0
"""Seconds after which one request tries a failed Redis again; the others are counted in memory meanwhile."""


class RateCounter:
    """Counts the requests of each client."""

    def __init__(self, rate: str, redis_url: str | None = None) -> None:
        self._rate = parse(rate)
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(open_redis(redis_url)) if redis_url else None
        self._failed_at = -math.inf
        self._told = False

    async def wait_of(self, client: str) -> int:
        """Count one request; return 0, or the whole seconds after which the client may ask again."""
        if self._shared is not None and time.monotonic() - self._failed_at > RETRY:
            if self._told:
                self._failed_at = time.monotonic()
            try:
                wait = await self._count(self._shared, client)
            except Exception as error:
                self._fall_back(error)
            else:
                self._failed_at, self._told = -math.inf, False
                return wait
        return await self._count(self._here, client)

    async def _count(self, limiter: SlidingWindowCounterRateLimiter, client: str) -> int:
        if await limiter.hit(self._rate, client):
            return 0
        window = await limiter.get_window_stats(self._rate, client)
        return max(1, math.ceil(window.reset_time - time.time()))

    def _fall_back(self, error: Exception) -> None:
        self._failed_at = time.monotonic()
        if not self._told:
            self._told = True
            log.warning(
                "Redis does not count (%s): each worker counts by itself until it does; see CARELEAF_REDIS_URL",
                type(error).__name__,
            )


def open_redis(url: str) -> Any:  # noqa: ANN401 - limits' own storage types are not exported
    """Return the counters in Redis; nothing is sent yet. Raise CareleafError where the client is not installed."""
    try:
        return storage_from_string(
            f"async+{url}",
            implementation="redispy",
            key_prefix="careleaf",
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
        )
    except ConfigurationError as error:
        raise CareleafError(
            "CARELEAF_REDIS_URL is set, and the Redis client is not installed; run: pip install 'careleaf[redis]'"
        ) from error


class RateLimit:
    """Answers 429 to a client that asks more often than the rate."""

    def __init__(self, app: ASGIApp, counter: RateCounter, rate: str) -> None:
        self._app = app
        self._counter = counter
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, and answer or refuse."""
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            await self._app(scope, receive, send)
            return
        wait = await self._counter.wait_of(client_of(scope))
        if not wait:
            await self._app(scope, receive, send)
            return
        refused.labels("rate").inc()
        detail = (
            f"More than {self._rate} requests came from your address. Wait {wait} seconds. "
            "If someone is in danger now, call your emergency number; do not wait for Careleaf."
        )
        response = problem_response(Request(scope), "too-many-requests", "Too many requests", 429, detail)
        response.headers["retry-after"] = str(wait)
        await response(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Return by what a client is counted: its address, or its network where it has an IPv6 network to itself (/64)."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 4:
        return str(address)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False).network_address)
