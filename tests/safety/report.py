"""``make safety-report``: measures recognition on the test half and writes ``docs/safety/recognition.md``."""

import statistics
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.building import build_from_settings
from bot.pipeline import Pipeline
from bot.settings import load_settings
from tests.benchmarks.second_opinion import REDIRECTS, RESPONSES
from tests.safety.cases import all_messages, of_half
from tests.safety.measure import (
    AS_WRITTEN,
    WAYS,
    Seen,
    Share,
    measured,
    of,
    read_bars,
    recognise_all,
    share,
)

PAGE = Path(__file__).resolve().parents[2] / "docs/safety/recognition.md"
BARS = {
    "emergencies": "Emergencies recognised, as written",
    "each_kind": "The kind of emergency that is recognised least, as written",
    "mutated": "Emergencies recognised, mutated",
    "lookalikes_flagged": "Look-alikes answered as an emergency, as written (at most)",
    "redirects": "Redirects sent on, as written",
    "crisis_and_safeguarding": "Crisis and safeguarding recognised, as written",
}
ANSWERS = {**RESPONSES, **REDIRECTS}

HEAD = """# How well flags are recognised

This page is written by `make safety-report`; do not edit it. It reports the **test half** of the labelled messages,
which neither a rule nor the second opinion was tuned on. Bounds are the 95 % Wilson interval (SciPy).
"""

BLIND = """## The bars, on the blind messages alone

`blind.yaml` was written last, by one more author who saw neither rules, system nor any other message, after the rules
and before the second opinion was last fitted. It is the fairest figure on this page, and has the widest bounds.
"""

DOUBT = """## In doubt

A message that is possibly, but hardly, an emergency is answered as what it asks, and the numbers to call stand before
the answer. So it is where a rule saw a flag and the second opinion is all but certain that it is a lesson, a tale or a
figure of speech, and where the second opinion alone has a faint alarm.
"""

METHOD = """## How it was measured

The messages stand in `tests/cases/safety/`. Several authors wrote them who had seen neither the rules nor the system;
half of the emergencies are recombined from fragments of one more author, so that nobody tunes to one phrasing. A
message belongs to a half by the hash of what carries the flag. Rules and second opinion are tuned on the development
half and on messages of their own, never on the test half.

**All authors were AI developers of Careleaf, not families and not clinicians, and no clinician has checked a label.**
The figures say how well Careleaf recognises what such authors imagine; they are no measurement in service. Recombined
messages that share a clause are not independent, so the true bounds are wider than those shown. And each time the test
half is measured and Careleaf is changed afterwards, the half is a little less unseen: new messages have to be written
before a claim is made of them.

Each message is also tried mutated, the same way every time: with typos, without apostrophes, in capitals, without
marks, with words before, with words after, and with two words run together. A mutation that leaves a message as it was
(no apostrophe in it) is counted too. Recognised means: an emergency, crisis or safeguarding message is answered as
one; a request for individual advice is redirected. "By rules" is what the rules alone recognise. "Own answer" is the
share that got the very answer meant for its kind; the others got that of another emergency.
"""


def percent(value: float) -> str:
    """Return a share as per cent."""
    return f"{value:.1%}".replace("%", " %")


def bounded(found: Share) -> str:
    """Return a share with its bounds."""
    low, high = found.bounds
    return f"{percent(found.share)} ({percent(low)} to {percent(high)})"


def table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a Markdown table; the first column is text."""
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join([' --- ', *(' ---: ' for _ in heads[1:])])}|"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def grouped(seen: list[Seen], name: Callable[[Seen], str]) -> dict[str, list[Seen]]:
    """Return what was seen by a name, in the order of the names."""
    groups: dict[str, list[Seen]] = {}
    for one in sorted(seen, key=name):
        groups.setdefault(name(one), []).append(one)
    return groups


def own_answer(one: Seen) -> bool:
    """Say whether a message got the very answer meant for its kind."""
    return one.response == ANSWERS[one.message.kind]


def bars_section(seen: list[Seen], head: str) -> str:
    """Return the bars, what was measured, and whether each is met."""
    figures, floors = measured(seen), read_bars()
    emergencies = of(seen, "emergency", mutated=False)
    kinds = grouped(emergencies, lambda one: one.message.kind)
    least = min(kinds.values(), key=lambda own: share(own).share)
    shares = {
        "emergencies": share(emergencies),
        "each_kind": share(least),
        "mutated": share(of(seen, "emergency", mutated=True)),
        "lookalikes_flagged": share(of(seen, "none", mutated=False), lambda one: not one.right),
        "redirects": share(of(seen, "redirect", mutated=False)),
        "crisis_and_safeguarding": share(of(seen, "crisis", mutated=False)),
    }
    rows = []
    for name, words in BARS.items():
        at_most = name == "lookalikes_flagged"
        met = figures[name] <= floors[name] if at_most else figures[name] >= floors[name]
        rows.append((words, percent(floors[name]), bounded(shares[name]), shares[name].of, "yes" if met else "**no**"))
    return f"{head}\n" + table(("", "bar", "measured (95 % bounds)", "messages", "met"), rows)


def kinds_section(seen: list[Seen]) -> str:
    """Return recall of every kind, as written and mutated."""
    rows = []
    flagged = of(seen, "emergency", "crisis", "redirect")
    for kind, own in grouped(flagged, lambda one: one.message.kind).items():
        written = [one for one in own if one.way == AS_WRITTEN]
        mutated = [one for one in own if one.way != AS_WRITTEN]
        rows.append(
            (
                kind,
                len(written),
                bounded(share(written)),
                percent(share(written, lambda one: one.right_by_rules).share),
                percent(share(written, own_answer).share),
                percent(share(mutated).share),
            )
        )
    heads = ("kind", "messages", "recognised (95 % bounds)", "by rules", "own answer", "mutated")
    return "## By kind\n\n" + table(heads, rows)


def origins_section(seen: list[Seen]) -> str:
    """Return recall by who wrote the messages."""
    rows = [
        (f"`{origin}`", len(own), bounded(share(own)), percent(share(own, lambda one: one.right_by_rules).share))
        for origin, own in grouped(
            of(seen, "emergency", "crisis", "redirect", mutated=False), lambda one: one.message.origin
        ).items()
    ]
    return "## By origin\n\n" + table(("origin", "messages", "recognised (95 % bounds)", "by rules"), rows)


def ways_section(seen: list[Seen]) -> str:
    """Return recall by mutation."""
    rows = []
    for way in WAYS:
        own = [one for one in seen if one.way == way]
        flagged = (of(own, "emergency"), of(own, "crisis"), of(own, "redirect"))
        by_rules = share(flagged[0], lambda one: one.right_by_rules)
        rows.append((way, *(bounded(share(one)) for one in flagged), percent(by_rules.share)))
    heads = ("", "emergencies", "crisis and safeguarding", "redirects", "emergencies by rules")
    return "## By mutation\n\n" + table(heads, rows)


def lookalikes_section(seen: list[Seen]) -> str:
    """Return false alarms and false redirects by origin."""
    rows = []
    quiet = of(seen, "none", mutated=False)
    for origin, own in [*grouped(quiet, lambda one: one.message.origin).items(), ("all", quiet)]:
        rows.append(
            (
                f"`{origin}`" if origin != "all" else "**all**",
                len(own),
                bounded(share(own, lambda one: one.kind == "emergency")),
                percent(share(own, lambda one: one.rules == "emergency").share),
                percent(share(own, lambda one: one.kind == "redirect").share),
            )
        )
    heads = ("origin", "messages", "answered as an emergency (95 % bounds)", "by rules", "redirected")
    return (
        "## Look-alikes\n\nEducational questions, negations, settled past, plans and figures of speech of the same "
        "vocabulary. A false alarm costs a family a sentence about calling for help, and too many cost trust (hazard "
        "H12).\n\n" + table(heads, rows)
    )


def doubt_section(seen: list[Seen]) -> str:
    """Return how often the numbers to call stand before an answer that is no emergency's."""
    rows = []
    for words, own in (
        ("emergencies that were not recognised, as written", of(seen, "emergency", mutated=False)),
        ("emergencies that were not recognised, mutated", of(seen, "emergency", mutated=True)),
        ("crisis and safeguarding that were not recognised, as written", of(seen, "crisis", mutated=False)),
    ):
        missed = [one for one in own if not one.right]
        rows.append((words, len(missed), sum(one.in_doubt for one in missed)))
    quiet = of(seen, "none", mutated=False)
    rows.append(("look-alikes", len(quiet), sum(one.in_doubt for one in quiet)))
    flagged = of(seen, "emergency", "crisis", mutated=False)
    withdrawn = [one for one in flagged if one.rules == "emergency" and not one.right]
    return (
        f"{DOUBT}\n{table(('', 'messages', 'numbers shown first'), rows)}\n"
        f"Of {sum(one.rules == 'emergency' for one in flagged)} messages of emergency and crisis that a rule flagged, "
        f"as written, {len(withdrawn)} lost the flag to a doubt.\n"
    )


def voice_section(seen: list[Seen]) -> str:
    """Return how crisis and safeguarding messages are answered."""
    own = of(seen, "crisis", mutated=False)
    in_own = share(own, lambda one: one.in_own_voice)
    ambulance = share(own, lambda one: one.kind == "emergency" and not one.in_own_voice)
    return (
        "## Crisis and safeguarding in their own voice\n\n"
        f"Of {len(own)} messages, {percent(in_own.share)} got the wording of their own kind, and "
        f"{percent(ambulance.share)} that of another emergency.\n"
    )


def opinion_section(seen: list[Seen]) -> str:
    """Return what the second opinion adds to the rules, and what it costs."""
    rows = []
    for words, own in (
        ("emergencies, as written", of(seen, "emergency", mutated=False)),
        ("emergencies, mutated", of(seen, "emergency", mutated=True)),
        ("crisis and safeguarding, as written", of(seen, "crisis", mutated=False)),
        ("redirects, as written", of(seen, "redirect", mutated=False)),
    ):
        rows.append(
            (words, percent(share(own, lambda one: one.right_by_rules).share), bounded(share(own)), "recognised")
        )
    quiet = of(seen, "none", mutated=False)
    false = share(quiet, lambda one: one.kind == "emergency")
    rows.append(
        (
            "look-alikes",
            percent(share(quiet, lambda one: one.rules == "emergency").share),
            bounded(false),
            "false alarms",
        )
    )
    return (
        "## What the second opinion adds and costs\n\nRules say what they see and why; a clinician can read them. The "
        "second opinion (a linear model over letters, words and the encoder's vector) adds flags that no rule saw, "
        "and doubts those that a rule saw in what is all but certainly none.\n\n"
        + table(("", "rules alone", "rules and second opinion", "share"), rows)
    )


def time_section(seen: list[Seen]) -> str:
    """Return how long recognition takes."""
    written = [one for one in seen if one.way == AS_WRITTEN]
    alone = [one.milliseconds for one in written if one.rules == "emergency"]
    both = [one.milliseconds for one in written if one.rules != "emergency"]
    rows = [
        ("rules, any message", *quantiles([one.of_rules for one in written])),
        ("rules, encoder and second opinion, where a rule saw an emergency", *quantiles(alone)),
        ("rules, encoder and second opinion, else", *quantiles(both)),
    ]
    return (
        "## Milliseconds\n\nOn the machine that wrote this page, one thread, each message for the first time. The "
        "encoder's vector is needed for retrieval anyway.\n\n" + table(("", "median", "95th of 100"), rows)
    )


def quantiles(values: list[float]) -> tuple[str, str]:
    """Return the median and the 95th percentile."""
    return f"{statistics.median(values):.2f}", f"{statistics.quantiles(values, n=20)[-1]:.2f}"


def sizes_section(pipeline: Pipeline) -> str:
    """Return what was measured."""
    counts = [len(all_messages()), len(of_half("development")), len(of_half("test"))]
    rules = pipeline.corpus.triage.rules
    return (
        f"Measured on corpus `{pipeline.corpus.version}` with {len(rules)} rules: {counts[0]:,} labelled messages, "
        f"{counts[1]:,} in the development half and {counts[2]:,} in the test half.\n"
    )


def write_report(pipeline: Pipeline) -> str:
    """Return the page."""
    seen = recognise_all(pipeline, of_half("test"), WAYS)
    parts = (
        HEAD,
        sizes_section(pipeline),
        bars_section(seen, "## The bars\n"),
        bars_section([one for one in seen if one.message.origin == "blind"], BLIND),
        kinds_section(seen),
        ways_section(seen),
        origins_section(seen),
        lookalikes_section(seen),
        doubt_section(seen),
        voice_section(seen),
        opinion_section(seen),
        time_section(seen),
        METHOD,
    )
    return "\n".join(parts)


def main() -> None:
    """Measure and write."""
    settings = load_settings()
    build_from_settings(settings)
    PAGE.write_text(write_report(Pipeline.from_settings(settings)), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")


if __name__ == "__main__":
    main()
