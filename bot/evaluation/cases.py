"""Labelled questions and conversations, read from YAML."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import Field, ValidationError

from bot.schema import CareleafError, Corpus, Frozen

Labelled = TypeVar("Labelled", bound=Frozen)


class Answerable(Frozen):
    """A question with every passage that would be a right first passage."""

    question: str
    passages: tuple[str, ...] = Field(min_length=1)
    style: str = "plain"


class Unanswerable(Frozen):
    """A question that the corpus does not answer, and how near it is to one that it does."""

    question: str
    kind: str = "off_topic"


class Cases(Frozen):
    """A labelled set."""

    answerable: tuple[Answerable, ...]
    unanswerable: tuple[Unanswerable, ...]


class Turn(Frozen):
    """What is said in a conversation, and every passage that would be a right first passage.

    A ``fresh`` turn leaves the topic of the one before, and must not be dragged back to it.
    """

    ask: str
    passages: tuple[str, ...] = Field(min_length=1)
    fresh: bool = False


class Conversation(Frozen):
    """Two turns or more; each later one leans on those before it, unless it is fresh."""

    turns: tuple[Turn, ...] = Field(min_length=2)


class Conversations(Frozen):
    """A labelled set of conversations."""

    conversations: tuple[Conversation, ...]


def read_cases(path: Path) -> Cases:
    """Read a labelled set; raise CareleafError with the place where it is not one."""
    return _read(path, Cases)


def read_conversations(path: Path) -> Conversations:
    """Read a labelled set of conversations; raise CareleafError with the place where it is not one."""
    return _read(path, Conversations)


def read_lines(path: Path, kind: str = "off_topic") -> tuple[Unanswerable, ...]:
    """Read questions, one a line, that are all unanswerable and of one kind."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CareleafError(
            f"{path} cannot be read ({error.strerror}); name a file of questions, one a line"
        ) from error
    return tuple(Unanswerable(question=line.strip(), kind=kind) for line in lines if line.strip())


def _read(path: Path, form: type[Labelled]) -> Labelled:
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return form.model_validate(raw)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise CareleafError(
            f"{path} is not a labelled set ({error}); see tests/cases/README.md for its form"
        ) from error


def refuse_unknown(names: set[str], corpus: Corpus) -> None:
    """Raise CareleafError where a label names a passage that the corpus does not hold."""
    unknown = sorted(names - set(corpus.passages))
    if unknown:
        raise CareleafError(f"labelled passages that the corpus does not hold: {', '.join(unknown)}; mend the labels")
