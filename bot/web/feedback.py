"""POST /api/v1/feedback: a thumb under an answer, with a reason from a list."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, Field

from bot.store import Feedback, Store
from bot.web.problems import documented
from bot.web.state import Answering

router = APIRouter(prefix="/api/v1", tags=["feedback"])


def read_store(request: Request) -> Store:
    """Return the store of this process."""
    store: Store = request.app.state.store
    return store


Stored = Annotated[Store, Depends(read_store)]


class Receipt(BaseModel):
    """What was kept: never a word that somebody wrote."""

    stored: bool = Field(examples=[True])
    passage_ids: tuple[str, ...] = Field(
        description="those that are in the corpus; others are passed over", examples=[["is-cp-curable#cure"]]
    )


GIVEN = {
    "answer_id": "0e3b1f0c7a5d4b2e9f10",
    "corpus_version": "04b3a3abd7269859",
    "passage_ids": ["is-cp-curable#cure"],
    "helpful": False,
    "reason": "unclear",
}
KEPT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": {"stored": True, "passage_ids": ["is-cp-curable#cure"]}}}}
}


@router.post(
    "/feedback",
    responses=KEPT | documented(400, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"example": GIVEN}}}},
)
def give_feedback(feedback: Annotated[Feedback, Body()], pipeline: Answering, store: Stored) -> Receipt:
    """Keep whether an answer helped. Names of passages that the corpus does not have are not kept."""
    known = tuple(name for name in dict.fromkeys(feedback.passage_ids) if name in pipeline.corpus.passages)
    store.add_feedback(feedback.model_copy(update={"passage_ids": known}), date.today())
    return Receipt(stored=True, passage_ids=known)
