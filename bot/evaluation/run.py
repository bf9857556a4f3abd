"""One run over the labelled sets, kept as JSON: figures, every outcome, and what they were measured on."""

from pathlib import Path

from pydantic import ValidationError

from bot.evaluation.ask import Outcome, TurnOutcome
from bot.evaluation.figures import Figures, TalkFigures, count_outcomes, count_turns
from bot.schema import CareleafError, Frozen


class MeasuredSet(Frozen):
    """A labelled set, named by its file, with its figures and outcomes."""

    name: str
    figures: Figures
    outcomes: tuple[Outcome, ...]

    @classmethod
    def from_outcomes(cls, name: str, outcomes: tuple[Outcome, ...]) -> "MeasuredSet":
        """Count the outcomes of a set."""
        return cls(name=name, figures=count_outcomes(outcomes), outcomes=outcomes)


class MeasuredTalks(Frozen):
    """The conversations of a file: held as a page does, and with each turn asked alone."""

    name: str
    figures: TalkFigures
    alone: TalkFigures
    turns: tuple[TurnOutcome, ...]

    @classmethod
    def from_turns(cls, name: str, turns: tuple[TurnOutcome, ...], alone: tuple[TurnOutcome, ...]) -> "MeasuredTalks":
        """Count the turns of conversations."""
        return cls(name=name, figures=count_turns(turns), alone=count_turns(alone), turns=turns)


class Part(Frozen):
    """A row of the ablation: Careleaf with one part switched off, and the figures of a set without it."""

    name: str
    figures: Figures


class Run(Frozen):
    """Everything that one run measured."""

    corpus_version: str
    passages: int
    model: str
    on: str
    sets: tuple[MeasuredSet, ...]
    talks: MeasuredTalks | None = None
    off_topic: MeasuredSet | None = None
    ablation: tuple[Part, ...] = ()

    def summary(self) -> str:
        """Return the figures as a few lines."""
        lines = []
        for one in (*self.sets, *([self.off_topic] if self.off_topic else [])):
            lines += [one.name, one.figures.summary()]
        if self.talks:
            talk, alone = self.talks.figures, self.talks.alone
            lines += [
                self.talks.name,
                f"leaning turns {talk.leaning}: resolved {talk.resolved:.1%} (each turn alone {alone.resolved:.1%})",
                f"fresh turns   {talk.fresh}: resolved {talk.fresh_resolved:.1%}, dragged {talk.fresh_dragged:.1%}",
            ]
        for part in self.ablation:
            figures = part.figures
            lines.append(
                f"{part.name:32} right first {figures.success_at_1:.1%}, answered {figures.answered:.1%}, "
                f"unanswerable answered {figures.answered_wrongly:.1%}, AURC {figures.aurc:.3f}"
            )
        return "\n".join(lines)

    def named_figures(self) -> dict[str, float]:
        """Return every figure by a name such as ``heldout.success_at_1``: what floors and comparisons name."""
        named: dict[str, float] = {}
        measured = [*self.sets, *([self.off_topic] if self.off_topic else [])]
        for one in measured:
            for name, value in one.figures.model_dump().items():
                if isinstance(value, dict):
                    named.update({f"{one.name}.{name}.{key}": float(inner) for key, inner in value.items()})
                else:
                    named[f"{one.name}.{name}"] = float(value)
        if self.talks:
            named.update({f"{self.talks.name}.{k}": float(v) for k, v in self.talks.figures.model_dump().items()})
        return named


def read_run(path: Path) -> Run:
    """Read what ``careleaf eval --json-file`` wrote; raise CareleafError where it is something else."""
    try:
        return Run.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CareleafError(f"{path} is not a run of careleaf eval ({error}); make one with --json-file") from error


def compare_runs(before: Run, after: Run) -> list[tuple[str, float, float]]:
    """Return (figure, before, after) for each figure that both runs have and that differs, times left out."""
    old, new = before.named_figures(), after.named_figures()
    return [
        (name, old[name], new[name])
        for name in old
        if name in new and old[name] != new[name] and not name.endswith("_ms")
    ]


def changed_questions(before: Run, after: Run) -> tuple[list[str], list[str]]:
    """Return the questions whose first passage became right, and those whose first passage was right before."""
    old = {(s.name, o.question): o.right for s in before.sets for o in s.outcomes if o.answerable}
    new = {(s.name, o.question): o.right for s in after.sets for o in s.outcomes if o.answerable}
    turned = [(key[1], new[key]) for key in old if key in new and old[key] != new[key]]
    return [question for question, right in turned if right], [question for question, right in turned if not right]
