"""``careleaf``: the commands. Heavy modules are imported by the command that needs them, so that help is quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.corpus_commands import FAILED, corpus_app, plain_errors
from bot.eval_commands import eval_app
from bot.export_commands import export_app
from bot.index_commands import build_with_progress, ensure_index, index_app, report_build
from bot.schema import CareleafError
from bot.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Cited, graded answers for families of children with cerebral palsy. No language model.",
)
app.add_typer(corpus_app, name="corpus")
app.add_typer(eval_app, name="eval")
app.add_typer(export_app, name="export")
app.add_typer(index_app, name="index")


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


@index_app.callback()
def index(context: typer.Context) -> None:
    """Build the index of the corpus beside the one in service, and swap; or list, use, pack, push, pull versions."""
    if context.invoked_subcommand is not None:
        return
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
def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Streamable HTTP at /mcp; else standard input and output.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on with --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on with --http.")] = 8001,
) -> None:
    """Serve other assistants by the Model Context Protocol."""
    with plain_errors():
        settings = load_settings()
        ensure_index(settings)
        from bot.mcp_server.run import run_mcp

        run_mcp(settings, http=http, host=host, port=port)


@app.command()
def gaps(json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False) -> None:
    """Show what families asked and did not find, what they rated badly, and which reviews went stale."""
    from datetime import date

    from bot.gaps.report import read_report
    from bot.gaps.shown import report_lines
    from bot.pipeline import Pipeline
    from bot.store import Store

    with plain_errors():
        settings = load_settings()
        ensure_index(settings)
        store = Store(settings.database_url.get_secret_value())
        pipeline = Pipeline.from_settings(settings)
        report = read_report(store, pipeline, date.today(), settings.keep_days)
    if json:
        typer.echo(report.model_dump_json(indent=2))
        return
    for line in report_lines(report, pipeline.renderer.words("en")["admin"]):
        typer.echo(line)


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
