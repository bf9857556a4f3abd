"""REST v1, one idea a file; ``docs/api.md`` says what is promised of it."""

from fastapi import APIRouter

from bot.web.api import answers, claims, corpus, faq, glossary, search, sources, suggest, topics

router = APIRouter(prefix="/api/v1")
for part in (answers, search, suggest, faq, topics, sources, claims, glossary, corpus):
    router.include_router(part.router)

__all__ = ["router"]
