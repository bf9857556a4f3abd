"""Every knob, read once from ``CARELEAF_*``."""

import re
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.schema import CareleafError

PACKAGE = Path(__file__).resolve().parent


def content_folder(name: str) -> Path:
    """Return ``corpus/`` or ``templates/``: beside the package in a checkout, inside it in a wheel."""
    beside = PACKAGE.parent / name
    inside = PACKAGE / "content" / name
    return inside if inside.is_dir() else beside


class Settings(BaseSettings):
    """What an operator may set. Each field is documented in ``docs/settings.md``."""

    model_config = SettingsConfigDict(env_prefix="CARELEAF_", frozen=True)

    corpus_dir: Path = Field(default_factory=lambda: content_folder("corpus"))
    templates_dir: Path = Field(default_factory=lambda: content_folder("templates"))
    index_dir: Path = Field(default=Path("var/index"), description="where index versions are kept")
    model_dir: Path = Field(default=PACKAGE / "model")
    model_sha256: str = Field(
        default="ed4235a5a9a4f365905a72c8e2209dc015abdf13833c8d5a3f4c01c4f15cdb59",
        description="of model.onnx; set it together with CARELEAF_MODEL_DIR",
    )
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166 code for numbers to call")
    exact_rows: int = Field(
        default=20_000, ge=0, description="up to so many rows are compared in memory; Chroma searches larger indexes"
    )
    person_url: str | None = Field(
        default=None, pattern=r"^(https?://|tel:|mailto:|/)\S+$", description="where a family reaches a person"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1)
    chroma_url: str | None = Field(
        default=None, pattern=r"^https?://", description="a Chroma server that is asked before the embedded index"
    )
    reload_seconds: float = Field(default=2.0, ge=0, description="how often a process looks for a new index; 0 never")
    drain_seconds: float = Field(default=2.0, ge=0, description="between SIGTERM, when readiness ends, and the end")
    cache_size: int = Field(default=512, ge=0, description="answers kept in memory; 0 turns the cache off")
    max_body_bytes: int = Field(default=262_144, ge=1024)
    rate_limit: str = Field(default="120/minute", description="requests a client may send, or off")
    redis_url: str | None = Field(
        default=None, pattern=r"^rediss?://", repr=False, description="where workers count together"
    )
    timeout_seconds: float = Field(default=15, gt=0, description="longest wait for the beginning of a response")
    max_concurrent: int = Field(default=64, ge=1, description="requests that one worker answers at a time")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="origins whose pages may call the API from a browser, with commas between"
    )
    metrics: bool = Field(default=False, description="serve /metrics for Prometheus")
    log_format: Literal["text", "json"] = "text"
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://", description="where traces are sent")
    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/]+(/[^\s]*)?$", description="where the world reaches this server"
    )
    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///var/careleaf.db"), description="of feedback and unanswered questions"
    )
    keep_unanswered: bool = Field(default=False, description="keep scrubbed questions that found no answer")
    keep_days: int = Field(default=30, ge=1, le=3650)
    admin_token: SecretStr | None = Field(default=None, min_length=16, description="turns the editors' page on")
    admin_header: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9-]+$", description="set by a reverse proxy that signs editors in"
    )
    admin_proxies: str = Field(default="127.0.0.1,::1", description="addresses whose admin_header is believed")
    twilio_auth_token: SecretStr | None = Field(default=None, min_length=1)
    slack_signing_secret: SecretStr | None = Field(default=None, min_length=1)

    @field_validator("admin_proxies")
    @classmethod
    def of_addresses(cls, value: str) -> str:
        """Refuse what is no list of addresses or networks."""
        for known in value.split(","):
            ip_network(known.strip(), strict=False)
        return value

    @field_validator("country", mode="before")
    @classmethod
    def in_capitals(cls, value: object) -> object:
        """Read ``gb`` as ``GB``."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("rate_limit")
    @classmethod
    def is_a_rate(cls, value: str) -> str:
        """Refuse what is neither ``off`` nor a rate such as ``120/minute``."""
        if value.lower() == "off":
            return "off"
        from limits import parse

        try:
            parse(value)
        except ValueError as error:
            raise ValueError("write off, or a rate such as 120/minute") from error
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def split_origins(cls, value: object) -> object:
        """Read ``https://a.example, https://b.example``."""
        if not isinstance(value, str):
            return value
        return tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())

    @field_validator("cors_origins")
    @classmethod
    def are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what no browser sends as an origin."""
        for origin in value:
            if origin != "*" and not re.fullmatch(r"https?://[^/\s,]+", origin):
                raise ValueError("write origins such as https://hospital.example, with commas between, or *")
        return value


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Return the settings of this process; raise CareleafError naming the variable where one cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"CARELEAF_{str(first['loc'][0]).upper()}"
        # An address may hold a password.
        secret = str(first["loc"][0]).endswith(("_token", "_secret", "_url"))
        shown = "" if secret else f"={first['input']!r}"
        raise CareleafError(f"{name}{shown}: {first['msg']}; docs/settings.md says what it may be") from error
