"""The folder ``corpus/`` → one validated, versioned Corpus."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from bot.corpus.article import read_article
from bot.schema import (
    Article,
    Claim,
    CommonNumber,
    Contradiction,
    Corpus,
    CorpusError,
    Country,
    Frozen,
    GradeMeaning,
    Source,
    Term,
    TriageRules,
)

Value = TypeVar("Value", bound=Frozen)


def load_corpus(folder: Path) -> Corpus:
    """Read every file of the corpus.

    Raises CorpusError, naming file, place and remedy, where a file cannot be read as what it should be. What is well
    formed but wrong (a missing citation, an over-hard passage) is found by ``bot.corpus.checks``.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder; set CARELEAF_CORPUS_DIR to a folder that holds articles/")
    articles = tuple(
        read_article(path, path.relative_to(folder).as_posix()) for path in sorted((folder / "articles").glob("*/*.md"))
    )
    if not articles:
        raise CorpusError(f"{folder / 'articles'} holds no article; add <group>/<topic>.md")
    refuse_duplicates(articles)
    numbers = read_yaml(folder / "countries.yaml")
    ledger = read_yaml(folder / "claims.yaml")
    content = {
        "articles": articles,
        "sources": tuple(read_source(entry, folder) for entry in read_yaml(folder / "sources.yaml")["references"]),
        "claims": read_entries(Claim, ledger["claims"], "claims.yaml"),
        "contradictions": read_entries(Contradiction, ledger["contradictions"], "claims.yaml"),
        "grades": read_entries(GradeMeaning, read_yaml(folder / "evidence.yaml")["grades"], "evidence.yaml"),
        "lexicon": read_entries(Term, read_yaml(folder / "lexicon.yaml")["terms"], "lexicon.yaml"),
        "triage": read_entries(TriageRules, [read_yaml(folder / "triage.yaml")], "triage.yaml")[0],
        "countries": read_entries(Country, numbers["countries"], "countries.yaml"),
        "common_numbers": read_entries(CommonNumber, numbers["common"], "countries.yaml"),
    }
    corpus = Corpus.model_validate({"version": "unknown", **content})
    return corpus.model_copy(update={"version": version_of(corpus)})


@cache
def _yaml_loader() -> type[Any]:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - the shape is checked by the models that read it
    """Read a YAML file; an unreadable one is a CorpusError with the line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _yaml_loader())  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise CorpusError(f"{path} is missing; restore it from the repository") from error
    except yaml.YAMLError as error:
        raise CorpusError(f"{path}: not readable as YAML: {error}") from error


def read_entries(model: type[Value], entries: list[dict[str, Any]], file: str) -> tuple[Value, ...]:
    """Validate a list of entries of one file."""
    values = []
    for entry in entries:
        try:
            values.append(model.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise CorpusError(
                f"{file}: entry {entry.get('id', entry)!r}: {place}: {first['msg']} (found {first['input']!r})"
            ) from error
    return tuple(values)


def read_source(entry: dict[str, Any], folder: Path) -> Source:
    """Turn a CSL-YAML item (https://docs.citationstyles.org) with our ``custom`` fields into a Source."""
    try:
        custom = entry["custom"]
        issued = entry.get("issued") or {}
        doi = entry.get("DOI")
        return Source(
            id=entry["id"],
            title=entry["title"],
            publisher=entry.get("container-title") or entry.get("publisher"),
            year=issued["date-parts"][0][0] if issued else None,
            type=custom["kind"],
            commercial=custom.get("commercial", False),
            url=entry.get("URL") or (f"https://doi.org/{doi}" if doi else None),
        )
    except (KeyError, TypeError, IndexError, ValidationError) as error:
        raise CorpusError(
            f"{folder / 'sources.yaml'}: source {entry.get('id')!r}: {error!r}; "
            "each needs id, title and custom: {kind: …}, and issued as date-parts"
        ) from error


def refuse_duplicates(articles: tuple[Article, ...]) -> None:
    """Raise CorpusError where two passages share an id."""
    seen: dict[str, str] = {}
    for article in articles:
        for passage in article.passages:
            place = f"{passage.file}:{passage.line}"
            if passage.id in seen:
                raise CorpusError(f"{place}: id {passage.id!r} stands already at {seen[passage.id]}; rename one")
            seen[passage.id] = place


def version_of(corpus: Corpus) -> str:
    """Hash what is served, not how it is written: comments, line breaks and places in files do not count."""
    served = corpus.model_dump(mode="json", exclude=_UNSERVED)
    canonical = json.dumps(served, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


_UNSERVED: Any = {
    "version": True,
    "articles": {"__all__": {"file": True, "passages": {"__all__": {"file", "line"}}}},
    "triage": {"rules": {"__all__": {"examples"}}},
}
