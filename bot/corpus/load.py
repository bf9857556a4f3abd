"""The folder ``corpus/`` → one validated, versioned Corpus."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from bot.corpus.article import read_article
from bot.corpus.review import FILE as REVIEWS
from bot.corpus.review import SignOff, with_reviews
from bot.corpus.wordings import Worded, with_wordings
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
    Rule,
    Silent,
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
    articles = with_reviews(articles, read_entries(SignOff, folder / REVIEWS, "reviews"))
    articles = with_wordings(articles, read_wordings(folder / "wordings"))
    numbers, ledger = folder / "countries.yaml", folder / "claims.yaml"
    content = {
        "articles": articles,
        "sources": tuple(read_source(entry, folder) for entry in read_list(folder / "sources.yaml", "references")),
        "claims": read_entries(Claim, ledger, "claims"),
        "contradictions": read_entries(Contradiction, ledger, "contradictions"),
        "grades": read_entries(GradeMeaning, folder / "evidence.yaml", "grades"),
        "lexicon": read_entries(Term, folder / "lexicon.yaml", "terms"),
        "triage": read_triage(folder),
        "countries": read_entries(Country, numbers, "countries"),
        "common_numbers": read_entries(CommonNumber, numbers, "common"),
        "silent": read_entries(Silent, folder / SILENT, "questions") if (folder / SILENT).is_file() else (),
    }
    corpus = Corpus.model_validate({"version": "unknown", **content})
    return corpus.model_copy(update={"version": version_of(corpus)})


SILENT = "silent.yaml"

NAMES = ("id", "code", "term", "grade", "passage")
"""The fields by which the entries of our files are named."""

LONGEST_SHOWN = 80


@cache
def _yaml_loader() -> type[Any]:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - the shape is checked by the models that read it
    """Read a YAML file; an unreadable one is a CorpusError with the line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _yaml_loader())  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise CorpusError(f"{path.name}:1: the file is missing from {path.parent}; restore it") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CorpusError(f"{path.name}:{line}: not readable as YAML ({error}); mend it") from error


def read_list(path: Path, name: str) -> list[dict[str, Any]]:
    """Return the named list of a file; CorpusError where there is none, or where an entry is not a mapping."""
    content = read_yaml(path)
    entries = content.get(name) if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise CorpusError(f"{path.name}:1: no list {name!r}; begin it with a line {name}:")
    for entry in entries:
        if not isinstance(entry, dict):
            raise CorpusError(f"{path.name}:1: {name}: {entry!r} is not an entry; write - id: … and its fields")
    return entries


def read_entries(model: type[Value], path: Path, name: str) -> tuple[Value, ...]:
    """Validate the entries of one list of a file."""
    return tuple(read_entry(model, entry, path) for entry in read_list(path, name))


def read_entry(model: type[Value], entry: Any, path: Path) -> Value:  # noqa: ANN401 - what a file holds
    """Validate one entry; CorpusError names its line and its field."""
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        named = entry if isinstance(entry, dict) else {}
        name = next((str(named[key]) for key in NAMES if key in named), "")
        line = line_of(path, name) if name else 1
        raise CorpusError(
            f"{path.name}:{line}: entry {shortened(name or entry)}: {first_fault(error)}; mend it"
        ) from error


def first_fault(error: ValidationError) -> str:
    """Return the first of what is wrong with an entry: the field, the fault, what was found."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']} (found {shortened(first['input'])})"


def read_wordings(folder: Path) -> dict[str, Worded]:
    """Read the further wordings of every passage, by its id; a corpus without such a folder has none."""
    worded: dict[str, Worded] = {}
    for path in sorted(folder.glob("*.yaml")):
        content = read_yaml(path)
        if not isinstance(content, dict):
            raise CorpusError(f"wordings/{path.name}:1: no passages; write <topic>#<passage>: and its wordings")
        for name, entry in content.items():
            try:
                worded[name] = Worded.model_validate(entry)
            except ValidationError as error:
                raise CorpusError(f"wordings/{path.name}:1: {name}: {first_fault(error)}; mend it") from error
    return worded


def read_triage(folder: Path) -> TriageRules:
    """Read the rules of ``triage.yaml``."""
    path = folder / "triage.yaml"
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise CorpusError(f"{path.name}:1: holds {type(content).__name__}, not concepts, guards and rules; restore it")
    for rule in read_list(path, "rules"):
        read_entry(Rule, rule, path)
    return read_entry(TriageRules, content, path)


def shortened(value: object) -> str:
    """Return a value as a message can show it."""
    shown = repr(value)
    return shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "…"


def line_of(path: Path, name: str, after: int = 0) -> int:
    """Return the first line after ``after`` where an entry of a YAML file begins, 1 where it is not found."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        key, separator, value = line.strip().removeprefix("- ").removeprefix("{").partition(": ")
        if number > after and separator and key in NAMES and value.split(",")[0].strip("'\"} ") == name:
            return number
    return 1


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
        line = line_of(folder / "sources.yaml", str(entry.get("id")))
        raise CorpusError(
            f"sources.yaml:{line}: source {entry.get('id')!r}: {error!r}; "
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
