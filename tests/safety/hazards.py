"""``make safety-case``: renders ``docs/safety/hazards.yaml`` as ``docs/safety/hazard-log.md``."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from bot.schema import Frozen

FOLDER = Path(__file__).resolve().parents[2] / "docs/safety"
DATA, PAGE = FOLDER / "hazards.yaml", FOLDER / "hazard-log.md"

Severity = Literal["minor", "significant", "considerable", "major", "catastrophic"]
Likelihood = Literal["very low", "low", "medium", "high", "very high"]

SEVERITIES: dict[Severity, str] = {
    "minor": "a worry or a nuisance; no harm to health",
    "significant": "harm that passes by itself, or distress, of one person",
    "considerable": "harm that needs treatment or lasting distress of one person, or lesser harm to several",
    "major": "lasting harm to one person, or considerable harm to several",
    "catastrophic": "a death or life-changing harm",
}
LIKELIHOODS: dict[Likelihood, str] = {
    "very low": "not expected in the life of an installation",
    "low": "may happen once in some years",
    "medium": "may happen once a year",
    "high": "may happen every month",
    "very high": "may happen every week or oftener",
}
RISK: dict[Likelihood, tuple[int, int, int, int, int]] = {
    "very low": (1, 1, 2, 2, 3),
    "low": (1, 2, 2, 3, 4),
    "medium": (2, 2, 3, 3, 4),
    "high": (2, 3, 3, 4, 5),
    "very high": (3, 4, 4, 5, 5),
}
"""Risk by likelihood, and by severity in the order of SEVERITIES."""

MEANING = {
    1: "acceptable",
    2: "acceptable where reducing it further would cost more than it gains",
    3: "undesirable: an operator's clinical safety officer has to accept it in writing",
    4: "not acceptable without further controls by the operator, accepted in writing",
    5: "not acceptable",
}

HEAD = """# Hazard log

Written by `make safety-case` from [hazards.yaml](hazards.yaml); do not edit this page. It follows the style of a hazard
log under DCB0129 (hazard, cause, effect, risk before and after, control, evidence). **It is not a signed safety case**:
severity, likelihood and risk are the developers' own estimates, and no clinical safety officer has reviewed or accepted
them. Likelihood after the controls supposes that recognition meets the bars of
[recognition.md](recognition.md); where that page shows a bar that is not met, the risk is that before the control.

Each control names the tests that show it works. A test fails if a test named here does not exist.
"""


class Rating(Frozen):
    """Severity and likelihood of a hazard."""

    severity: Severity
    likelihood: Likelihood

    @property
    def risk(self) -> int:
        """Return the risk, 1 to 5."""
        return RISK[self.likelihood][list(SEVERITIES).index(self.severity)]


class Hazard(Frozen):
    """One hazard, its controls and what shows that they work."""

    id: str = Field(pattern=r"^H\d{2}$")
    hazard: str
    cause: str
    effect: str
    before: Rating
    after: Rating
    control: str
    operator: str
    tests: tuple[str, ...] = Field(min_length=1)


def read_hazards(path: Path = DATA) -> tuple[Hazard, ...]:
    """Read the hazard log."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["hazards"]
    return tuple(Hazard.model_validate(entry) for entry in entries)


def render(hazards: tuple[Hazard, ...]) -> str:
    """Return the page."""
    lines = [HEAD, "## At a glance\n", "| | hazard | risk before | risk after |", "| --- | --- | ---: | ---: |"]
    lines += [f"| [{h.id}](#{h.id.lower()}) | {h.hazard} | {h.before.risk} | {h.after.risk} |" for h in hazards]
    for one in hazards:
        lines += [
            f"\n## {one.id}\n",
            f"**{one.hazard}**\n",
            f"- Cause: {one.cause}.",
            f"- Effect: {one.effect}.",
            f"- Before: {rated(one.before)}. After: {rated(one.after)}.",
            f"- Control: {one.control}.",
            f"- Only an operator can: {one.operator[0].lower()}{one.operator[1:]}.",
            "- Shown by:",
            *(f"  - `{test}`" for test in one.tests),
        ]
    return "\n".join([*lines, "", *scale()]) + "\n"


def rated(rating: Rating) -> str:
    """Return a rating in words."""
    return f"{rating.severity}, {rating.likelihood}, risk {rating.risk}"


def scale() -> list[str]:
    """Return the scale in tables."""
    lines = ["## The scale\n", "| severity | means |", "| --- | --- |"]
    lines += [f"| {name} | {meaning} |" for name, meaning in SEVERITIES.items()]
    lines += ["", "| likelihood | means, for one installation |", "| --- | --- |"]
    lines += [f"| {name} | {meaning} |" for name, meaning in LIKELIHOODS.items()]
    lines += ["", f"| risk | {' | '.join(SEVERITIES)} |", f"| --- |{' ---: |' * len(SEVERITIES)}"]
    lines += [f"| {name} | {' | '.join(map(str, RISK[name]))} |" for name in reversed(list(RISK))]
    lines += ["", "| risk | is |", "| ---: | --- |"]
    return lines + [f"| {risk} | {meaning} |" for risk, meaning in MEANING.items()]


if __name__ == "__main__":
    PAGE.write_text(render(read_hazards()), encoding="utf-8")
