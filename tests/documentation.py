"""Runs the commands that the documentation shows: ``python -m tests.documentation --write`` sets their output anew.

A ``console`` block holds commands behind ``$`` and their output; every command there is run and what it
prints is compared. The two ``make`` commands of the README are what a developer and CI run themselves.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    *("README.md", "CONTRIBUTING.md", "docs/corpus.md", "docs/architecture.md", "docs/triage.md", "docs/settings.md"),
    "docs/api.md",
)
BLOCK = re.compile(r"(?P<open>^```console\n)(?P<body>.*?)(?P<close>^```$)", re.MULTILINE | re.DOTALL)
WIDTH = "96"


@dataclass(frozen=True)
class Shown:
    """A command of the documentation and the output that stands below it."""

    page: str
    command: str
    output: str


def split_block(page: str, body: str) -> list[Shown]:
    """Return the commands of one block, each with the lines below it."""
    shown = []
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        shown.append(Shown(page, command, output.rstrip()))
    return shown


def shown_commands() -> list[Shown]:
    """Return every command of every page."""
    return [
        shown
        for page in PAGES
        for block in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8"))
        for shown in split_block(page, block["body"])
    ]


def run(command: str) -> str:
    """Run one command as a reader would, in the repository, on a terminal of fixed width without colour."""
    environment = os.environ | {"COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).rstrip()


def write_outputs() -> None:
    """Set the output of every command anew."""
    for page in PAGES:
        path = ROOT / page

        def anew(block: "re.Match[str]", page: str = page) -> str:
            parts = [f"$ {s.command}\n{run(s.command)}\n" for s in split_block(page, block["body"])]
            return f"{block['open']}{''.join(parts)}{block['close']}"

        path.write_text(BLOCK.sub(anew, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write_outputs()
    else:
        sys.exit("usage: python -m tests.documentation --write")
