"""``make schemathesis``: generated requests against the whole OpenAPI document, with every check of schemathesis.

The server is a real one on the loopback address. What is generated follows from the seed, so a failure comes again.
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.http import serving

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 300
"""Cases an operation in ``make schemathesis``; those with few possible requests give fewer."""

FEWEST = 5_000
SEED = 20_261_124


@dataclass(frozen=True)
class Fuzzed:
    """What one run gave: how many requests were generated, whether all held, and what was printed."""

    cases: int
    held: bool
    printed: str


def fuzz(port: int, examples: int) -> Fuzzed:
    """Generate about ``examples`` requests an operation, in four phases (examples, coverage, fuzzing, stateful)."""
    command = [str(SCHEMATHESIS), "run", f"http://127.0.0.1:{port}/openapi.json", "--checks", "all", "--no-color"]
    command += ["--max-examples", str(examples), "--seed", str(SEED)]
    with tempfile.TemporaryDirectory() as folder:
        # Schemathesis keeps what it found in the folder where it runs.
        done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    found = re.search(r"^\s*([\d,]+) generated", done.stdout, re.MULTILINE)
    cases = int(found[1].replace(",", "")) if found else 0
    return Fuzzed(cases, done.returncode == 0, done.stdout + done.stderr)


def main() -> int:
    """Run, print, and fail where something did not hold or too little was tried."""
    with serving(1) as (port, _):
        fuzzed = fuzz(port, EXAMPLES)
    print(fuzzed.printed)
    if fuzzed.cases < FEWEST:
        print(f"Only {fuzzed.cases:,} cases were generated; at least {FEWEST:,} are wanted: raise EXAMPLES")
    return 0 if fuzzed.held and fuzzed.cases >= FEWEST else 1


if __name__ == "__main__":
    sys.exit(main())
