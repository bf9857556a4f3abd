"""The report as lines for a terminal."""

from collections.abc import Iterator
from typing import Any

from bot.gaps.report import GapReport


def report_lines(report: GapReport, said: dict[str, Any]) -> Iterator[str]:
    """Yield the report, most frequent gap first; the words are those of the editors' page."""
    yield said["gaps"]
    for gap in report.gaps:
        yield f"{gap.count:5}  {' · '.join(gap.asked[:3])}  ({said['nearest'].lower()}: {gap.nearest})"
    if not report.gaps:
        yield f"       {said['nothing']}"
    yield said["rated"]
    for rated in report.lowest_rated:
        yield f"{rated.helpful:5} {said['helpful']}, {rated.not_helpful} {said['not_helpful']}  {rated.passage_id}"
    if not report.lowest_rated:
        yield f"       {said['nothing']}"
    yield said["stale"]
    for review in report.stale:
        yield f"       {review.status}  {review.passage_id}  {review.by or ''} {review.due or ''}".rstrip()
    if not report.stale:
        yield f"       {said['nothing_stale']}"
    yield said["unreviewed"].format(count=report.unreviewed)
