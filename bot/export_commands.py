"""``careleaf export``: the questions with their answers, as a site, JSON lines or CSV."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.corpus_commands import plain_errors
from bot.schema import CareleafError
from bot.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

    from bot.export import FaqItem
    from bot.pipeline import Pipeline

    Writer = Callable[[Iterable[FaqItem], TextIO], int]

export_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Write every question with its answer: site, jsonl, csv."
)

Out = Annotated[Path, typer.Argument(help="A file to write, or - for standard output.")]
STDOUT = Path("-")


@export_app.command()
def site(
    folder: Annotated[Path, typer.Argument(help="Folder to write; one that holds another export is replaced.")],
    url: Annotated[str | None, typer.Option(help="Where it will be served; CARELEAF_PUBLIC_URL.")] = None,
) -> None:
    """Write plain HTML pages with schema.org data, a sitemap and a search that needs no server."""
    from bot.export import read_items, write_site

    with plain_errors():
        address = url or load_settings().public_url
        if not address or not address.startswith(("https://", "http://")):
            raise CareleafError("a sitemap needs an address; give --url https://… or set CARELEAF_PUBLIC_URL")
        pipeline = open_pipeline()
        pages = write_site(read_items(pipeline), pipeline.corpus, pipeline.renderer, folder, address)
    typer.echo(f"{pages} pages in {folder}")


@export_app.command()
def jsonl(out: Out = STDOUT) -> None:
    """Write one line of JSON a question, with the whole answer object."""
    from bot.export import write_jsonl

    write(out, write_jsonl)


@export_app.command(name="csv")
def csv_(out: Out = STDOUT) -> None:
    """Write one row a question, for a spreadsheet."""
    from bot.export import write_csv

    write(out, write_csv)


def write(out: Path, writer: "Writer") -> None:
    """Write the questions to a file or to standard output."""
    from bot.export import read_items

    with plain_errors():
        items = read_items(open_pipeline())
        if out == STDOUT:
            writer(items, sys.stdout)
            return
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                count = writer(items, file)
        except OSError as error:
            raise CareleafError(f"{out} cannot be written ({error.strerror}); name another file") from error
    typer.echo(f"{count} questions in {out}", err=True)


def open_pipeline() -> "Pipeline":
    """Open the index in service."""
    from bot.pipeline import Pipeline

    return Pipeline.from_settings(load_settings())
