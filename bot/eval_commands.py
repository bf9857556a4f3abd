"""``careleaf eval``: the answers on labelled questions; ``retrieval`` on any set of documents; ``compare`` two runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.corpus_commands import FAILED, plain_errors
from bot.index_commands import ensure_index, open_bar
from bot.settings import load_settings

DEVELOPMENT = Path("tests/cases/development.yaml")


SWITCHES = frozenset({"--json", "--ablation", "--no-ablation"})
"""Options of ``careleaf eval`` that take no value."""


class FilesFirst(TyperGroup):
    """Reads ``careleaf eval FILE`` as ``careleaf eval --cases FILE``."""

    # Typer carries a copy of click of its own, so the type of its context has no public name.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Put the option before a file that stands by itself, at the start or after a switch."""
        if not any(arg in self.commands for arg in args):
            alone = [place == 0 or args[place - 1] in SWITCHES for place in range(len(args))]
            args = [
                word
                for place, arg in enumerate(args)
                for word in (("--cases", arg) if alone[place] and not arg.startswith("-") else (arg,))
            ]
        return super().parse_args(ctx, args)


eval_app = typer.Typer(cls=FilesFirst, rich_markup_mode=None, invoke_without_command=True)


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar."""
    with open_bar() as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.advance(task, done)


@eval_app.callback()
def evaluate(
    context: typer.Context,
    cases: Annotated[list[Path], typer.Option(help="Labelled questions; may be given again.")] = [DEVELOPMENT],  # noqa: B006
    conversations: Annotated[Path | None, typer.Option(help="Labelled conversations.")] = None,
    off_topic: Annotated[Path | None, typer.Option(help="Questions about other things, one a line.")] = None,
    ablation: Annotated[bool, typer.Option(help="Measure the first set once more without each part.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with figures and pictures.")] = None,
    json_file: Annotated[Path | None, typer.Option(help="Write figures and every outcome as JSON.")] = None,
    floors: Annotated[Path | None, typer.Option(help="YAML of floors and ceilings; fails where one is missed.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure the answers on labelled questions."""
    if context.invoked_subcommand is not None:
        return
    from json import dumps

    from bot.evaluation.floors import below_floor, read_floors
    from bot.evaluation.measure import Wanted, measure
    from bot.evaluation.report import write_html
    from bot.pipeline import Pipeline

    with plain_errors():
        settings = load_settings()
        wanted = Wanted.read(tuple(cases), conversations, off_topic, ablation)
        limits = read_floors(floors) if floors else None
        ensure_index(settings)
        pipeline = Pipeline.from_settings(settings)
        with progress_bar("Asking", wanted.questions) as progress:
            run = measure(pipeline, wanted, progress)
        if json_file:
            json_file.write_text(run.model_dump_json(indent=1) + "\n", encoding="utf-8")
        if html:
            html.write_text(write_html(run, pipeline.retriever.calibration.threshold), encoding="utf-8")
    typer.echo(dumps(run.named_figures(), indent=2) if json else run.summary())
    missed = below_floor(run, limits) if limits else []
    for line in missed:
        typer.secho(line, fg=typer.colors.RED, err=True)
    if missed:
        raise typer.Exit(FAILED)


@eval_app.command()
def retrieval(
    documents: Annotated[Path, typer.Option(help="JSON lines {id, title, url, text}, plain or .gz.")],
    questions: Annotated[Path, typer.Option(help="JSON lines {id, original, summary, judgements}.")],
    query: Annotated[str, typer.Option(help="original or summary: which wording is asked.")] = "original",
    json: Annotated[bool, typer.Option("--json", help="Print the figures, and each question's, as JSON.")] = False,
) -> None:
    """Measure the retriever on a set of documents with judged questions."""
    from bot.encoder import Encoder
    from bot.evaluation.judged import measure_retrieval, read_wording

    with plain_errors():
        wording = read_wording(query)
        settings = load_settings()
        encoder = Encoder(settings.model_dir, settings.model_sha256)
        measured = measure_retrieval(documents, questions, wording, encoder, progress_bar)
    typer.echo(measured.model_dump_json(indent=2) if json else measured.summary())


@eval_app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="What --json-file wrote.")],
    after: Annotated[Path, typer.Argument(help="What --json-file wrote later.")],
) -> None:
    """Say which figures, and which questions, differ between two runs."""
    from bot.evaluation.run import changed_questions, compare_runs, read_run

    with plain_errors():
        old, new = read_run(before), read_run(after)
    for name, was, now in compare_runs(old, new):
        typer.echo(f"{name:60} {was:8.4f} -> {now:8.4f}  {now - was:+.4f}")
    better, worse = changed_questions(old, new)
    for mark, asked in (("+", better), ("-", worse)):
        for question in asked:
            typer.echo(f"{mark} {question}")
