"""The real corpus: what it must hold, what its version depends on, and the figures that describe it."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import pytest

from bot.amounts import find_amount
from bot.corpus import load_corpus
from bot.corpus.checks import check_folder
from bot.corpus.readability import clinical_words, reading_grade
from bot.corpus.stats import CorpusStats, read_stats
from bot.schema import Corpus, Grade, Term, Verdict
from bot.settings import Settings

TOPICS = """
what-is-cp types-of-cp function-levels causes is-cp-curable early-signs associated-conditions seizure-first-aid hips
spasticity-overview botulinum-toxin goal-training stem-cells-evidence stem-cells-safety
""".split()

VERDICTS = {
    Verdict.PARTLY: 88,
    Verdict.SUPPORTED: 53,
    Verdict.UNVERIFIABLE: 48,
    Verdict.UNSUPPORTED: 39,
    Verdict.PROMOTIONAL: 18,
    Verdict.CONTRADICTED: 15,
    Verdict.OUTDATED: 3,
}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_of_the_list_is_there(corpus: Corpus, topic: str) -> None:
    assert corpus.topics[topic].passages


def test_there_are_at_least_sixty_passages(corpus: Corpus) -> None:
    assert len(corpus.passages) >= 60


def test_a_topic_lives_in_a_file_of_its_name(corpus: Corpus) -> None:
    for article in corpus.articles:
        assert article.file == f"articles/{article.group}/{article.topic}.md"


def test_every_sentence_is_a_span_of_its_passage(corpus: Corpus) -> None:
    for passage in corpus.passages.values():
        lifted = [passage.sentence_text(number) for number in range(len(passage.sentences))]
        assert " ".join(lifted).split() == passage.text.split(), passage.id


def test_every_claim_in_circulation_has_a_verdict(corpus: Corpus) -> None:
    assert len(corpus.claim) == len(corpus.claims) == 264
    assert {verdict: sum(claim.verdict is verdict for claim in corpus.claims) for verdict in Verdict} == VERDICTS


def test_fifteen_contradictions_each_with_two_claims_or_more(corpus: Corpus) -> None:
    assert len(corpus.contradiction) == len(corpus.contradictions) == 15
    assert all(len(contradiction.claims) >= 2 for contradiction in corpus.contradictions)


def test_five_documents_make_the_claims_and_none_may_support_a_sentence_alone(corpus: Corpus) -> None:
    documents = {claim.source for claim in corpus.claims}
    assert len(documents) == 5
    assert all(corpus.source[document].commercial for document in documents)


def test_no_passage_names_a_dose(corpus: Corpus) -> None:
    assert {p.id: found for p in corpus.passages.values() if (found := find_amount(p.text))} == {}


def test_nothing_says_that_it_was_reviewed(corpus: Corpus) -> None:
    assert {passage.review.status for passage in corpus.passages.values()} == {"unreviewed"}


def test_the_check_finds_no_fault(settings: Settings) -> None:
    _, faults = check_folder(settings.corpus_dir, date.today())
    assert list(map(str, faults)) == []


# ---- the version


def edited(folder: Path, name: str, change: Callable[[str], str]) -> str:
    """Change a file of a corpus; return the version afterwards."""
    path = folder / name
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, f"the change did nothing to {name}"
    path.write_text(after, encoding="utf-8")
    return load_corpus(folder).version


def first(pattern: str, new: str | Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    """Replace the first match of a pattern."""
    return lambda text: re.sub(pattern, new, text, count=1)


HIPS = "articles/bones-and-joints/hips.md"
SENTENCE_END = r"(?m)^(\w[^\n]*?) \[@"
SIGNED = (
    f"reviews:\n- passage: hips#therapy\n  sha256: {'a' * 64}\n  by: Dr A. Example\n  role: nurse\n  'on': '2026-11-24'"
)
SERVED = [
    ("a word of a passage", HIPS, first(SENTENCE_END, r"\1 today [@")),
    ("a capital", HIPS, first(r"(?m)^Hip", "HIP")),
    ("a citation", HIPS, first(r"\[@[\w-]+", "[@nice-cg145")),
    ("a heading", HIPS, first(r"(?m)^## ", "## So, ")),
    ("a title", HIPS, first(r"(?m)^# ", "# About ")),
    ("a way of asking", HIPS, first("asked: ", "asked: hips please · ")),
    ("a grade", HIPS, first(r"evidence=\w+", "evidence=none")),
    ("a question for the team", HIPS, first("ask_your_team:\n", "ask_your_team:\n  - Who rings us?\n")),
    ("the day of an update", HIPS, first(r"updated: \d{4}", "updated: 2025")),
    ("a review", "reviews.yaml", first(r"reviews: \[\]", SIGNED)),
    ("a source's title", "sources.yaml", first("title: ", "title: On ")),
    ("a source's seller", "sources.yaml", first("kind: review", "kind: review\n    commercial: true")),
    ("a claim", "claims.yaml", first("claim: 'The", "claim: 'One")),
    ("a verdict", "claims.yaml", first("verdict: partly", "verdict: supported")),
    ("a contradiction", "claims.yaml", first("say: '", "say: 'Yes. ")),
    ("a grade's meaning", "evidence.yaml", first("explanation: ", "explanation: Well. ")),
    ("a word of the lexicon", "lexicon.yaml", first("term: ", "term: true ")),
    ("an everyday word", "lexicon.yaml", first("everyday: true", "everyday: false")),
    ("a rule's distance", "triage.yaml", first(r"within: 12", "within: 11")),
    ("a rule's words", "triage.yaml", first("- status epilepticus\n", "- status epilepticus\n    - epilepticus\n")),
    ("a number to call", "countries.yaml", first('number: "911"', 'number: "912"')),
]


@pytest.mark.parametrize(("name", "change"), [case[1:] for case in SERVED], ids=[case[0] for case in SERVED])
def test_the_version_changes_with_what_is_served(
    corpus: Corpus, corpus_copy: Path, name: str, change: Callable[[str], str]
) -> None:
    assert edited(corpus_copy, name, change) != corpus.version


NOT_SERVED = [
    ("a comment among the sources", "sources.yaml", lambda text: f"# A comment.\n{text}"),
    ("a comment among the claims", "claims.yaml", first("claims:\n", "claims:\n  # A comment.\n")),
    ("a comment among the rules", "triage.yaml", lambda text: f"{text}\n# A comment.\n"),
    ("a comment in the front matter", HIPS, first("topic: ", "# A comment.\ntopic: ")),
    ("a line break inside a paragraph", HIPS, first(SENTENCE_END, lambda found: found[0].replace(" ", "\n", 3))),
    ("empty lines between paragraphs", HIPS, first(r"\n\n", "\n\n\n\n")),
    ("an example of a rule", "triage.yaml", first(r"(?m)^( +)match:\n", r"\1match:\n\1  - help hes seizing\n")),
    ("the order of a source's fields", "sources.yaml", first(r"(  type: [^\n]+\n)(  title: [^\n]+\n)", r"\2\1")),
]


@pytest.mark.parametrize(("name", "change"), [case[1:] for case in NOT_SERVED], ids=[case[0] for case in NOT_SERVED])
def test_the_version_does_not_change_with_how_it_is_written(
    corpus: Corpus, corpus_copy: Path, name: str, change: Callable[[str], str]
) -> None:
    assert edited(corpus_copy, name, change) == corpus.version


def test_the_version_does_not_change_with_a_file_name(corpus_copy: Path) -> None:
    before = load_corpus(corpus_copy).version
    (corpus_copy / HIPS).rename((corpus_copy / HIPS).with_name("hips-in-cp.md"))
    assert load_corpus(corpus_copy).version == before


def test_the_version_is_sixteen_hexadecimal_digits_and_the_same_each_time(corpus_copy: Path) -> None:
    version = load_corpus(corpus_copy).version
    assert re.fullmatch(r"[0-9a-f]{16}", version)
    assert load_corpus(corpus_copy).version == version


# ---- the figures


@pytest.fixture(scope="module")
def stats(corpus: Corpus) -> CorpusStats:
    return read_stats(corpus)


def test_the_figures_agree_with_the_corpus(corpus: Corpus, stats: CorpusStats) -> None:
    passages = corpus.passages.values()
    assert stats.version == corpus.version
    assert (stats.topics, stats.passages) == (len(corpus.topics), len(passages))
    assert stats.sentences == sum(len(passage.sentences) for passage in passages)
    assert stats.words == len(" ".join(passage.text for passage in passages).split())
    assert stats.asked == len([asked for passage in passages for asked in passage.asked])
    assert (stats.claims, stats.contradictions) == (264, 15)
    assert (stats.terms, stats.sources) == (len(corpus.lexicon), len(corpus.sources))
    assert (stats.reviewed, stats.oldest_update) == (0, min(article.updated for article in corpus.articles))


def test_the_figures_by_kind_add_up(corpus: Corpus, stats: CorpusStats) -> None:
    assert stats.claims_by_verdict == {verdict.value: count for verdict, count in VERDICTS.items()}
    assert sum(stats.passages_by_grade.values()) == stats.passages
    assert set(stats.passages_by_grade) <= set(Grade)
    assert sum(stats.sources_by_type.values()) == stats.sources
    assert sum(stats.sources_by_decade.values()) == stats.sources
    assert all(re.fullmatch(r"\d{3}0s|undated", decade) for decade in stats.sources_by_decade)


def test_the_reading_grades_are_those_of_the_passages(corpus: Corpus, stats: CorpusStats) -> None:
    clinical = clinical_words(corpus.lexicon)
    grades = {passage.id: reading_grade(passage.text, clinical) for passage in corpus.passages.values()}
    assert stats.reading_median == round(median(grades.values()), 1)
    assert stats.reading_worst == round(max(grades.values()), 1)
    assert grades[stats.reading_worst_passage] == max(grades.values())


# ---- reading grade

SPASTIC = "Spasticity makes muscles tight. Botulinum toxin can help."


def test_a_clinical_word_counts_as_two_syllables() -> None:
    assert reading_grade(SPASTIC, ("spasticity", "botulinum toxin")) == reading_grade(
        "Doctor makes muscles tight. Doctor can help.", ()
    )


@pytest.mark.parametrize("word", ["dystonia", "Dystonia", "DYSTONIA", "dystonias"])
def test_a_clinical_word_is_known_in_capitals_and_in_its_plural(word: str) -> None:
    assert reading_grade(f"The {word} can be hard.", ("dystonia",)) == reading_grade("The doctor can be hard.", ())


def test_a_clinical_word_inside_another_word_is_not_discounted() -> None:
    assert reading_grade("Hypospasticity is rare.", ("spasticity",)) == reading_grade("Hypospasticity is rare.", ())


def test_the_longest_clinical_term_counts_once() -> None:
    text = "Spastic cerebral palsy is common."
    assert reading_grade(text, ("cerebral palsy", "spastic cerebral palsy")) == reading_grade("Doctor is common.", ())


def test_an_abbreviation_counts_as_a_short_word() -> None:
    assert reading_grade("The GMFCS has five levels.", ()) == reading_grade("The doctor has five levels.", ())


def test_every_spelling_of_a_term_is_clinical() -> None:
    term = Term(term="dystonia", definition="Twisting.", lay=("twisting",), variants=("dystonic",))
    assert clinical_words([term]) == ("dystonia", "dystonic")
