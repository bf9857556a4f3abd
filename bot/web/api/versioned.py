"""``ETag`` and ``Cache-Control`` of everything that is read from the corpus, keyed to its version (RFC 9110, 13)."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

PUBLIC = "public, max-age=300"
"""What is the same for everyone may be kept for five minutes; then it is asked whether it is still the same."""

PRIVATE = "private, max-age=300"
"""An address with a family's words in it is kept by nobody but the family's own browser."""


class VersionedRoute(APIRoute):
    """A route whose responses carry an ETag, and which answers 304 to whoever has them already.

    The tag holds the corpus version, and a hash of the body, since formats and releases of Careleaf differ too.
    """

    cache_control = PUBLIC

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's own handler with the tag added."""
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await handle(request)
            if response.status_code != 200 or request.method != "GET":
                return response
            version = request.app.state.pipeline.corpus.version
            tag = f'"{version}-{hashlib.sha256(bytes(response.body)).hexdigest()[:12]}"'
            response.headers["etag"] = tag
            response.headers["cache-control"] = self.cache_control
            response.headers["vary"] = "Accept, Accept-Language"
            if not is_known(tag, request.headers.get("if-none-match", "")):
                return response
            kept = {name: response.headers[name] for name in ("etag", "cache-control", "vary")}
            return Response(status_code=304, headers=kept)

        return tagged


class PrivateRoute(VersionedRoute):
    """The same for addresses that hold what somebody typed."""

    cache_control = PRIVATE


def is_known(tag: str, if_none_match: str) -> bool:
    """Say whether a client has what the tag names; tags are compared weakly, as the standard asks."""
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in known or known == ["*"]


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Not modified: the ETag that was sent in If-None-Match is that of the corpus in service"}
}
