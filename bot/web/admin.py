"""/admin: the editors' page. Off unless a token or a signing-in proxy is set; it only reads."""

import base64
import binascii
import hmac
from datetime import date
from ipaddress import ip_address, ip_network
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from bot.gaps.draft import write_draft
from bot.gaps.report import GapReport, find_gap, read_report
from bot.settings import Settings
from bot.web.feedback import Stored
from bot.web.peer import PEER
from bot.web.state import Answering

TEMPLATE = "pages/admin.html.j2"
ASK_AGAIN = {"www-authenticate": 'Basic realm="Careleaf editors", charset="UTF-8"'}


def let_in(request: Request) -> None:
    """Let an editor in; 404 where the page is off, 401 where the token is missing or another."""
    settings: Settings = request.app.state.settings
    if settings.admin_token is None and settings.admin_header is None:
        raise HTTPException(404, "there is no such page; docs/gaps.md says how the editors' page is turned on")
    if signed_in_by_proxy(request, settings) or has_token(request.headers.get("authorization", ""), settings):
        return
    raise HTTPException(401, "the editors' page needs the token of CARELEAF_ADMIN_TOKEN as password", ASK_AGAIN)


def has_token(authorization: str, settings: Settings) -> bool:
    """Say whether a header carries the token: as bearer, or as the password that a browser asks for."""
    if settings.admin_token is None:
        return False
    scheme, _, value = authorization.partition(" ")
    given = value.strip()
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.encode(), settings.admin_token.get_secret_value().encode())


def signed_in_by_proxy(request: Request, settings: Settings) -> bool:
    """Say whether a proxy that we believe names an editor; from any other address the header means nothing."""
    if settings.admin_header is None or not request.headers.get(settings.admin_header):
        return False
    try:
        peer = ip_address(request.scope.get(PEER, ""))
    except ValueError:
        return False
    return any(peer in ip_network(known.strip(), strict=False) for known in settings.admin_proxies.split(","))


router = APIRouter(include_in_schema=False, dependencies=[Depends(let_in)])


def today_report(request: Request, pipeline: Answering, store: Stored) -> GapReport:
    """Return the report of today."""
    settings: Settings = request.app.state.settings
    return read_report(store, pipeline, date.today(), settings.keep_days)


Reported = Annotated[GapReport, Depends(today_report)]


@router.get("/admin")
def show_admin(request: Request, pipeline: Answering, report: Reported) -> HTMLResponse:
    """Show the page."""
    words = pipeline.renderer.words("en")
    template = pipeline.renderer.environment.get_template(TEMPLATE)
    return HTMLResponse(
        template.render(
            lang="en",
            words=words,
            said=words["admin"],
            report=report,
            headings={name: passage.heading for name, passage in pipeline.corpus.passages.items()},
            keeping=request.app.state.settings.keep_unanswered,
            days=request.app.state.settings.keep_days,
        )
    )


@router.get("/admin/report.json")
def give_report(report: Reported) -> JSONResponse:
    """Give the same as JSON."""
    return JSONResponse(report.model_dump(mode="json"))


@router.get("/admin/drafts/{gap_id}")
def give_draft(gap_id: int, pipeline: Answering, store: Stored) -> Response:
    """Give the stub of an article for a gap, as a file."""
    name, text = write_draft(find_gap(store, pipeline, gap_id), pipeline.renderer, date.today())
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)
