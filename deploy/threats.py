"""``make threats``: writes ``docs/threat-model.md`` from ``docs/threats.yaml``."""

import yaml

from deploy.lock import ROOT

GROUPS = {
    "attacker": "Somebody on the network",
    "document": "A malicious document",
    "operator": "A curious operator",
    "supplier": "A supplier",
    "failure": "Nobody means it",
}
HEAD = """# Threat model

Made by `make threats` from [threats.yaml](threats.yaml). Each test is named as pytest names it, and a test checks
that it exists (`tests/test_supply_chain.py`).

Careleaf has no accounts and no cookies, keeps nothing about a person by default, runs no language model and calls no
other server. What is worth protecting: that every statement is the corpus's, that emergencies are recognised, that
nobody learns what a family asked, and that it answers.
"""


def write_threat_model() -> str:
    """Return the page."""
    threats = yaml.safe_load((ROOT / "docs/threats.yaml").read_text(encoding="utf-8"))["threats"]
    lines = [HEAD]
    for who, title in GROUPS.items():
        lines += [f"## {title}", "", "| could | control | test | left |", "| --- | --- | --- | --- |"]
        for threat in threats:
            if threat["who"] == who:
                tests = "<br>".join(f"`{name}`" for name in threat["tests"])
                lines.append(f"| {threat['could']} | {threat['control']} | {tests} | {threat.get('left', '')} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    (ROOT / "docs/threat-model.md").write_text(write_threat_model(), encoding="utf-8")
