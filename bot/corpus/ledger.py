"""The rules that sources, claims and triage rules must keep: every key known, nothing cited by nobody."""

from collections.abc import Iterator
from pathlib import Path

from bot.corpus.load import line_of
from bot.schema import Corpus

ASKED_LEAST = 2
"""Ways in which families ask about a claim, at least."""


def check_ledger(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Yield a message ``file:line: …`` for each broken reference between the files of the corpus."""
    yield from check_sources(corpus, folder)
    yield from check_present(corpus)
    yield from check_reached(corpus, folder)
    yield from check_served(corpus, folder)


def check_served(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Yield what would make an answer fail: a claim, rule or grade that names something that is not there."""
    yield from check_claims(corpus, folder)
    yield from check_rules(corpus, folder)
    yield from check_grades(corpus, folder)


def check_present(corpus: Corpus) -> Iterator[str]:
    """What an emergency needs is there: rules, phrases in other languages, numbers to call."""
    for file, name, entries in (
        ("triage.yaml", "rules", corpus.triage.rules),
        ("triage.yaml", "foreign", corpus.triage.foreign),
        ("countries.yaml", "countries", corpus.countries),
        ("countries.yaml", "common", corpus.common_numbers),
    ):
        if not entries:
            yield f"{file}:1: {name} is empty; restore it from the repository"


def check_reached(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Each claim names the passage that says what is established, and how families ask about it."""
    for claim in corpus.claims:
        place = f"claims.yaml:{line_of(folder / 'claims.yaml', claim.id)}: claim {claim.id}"
        if claim.passage not in corpus.passages:
            yield f"{place}: passage {claim.passage} is not there; name the passage that says what is established"
        if len(claim.asked) < ASKED_LEAST:
            yield f"{place}: {len(claim.asked)} ways of asking; write {ASKED_LEAST} or more"


def check_sources(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Each source is cited by a passage, a claim, a rule or the evidence scale, and stands there once."""
    cited = {key for passage in corpus.passages.values() for s in passage.sentences for key in s.sources}
    cited |= {key for claim in corpus.claims for key in (claim.source, *claim.refs)}
    cited |= {key for contradiction in corpus.contradictions for key in contradiction.refs}
    cited |= {key for rule in corpus.triage.rules for key in rule.sources}
    cited |= {key for grade in corpus.grades for key in grade.sources}
    yield from check_twice("sources.yaml", "source", [source.id for source in corpus.sources], folder)
    for source in corpus.sources:
        if source.id not in cited:
            place = f"sources.yaml:{line_of(folder / 'sources.yaml', source.id)}"
            yield f"{place}: source {source.id} is never cited; cite it or remove it"


def check_twice(file: str, what: str, names: list[str], folder: Path) -> Iterator[str]:
    """Yield a message for each name that stands in a file a second time, at its second place."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            first = line_of(folder / file, name)
            yield f"{file}:{line_of(folder / file, name, after=first)}: {what} {name} stands twice; remove one"
        seen.add(name)


def check_claims(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Each claim stands once, names a known source, references and contradictions, and gives a reason."""
    path = folder / "claims.yaml"
    yield from check_twice("claims.yaml", "claim", [claim.id for claim in corpus.claims], folder)
    yield from check_twice("claims.yaml", "contradiction", [c.id for c in corpus.contradictions], folder)
    for claim in corpus.claims:
        place = f"claims.yaml:{line_of(path, claim.id)}: claim {claim.id}"
        for key in (claim.source, *claim.refs):
            if key not in corpus.source:
                yield f"{place}: unknown source {key}; add it to sources.yaml or mend the key"
        for name in claim.contradictions:
            if name not in corpus.contradiction:
                yield f"{place}: unknown contradiction {name}; add it or mend the name"
        if not claim.note.strip():
            yield f"{place}: no reason for the verdict {claim.verdict.value}; write the note"
    yield from check_contradictions(corpus, path)


def check_contradictions(corpus: Corpus, path: Path) -> Iterator[str]:
    """Each contradiction names known claims and references."""
    for contradiction in corpus.contradictions:
        place = f"claims.yaml:{line_of(path, contradiction.id)}: contradiction {contradiction.id}"
        for name in contradiction.claims:
            if name not in corpus.claim:
                yield f"{place}: unknown claim {name}; add it or mend the name"
        for key in contradiction.refs:
            if key not in corpus.source:
                yield f"{place}: unknown source {key}; add it to sources.yaml or mend the key"


def check_rules(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Each triage rule stands once and names passages and sources that exist; an emergency has first aid to show."""
    path = folder / "triage.yaml"
    yield from check_twice("triage.yaml", "rule", [rule.id for rule in corpus.triage.rules], folder)
    for rule in corpus.triage.rules:
        place = f"triage.yaml:{line_of(path, rule.id)}: rule {rule.id}"
        for passage in rule.passages:
            if passage not in corpus.passages:
                yield f"{place}: no passage {passage}; write it or mend the id"
        for key in rule.sources:
            if key not in corpus.source:
                yield f"{place}: unknown source {key}; add it to sources.yaml or mend the key"
        if rule.kind == "emergency" and not rule.passages:
            yield f"{place}: an emergency without a passage; name the first aid to show"


def check_grades(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Each grade that a passage uses is described once."""
    path = folder / "evidence.yaml"
    for passage in corpus.passages.values():
        if passage.evidence not in corpus.grade:
            yield f"evidence.yaml:1: grade {passage.evidence.value} of {passage.id} is not described; describe it"
    for meaning in corpus.grades:
        for key in meaning.sources:
            if key not in corpus.source:
                line = line_of(path, meaning.grade.value)
                yield f"evidence.yaml:{line}: unknown source {key}; add it to sources.yaml or mend the key"
