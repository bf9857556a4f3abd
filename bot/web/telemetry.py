"""OpenTelemetry traces, one span a request, where ``CARELEAF_OTLP_ENDPOINT`` says where to.

The ready-made instrumentation writes whole addresses into spans, and an address may hold a question; so the span is
ours: method, route and status. A collector that is away stops nothing: spans are sent in the background.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.schema import CareleafError
from bot.web.requests_seen import method_of, route_of


class Traced:
    """Puts each request into a span, under the caller's where it sends ``traceparent``."""

    def __init__(self, app: ASGIApp, endpoint: str, version: str) -> None:
        self._app = app
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise CareleafError(
                "CARELEAF_OTLP_ENDPOINT is set, and OpenTelemetry is not installed; "
                "run: pip install 'careleaf[telemetry]'"
            ) from error
        resource = Resource.create({"service.name": "careleaf", "service.version": version})
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
        self._tracer = provider.get_tracer("careleaf")
        self.flush: Callable[[], object] = provider.force_flush

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer within a span."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
                self.flush()
            return
        from opentelemetry import propagate, trace

        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self._tracer.start_as_current_span(
            method_of(scope),
            context=propagate.extract(sent),
            kind=trace.SpanKind.SERVER,
            # The message of an exception may repeat what was asked.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(trace.StatusCode.ERROR)
                await send(message)

            try:
                await self._app(scope, receive, noted)
            finally:
                span.set_attribute("http.request.method", method_of(scope))
                span.set_attribute("http.route", route_of(scope))
                span.update_name(f"{method_of(scope)} {route_of(scope)}")
