"""Which sentences are shown, in which order, and which claims and disagreements beside them."""

from dataclasses import replace

import pytest

from bot.compose.choose import choose_statements, leading_sentence, opening_sentences, repeats
from bot.compose.claims import choose_sides, meet_claims, tell_disagreement, tell_heard
from bot.compose.number import CitationList
from bot.compose.numbers_to_call import numbers_to_call
from bot.compose.render import dialled, escape_markdown, tidy
from bot.schema import Claim, Corpus, Ranked, Verdict

WORDS = {
    "lines": {"ambulance": "Ambulance", "crisis": "Someone", "poison": "Poison", "child_protection": "Children"},
    "common_where": {},
}


def ranked(corpus: Corpus, passage_id: str, score: float, similarity: float, *sentences: float) -> Ranked:
    passage = corpus.passages[passage_id]
    near = sentences + (0.1,) * (len(passage.sentences) - len(sentences))
    return Ranked(passage, score, similarity, 0.5, 0.5, near, itself=similarity)


def test_the_first_sentence_leads_where_the_question_is_the_passages_own(corpus: Corpus) -> None:
    found = ranked(corpus, "is-cp-curable#cure", 1.0, 0.95, 0.5, 0.8)
    assert leading_sentence(found) == 0


def test_what_a_claim_is_asked_by_does_not_make_the_first_sentence_lead(corpus: Corpus) -> None:
    found = replace(ranked(corpus, "is-cp-curable#cure", 1.0, 0.95, 0.5, 0.8), itself=0.6)
    assert leading_sentence(found) == 1


def test_another_sentence_leads_where_it_is_clearly_nearer(corpus: Corpus) -> None:
    found = ranked(corpus, "is-cp-curable#cure", 1.0, 0.6, 0.5, 0.4, 0.8)
    assert leading_sentence(found) == 2
    chosen = choose_statements((found,))
    assert chosen[0].number == 2
    assert [one.number for one in chosen[1:]] == sorted(one.number for one in chosen[1:])


def test_a_distant_passage_adds_nothing_and_a_close_one_its_nearest(corpus: Corpus) -> None:
    first = ranked(corpus, "is-cp-curable#cure", 1.0, 0.95, 0.9)
    close = ranked(corpus, "hips#hip-surveillance", 0.99, 0.9, 0.9, 0.3)
    far = ranked(corpus, "hips#hip-surveillance", 0.5, 0.5, 0.9, 0.3)
    assert {one.passage.id for one in choose_statements((first, far))} == {"is-cp-curable#cure"}
    added = [one for one in choose_statements((first, close)) if one.passage.topic == "hips"]
    assert [one.number for one in added] == [0]


def test_at_most_eight_statements_and_at_least_two(corpus: Corpus) -> None:
    all_near = tuple(
        replace(ranked(corpus, name, 1.0, 0.9), sentences=(0.9,) * len(corpus.passages[name].sentences))
        for name in ("is-cp-curable#cure", "hips#hip-surveillance", "causes#what-causes")
    )
    assert 2 <= len(choose_statements(all_near)) <= 8


def test_a_sentence_that_repeats_another_is_left_out(corpus: Corpus) -> None:
    chosen = opening_sentences(corpus, ("is-cp-curable#cure",), 2)
    assert repeats(chosen[0], list(chosen))
    assert not repeats(chosen[0], [chosen[1]])


def test_opening_sentences_follow_the_rule_and_stop(corpus: Corpus) -> None:
    names = ("seizure-first-aid#what-to-do", "seizure-first-aid#do-not")
    chosen = opening_sentences(corpus, names, 99)
    assert chosen[0].passage.id == names[0]
    assert sum(one.passage.id == names[1] for one in chosen) <= 2
    assert len(opening_sentences(corpus, names, 3)) == 3


def near(corpus: Corpus, **values: float) -> tuple[float, ...]:
    return tuple(values.get(claim.id.replace("-", "_"), 0.0) for claim in corpus.claims)


def test_a_claim_of_the_topic_is_named_when_it_is_near(corpus: Corpus) -> None:
    met = meet_claims(corpus, near(corpus, S0_014=0.7), "is-cp-curable")
    assert [claim.id for claim in met] == ["S0-014"]


def test_the_topics_nearest_doubtful_claim_is_named_where_none_touches_the_question(corpus: Corpus) -> None:
    met = meet_claims(corpus, near(corpus, S4_031=0.53, S4_024=0.50), "stem-cells-safety")
    assert [claim.id for claim in met] == ["S4-031"]
    assert met[0].verdict != Verdict.SUPPORTED
    assert meet_claims(corpus, near(corpus, S4_031=0.4), "stem-cells-safety") == ()


def test_a_claim_of_another_topic_is_named_only_where_the_question_says_it(corpus: Corpus) -> None:
    assert "S4-031" not in {c.id for c in meet_claims(corpus, near(corpus, S4_031=0.7), "hips")}
    assert "S4-031" in {c.id for c in meet_claims(corpus, near(corpus, S4_031=0.9), "hips")}


def test_a_dangerous_claim_of_the_topic_goes_before_a_harmless_one_as_near(corpus: Corpus) -> None:
    own = [claim for claim in corpus.claims if claim.topic == "is-cp-curable" and claim.verdict == Verdict.PARTLY]
    harmless = next(claim for claim in own if "danger" not in claim.flags)
    dangerous = next(c for c in corpus.claims if c.topic == "is-cp-curable" and "danger" in c.flags)
    values = tuple(0.70 if c == dangerous else 0.72 if c == harmless else 0.0 for c in corpus.claims)
    assert meet_claims(corpus, values, "is-cp-curable") == (dangerous, harmless)


def test_what_the_question_itself_claims_comes_first(corpus: Corpus) -> None:
    met = meet_claims(corpus, near(corpus, S0_014=0.79, S2_002=0.95), "is-cp-curable")
    assert [claim.id for claim in met] == ["S2-002", "S0-014"]


def test_heard_cites_the_document_first_and_then_what_the_reason_rests_on(corpus: Corpus) -> None:
    citations = CitationList(corpus)
    heard = tell_heard((corpus.claim["S0-014"],), citations)[0]
    cited = {citation.number: citation for citation in citations.citations()}
    assert cited[heard.citations[0]].source_id == heard.source_id == "seed-rehab-000"
    assert cited[heard.citations[0]].commercial
    assert [cited[n].source_id for n in heard.citations[1:]] == list(corpus.claim["S0-014"].refs)


def test_the_ledgers_contradiction_is_told_with_its_sides(corpus: Corpus) -> None:
    told = tell_disagreement(corpus, (corpus.claim["S0-014"],), CitationList(corpus))
    assert told[0].id == "C01"
    sources = {side.source_id for side in told[0].sides}
    assert len(sources) == 5, "each document that takes part has a side"
    assert told[0].citations


def test_claims_that_contradict_nobody_tell_no_disagreement(corpus: Corpus) -> None:
    calm = next(claim for claim in corpus.claims if not claim.contradictions)
    assert tell_disagreement(corpus, (calm,), CitationList(corpus)) == ()


def test_sides_are_one_a_source_before_any_source_speaks_twice(corpus: Corpus) -> None:
    def side(number: int, source: str, verdict: Verdict) -> Claim:
        return Claim(id=f"X-{number}", source=source, topic="t", claim="c", verdict=verdict, note="n")

    a, b, c, d, e = (
        side(1, "one", Verdict.PARTLY),
        side(2, "one", Verdict.PARTLY),
        side(3, "one", Verdict.PARTLY),
        side(4, "two", Verdict.PARTLY),
        side(5, "three", Verdict.PARTLY),
    )
    assert choose_sides((a, b, c, d, e)) == (a, d, e)
    assert choose_sides((a, b, c)) == (a, b, c)
    assert choose_sides((a, b, c, d)) == (a, b, d)


def test_a_source_keeps_the_number_it_got_first(corpus: Corpus) -> None:
    citations = CitationList(corpus)
    first, second = corpus.sources[0].id, corpus.sources[1].id
    assert citations.number((first,)) == (1,)
    assert citations.number((second, first)) == (2, 1)
    assert [citation.source_id for citation in citations.citations()] == [first, second]


def test_numbers_come_from_the_operators_country(corpus: Corpus) -> None:
    calls = numbers_to_call(("crisis", "ambulance"), corpus.country["GB"], corpus.common_numbers, WORDS)
    assert [call.number for call in calls] == ["116 123", "999"]
    assert all(call.source for call in calls)


def test_an_unset_country_shows_the_common_numbers(corpus: Corpus) -> None:
    calls = numbers_to_call(("ambulance",), None, corpus.common_numbers, WORDS)
    assert {"112", "911", "999", "000"} == {call.number for call in calls}


def test_a_country_without_a_line_falls_back_on_its_ambulance(corpus: Corpus) -> None:
    lacking = next(country for country in corpus.countries if country.poison is None)
    calls = numbers_to_call(("poison",), lacking, corpus.common_numbers, WORDS)
    assert [call.number for call in calls] == [lacking.ambulance.number]


def test_no_line_asked_for_gives_no_number(corpus: Corpus) -> None:
    assert numbers_to_call((), None, corpus.common_numbers, WORDS) == ()


@pytest.mark.parametrize(
    ("shown", "dials"),
    [
        ("999", "999"),
        ("112 or 999", "112"),
        ("1-800-222-1222", "18002221222"),
        ("116 123", "116123"),
        ("+44 20", "+4420"),
    ],
)
def test_a_number_dials_its_first_number(shown: str, dials: str) -> None:
    assert dialled(shown) == dials


def test_markdown_marks_of_a_text_are_not_read_as_marks() -> None:
    assert escape_markdown("a *b* [c](d) <e>") == r"a \*b\* \[c\](d) \<e\>"


def test_templates_leave_at_most_one_empty_line() -> None:
    assert tidy("\n\na\n\n \n\n\nb\n") == "a\n\nb\n"
