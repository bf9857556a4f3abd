"""A run → one self-contained HTML page, pictures inside."""

from collections import defaultdict
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.evaluation.ask import Outcome
from bot.evaluation.figures import share
from bot.evaluation.pictures import draw_reliability, draw_risk, draw_times
from bot.evaluation.run import MeasuredSet, Run

WORST = 40
"""Wrong cases that the page shows of each set, the surest first."""


class TopicFigures(NamedTuple):
    """How a topic fares: of the questions whose first label is one of its passages, the share that is right."""

    name: str
    questions: int
    right: float


def write_html(run: Run, threshold: float) -> str:
    """Return the page; raise CareleafError where matplotlib is not installed."""
    by_name = {one.name: one.outcomes for one in run.sets}
    environment = Environment(loader=PackageLoader("bot.evaluation", "."), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html.j2").render(
        run=run,
        sets=[*run.sets, *([run.off_topic] if run.off_topic else [])],
        pictures=[draw_reliability(by_name), draw_risk(by_name, threshold), draw_times(by_name)] if by_name else [],
        topics={one.name: by_topic(one) for one in run.sets},
        worst={one.name: worst_cases(one.outcomes) for one in run.sets},
    )


def by_topic(measured: MeasuredSet) -> list[TopicFigures]:
    """Return the topics of a set, the worst first."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for one in measured.outcomes:
        if one.answerable:
            hits[one.expected[0].split("#", 1)[0]].append(one.right)
    found = [TopicFigures(name, len(right), share(right)) for name, right in hits.items()]
    return sorted(found, key=lambda topic: (topic.right, -topic.questions, topic.name))


def worst_cases(outcomes: tuple[Outcome, ...], most: int = WORST) -> list[Outcome]:
    """Return what was wrong although it was sure: first passages that are not right, and speech where there is none."""
    wrong = [one for one in outcomes if not one.right and (one.answerable or one.spoke)]
    return sorted(wrong, key=lambda one: (-one.probability, one.question))[:most]
