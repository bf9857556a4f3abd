"""``make eval``: measures Careleaf on its labelled sets and writes docs/retrieval.md, pictures, and an HTML page.

Judged documents and questions about other things are somebody else's and do not lie here; where they are named they are
measured, and their figures kept in docs/pictures/retrieval/judged.json, from which later runs take them.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.eval_commands import progress_bar
from bot.evaluation.figures import Figures
from bot.evaluation.judged import MeasuredRetrieval, measure_retrieval
from bot.evaluation.measure import Wanted, measure
from bot.evaluation.pictures import draw_reliability, draw_risk, draw_times
from bot.evaluation.report import by_topic, write_html
from bot.evaluation.run import Run
from bot.pipeline import Pipeline
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/pictures/retrieval"
PAGE = ROOT / "docs/retrieval.md"
METHOD = ROOT / "tests/benchmarks/retrieval_method.md"
"""What the figures do not say: how the weights were chosen, and what was tried."""

CASES = tuple(ROOT / f"tests/cases/{name}.yaml" for name in ("development", "heldout"))
CONVERSATIONS = ROOT / "tests/cases/retrieval/conversations.yaml"


def sets_table(run: Run) -> list[str]:
    """Return the figures of each set."""
    lines = [
        "| set | answerable | right first | among three | answered | from a right passage | unanswerable "
        "| answered with content | ECE | AURC | median ms | 95 % ms |",
        "| --- " * 12 + "|",
    ]
    for one in (*run.sets, *([run.off_topic] if run.off_topic else [])):
        f = one.figures
        lines.append(
            f"| {one.name} | {f.answerable} | {f.success_at_1:.1%} | {f.success_at_3:.1%} | {f.answered:.1%} | "
            f"{f.shown_right:.1%} | {f.unanswerable} | {f.answered_wrongly:.1%} | {f.calibration_error:.3f} | "
            f"{f.aurc:.3f} | {f.median_ms:.1f} | {f.p95_ms:.1f} |"
        )
    return [*lines, ""]


def groups_table(run: Run) -> list[str]:
    """Return the shares by style, and by kind of what should not be answered."""
    lines = []
    for one in run.sets:
        f = one.figures
        lines += [f"**{one.name}**", "", "| style | right first | answered |", "| --- | --- | --- |"]
        lines += [f"| {n} | {s:.1%} | {f.answered_by_style[n]:.1%} |" for n, s in f.success_by_style.items()]
        lines += ["", "| unanswerable | answered with content |", "| --- | --- |"]
        lines += [f"| {name} | {value:.1%} |" for name, value in f.answered_wrongly_by_kind.items()]
        worst = [f"{topic.name} ({topic.right:.0%} of {topic.questions})" for topic in by_topic(one)[:8]]
        lines += ["", f"Topics that fare worst: {', '.join(worst)}.", ""]
    return lines


def talks_table(run: Run) -> list[str]:
    """Return how conversations fare."""
    if run.talks is None:
        return []
    lines = [
        "| | leaning turns | resolved | fresh turns | resolved | dragged to the old topic |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, f in (("as a page holds them", run.talks.figures), ("each turn alone", run.talks.alone)):
        lines.append(
            f"| {name} | {f.leaning} | {f.resolved:.1%} | {f.fresh} | {f.fresh_resolved:.1%} | {f.fresh_dragged:.1%} |"
        )
    return [*lines, ""]


def ablation_table(run: Run) -> list[str]:
    """Return what each part adds."""

    def row(name: str, f: Figures) -> str:
        styles = " | ".join(f"{value:.1%}" for value in f.success_by_style.values())
        return (
            f"| {name} | {f.success_at_1:.1%} | {styles} | {f.answered:.1%} | {f.answered_wrongly:.1%} | {f.aurc:.3f} |"
        )

    if not run.ablation:
        return []
    styles = list(run.ablation[0].figures.success_by_style)
    head = ["", "right first", *styles, "answered", "unanswerable answered", "AURC"]
    return [
        f"| {' | '.join(head)} |",
        "| --- " * len(head) + "|",
        *(row(part.name, part.figures) for part in run.ablation),
        "",
    ]


def judged_table(measured: dict[str, Any]) -> list[str]:
    """Return the measures on judged documents, each with its 95 % bootstrap interval."""
    lines = ["| query | questions | MAP | MRR | nDCG@10 | success@1 | ms a question |", "| --- " * 7 + "|"]
    for wording, one in measured.items():
        f = one["figures"]
        cells = [
            f"{f[name]['mean']:.3f} ({f[name]['low']:.2f}–{f[name]['high']:.2f})"
            for name in ("map", "mrr", "ndcg_at_10", "success_at_1")
        ]
        lines.append(f"| {wording} | {f['questions']} | {' | '.join(cells)} | {one['median_ms']} |")
    return [*lines, ""]


def peers_table(rows: dict[str, dict[str, Any]]) -> list[str]:
    """Return the measures of each way of retrieving."""
    lines = ["| way | MAP | MRR | nDCG@10 | success@1 | ms a question | MB to set up |", "| --- " * 7 + "|"]
    for name, row in rows.items():
        cells = [f"{row[measure]['mean']:.3f}" for measure in ("map", "mrr", "ndcg_at_10", "success_at_1")]
        lines.append(f"| {name} | {' | '.join(cells)} | {row['median_ms']} | {row['megabytes']} |")
    return [*lines, ""]


def write_page(run: Run) -> str:
    """Return docs/retrieval.md from a run and from what is kept beside the pictures."""
    judged = read_kept("judged.json")
    peers = read_kept("peers.json")
    lines = [
        "# How well Careleaf finds, and when it is silent",
        "",
        f"Written by `make eval` on {run.on}: corpus `{run.corpus_version}`, {run.passages} passages.",
        "Nothing is chosen on the held-out set.",
        "",
        *sets_table(run),
        "![Reliability](pictures/retrieval/reliability.svg)",
        "![Risk and coverage](pictures/retrieval/risk-coverage.svg)",
        "![Times](pictures/retrieval/times.svg)",
        "",
        "*Right first*, ECE (expected calibration error) and AURC (area under the risk–coverage curve) are of",
        "retrieval; *answered* and *from a right passage* are of the whole answer, so what triage takes counts as not",
        "answered. The dots mark where Careleaf falls silent.",
        "",
        *groups_table(run),
        "## Conversations",
        "",
        *talks_table(run),
        "## What each part adds (development set)",
        "",
        *ablation_table(run),
    ]
    if judged:
        lines += ["## Documents and questions of others", "", *judged_table(judged)]
    lines += METHOD.read_text(encoding="utf-8").splitlines()
    if peers:
        lines += [
            "",
            "## Other open ways, on the same texts",
            "",
            "Own held-out questions:",
            "",
            *peers_table(peers["own"]),
        ]
        for wording, rows in peers.get("judged", {}).items():
            lines += [f"Judged set, {wording}:", "", *peers_table(rows)]
    return "\n".join(lines).rstrip() + "\n"


def read_kept(name: str) -> dict[str, Any]:
    """Return figures that an earlier run kept, or nothing."""
    path = PICTURES / name
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return kept


def measure_judged(documents: Path, questions: Path, pipeline: Pipeline) -> dict[str, Any]:
    """Measure both wordings, and keep figures without the questions, which are not ours to publish."""
    found: dict[str, MeasuredRetrieval] = {
        wording: measure_retrieval(documents, questions, wording, pipeline.encoder, progress_bar)
        for wording in ("original", "summary")
    }
    return {wording: one.model_dump(exclude={"by_question"}) for wording, one in found.items()}


def main(
    off_topic: Annotated[Path | None, typer.Option(help="Questions about other things, one a line.")] = None,
    documents: Annotated[Path | None, typer.Option(help="A judged set, as careleaf eval retrieval takes it.")] = None,
    questions: Annotated[Path | None, typer.Option(help="Its questions.")] = None,
    html: Annotated[Path, typer.Option(help="The page with every figure and the worst cases.")] = ROOT
    / "var/eval.html",
    json_file: Annotated[Path, typer.Option(help="The run, for careleaf eval compare.")] = ROOT / "var/eval.json",
) -> None:
    """Measure and write everything."""
    pipeline = Pipeline.from_settings(load_settings())
    wanted = Wanted.read(CASES, CONVERSATIONS, off_topic, ablation=True)
    with progress_bar("Asking", wanted.questions) as progress:
        run = measure(pipeline, wanted, progress)
    PICTURES.mkdir(parents=True, exist_ok=True)
    by_name = {one.name: one.outcomes for one in run.sets}
    threshold = pipeline.retriever.calibration.threshold
    for name, picture in (
        ("reliability", draw_reliability(by_name)),
        ("risk-coverage", draw_risk(by_name, threshold)),
        ("times", draw_times(by_name)),
    ):
        (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")
    if documents and questions:
        kept = measure_judged(documents, questions, pipeline)
        (PICTURES / "judged.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    html.parent.mkdir(parents=True, exist_ok=True)
    html.write_text(write_html(run, threshold), encoding="utf-8")
    json_file.write_text(run.model_dump_json(indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(write_page(run), encoding="utf-8")
    typer.echo(run.summary())


if __name__ == "__main__":
    typer.run(main)
