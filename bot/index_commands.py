"""``careleaf index``: build; list, use, pack, push and pull versions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.corpus_commands import plain_errors
from bot.schema import IndexUnavailable
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from bot.index import BuildReport

index_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Name = Annotated[str | None, typer.Argument(help="A version; the one in service where none is named.")]


def version_folder(name: str | None) -> Path:
    """Return the folder of a version; raise IndexUnavailable where there is none of that name."""
    from bot.index import IndexFolder

    folder = IndexFolder(load_settings().index_dir)
    if name is None:
        return folder.require_current()
    if name not in {path.name for path in folder.versions()}:
        raise IndexUnavailable(f"{folder.folder} holds no version {name!r}; careleaf index versions lists them")
    return folder.folder / name


@index_app.command()
def versions() -> None:
    """List the versions that lie here; * is in service, - is the one before."""
    from bot.index import IndexFolder

    with plain_errors():
        folder = IndexFolder(load_settings().index_dir)
        marks = {folder.current(): "*", folder.before(): "-"}
        for path in folder.versions():
            size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6
            typer.echo(f"{marks.get(path, ' ')} {path.name}  {size:.0f} MB")


@index_app.command()
def use(
    version: Annotated[str | None, typer.Argument(help="A version of careleaf index versions.")] = None,
    back: Annotated[bool, typer.Option("--back", help="The version before the one in service.")] = False,
) -> None:
    """Put a version that lies here into service; running processes swap within seconds."""
    from bot.index import IndexFolder
    from bot.index.opened import read_manifest

    with plain_errors():
        folder = IndexFolder(load_settings().index_dir)
        if back == (version is not None):
            raise IndexUnavailable("Name a version or --back, one of the two; careleaf index versions lists them")
        chosen = folder.before() if back else version_folder(version)
        if chosen is None:
            raise IndexUnavailable(f"{folder.folder} holds no version before the one in service")
        if read_manifest(chosen)["model_sha256"] != load_settings().model_sha256:
            raise IndexUnavailable(f"{chosen.name} was built with another model; run: careleaf index")
        folder.use(chosen.name)
        typer.echo(f"index {chosen.name} is in service")


@index_app.command()
def pack(folder: Annotated[Path, typer.Argument(help="Where the archive goes.")], version: Name = None) -> None:
    """Write a version as one archive, named by its hash, with its description beside it."""
    from bot.index.archive import pack as pack_version

    with plain_errors():
        archive = pack_version(version_folder(version), folder)
        typer.echo(f"{folder / archive.file}: version {archive.version}, {archive.size / 1e6:.0f} MB")


@index_app.command()
def push(
    address: Annotated[str, typer.Argument(help="A folder, or s3://bucket/folder.")], version: Name = None
) -> None:
    """Copy a version to a folder or an S3-compatible address, and make it the one that is pulled."""
    from bot.index import IndexFolder
    from bot.index.exchange import push as push_version

    with plain_errors():
        archive = push_version(IndexFolder(load_settings().index_dir), version_folder(version), address)
        typer.echo(f"version {archive.version} is at {address}: {archive.sha256}")


@index_app.command()
def pull(
    address: Annotated[str, typer.Argument(help="A folder, or s3://bucket/folder.")],
    version: Annotated[str | None, typer.Argument(help="A version; the one last pushed where none is named.")] = None,
    sha256: Annotated[str | None, typer.Option(help="Take only the archive of this hash.")] = None,
) -> None:
    """Fetch a version, check every byte of it, and put it into service."""
    from bot.index import IndexFolder
    from bot.index.exchange import pull as pull_version

    with plain_errors():
        settings = load_settings()
        place = pull_version(IndexFolder(settings.index_dir), address, version, settings.model_sha256, sha256)
        typer.echo(f"index {place.name} is in service")


@index_app.command()
def upload(version: Name = None) -> None:
    """Copy a version to the Chroma server of CARELEAF_CHROMA_URL."""
    from bot.index.remote import upload as upload_version

    with plain_errors():
        url = load_settings().chroma_url
        if url is None:
            raise IndexUnavailable("CARELEAF_CHROMA_URL is not set; docs/scale-out.md says when a server is of use")
        place = version_folder(version)
        done = "is copied to" if upload_version(place, url) else "was there already:"
        typer.echo(f"version {place.name} {done} {url}")


def ensure_index(settings: Settings) -> None:
    """Build an index where there is none."""
    from bot.building import has_index

    if not has_index(settings):
        report_build(build_with_progress(settings))


def open_bar() -> "Progress":
    """Return a progress bar on standard error, so that standard output stays the answer's or the figures'."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def build_with_progress(settings: Settings) -> "BuildReport":
    """Build with a progress bar."""
    from bot.building import build_from_settings

    with open_bar() as bar:
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
