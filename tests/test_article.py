"""The article parser: one Markdown file → passages, sentences as spans, citations; every fault with its place."""

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.article import read_article, split_statements
from bot.schema import Article, CorpusError, Grade, Passage

FRONT = """---
topic: hips
group: bones
lang: en
updated: 2026-11-24
# A comment of an editor,
# over two lines.
review: {status: unreviewed, due: 2027-11-01}
ask_your_team:
  - When is the next hip X-ray?
---
"""
ARTICLE = (
    FRONT
    + """# Hips in cerebral palsy

## Why are hips watched? {#why evidence=strong}

> asked: hip checks why · does my child need x-rays ·
> hip surveillance meaning

Hips can slip out of place [@nice-ng62]. Dr. Smith looks at e.g. the X-ray
every year. [@hip-2017; @racp_2021] Most checks
are free.

A second paragraph not yet \\[in brackets\\] stands here [@a1, p. 3; @b2][@c3].

## What happens next? {#second evidence=practical}

The team decides [@nice-ng62]! Does it hurt? No.
"""
)


def parse(tmp_path: Path, text: str) -> Article:
    path = tmp_path / "hips.md"
    path.write_text(text, encoding="utf-8")
    return read_article(path, "articles/bones/hips.md")


@pytest.fixture
def article(tmp_path: Path) -> Article:
    return parse(tmp_path, ARTICLE)


@pytest.fixture
def first(article: Article) -> Passage:
    return article.passages[0]


def texts(passage: Passage) -> list[str]:
    return [passage.sentence_text(number) for number in range(len(passage.sentences))]


def line_of(text: str) -> int:
    """The line of the article on which a text stands."""
    return ARTICLE[: ARTICLE.index(text)].count("\n") + 1


def test_an_article_carries_its_front_matter_and_title(article: Article) -> None:
    assert (article.topic, article.group, article.lang) == ("hips", "bones", "en")
    assert article.title == "Hips in cerebral palsy"
    assert article.updated == date(2026, 11, 24)
    assert article.file == "articles/bones/hips.md"


def test_each_section_is_a_passage_named_by_topic_and_id(article: Article) -> None:
    assert [passage.id for passage in article.passages] == ["hips#why", "hips#second"]
    assert [passage.heading for passage in article.passages] == ["Why are hips watched?", "What happens next?"]
    assert [passage.evidence for passage in article.passages] == [Grade.STRONG, Grade.PRACTICAL]


def test_a_passage_knows_its_file_and_line(article: Article) -> None:
    assert [passage.line for passage in article.passages] == [line_of("## Why"), line_of("## What happens")]
    assert {passage.file for passage in article.passages} == {"articles/bones/hips.md"}


def test_plain_text_has_no_citation_no_line_break_and_keeps_paragraphs(first: Passage) -> None:
    assert first.text == (
        "Hips can slip out of place. Dr. Smith looks at e.g. the X-ray every year. Most checks are free."
        "\n\n"
        "A second paragraph not yet [in brackets] stands here."
    )


def test_the_hash_is_of_the_plain_text(first: Passage) -> None:
    assert first.sha256 == hashlib.sha256(first.text.encode()).hexdigest()


def test_sentences_are_cut_at_full_stops_and_not_at_abbreviations(first: Passage) -> None:
    assert texts(first) == [
        "Hips can slip out of place.",
        "Dr. Smith looks at e.g. the X-ray every year.",
        "Most checks are free.",
        "A second paragraph not yet [in brackets] stands here.",
    ]


def test_sentences_end_at_question_and_exclamation_marks(article: Article) -> None:
    assert texts(article.passages[1]) == ["The team decides!", "Does it hurt?", "No."]


@pytest.mark.parametrize(
    ("paragraph", "sources"),
    [
        ("Hips slip [@a]. They are watched [@b].", [("a",), ("b",)]),
        ("Hips slip. [@a] They are watched. [@b]", [("a",), ("b",)]),
        ("Hips slip.[@a] They are watched.", [("a",), ()]),
        ("Hips slip [@a; @b].", [("a", "b")]),
        ("Hips slip [@a][@b].", [("a", "b")]),
        ("Hips slip [@a, p. 3; @b, table 2].", [("a", "b")]),
        ("Hips slip [@a], and knees bend [@b].", [("a", "b")]),
        ("Hips slip [@a], and knees bend [@a].", [("a",)]),
        ("Hips slip [@key_with-both-2].", [("key_with-both-2",)]),
        ("Hips slip [sic] and (@a).", [()]),
    ],
)
def test_a_citation_belongs_to_the_sentence_it_follows(paragraph: str, sources: list[tuple[str, ...]]) -> None:
    _, sentences = split_statements([paragraph], "en")
    assert [sentence.sources for sentence in sentences] == sources


def test_a_citation_never_crosses_a_paragraph() -> None:
    _, sentences = split_statements(["Hips slip.", "Knees bend [@a]."], "en")
    assert [sentence.sources for sentence in sentences] == [(), ("a",)]


def test_asked_is_split_at_middle_dots_over_lines(first: Passage) -> None:
    assert first.asked == ("hip checks why", "does my child need x-rays", "hip surveillance meaning")


def test_a_second_quotation_adds_to_what_is_asked(tmp_path: Path, first: Passage) -> None:
    more = "\n> asked: sore hips · hip scan\n\nHips can slip"
    [passage, _] = parse(tmp_path, ARTICLE.replace("\nHips can slip", more, 1)).passages
    assert passage.asked == (*first.asked, "sore hips", "hip scan")
    assert passage.text == first.text


def test_asked_is_not_part_of_the_text(first: Passage) -> None:
    assert "surveillance" not in first.text


def test_a_passage_may_go_without_asked(article: Article) -> None:
    assert article.passages[1].asked == ()


def test_the_front_matter_says_by_when_to_look_again_and_claims_no_reviewer(article: Article) -> None:
    assert {(p.review.status, p.review.by, p.review.due) for p in article.passages} == {
        ("unreviewed", None, date(2027, 11, 1))
    }


@pytest.mark.parametrize("claim", ["status: reviewed", "status: lapsed", "status: unreviewed, by: Dr A. Example"])
def test_a_sign_off_in_the_front_matter_is_refused(tmp_path: Path, claim: str) -> None:
    with pytest.raises(CorpusError, match=r"claims a sign-off; .* record the sign-off with careleaf corpus review"):
        parse(tmp_path, ARTICLE.replace("status: unreviewed", claim, 1))


def test_questions_for_the_team_reach_every_passage(article: Article) -> None:
    assert {passage.ask_your_team for passage in article.passages} == {("When is the next hip X-ray?",)}


QUESTIONS = "ask_your_team:\n  - When is the next hip X-ray?"
FAULTS = [
    ("no front matter", FRONT, "", "1", "begin the file with a block between two lines of ---"),
    ("empty front matter", FRONT, "---\n\n---\n", "1", "the front matter names nothing; write topic: …"),
    ("a comment as front matter", FRONT, "---\n# topic\n---\n", "1", "the front matter names nothing; write topic: …"),
    ("nothing between the lines", FRONT, "---\n---\n", "1", "begin the file with a block between two lines of ---"),
    ("a list as front matter", FRONT, "---\n- topic\n---\n", "1", "the front matter names nothing; write topic: …"),
    ("unreadable front matter", "topic: hips", "topic: [hips", "1", "is not readable as YAML (while parsing a flow"),
    (
        "team questions as text",
        QUESTIONS,
        "ask_your_team: abc",
        "1",
        "write each question on a line that begins with -",
    ),
    ("team questions left empty", QUESTIONS, "ask_your_team:", "1", "write each question on a line that begins with -"),
    (
        "a number for a team question",
        QUESTIONS,
        "ask_your_team: [5]",
        "1",
        "ask_your_team.0: Input should be a valid str",
    ),
    (
        "a review as text",
        "review: {status: unreviewed, due: 2027-11-01}",
        "review: abc",
        "1",
        "write status: unreviewed",
    ),
    ("a review due on no day", "due: 2027-11-01", "due: soon", "1", "due: Input should be a valid date"),
    ("lacks a field", "group: bones\n", "", "1", "lacks 'group'; add it"),
    ("no date", "updated: 2026-11-24", "updated: soon", "1", "found 'soon'"),
    ("bad topic", "topic: hips", "topic: Our Hips", "1", "(found 'Our Hips#why')"),
    ("no title", "# Hips in cerebral palsy\n", "", "12", "add a line that begins with '# '"),
    ("text too early", "# Hips in cerebral palsy\n", "# Hips\n\nStray.\n", "14", "move it into a passage"),
    ("heading without id", "{#why evidence=strong}", "", "14", "end it with {#short-id evidence=grade}"),
    ("no grade", "{#why evidence=strong}", "{#why}", "14", "add evidence=… to its heading"),
    ("unknown grade", "evidence=strong", "evidence=good", "14", "is not one of strong, moderate, weak"),
    ("quotation", "> asked: hip", "> said: hip", "16", "must begin with 'asked:' (found 'said: hip checks why"),
    ("emphasis", "Most checks", "*Most* checks", "19", "write plain words"),
    ("link", "Most checks", "[Most](https://example.org) checks", "19", "write plain words"),
    ("image", "Most checks", "![Most](most.png) checks", "19", "image"),
    ("code", "Most checks", "`Most` checks", "19", "code_inline"),
    ("inline HTML", "Most checks", "<b>Most</b> checks", "19", "html_inline"),
    ("list", "The team decides", "- The team decides", "27", "bullet_list_open is not allowed; write plain par"),
    ("numbered list", "The team decides", "1. The team decides", "27", "ordered_list_open is not allowed"),
    ("fence", "The team decides", "```\ncode\n```\n", "27", "fence is not allowed; write plain paragraphs"),
    ("indented code", "The team decides", "    The team decides", "27", "code_block is not allowed; write plain par"),
    ("HTML block", "The team decides", "<div>hips</div>\n", "27", "html_block is not allowed"),
    ("rule", "The team decides", "***\n\nThe team decides", "27", "hr is not allowed; write plain paragraphs"),
    ("no text", "The team decides [@nice-ng62]! Does it hurt? No.\n", "", "25", "write it or remove the heading"),
]


@pytest.mark.parametrize(("old", "new", "line", "remedy"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_is_named_with_file_line_and_remedy(tmp_path: Path, old: str, new: str, line: str, remedy: str) -> None:
    with pytest.raises(CorpusError) as caught:
        parse(tmp_path, ARTICLE.replace(old, new, 1))
    assert str(caught.value).startswith(f"articles/bones/hips.md:{line}: ")
    assert remedy in str(caught.value)


def test_a_file_that_is_not_utf_8_is_refused_with_the_place_of_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "hips.md"
    path.write_bytes(ARTICLE.encode() + b"caf\xe9.\n")
    with pytest.raises(CorpusError) as caught:
        read_article(path, "articles/bones/hips.md")
    assert str(caught.value) == (
        "articles/bones/hips.md:1: not UTF-8 (invalid continuation byte at byte "
        f"{len(ARTICLE.encode()) + 3}); save it as UTF-8"
    )


def test_a_topic_without_passage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        parse(tmp_path, FRONT + "# Hips\n")
    assert str(caught.value) == (
        "articles/bones/hips.md:12: a topic with no passage; add a '## question? {#id}' section"
    )


WORDS = st.sampled_from(
    "hips knees Dr. e.g. St. 3.5 1 I X-ray 'yes' (no) GMFCS level’s ünïcode 髋 👶 [sic] a.m.".split()
)
STOPS = st.sampled_from([".", "!", "?", "...", ".”", ".)", ""])
CITED = st.sampled_from(["", " [@a]", " [@a; @b]", "[@a][@b-c_d]", " [@a, p. 3]"])


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A sentence with a citation before its full stop, after it, or without one."""
    words = " ".join(draw(st.lists(WORDS, min_size=1, max_size=8)))
    stop = draw(STOPS)
    before, after = draw(CITED), draw(CITED)
    return f"{words}{before}{stop}{after}"


PARAGRAPHS = st.lists(st.lists(statements(), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=4)


@settings(deadline=None)
@given(PARAGRAPHS)
def test_law_sentences_are_spans_that_cover_the_text_and_hold_no_citation(paragraphs: list[str]) -> None:
    text, sentences = split_statements(paragraphs, "en")
    covered = [False] * len(text)
    last = 0
    for sentence in sentences:
        span = text[sentence.start : sentence.end]
        assert last <= sentence.start < sentence.end <= len(text)
        assert span == span.strip()
        assert "[@" not in span
        assert "\n\n" not in span
        covered[sentence.start : sentence.end] = [True] * (sentence.end - sentence.start)
        last = sentence.end
    assert all(covered[place] or character.isspace() for place, character in enumerate(text))


@settings(deadline=None)
@given(PARAGRAPHS)
def test_law_no_citation_is_lost(paragraphs: list[str]) -> None:
    _, sentences = split_statements(paragraphs, "en")
    cited = {key for sentence in sentences for key in sentence.sources}
    assert cited == set(re.findall(r"@([a-z_-]+)", " ".join(paragraphs)))


@settings(deadline=None)
@given(st.text().map(lambda text: " ".join(text.split())))
def test_law_any_paragraph_is_cut_into_its_own_spans(paragraph: str) -> None:
    text, sentences = split_statements([paragraph], "en")
    assert "".join("".join(text[s.start : s.end] for s in sentences).split()) == "".join(text.split())
