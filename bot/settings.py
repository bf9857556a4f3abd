"""Every knob, read once from ``CARELEAF_*``."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
        default="68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
        description="of model.onnx; set it together with CARELEAF_MODEL_DIR",
    )
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166 code for numbers to call")
    exact_rows: int = Field(
        default=20_000, ge=0, description="up to so many rows are compared in memory; Chroma searches larger indexes"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1)
    chroma_url: str | None = Field(
        default=None, pattern=r"^https?://", description="a Chroma server that is asked before the embedded index"
    )
    reload_seconds: float = Field(default=2.0, ge=0, description="how often a process looks for a new index; 0 never")
    drain_seconds: float = Field(default=2.0, ge=0, description="between SIGTERM, when readiness ends, and the end")
    cache_size: int = Field(default=1024, ge=0, description="answers kept in memory; 0 turns the cache off")
    max_body_bytes: int = Field(default=262_144, ge=1024)

    @field_validator("country", mode="before")
    @classmethod
    def in_capitals(cls, value: object) -> object:
        """Read ``gb`` as ``GB``."""
        return value.upper() if isinstance(value, str) else value


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Return the settings of this process; raise CareleafError naming the variable where one cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"CARELEAF_{str(first['loc'][0]).upper()}"
        raise CareleafError(
            f"{name}={first['input']!r}: {first['msg']}; docs/settings.md says what it may be"
        ) from error
