"""Claims: the ledger of what documents in circulation say, and a pasted text held against it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from bot.claim_check import MAX_TEXT, CheckedText, LeftOut, tell_left_out
from bot.schema import Contradiction, NotFound, Source, Verdict
from bot.web.api.parts import Having
from bot.web.api.shapes import READABLE, ClaimShown, Name, Paged, PageNumber, PerPage, show_claim
from bot.web.api.versioned import NOT_MODIFIED, VersionedRoute
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(tags=["claims"], route_class=VersionedRoute)


class ClaimList(Paged):
    """A page of the ledger."""

    claims: tuple[ClaimShown, ...]


@router.get("/claims", responses=documented(422) | NOT_MODIFIED)
def list_claims(  # noqa: PLR0913, PLR0917 - a query's parameters are its fields
    pipeline: Answering,
    topic: Name = None,
    source: Name = None,
    verdict: Verdict | None = None,
    page: PageNumber = 1,
    per_page: PerPage = 50,
) -> ClaimList:
    """List claims in circulation with their verdicts."""
    admitted = [
        claim
        for claim in pipeline.corpus.claims
        if topic in (None, claim.topic) and source in (None, claim.source) and verdict in (None, claim.verdict)
    ]
    start = (page - 1) * per_page
    return ClaimList(
        corpus_version=pipeline.corpus.version,
        total=len(admitted),
        page=page,
        per_page=per_page,
        claims=tuple(show_claim(claim) for claim in admitted[start : start + per_page]),
    )


class CheckRequest(BaseModel):
    """A sentence or a page that somebody read elsewhere, in English."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        description=f"1 to {MAX_TEXT:,} characters",
        examples=["Stem cells repair the damaged brain. The treatment is practically free of risk."],
        json_schema_extra={"minLength": 1, "maxLength": MAX_TEXT, "pattern": READABLE},
    )


class ClaimCheck(CheckedText):
    """What was found in a pasted text. What stands under ``quoted`` is the text's, not ours: show it as a quotation."""

    left_out: tuple[LeftOut, ...]  # type: ignore[assignment]
    verdicts: dict[str, str] = Field(description="each verdict in words")
    caveat: str


# Before the route of one claim, whose pattern matches this address too.
@router.post("/claims/check", responses=documented(400, 413, 422))
def check_claims(request: CheckRequest, pipeline: Answering, parts: Having) -> ClaimCheck:
    """Hold a pasted text against the ledger: which known claims it makes, sentence by sentence, and what it leaves out.

    Nothing in the text is followed, kept or rendered.
    """
    checked = parts.checker.check(request.text)
    words = pipeline.renderer.words("en")
    said: dict[str, Any] = words["claim_check"]
    fields: dict[str, Any] = dict(checked)
    fields["left_out"] = tell_left_out(checked.left_out, said)
    return ClaimCheck(
        **fields,
        verdicts={verdict.value: words["verdicts"][verdict.value] for verdict in Verdict},
        caveat=said["caveat"],
    )


class ClaimItem(BaseModel):
    """One claim, the document that makes it, what the verdict rests on, and the disagreements it is part of."""

    corpus_version: str
    claim: ClaimShown
    verdict_label: str
    source: Source
    references: tuple[Source, ...]
    contradictions: tuple[Contradiction, ...]


@router.get("/claims/{claim_id}", responses=documented(404, 422) | NOT_MODIFIED)
def show_one_claim(
    claim_id: Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9-]+$")], pipeline: Answering
) -> ClaimItem:
    """Show one claim with verdict, reason and references."""
    corpus = pipeline.corpus
    claim = corpus.claim.get(claim_id)
    if claim is None:
        raise NotFound("No such claim; GET /api/v1/claims lists those that there are")
    return ClaimItem(
        corpus_version=corpus.version,
        claim=show_claim(claim),
        verdict_label=pipeline.renderer.words("en")["verdicts"][claim.verdict.value],
        source=corpus.source[claim.source],
        references=tuple(corpus.source[name] for name in claim.refs),
        contradictions=tuple(corpus.contradiction[name] for name in claim.contradictions),
    )
