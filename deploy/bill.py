"""``make sbom``: the CycloneDX bill of materials of a clean environment that holds what the container holds."""

import subprocess
import sys
import venv
from pathlib import Path

from deploy.lock import ROOT, RUNTIME

PLACE = ROOT / "dist"


def write_bill(python: Path, target: Path) -> None:
    """Write the bill of an environment, validated against CycloneDX's schema; the same environment, the same bytes."""
    command = [
        str(Path(sys.executable).with_name("cyclonedx-py")),
        "environment",
        "--output-reproducible",
        "--validate",
    ]
    command += ["--output-format", "JSON", "--output-file", str(target), str(python)]
    subprocess.run(command, check=True)


def main() -> None:
    """Install the lock and a wheel in a clean environment and write ``dist/careleaf.cdx.json``."""
    place = PLACE / "environment"
    venv.create(place, with_pip=True, clear=True)
    pip: list[str | Path] = [
        place / "bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    subprocess.run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", RUNTIME], check=True)
    subprocess.run([*pip, ROOT], check=True)
    write_bill(place / "bin/python", PLACE / "careleaf.cdx.json")
    print(PLACE.name + "/careleaf.cdx.json")


if __name__ == "__main__":
    main()
