"""``careleaf corpus check`` over whole files: each broken file and reference is found in a copy of the real corpus."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.corpus.checks import Fault, check_folder, fault_from
from bot.corpus.ledger import check_ledger
from bot.corpus.load import line_of, load_corpus
from bot.schema import Corpus, CorpusError, Grade, Rule
from bot.settings import Settings
from bot.triage import disagreements

TODAY = date(2026, 11, 24)
HIPS = "articles/bones-and-joints/hips.md"


def replace(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence of a text; return the line on which it stood."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r} to spoil"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        (r" evidence=\w+\}", "}", "has no evidence grade", "add evidence=… to its heading"),
        (r"evidence=\w+\}", "evidence=excellent}", "evidence='excellent' is not one of", "strong, moderate, weak"),
        (r" \{#[^}]+\}", "", "has no id", "end it with {#short-id evidence=grade}"),
    ],
)
def test_a_heading_without_grade_or_id(corpus_copy: Path, old: str, new: str, message: str, remedy: str) -> None:
    path = corpus_copy / HIPS
    text = path.read_text(encoding="utf-8")
    line = text[: text.index("\n## ") + 1].count("\n") + 1
    path.write_text(re.sub(old, new, text, count=1), encoding="utf-8")
    corpus, [fault] = check_folder(corpus_copy, TODAY)
    assert corpus is None
    assert (fault.file, fault.line) == (HIPS, line)
    assert message in fault.message
    assert remedy in fault.message


def test_a_topic_without_a_passage(corpus_copy: Path) -> None:
    path = corpus_copy / HIPS
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("\n## ")], encoding="utf-8")
    _, [fault] = check_folder(corpus_copy, TODAY)
    assert fault.file == HIPS
    assert fault.message == "a topic with no passage; add a '## question? {#id}' section"


def test_a_passage_id_that_stands_twice(corpus_copy: Path) -> None:
    path = corpus_copy / HIPS
    text = path.read_text(encoding="utf-8")
    section = text[text.index("\n## ") :].split("\n## ")[1].strip()
    path.write_text(f"{text.rstrip()}\n\n## {section}\n", encoding="utf-8")
    line = path.read_text(encoding="utf-8").splitlines().index(f"## {section.splitlines()[0]}") + 1
    _, [fault] = check_folder(corpus_copy, TODAY)
    assert (fault.file, fault.line) == (HIPS, len(text.rstrip().splitlines()) + 2)
    assert f"stands already at {HIPS}:{line}; rename one" in fault.message


def test_a_planted_fault_of_a_passage_comes_through_with_its_line(corpus_copy: Path) -> None:
    path = corpus_copy / HIPS
    replace(path, "[@", "[@mistyped-")
    text = path.read_text(encoding="utf-8")
    line = text[: text.rindex("\n## ", 0, text.index("[@mistyped-")) + 1].count("\n") + 1
    _, faults = check_folder(corpus_copy, TODAY)
    assert (HIPS, line) in {(f.file, f.line) for f in faults if "unknown citation key @mistyped-" in f.message}


FILES = ("sources", "claims", "evidence", "lexicon", "triage", "countries")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(corpus_copy: Path, name: str) -> None:
    (corpus_copy / f"{name}.yaml").unlink()
    corpus, [fault] = check_folder(corpus_copy, TODAY)
    assert corpus is None
    assert fault == Fault(f"{name}.yaml", 1, f"the file is missing from {corpus_copy}; restore it")


@pytest.mark.parametrize("name", FILES)
def test_unreadable_yaml(corpus_copy: Path, name: str) -> None:
    path = corpus_copy / f"{name}.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nspoiled: [\n", encoding="utf-8")
    lines = len(path.read_text(encoding="utf-8").splitlines())
    _, [fault] = check_folder(corpus_copy, TODAY)
    assert fault.file == path.name
    assert fault.line in {lines, lines + 1}
    assert fault.message.startswith("not readable as YAML (")
    assert fault.message.endswith("; mend it")


@pytest.mark.parametrize("name", FILES)
def test_yaml_that_is_not_utf_8(corpus_copy: Path, name: str) -> None:
    path = corpus_copy / f"{name}.yaml"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    _, [fault] = check_folder(corpus_copy, TODAY)
    assert fault.file == path.name
    assert fault.message.startswith("not readable as YAML ('utf-8' codec can't decode byte 0xe9")


# ---- the shape of each file


def respell(path: Path, name: str, value: object) -> None:
    """Write a file again with another value under one of its names."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, name: value}, allow_unicode=True), encoding="utf-8")


LISTS = [
    ("sources", "references"),
    ("claims", "claims"),
    ("claims", "contradictions"),
    ("evidence", "grades"),
    ("lexicon", "terms"),
    ("countries", "countries"),
    ("countries", "common"),
]


@pytest.mark.parametrize(("file", "name"), LISTS)
@pytest.mark.parametrize("value", [None, "abc", 5, {"id": "abc"}])
def test_what_should_be_a_list_and_is_not(corpus_copy: Path, file: str, name: str, value: object) -> None:
    respell(corpus_copy / f"{file}.yaml", name, value)
    with pytest.raises(CorpusError) as caught:
        load_corpus(corpus_copy)
    assert str(caught.value) == f"{file}.yaml:1: no list {name!r}; begin it with a line {name}:"


@pytest.mark.parametrize(("file", "name"), LISTS)
@pytest.mark.parametrize("entry", ["idea", 5, None, ["id"]])
def test_an_entry_that_is_not_a_mapping(corpus_copy: Path, file: str, name: str, entry: object) -> None:
    respell(corpus_copy / f"{file}.yaml", name, [entry])
    with pytest.raises(CorpusError) as caught:
        load_corpus(corpus_copy)
    assert re.match(rf"{file}\.yaml:\d+: {name}: {re.escape(repr(entry))} is not an entry; ", str(caught.value))


@pytest.mark.parametrize(
    ("written", "fault"),
    [("everyday: sometimes", "everyday: Input should be"), ("every_day: true", "every_day: Extra")],
)
def test_a_word_of_the_lexicon_is_everyday_or_not(corpus_copy: Path, written: str, fault: str) -> None:
    path = corpus_copy / "lexicon.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("everyday: true", written, 1), encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"^lexicon\.yaml:\d+: entry 'cerebral palsy': {fault}.*; mend it$"):
        load_corpus(corpus_copy)


NO_RULES = "concepts: {}\nguards: {}\nrules: []\n"


@pytest.mark.parametrize("name", ["rules", "concepts", "guards", "foreign"])
@pytest.mark.parametrize("value", [None, "abc", ["x"], {"a": 1}])
def test_a_part_of_the_triage_rules_of_the_wrong_type(corpus_copy: Path, name: str, value: object) -> None:
    path = corpus_copy / "triage.yaml"
    path.write_text(NO_RULES, encoding="utf-8")
    assert load_corpus(corpus_copy).triage.rules == ()
    respell(path, name, value)
    with pytest.raises(CorpusError) as caught:
        load_corpus(corpus_copy)
    expected = rf"entry .*: {name}[.\w]*: Input should be .*; mend it$"
    if name == "rules":
        expected = "rules: 'x' is not an entry; " if value == ["x"] else "no list 'rules'; "
    assert re.match(rf"triage\.yaml:1: {expected}", str(caught.value))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("text", ["", "# nothing\n", "abc\n", "- abc\n", "5\n"])
def test_a_file_that_holds_something_else(corpus_copy: Path, name: str, text: str) -> None:
    (corpus_copy / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"^{name}\.yaml:1: (no list '\w+'; begin it|holds \w+, not concepts)"):
        load_corpus(corpus_copy)


def test_a_corpus_without_articles(corpus_copy: Path) -> None:
    (corpus_copy / "articles").rename(corpus_copy / "elsewhere")
    _, [fault] = check_folder(corpus_copy, TODAY)
    assert fault.message == f"{corpus_copy / 'articles'} holds no article; add <group>/<topic>.md"


def test_a_corpus_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not a folder; set CARELEAF_CORPUS_DIR to a folder that holds articles/"):
        load_corpus(tmp_path / "nowhere")


# ---- references between the files


def plant(path: Path, anchor: str, pattern: str, new: str) -> int:
    """Replace the first match of a pattern after the line that ends with an anchor; return the line of the anchor."""
    text = path.read_text(encoding="utf-8")
    found = re.search(rf"(?m)^.*{re.escape(anchor)}$", text)
    assert found, f"{path.name} has no {anchor!r}"
    spoiled, count = re.subn(pattern, new, text[found.end() :], count=1)
    assert count == 1, f"{path.name} has no {pattern!r} after {anchor!r}"
    path.write_text(text[: found.end()] + spoiled, encoding="utf-8")
    return text[: found.start()].count("\n") + 1


def ledger_faults(folder: Path) -> set[str]:
    return set(check_ledger(load_corpus(folder), folder))


@pytest.fixture(scope="module")
def accepted(corpus: Corpus, settings: Settings) -> set[str]:
    """Faults that the corpus has before anything is planted; other tests speak of them."""
    return set(check_ledger(corpus, settings.corpus_dir))


def test_a_source_that_nobody_cites(corpus_copy: Path, accepted: set[str]) -> None:
    path = corpus_copy / "sources.yaml"
    line = len(path.read_text(encoding="utf-8").splitlines()) + 1
    entry = "- id: lonely\n  type: book\n  title: Alone\n  custom:\n    kind: textbook\n"
    path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")
    assert ledger_faults(corpus_copy) - accepted == {
        f"sources.yaml:{line}: source lonely is never cited; cite it or remove it"
    }


@pytest.mark.parametrize(
    ("file", "what", "name"),
    [
        ("sources.yaml", "source", "nice-ng62"),
        ("claims.yaml", "claim", "S0-001"),
        ("claims.yaml", "contradiction", "C01"),
        ("triage.yaml", "rule", "cannot-be-woken"),
    ],
)
def test_an_id_that_stands_twice_is_named_at_its_second_line(
    corpus_copy: Path, file: str, what: str, name: str
) -> None:
    path = corpus_copy / file
    text = path.read_text(encoding="utf-8")
    entry = re.search(rf"(?m)^( *)- id: {name}\n(?:\1  .*\n)+", text)
    assert entry
    path.write_text(text[: entry.end()] + entry[0] + text[entry.end() :], encoding="utf-8")
    line = text[: entry.end()].count("\n") + 1
    found = {fault for fault in ledger_faults(corpus_copy) if "stands twice" in fault}
    assert found == {f"{file}:{line}: {what} {name} stands twice; remove one"}


CLAIM = "id: S0-001"
CONTRADICTION = "id: C01"
LEDGER_FAULTS = [
    (CLAIM, r"source: \S+", "source: nobody", "claim S0-001: unknown source nobody; add it to sources.yaml or mend"),
    (CLAIM, r"refs: \[", "refs: [nobody, ", "claim S0-001: unknown source nobody; add it to sources.yaml or mend"),
    (CLAIM, r"contradictions: \[", "contradictions: [C99, ", "claim S0-001: unknown contradiction C99; add it or mend"),
    (CLAIM, r"note: '[^\n]+'", "note: ' '", "claim S0-001: no reason for the verdict partly; write the note"),
    (CONTRADICTION, r"claims: \[", "claims: [S9-999, ", "contradiction C01: unknown claim S9-999; add it or mend"),
    (CONTRADICTION, r"refs: \[", "refs: [nobody, ", "contradiction C01: unknown source nobody; add it to sources.yaml"),
]


@pytest.mark.parametrize(
    ("edit", "message"), [(f[:3], f[3]) for f in LEDGER_FAULTS], ids=[f[3][:45] for f in LEDGER_FAULTS]
)
def test_a_broken_reference_of_the_ledger(
    corpus_copy: Path, accepted: set[str], edit: tuple[str, str, str], message: str
) -> None:
    line = plant(corpus_copy / "claims.yaml", *edit)
    [fault] = ledger_faults(corpus_copy) - accepted
    assert fault.startswith(f"claims.yaml:{line}: {message}")


@pytest.mark.parametrize(
    ("pattern", "new", "message"),
    [
        (r"\n +verdict: \w+", "", "verdict: Field required"),
        (r"verdict: \w+", "verdict: true-ish", "verdict: Input should be 'supported'"),
        (r"\n +note: [^\n]+", "", "note: Field required"),
    ],
)
def test_a_claim_without_verdict_or_note_is_refused(corpus_copy: Path, pattern: str, new: str, message: str) -> None:
    line = plant(corpus_copy / "claims.yaml", CLAIM, pattern, new)
    corpus, [fault] = check_folder(corpus_copy, TODAY)
    assert corpus is None
    assert (fault.file, fault.line) == ("claims.yaml", line)
    assert fault.message.startswith(f"entry 'S0-001': {message}")
    assert fault.message.endswith("; mend it")


@pytest.mark.parametrize(
    ("file", "edit", "message"),
    [
        ("claims", (CLAIM, r"refs: \[[^\]]*\]", "refs: 5"), "entry 'S0-001': refs: "),
        ("claims", (CLAIM, r"topic: \S+", "topic: [a]"), "entry 'S0-001': topic: "),
        ("claims", (CONTRADICTION, r"claims: \[[^\]]*\]", "claims: abc"), "entry 'C01': claims: "),
        ("evidence", ("grade: weak", r"sources: \[[^\]]*\]", "sources: abc"), "entry 'weak': sources: "),
        ("evidence", ("grade: weak", r"label: \w+", "label: {a: 1}"), "entry 'weak': label: "),
        ("countries", ("code: US", r"ambulance: \{[^}]*\}", "ambulance: 911"), "entry 'US': ambulance: "),
        (
            "triage",
            ("id: cannot-be-woken", r"passages: \[[^\]]*\]", "passages: 5"),
            "entry 'cannot-be-woken': passages: ",
        ),
        ("triage", ("id: cannot-be-woken", r"kind: \w+", "kind: grave"), "entry 'cannot-be-woken': kind: "),
        ("sources", ("id: nice-ng62", r"issued:\n +date-parts:\n +- - \d+", "issued: 2017"), "source 'nice-ng62': "),
        ("sources", ("id: nice-ng62", r"custom:\n +kind: \w+", "custom: guideline"), "source 'nice-ng62': "),
        ("sources", ("id: nice-ng62", r"title: [^\n]+", "title: [a]"), "source 'nice-ng62': "),
    ],
)
def test_a_field_of_the_wrong_type_is_named_with_the_line_of_its_entry(
    corpus_copy: Path, file: str, edit: tuple[str, str, str], message: str
) -> None:
    line = plant(corpus_copy / f"{file}.yaml", *edit)
    with pytest.raises(CorpusError) as caught:
        load_corpus(corpus_copy)
    assert str(caught.value).startswith(f"{file}.yaml:{line}: {message}")


@pytest.mark.parametrize("pattern", [r"\n +title: [^\n]+", r"\n +custom:\n +kind: [^\n]+", r"\n +kind: [^\n]+"])
def test_a_source_without_what_a_source_needs_is_refused(corpus_copy: Path, pattern: str) -> None:
    line = plant(corpus_copy / "sources.yaml", "id: aac-clarke", pattern, "")
    _, [fault] = check_folder(corpus_copy, TODAY)
    assert (fault.file, fault.line) == ("sources.yaml", line)
    assert "source 'aac-clarke'" in fault.message
    assert "each needs id, title and custom: {kind: …}" in fault.message


@pytest.fixture(scope="module")
def emergency(corpus: Corpus) -> Rule:
    return next(rule for rule in corpus.triage.rules if rule.kind == "emergency" and rule.sources)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ((r"passages: \[", "passages: [hips#nowhere, "), "no passage hips#nowhere; write it or mend the id"),
        ((r"sources: \[", "sources: [nobody, "), "unknown source nobody; add it to sources.yaml or mend the key"),
        ((r"passages: \[[^\]]*\]", "passages: []"), "an emergency without a passage; name the first aid to show"),
    ],
)
def test_a_triage_rule_that_points_nowhere(
    corpus_copy: Path, accepted: set[str], emergency: Rule, edit: tuple[str, str], message: str
) -> None:
    line = plant(corpus_copy / "triage.yaml", f"id: {emergency.id}", *edit)
    assert ledger_faults(corpus_copy) - accepted == {f"triage.yaml:{line}: rule {emergency.id}: {message}"}


def test_a_triage_rule_whose_own_examples_disagree(corpus: Corpus) -> None:
    greeting = next(rule for rule in corpus.triage.rules if rule.response == "greeting")
    match, no_match = greeting.examples.match[0], greeting.examples.no_match[0]
    spoiled = greeting.examples.model_copy(update={"match": (match, no_match), "no_match": (match,)})
    rules = corpus.triage.model_copy(update={"rules": (greeting.model_copy(update={"examples": spoiled}),)})
    assert [(rule.id, message, fault) for rule, message, fault in disagreements(rules)] == [
        ("greeting", no_match, "must match, but gives nothing"),
        ("greeting", match, "must not match, but greeting does"),
    ]


def test_a_grade_that_is_not_described(corpus_copy: Path, corpus: Corpus, accepted: set[str]) -> None:
    path = corpus_copy / "evidence.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"  - grade: practical\n(?:    .*\n)+", "", text), encoding="utf-8")
    practical = [p.id for p in corpus.passages.values() if p.evidence is Grade.PRACTICAL]
    assert practical
    assert ledger_faults(corpus_copy) - accepted == {
        f"evidence.yaml:1: grade practical of {name} is not described; describe it" for name in practical
    }


def test_a_grade_with_an_unknown_source(corpus_copy: Path, accepted: set[str]) -> None:
    line = plant(corpus_copy / "evidence.yaml", "grade: weak", r"sources: \[", "sources: [nobody, ")
    assert ledger_faults(corpus_copy) - accepted == {
        f"evidence.yaml:{line}: unknown source nobody; add it to sources.yaml or mend the key"
    }


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("a.md:12: wrong; mend it", Fault("a.md", 12, "wrong; mend it")),
        ("a.md:3: wrong: 7: of 8", Fault("a.md", 3, "wrong: 7: of 8")),
        ("a.yaml: no line known", Fault("a.yaml", 1, "a.yaml: no line known")),
    ],
)
def test_a_fault_is_split_from_its_message(message: str, fault: Fault) -> None:
    assert fault_from(message) == fault
    assert str(Fault("a.md", 12, "wrong; mend it")) == "a.md:12: wrong; mend it"


def test_the_line_of_an_entry_is_found_or_is_the_first(tmp_path: Path) -> None:
    path = tmp_path / "entries.yaml"
    path.write_text("entries:\n- id: a\n  title: b c\n- id: 'b'\n", encoding="utf-8")
    assert [line_of(path, name) for name in ("a", "b", "c")] == [2, 4, 1]
