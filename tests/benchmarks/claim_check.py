"""How well the claims check tells claims from other sentences: ``python -m tests.benchmarks.claim_check [--choose]``.

The threshold is chosen on part a of ``tests/cases/claim-check.yaml`` by F0.5, in which a false alarm weighs more than a
miss, and reported on part b.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bot.claim_check import ClaimChecker, load_check_rules
from bot.pipeline import Pipeline
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
CASES = "tests/cases/claim-check.yaml"


@dataclass(frozen=True)
class Labelled:
    """A sentence and the claims that it makes, any of which is right."""

    part: str
    text: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """Counts over a set: claims found rightly and wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Return the share of the claims found that are made."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Return the share of the claims made that are found."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def f_half(self) -> float:
        """Return F0.5."""
        return 1.25 * self.precision * self.recall / max(0.25 * self.precision + self.recall, 1e-9)


def read_sentences() -> list[Labelled]:
    """Read the labelled set."""
    stored = yaml.safe_load((ROOT / CASES).read_text(encoding="utf-8"))["sentences"]
    return [Labelled(one["part"], one["text"], tuple(one["claims"])) for one in stored]


def score(checker: ClaimChecker, sentences: list[Labelled]) -> Scored:
    """Check each sentence by itself and count."""
    right = wrong = missed = 0
    for one in sentences:
        found = [made.claim_id for made in checker.check(one.text).claims]
        hit = any(name in one.claims for name in found)
        right += hit
        wrong += bool(found) and not hit
        missed += bool(one.claims) and not hit
    return Scored(right, wrong, missed)


def main() -> None:
    """Print the best threshold of part a, and what the stored one gives on each part."""
    pipeline = Pipeline.from_settings(load_settings())
    rules = load_check_rules()
    sentences = read_sentences()
    parts = {name: [one for one in sentences if one.part == name] for name in ("a", "b")}
    tried = [round(0.60 + 0.005 * step, 3) for step in range(61)]

    def checker(threshold: float) -> ClaimChecker:
        return ClaimChecker(pipeline.index, pipeline.encoder, replace(rules, threshold=threshold))

    if "--choose" in sys.argv[1:]:
        best = max(tried, key=lambda threshold: (score(checker(threshold), parts["a"]).f_half, -threshold))
        print(f"best threshold on part a: {best:.3f}")
    print(f"threshold in use: {rules.threshold:.3f}")
    for name, part in parts.items():
        found = score(checker(rules.threshold), part)
        made = sum(1 for one in part if one.claims)
        print(
            f"part {name}: {len(part)} sentences, {made} make a claim: "
            f"precision {found.precision:.2f}, recall {found.recall:.2f}"
        )


if __name__ == "__main__":
    main()
