"""Floors and ceilings that a run must keep, read from YAML: ``floors: {name: least}``, ``ceilings: {name: most}``."""

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from bot.evaluation.run import Run
from bot.schema import CareleafError, Frozen


class Floors(Frozen):
    """The least, and the most, that a figure of ``Run.named_figures`` may be."""

    floors: dict[str, float] = Field(default_factory=dict)
    ceilings: dict[str, float] = Field(default_factory=dict)


def read_floors(path: Path) -> Floors:
    """Read floors; raise CareleafError where the file holds something else."""
    try:
        return Floors.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise CareleafError(f"{path} holds no floors ({error}); write floors: and ceilings: with figures") from error


def below_floor(run: Run, limits: Floors) -> list[str]:
    """Return a line for each figure below its floor or above its ceiling, and for each that was not measured."""
    named = run.named_figures()
    lines = [f"{name} was not measured" for name in (*limits.floors, *limits.ceilings) if name not in named]
    for name, least in limits.floors.items():
        if name in named and named[name] < least:
            lines.append(f"{name} is {named[name]:.4f}, floor {least}")
    for name, most in limits.ceilings.items():
        if name in named and named[name] > most:
            lines.append(f"{name} is {named[name]:.4f}, ceiling {most}")
    return lines
