"""What stands around the routes, outermost last: the order in which a request is noted, limited and answered."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from bot.settings import Settings
from bot.web.head import HeadAsGet
from bot.web.limits import BodyLimit, SafeHeaders
from bot.web.load import LoadLimit
from bot.web.logs import log_request
from bot.web.metrics import count_request
from bot.web.rate import RateCounter, RateLimit
from bot.web.repeated import RepeatedAnswers
from bot.web.requests_seen import RequestsSeen

ALLOWED = ("Accept", "Accept-Language", "Authorization", "Content-Type", "If-None-Match", "X-Request-ID")
EXPOSED = ("ETag", "Retry-After", "X-Request-ID", "Content-Language")


def add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add what the settings ask for."""
    app.add_middleware(RepeatedAnswers, of=app)
    app.add_middleware(BodyLimit, most=settings.max_body_bytes)
    app.add_middleware(LoadLimit, most=settings.max_concurrent, timeout=settings.timeout_seconds)
    if settings.rate_limit != "off":
        counter = RateCounter(settings.rate_limit, settings.redis_url)
        app.add_middleware(RateLimit, counter=counter, rate=settings.rate_limit)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=list(ALLOWED),
            expose_headers=list(EXPOSED),
            max_age=600,
        )
    app.add_middleware(SafeHeaders)
    app.add_middleware(HeadAsGet)
    observers = [log_request, count_request] if settings.metrics else [log_request]
    if settings.otlp_endpoint:
        from bot.web.telemetry import Traced

        app.add_middleware(Traced, endpoint=settings.otlp_endpoint, version=app.version)
    app.add_middleware(RequestsSeen, observers=observers)
