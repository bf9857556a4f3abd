"""``careleaf corpus``: check, count and review the corpus."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer

from bot.schema import CareleafError, CorpusError
from bot.settings import load_settings

corpus_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check, count and review the corpus.")

FAILED = 1
MISUSED = 2


@contextmanager
def plain_errors() -> Iterator[None]:
    """Print one of our errors as one line, and leave with a code that a script can read."""
    try:
        yield
    except CareleafError as error:
        typer.secho(f"careleaf: {error}", err=True, fg=typer.colors.RED)
        raise typer.Exit(MISUSED) from error


@corpus_app.command()
def check() -> None:
    """Hold every file of the corpus against the rules; name file, line and what to do."""
    from bot.building import check_words
    from bot.corpus.checks import Fault, check_folder, fault_from
    from bot.corpus.load import line_of
    from bot.triage import disagreements

    with plain_errors():
        settings = load_settings()
        folder = settings.corpus_dir
        corpus, faults = check_folder(folder, date.today())
        broken = check_words(corpus, settings) if corpus else []
        faults += map(fault_from, broken)
        for rule, message, fault in disagreements(corpus.triage) if corpus and not broken else ():
            line = line_of(folder / "triage.yaml", rule.id)
            faults.append(Fault("triage.yaml", line, f"rule {rule.id}: example {message!r} {fault}"))
    for found in faults:
        typer.secho(str(found), fg=typer.colors.RED)
    if faults or corpus is None:
        typer.echo(f"{len(faults)} faults")
        raise typer.Exit(FAILED)
    typer.echo(f"corpus {corpus.version}: {len(corpus.passages)} passages, {len(corpus.claims)} claims, no fault")


@corpus_app.command()
def stats(json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False) -> None:
    """Count what the corpus holds."""
    from rich.console import Console
    from rich.table import Table

    from bot.corpus import load_corpus
    from bot.corpus.stats import read_stats

    with plain_errors():
        figures = read_stats(load_corpus(load_settings().corpus_dir))
    if json:
        typer.echo(figures.model_dump_json(indent=2))
        return
    table = Table(show_header=False, box=None)
    for name, value in figures.model_dump(exclude={"groups"}).items():
        shown = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), shown)
    Console().print(table, highlight=False)


@corpus_app.command()
def review(
    name: Annotated[
        str | None, typer.Argument(help="A passage (hips#therapy) or a topic (hips). Nothing: list.")
    ] = None,
    by: Annotated[str, typer.Option(help="The reviewer's name.")] = "",
    role: Annotated[str, typer.Option(help="Profession and place of work.")] = "",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today where not given.")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to read it again by.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the sign-off back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without being asked.")] = False,
) -> None:
    """List what is signed off, or record a named reviewer's sign-off of a passage as it stands."""
    from bot.corpus.load import load_corpus, read_entries
    from bot.corpus.review import FILE, SignOff, choose_passages, list_reviews, sign, write_sign_offs

    with plain_errors():
        folder = load_settings().corpus_dir
        sign_offs = read_entries(SignOff, folder / FILE, "reviews")
        if withdraw:
            kept = tuple(entry for entry in sign_offs if name not in {entry.passage, entry.passage.partition("#")[0]})
            if kept == sign_offs:
                raise CorpusError(f"{FILE}:1: no sign-off of {name!r}; careleaf corpus review lists what is signed")
            write_sign_offs(folder, kept)
            typer.echo(f"{len(sign_offs) - len(kept)} sign-offs withdrawn; run careleaf index")
            return
        articles = load_corpus(folder).articles
        if name is None:
            for line in list_reviews(articles):
                typer.echo(line)
            return
        today = date.today()
        new = [
            sign(passage, by, role, on.date() if on else today, due.date() if due else None)
            for passage in choose_passages(articles, name)
        ]
        for passage in choose_passages(articles, name):
            typer.echo(f"{passage.id} [{passage.evidence.value}] {passage.heading}\n{passage.text}\n")
        if not yes:
            typer.confirm(f"{by} ({role}) read these {len(new)} passages and signs them off?", abort=True)
        signed = {entry.passage for entry in new}
        write_sign_offs(folder, (*(entry for entry in sign_offs if entry.passage not in signed), *new))
        typer.echo(f"{len(new)} passages signed off by {by}; run careleaf index")
