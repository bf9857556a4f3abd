"""Labelled sets → one run: everything asked, counted and put together."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.evaluation.ablation import ablate, parts_of
from bot.evaluation.ask import Progress, ask_cases, ask_lines, hold_conversations
from bot.evaluation.cases import Cases, Conversations, Unanswerable, read_cases, read_conversations, read_lines
from bot.evaluation.run import MeasuredSet, MeasuredTalks, Run
from bot.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run shall measure: sets by name, and what else was asked for."""

    cases: dict[str, Cases]
    conversations: tuple[str, Conversations] | None = None
    off_topic: tuple[str, tuple[Unanswerable, ...]] | None = None
    ablation: bool = False

    @classmethod
    def read(
        cls, cases: tuple[Path, ...], conversations: Path | None, off_topic: Path | None, ablation: bool
    ) -> "Wanted":
        """Read every file; raise CareleafError where one is not what it should be."""
        return cls(
            {path.stem: read_cases(path) for path in cases},
            (conversations.stem, read_conversations(conversations)) if conversations else None,
            (off_topic.stem, read_lines(off_topic)) if off_topic else None,
            ablation,
        )

    @property
    def questions(self) -> int:
        """How many steps of progress the run makes."""
        sets = [len(one.answerable) + len(one.unanswerable) for one in self.cases.values()]
        talks = 2 * len(self.conversations[1].conversations) if self.conversations else 0
        others = len(self.off_topic[1]) if self.off_topic else 0
        return sum(sets) + talks + others + (sets[0] * len(parts_of()) if self.ablation else 0)


def measure(pipeline: Pipeline, wanted: Wanted, progress: Progress) -> Run:
    """Ask everything that is wanted, and count."""
    sets = tuple(
        MeasuredSet.from_outcomes(name, ask_cases(pipeline, cases, progress)) for name, cases in wanted.cases.items()
    )
    talks = off_topic = None
    if wanted.conversations:
        name, labelled = wanted.conversations
        talks = MeasuredTalks.from_turns(
            name,
            hold_conversations(pipeline, labelled, progress),
            hold_conversations(pipeline, labelled, progress, context=False),
        )
    if wanted.off_topic:
        name, questions = wanted.off_topic
        off_topic = MeasuredSet.from_outcomes(name, ask_lines(pipeline, questions, progress))
    first = next(iter(wanted.cases.values()))
    return Run(
        corpus_version=pipeline.corpus.version,
        passages=len(pipeline.index.passages),
        model=pipeline.encoder.sha256,
        on=date.today().isoformat(),
        sets=sets,
        talks=talks,
        off_topic=off_topic,
        ablation=ablate(pipeline, first, progress) if wanted.ablation else (),
    )
