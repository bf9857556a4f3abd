"""An answer as a terminal shows it. The words are the templates'; here is only where they stand and their colour."""

from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.schema import Answer, Kind

COLOUR = {
    Kind.ANSWER: "green",
    Kind.EMERGENCY: "bold red",
    Kind.REDIRECT: "yellow",
    Kind.CLARIFY: "cyan",
    Kind.NO_ANSWER: "bright_black",
}
WIDTH = 92


def print_answer(answer: Answer, words: dict[str, Any], console: Console) -> None:
    """Print an answer: its first paragraph in a frame, headings marked, sources quieter."""
    first, _, rest = answer.text.strip().partition("\n")
    parts: list[RenderableType] = [Text(first, style="bold")]
    headings = {heading.upper() for heading in words["headings"].values()}
    quiet = False
    for line in rest.splitlines():
        heading = next((h for h in headings if line == h or line.startswith(h + "  ")), None)
        quiet = quiet or heading == words["headings"]["sources"].upper()
        text = Text(line, style="bright_black" if quiet else "")
        if heading:
            text.stylize("bold", 0, len(heading))
        parts.append(Padding(text, (0, 0, 0, 2)) if line.startswith("- ") else text)
    colour = COLOUR[answer.kind]
    console.print(
        Panel(Group(*parts), border_style=colour, padding=(1, 2), width=min(WIDTH, console.width)),
        highlight=False,
    )
