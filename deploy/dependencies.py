"""``make dependencies``: what an installed Careleaf carries, by package: version, licence, size. Checks the licences.

Read from the metadata of the environment, not from lists: the closure of the runtime requirements with the extra
``container``. Writes ``docs/dependencies.md``; ``--check`` only reads, and fails where a licence is not allowed.
"""

import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

import yaml
from license_expression import AND, OR, LicenseSymbol, get_spdx_licensing
from packaging.requirements import Requirement

from deploy.lock import canonical

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/dependencies.md"
MARK = "<!-- made by make dependencies: all below -->"
POLICY = ROOT / "deploy/licences.yaml"
EXTRA = "container"
SHOWN = 15
"""Packages that are shown by size; the rest is one line."""


@dataclass(frozen=True)
class Carried:
    """One installed distribution: its licence as SPDX, its size in bytes, what asks for it."""

    name: str
    version: str
    licence: str
    size: int
    asked_by: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Which licences may travel with Careleaf, and how unclear metadata is read."""

    allowed: frozenset[str]
    read_as: dict[str, str]

    @classmethod
    def from_file(cls, path: Path = POLICY) -> "Policy":
        """Read ``deploy/licences.yaml``; raise ValueError where an entry gives no reason."""
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in ("allowed", "read_as"):
            for name, entry in written[kind].items():
                if not (entry if kind == "allowed" else entry["because"]):
                    raise ValueError(f"{path.name}: {kind}: {name}: say why")
        return cls(frozenset(written["allowed"]), {canonical(k): v["licence"] for k, v in written["read_as"].items()})

    def allows(self, expression: str) -> bool:
        """Say whether an SPDX expression can be met by allowed licences alone; what cannot be read is not allowed."""
        try:
            parsed = get_spdx_licensing().parse(expression, validate=True)
        except Exception:
            return False
        return parsed is not None and self._met(parsed)

    def _met(self, part: object) -> bool:
        if isinstance(part, AND):
            return all(self._met(one) for one in part.args)
        if isinstance(part, OR):
            return any(self._met(one) for one in part.args)
        return isinstance(part, LicenseSymbol) and part.render("{symbol.key}") in self.allowed


def installed_closure(root: str = "careleaf", extra: str = EXTRA, without: str = "") -> dict[str, set[str]]:
    """Return the canonical names that a distribution needs here, each with the names that ask for it."""
    asked: dict[str, set[str]] = {}
    open_requirements = [(canonical(root), frozenset({"", extra}))]
    seen: set[tuple[str, str]] = set()
    while open_requirements:
        name, extras = open_requirements.pop()
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            wanted = [one for one in extras if not requirement.marker or requirement.marker.evaluate({"extra": one})]
            if not wanted:
                continue
            target = canonical(requirement.name)
            if target == without:
                continue
            if target != canonical(root):
                asked.setdefault(target, set()).add(name)
            fresh = {one for one in {"", *requirement.extras} if (target, one) not in seen}
            if fresh:
                seen |= {(target, one) for one in fresh}
                open_requirements.append((target, frozenset(fresh)))
    return asked


def licence_of(found: Distribution, policy: Policy) -> str:
    """Return the SPDX expression of a distribution: its own, else the policy's reading, else what it says."""
    name = canonical(found.name)
    if name in policy.read_as:
        return policy.read_as[name]
    data = found.metadata
    stated = next((data[key] for key in ("License-Expression", "License") if key in data), "")
    return stated.strip().splitlines()[0] if stated.strip() else "not stated"


def size_of(found: Distribution) -> int:
    """Return the bytes of a distribution's files, without compiled caches."""
    sizes = 0
    for file in found.files or []:
        path = Path(str(found.locate_file(file)))
        if path.suffix != ".pyc" and path.is_file():
            sizes += path.stat().st_size
    return sizes


def read_carried(policy: Policy) -> list[Carried]:
    """Return every distribution that an installed Careleaf needs, in alphabetical order."""
    rows = []
    for name, asked_by in sorted(installed_closure().items()):
        found = distribution(name)
        rows.append(Carried(name, found.version, licence_of(found, policy), size_of(found), tuple(sorted(asked_by))))
    return rows


def megabytes(size: int) -> str:
    """Return a size for readers."""
    return f"{size / 1e6:.1f}"


def write_tables(rows: list[Carried]) -> str:
    """Return the tables of the page."""
    by_size = sorted(rows, key=lambda row: (-row.size, row.name))
    rest = by_size[SHOWN:]
    lines = ["## Installed size", "", "| package | MB | asked for by |", "| --- | --- | --- |"]
    lines += [f"| {row.name} | {megabytes(row.size)} | {', '.join(row.asked_by)} |" for row in by_size[:SHOWN]]
    lines += [
        f"| {len(rest)} others | {megabytes(sum(row.size for row in rest))} | |",
        f"| **together** | **{megabytes(sum(row.size for row in rows))}** | |",
        "",
        "## Licences",
        "",
        "| package | version | licence |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {row.name} | {row.version} | {row.licence} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Check the licences; write the page unless only asked to check."""
    policy = Policy.from_file()
    rows = read_carried(policy)
    refused = [f"{row.name} {row.version}: {row.licence}" for row in rows if not policy.allows(row.licence)]
    if refused:
        sys.exit("not in deploy/licences.yaml:\n" + "\n".join(refused))
    if sys.argv[1:] != ["--check"]:
        head = PAGE.read_text(encoding="utf-8").split(MARK)[0]
        PAGE.write_text(f"{head}{MARK}\n\n{write_tables(rows)}", encoding="utf-8")
    print(f"licences: {len(rows)} packages, all allowed")


if __name__ == "__main__":
    main()
