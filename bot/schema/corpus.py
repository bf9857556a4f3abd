"""The whole corpus as one immutable value."""

from functools import cached_property

from bot.schema.content import (
    Article,
    Claim,
    Contradiction,
    Frozen,
    Grade,
    GradeMeaning,
    Passage,
    Silent,
    Source,
    Term,
)
from bot.schema.rules import CommonNumber, Country, TriageRules


class Corpus(Frozen):
    """Everything that may be shown, validated. ``version`` changes when, and only when, the content does."""

    version: str
    articles: tuple[Article, ...]
    sources: tuple[Source, ...]
    claims: tuple[Claim, ...]
    contradictions: tuple[Contradiction, ...]
    grades: tuple[GradeMeaning, ...]
    lexicon: tuple[Term, ...]
    triage: TriageRules
    countries: tuple[Country, ...]
    common_numbers: tuple[CommonNumber, ...] = ()
    silent: tuple[Silent, ...] = ()

    @cached_property
    def passages(self) -> dict[str, Passage]:
        """Passages by id, in the order of the files."""
        return {passage.id: passage for article in self.articles for passage in article.passages}

    @cached_property
    def source(self) -> dict[str, Source]:
        """Sources by id."""
        return {source.id: source for source in self.sources}

    @cached_property
    def grade(self) -> dict[Grade, GradeMeaning]:
        """Meanings by grade."""
        return {meaning.grade: meaning for meaning in self.grades}

    @cached_property
    def contradiction(self) -> dict[str, Contradiction]:
        """Contradictions by id."""
        return {contradiction.id: contradiction for contradiction in self.contradictions}

    @cached_property
    def country(self) -> dict[str, Country]:
        """Countries by their ISO 3166 code."""
        return {country.code: country for country in self.countries}

    @cached_property
    def topics(self) -> dict[str, Article]:
        """Articles by topic."""
        return {article.topic: article for article in self.articles}

    @cached_property
    def term(self) -> dict[str, Term]:
        """Terms of the lexicon by every name in small letters; a term's own name goes before another's variant."""
        variants = {name.casefold(): term for term in reversed(self.lexicon) for name in term.variants}
        return variants | {term.term.casefold(): term for term in self.lexicon}

    @cached_property
    def claim(self) -> dict[str, Claim]:
        """Claims by id."""
        return {claim.id: claim for claim in self.claims}
