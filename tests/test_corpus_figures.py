"""The second road to a figure: what a sentence says was read at its source, or the check names it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.corpus.figures import Fact, Recorded, check_figures, unsupported_figures
from bot.corpus.load import load_corpus
from tests.conftest import ROOT

READ = Recorded(
    (
        Fact(source="a", fact="Of 63 children 19 (30 %) had pain.", figures=("30%", "63", "19")),
        Fact(source="a", fact="Over two thirds slept badly for 18 months.", figures=("1,180", "8.07 points")),
        Fact(source="a", fact="The peak came at 6 years 11 months.", note="a fever above 101.5 F counts"),
        Fact(source="a", fact="About 1.6 per 1,000 births, 17 million people in all."),
    ),
    2019,
)

HELD = [
    "Of 63 children, 19 had pain.",
    "About 3 in 10 children had pain.",
    "About 7 in 10 children had no pain.",
    "Nearly 30 % had pain.",
    "In 30 per cent there was pain.",
    "About 2 in 3 slept badly.",
    "Children slept badly for a year and a half.",
    "Children slept badly for 18 months.",
    "About 1,200 children took part.",
    "A group of 1,180 children took part.",
    "Scores rose by 8 points.",
    "The peak came at about 7 years.",
    "A fever above 38.6 °C counts.",
    "A 2019 review says so.",
    "About 1.6 per 1,000 babies have it.",
    "Some 17 million people have CP.",
    "No figure at all.",
    "Children at GMFCS level II or with C7 trouble and the GMFM-66 test.",
]

PLANTED = {
    "another count": ("Of 64 children, 19 had pain.", ["64"]),
    "another share": ("About 1 in 8 children had pain.", ["1 in 8"]),
    "a share in words": ("About nine in ten children had pain.", ["nine in ten"]),
    "digits turned": ("Of 36 children many had pain.", ["36"]),
    "not rounded": ("A group of 1,200 children took part.", ["1,200"]),
    "another year": ("A 2018 review says so.", ["2018"]),
    "another size": ("Some 17 thousand people have CP.", ["17 thousand"]),
    "another time": ("Children slept badly for 24 months.", ["24"]),
    "another percentage": ("In 31 % there was pain.", ["31"]),
    "a decimal": ("Scores rose by 8.2 points.", ["8.2"]),
    "two at once": ("Of 99 children 98 had pain.", ["99", "98"]),
}


@pytest.mark.parametrize("sentence", HELD)
def test_a_figure_that_was_read_is_held(sentence: str) -> None:
    assert list(unsupported_figures(sentence, (READ,))) == []


@pytest.mark.parametrize(("sentence", "figures"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_figure_is_found(sentence: str, figures: list[str]) -> None:
    assert list(unsupported_figures(sentence, (READ,))) == figures


def test_a_figure_needs_a_source_of_its_own_sentence() -> None:
    assert list(unsupported_figures("Of 63 children, 19 had pain.", ())) == ["63", "19"]


@pytest.fixture
def facts_of(corpus_copy: Path) -> Callable[[Callable[[list[dict[str, object]]], object]], list[str]]:
    """Change the recorded facts of a copy of the corpus, and check."""

    def check(change: Callable[[list[dict[str, object]]], object]) -> list[str]:
        path = corpus_copy / "facts.yaml"
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        change(content["facts"])
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return list(check_figures(load_corpus(corpus_copy), corpus_copy))

    return check


def test_the_corpus_says_only_figures_that_were_read() -> None:
    folder = ROOT / "corpus"
    assert list(check_figures(load_corpus(folder), folder)) == []


def test_a_fact_that_is_gone_leaves_its_figures_unsupported(facts_of: Callable[..., list[str]]) -> None:
    def forget(facts: list[dict[str, object]]) -> None:
        facts[:] = [fact for fact in facts if fact["source"] != "palisano-2010"]

    [first, *_] = facts_of(forget)
    assert first.startswith("articles/finding-out/prognosis-walking.md:")
    assert "is in no recorded fact of palisano-2010" in first
    assert first.endswith("read it there and add it to facts.yaml, or leave it out")


def test_a_fact_of_nobody_is_named(facts_of: Callable[..., list[str]]) -> None:
    found = facts_of(lambda facts: facts.append({"source": "nobody", "fact": "x"}))
    assert found == ["facts.yaml:1: a fact of unknown source nobody; add the source or remove the fact"]
