"""The picture of a rehearsal: how long clients waited, second by second, and where something failed."""

import statistics
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.rehearsal.seen import Moment, Part

FAILED, REFUSED, TYPICAL, LONGEST = "#b91c1c", "#b45309", "#0f766e", "#94a3b8"


def draw(parts: list[Part], path: Path) -> None:
    """Write the picture as SVG; the same parts give the same bytes."""
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    axes = figure.subplots()
    moments = [one for part in parts for one in part.moments]
    by_second: dict[int, list[float]] = defaultdict(list)
    for one in moments:
        by_second[int(one.at)].append(one.wait * 1000)
    seconds = sorted(by_second)
    axes.plot(seconds, [max(by_second[s]) for s in seconds], color=LONGEST, linewidth=0.8, label="longest of a second")
    axes.plot(seconds, [statistics.median(by_second[s]) for s in seconds], color=TYPICAL, linewidth=1.2, label="median")
    marks(axes, [one for one in moments if one.went == "failed"], FAILED, "x", "a question without an answer")
    marks(
        axes, [one for one in moments if one.went == "refused"], REFUSED, "|", "a thumb that was refused, and told so"
    )
    for number, part in enumerate(parts):
        if number % 2:
            end = parts[number + 1].began if number + 1 < len(parts) else seconds[-1]
            axes.axvspan(part.began, end, color="#f1f5f9", zorder=0)
        axes.text(part.began + 1, 1.01, part.name, rotation=28, fontsize=7.5, transform=axes.get_xaxis_transform())
    axes.set_yscale("log")
    axes.set_xlabel("seconds since the rehearsal began")
    axes.set_ylabel("wait of a client, ms")
    axes.legend(loc="lower right", fontsize=8, framealpha=1)
    with mpl.rc_context({"svg.hashsalt": "careleaf", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None, "Title": "Waits and failures during the rehearsal"})


def marks(axes: Axes, chosen: list[Moment], colour: str, mark: str, label: str) -> None:
    """Mark requests; the legend counts them where there are none too."""
    axes.scatter(
        [one.at for one in chosen],
        [one.wait * 1000 for one in chosen],
        color=colour,
        marker=mark,
        s=22,
        linewidths=1,
        label=f"{label}: {len(chosen):,}",
    )
