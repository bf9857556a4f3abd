"""``careleaf``: the commands. Heavy modules are imported by the command that needs them, so that help is quick."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.schema import CareleafError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.index import BuildReport

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Cited, graded answers for families of children with cerebral palsy. No language model.",
)
corpus_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check and count the corpus.")
app.add_typer(corpus_app, name="corpus")

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


@app.command()
def ask(
    question: Annotated[list[str], typer.Argument(help="What you would like to know, in your own words.")],
    json: Annotated[bool, typer.Option("--json", help="Print the answer object.")] = False,
    lang: Annotated[str, typer.Option(help="Language of the answer.")] = "en",
) -> None:
    """Answer a question, with sources."""
    from rich.console import Console

    from bot.pipeline import Pipeline
    from bot.terminal import print_answer

    with plain_errors():
        settings = load_settings()
        ensure_index(settings)
        pipeline = Pipeline.from_settings(settings)
        answer = pipeline.ask(" ".join(question), lang)
        if json:
            sys.stdout.write(answer.model_dump_json(indent=2) + "\n")
        else:
            print_answer(answer, pipeline.renderer.words(answer.lang), Console())


@app.command()
def index() -> None:
    """Build the index of the corpus beside the one in service, and swap."""
    with plain_errors():
        report_build(build_with_progress(load_settings()))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; CARELEAF_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; CARELEAF_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that answer; CARELEAF_WORKERS.")] = None,
) -> None:
    """Serve the page and the API. Builds the index first where there is none."""
    with plain_errors():
        settings = load_settings()
        ensure_index(settings)
        from bot.web.server import run_server

        run_server(
            host=settings.host if host is None else host,
            port=settings.port if port is None else port,
            workers=settings.workers if workers is None else workers,
        )


@app.command()
def verify(
    answer: Annotated[Path, typer.Argument(help="A file with one answer object, or - for standard input.")],
) -> None:
    """Check that every statement of an answer is a sentence of the corpus, to the letter."""
    from bot.compose import Renderer
    from bot.index import IndexFolder, read_corpus
    from bot.verify import read_answer, verify_answer

    with plain_errors():
        try:
            raw = sys.stdin.buffer.read() if str(answer) == "-" else answer.read_bytes()
        except OSError as error:
            raise CareleafError(
                f"{answer} cannot be read ({error.strerror}); name a file that holds an answer"
            ) from error
        settings = load_settings()
        ensure_index(settings)
        corpus = read_corpus(IndexFolder(settings.index_dir))
        found = verify_answer(read_answer(raw), corpus, Renderer(settings.templates_dir))
    for fault in found.faults:
        place = "answer" if fault.statement is None else f"statement {fault.statement + 1}"
        typer.secho(f"{place}: {fault.message}", fg=typer.colors.RED)
    if not found.verified:
        raise typer.Exit(FAILED)
    typer.echo(f"verified: {found.statements} statements are sentences of corpus {found.corpus_version}")


@app.command(name="eval")
def evaluate(
    cases: Annotated[Path, typer.Argument(help="A file of labelled questions, as tests/cases/development.yaml.")],
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the answers on labelled questions."""
    from bot.evaluate import evaluate_cases, read_cases
    from bot.pipeline import Pipeline

    with plain_errors():
        settings = load_settings()
        ensure_index(settings)
        figures = evaluate_cases(Pipeline.from_settings(settings), read_cases(cases))
    typer.echo(figures.model_dump_json(indent=2) if json else figures.summary())


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
    for name, value in figures.model_dump().items():
        shown = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), shown)
    Console().print(table, highlight=False)


def ensure_index(settings: Settings) -> None:
    """Build an index where there is none."""
    from bot.building import has_index

    if not has_index(settings):
        report_build(build_with_progress(settings))


def build_with_progress(settings: Settings) -> "BuildReport":
    """Build with a progress bar on standard error, so that standard output stays the answer's."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bot.building import build_from_settings

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Encoding the corpus", total=None)
        return build_from_settings(settings, lambda done, total: bar.update(task, completed=done, total=total))


def report_build(report: "BuildReport") -> None:
    """Say what a build did."""
    if not report.changed:
        typer.echo(f"index {report.version} is in service already: nothing changed", err=True)
        return
    typer.echo(
        f"index {report.version} is in service: {report.passages} passages, {report.texts} texts, "
        f"{report.encoded} encoded, {report.reused} kept from before",
        err=True,
    )
