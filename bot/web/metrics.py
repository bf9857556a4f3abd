"""Figures for Prometheus at ``/metrics``, where the operator turns them on. None holds a word that was asked."""

import os

# First: prometheus_client looks once, while it is imported, where it shall keep its figures.
from bot.web.figures import TOGETHER

# isort: split
from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from bot.web.requests_seen import Seen

router = APIRouter(include_in_schema=False)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5, 1, 2.5, 5, 10, 15)

requests = Counter("careleaf_requests", "Requests answered", ("method", "route", "status"))
seconds = Histogram("careleaf_request_seconds", "Time to answer a request", ("method", "route"), buckets=SECONDS)
answers = Counter("careleaf_answers", "Answers given over HTTP, by kind", ("kind",))
refused = Counter("careleaf_refused", "Requests turned away: rate, busy or late", ("why",))
in_flight = Gauge("careleaf_in_flight", "Requests being answered", multiprocess_mode="livesum")
passages = Gauge("careleaf_corpus", "1 for the corpus in service", ("version", "index"), multiprocess_mode="livemax")


def count_request(seen: Seen) -> None:
    """Count a request that was answered."""
    requests.labels(seen.method, seen.route, seen.status).inc()
    seconds.labels(seen.method, seen.route).observe(seen.seconds)


def count_answer(kind: str) -> None:
    """Count an answer by its kind."""
    answers.labels(kind).inc()


@router.get("/metrics")
def show_metrics(request: Request) -> Response:
    """Return the figures in Prometheus's text format."""
    pipeline = request.app.state.pipeline
    if pipeline is not None:
        passages.labels(pipeline.corpus.version, pipeline.index.version).set(1)
    registry = REGISTRY
    if TOGETHER in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
