"""Pictures of a run as SVG: reliability diagram, risk–coverage curve, latencies (matplotlib, an extra)."""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from bot.evaluation.ask import Outcome
from bot.evaluation.risk import area_under_risk, expected_calibration_error, reliability, risk_coverage
from bot.schema import CareleafError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1f2937"
ACCENT = "#0f766e"
SECOND = "#b45309"
COLOURS = (ACCENT, SECOND, "#4338ca", "#9d174d")
STYLE = {
    "svg.hashsalt": "careleaf",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "text.color": INK,
}
"""Words stay words in the SVG, and the same run gives the same file."""

Sets = Mapping[str, tuple[Outcome, ...]]


def draw(paint: Callable[["Axes"], None], title: str, across: str, up: str) -> str:
    """Return one chart as SVG; raise CareleafError where matplotlib is not installed."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise CareleafError('matplotlib is not installed; run: pip install "careleaf[evaluation]"') from error
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(5.2, 4.0), layout="constrained")
        axes = figure.subplots()
        paint(axes)
        axes.set(title=title, xlabel=across, ylabel=up)
        axes.legend(frameon=False, fontsize=9)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Title": title})
    svg = written.getvalue()
    return "\n".join(line.rstrip() for line in svg[svg.index("<svg") :].splitlines()) + "\n"


def draw_reliability(sets: Sets) -> str:
    """Return the reliability diagram: how often the corpus held an answer, by the probability given to that."""

    def paint(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color="#9ca3af", linestyle="--", linewidth=1, label="as probable as it says")
        for colour, (name, outcomes) in zip(COLOURS, sets.items(), strict=False):
            probability = np.array([one.probability for one in outcomes])
            held = np.array([one.answerable for one in outcomes], dtype=bool)
            bins = reliability(probability, held)
            error = expected_calibration_error(probability, held)
            sizes = [12 + 160 * one.questions / len(outcomes) for one in bins]
            axes.plot([b.probability for b in bins], [b.hits for b in bins], color=colour, linewidth=1.2)
            axes.scatter(
                [b.probability for b in bins],
                [b.hits for b in bins],
                s=sizes,
                color=colour,
                label=f"{name} (ECE {error:.3f})",
            )
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)

    return draw(paint, "Reliability", "probability that the corpus answers", "share in which it does")


def draw_risk(sets: Sets, threshold: float) -> str:
    """Return the risk–coverage curve, and on each curve the point at which Careleaf falls silent."""

    def paint(axes: "Axes") -> None:
        for colour, (name, outcomes) in zip(COLOURS, sets.items(), strict=False):
            probability = np.array([one.probability for one in outcomes])
            right = np.array([one.right for one in outcomes], dtype=bool)
            curve = risk_coverage(probability, right)
            area = area_under_risk(probability, right)
            axes.plot(
                [point.coverage for point in curve],
                [point.risk for point in curve],
                color=colour,
                linewidth=1.4,
                label=f"{name} (AURC {area:.3f})",
            )
            spoken = probability >= threshold
            if spoken.any():
                axes.plot([spoken.mean()], [1 - right[spoken].mean()], "o", color=colour)
        axes.set_xlim(0, 1)
        axes.set_ylim(bottom=0)

    return draw(paint, "Risk and coverage", "share of all questions answered", "share of these whose passage is wrong")


def draw_times(sets: Sets) -> str:
    """Return how the times of ``ask`` are spread."""

    def paint(axes: "Axes") -> None:
        for colour, (name, outcomes) in zip(COLOURS, sets.items(), strict=False):
            times = np.sort([one.ms for one in outcomes])
            part = np.arange(1, len(times) + 1) / len(times)
            axes.plot(times, part, color=colour, linewidth=1.4, label=f"{name} (median {np.median(times):.1f} ms)")
        axes.set_xscale("log")
        axes.set_ylim(0, 1)

    return draw(paint, "Time of an answer", "milliseconds", "share of questions answered by then")
