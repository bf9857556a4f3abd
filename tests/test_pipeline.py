"""The whole road: what families must get, and the laws that hold whatever they write."""

import ast
import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.pipeline import Pipeline, read_question
from bot.schema import MAX_QUESTION, Answer, CorpusError, IndexUnavailable, Kind, QuestionRefused
from bot.settings import Settings
from bot.verify import verify_answer
from tests.conftest import ROOT

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/answer.schema.json").read_text(encoding="utf-8"))

QUESTIONS = (
    "can cp be cured",
    "she has been seizing for 8 minutes",
    "how many mg of baclofen",
    "best laptop",
    "hello",
    "botox",
    "my son is 2 and does not walk, will he ever walk",
    "a clinic told us stem cells are completely safe, is that true?",
    "i want to die",
    "mi hijo no respira",
    "?!",
)


@pytest.fixture(scope="module")
def answers(pipeline: Pipeline) -> dict[str, Answer]:
    return {question: pipeline.ask(question) for question in QUESTIONS}


def test_can_cp_be_cured(answers: dict[str, Answer]) -> None:
    answer = answers["can cp be cured"]
    assert answer.kind == Kind.ANSWER
    assert answer.statements[0].text == "There is no cure for cerebral palsy."
    cited = {citation.number: citation for citation in answer.citations}
    assert {cited[number].type for number in answer.statements[0].citations} & {"guideline", "review"}
    heard = {item.claim_id: item for item in answer.heard}
    assert heard["S3-006"].source_id == "seed-tech-003"
    assert heard["S3-006"].verdict == "contradicted"
    assert answer.disagreements[0].id == "C01"
    assert answer.caveat
    assert answer.evidence is not None
    assert answer.evidence.grade == "strong"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("she has been seizing for 8 minutes", Kind.EMERGENCY),
        ("how many mg of baclofen", Kind.REDIRECT),
        ("best laptop", Kind.NO_ANSWER),
        ("hello", Kind.CLARIFY),
        ("botox", Kind.CLARIFY),
        ("my son is 2 and does not walk, will he ever walk", Kind.REDIRECT),
        ("i want to die", Kind.EMERGENCY),
        ("?!", Kind.CLARIFY),
    ],
)
def test_each_kind_of_message_gets_its_kind_of_answer(answers: dict[str, Answer], question: str, kind: Kind) -> None:
    assert answers[question].kind == kind


def test_an_emergency_begins_with_what_to_do_and_the_number(answers: dict[str, Answer]) -> None:
    answer = answers["she has been seizing for 8 minutes"]
    for shown in (answer.text, answer.markdown):
        assert "ambulance" in shown[:200]
        assert all(call.number in shown[:200] for call in answer.calls)
    assert answer.statements[0].passage_id.startswith("seizure-first-aid#")
    assert 'href="tel:112"' in answer.html


def test_an_emergency_shows_the_numbers_of_the_operators_country(built: Settings, pipeline: Pipeline) -> None:
    in_britain = Pipeline(
        pipeline.index, pipeline.encoder, pipeline.renderer, built.model_copy(update={"country": "GB"})
    )
    answer = in_britain.ask("she has been seizing for 8 minutes")
    assert [call.number for call in answer.calls] == ["999"]
    assert "999" in answer.text.splitlines()[0]
    assert "911" not in answer.text


def test_a_country_that_the_table_lacks_is_named_with_the_remedy(built: Settings, pipeline: Pipeline) -> None:
    with pytest.raises(CorpusError, match=r"CARELEAF_COUNTRY=ZZ is not in countries\.yaml; choose one of .*GB"):
        Pipeline(pipeline.index, pipeline.encoder, pipeline.renderer, built.model_copy(update={"country": "ZZ"}))


def test_an_emergency_in_spanish_is_answered_in_spanish(answers: dict[str, Answer]) -> None:
    answer = answers["mi hijo no respira"]
    assert answer.kind == Kind.EMERGENCY
    assert answer.lang == "es"
    assert answer.text.startswith("Llame a una ambulancia ahora: 112")


def test_a_redirect_gives_no_amount_and_says_whom_to_ask(answers: dict[str, Answer]) -> None:
    answer = answers["how many mg of baclofen"]
    assert "pharmacist" in answer.text
    assert "mg" not in answer.text
    assert answer.statements


def test_a_sales_claim_is_set_beside_what_is_known(answers: dict[str, Answer]) -> None:
    answer = answers["a clinic told us stem cells are completely safe, is that true?"]
    assert answer.statements[0].passage_id.startswith("stem-cells-safety#")
    assert {item.verdict for item in answer.heard} & {"unsupported", "partly", "contradicted"}
    cited = {citation.number: citation for citation in answer.citations}
    assert all(any(not cited[number].commercial for number in statement.citations) for statement in answer.statements)


def test_silence_offers_what_the_corpus_holds(answers: dict[str, Answer], pipeline: Pipeline) -> None:
    answer = answers["best laptop"]
    headings = {passage.heading for passage in pipeline.corpus.passages.values()}
    assert answer.follow_ups
    assert set(answer.follow_ups) <= headings
    assert answer.statements == ()


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_keeps_the_published_schema(answers: dict[str, Answer], question: str) -> None:
    document = json.loads(answers[question].model_dump_json())
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert set(SCHEMA["required"]) <= set(document)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_has_a_caveat_and_every_statement_a_source(answers: dict[str, Answer], question: str) -> None:
    answer = answers[question]
    assert answer.caveat in answer.text
    assert all(statement.citations for statement in answer.statements)
    assert answer.reviewed.by is None, "nobody has reviewed anything yet, and no answer may say so"


def test_follow_ups_are_questions_the_corpus_answers(pipeline: Pipeline, answers: dict[str, Answer]) -> None:
    for follow_up in answers["can cp be cured"].follow_ups:
        assert pipeline.ask(follow_up).kind in (Kind.ANSWER, Kind.REDIRECT, Kind.EMERGENCY)


def holds_every_law(pipeline: Pipeline, question: str) -> Answer:
    answer = pipeline.ask(question)
    pipeline.forget_answers()
    assert pipeline.ask(question) == answer
    assert verify_answer(answer, pipeline.corpus, pipeline.renderer).faults == ()
    assert answer.caveat
    assert answer.question == read_question(question)
    assert len(answer.statements) <= 8
    assert answer.kind != Kind.ANSWER or len(answer.statements) >= 2
    assert json.loads(answer.model_dump_json())["answer_id"] == answer.answer_id
    return answer


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=400))
@example("\x00")
@example("a\x00b")
@example("\ud800 lone surrogate \udfff")
@example("هل يمكن علاج الشلل الدماغي")
@example("👶🏽🆘 seizure 🚑")
@example("<script>alert(1)</script> is cp curable")
@example("{{7*7}} {% for x in y %} can cp be cured")
@example("'; DROP TABLE passages; -- what is cp")
@example("x" * MAX_QUESTION)
@example("what is cp " * (MAX_QUESTION // 11))
def test_whatever_is_written_every_statement_is_a_sentence_of_the_corpus(pipeline: Pipeline, question: str) -> None:
    try:
        holds_every_law(pipeline, question)
    except QuestionRefused as refused:
        assert "empty" in str(refused)


@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_families_ask_every_statement_is_a_sentence_of_the_corpus(
    pipeline: Pipeline, data: st.DataObject
) -> None:
    asked = [way for passage in pipeline.corpus.passages.values() for way in passage.asked]
    start = data.draw(st.sampled_from(["", "please help, ", "My sister says: ", "URGENT!!! "]))
    holds_every_law(pipeline, start + data.draw(st.sampled_from(asked)))


def test_marks_in_the_corpus_are_shown_as_text(pipeline: Pipeline) -> None:
    answer = pipeline.ask("can cp be cured")
    hostile = "<b onclick=x> & *Ann's* [x](http://evil) {{7*7}}"
    first = answer.statements[0].model_copy(update={"text": hostile})
    heard = answer.heard[0].model_copy(update={"claim": hostile, "note": hostile})
    changed = answer.model_copy(update={"statements": (first, *answer.statements[1:]), "heard": (heard,)})
    corpus = pipeline.corpus
    sources = {c.source_id: corpus.source[c.source_id].model_copy(update={"title": hostile}) for c in answer.citations}
    shown = pipeline.renderer.render(changed, "answer", sources)
    assert "<b onclick" not in shown.html
    assert shown.html.count("&lt;b onclick=x&gt; &amp; *Ann&#39;s* [x](http://evil) {{7*7}}") >= 4
    assert "&amp;amp;" not in shown.html
    assert "[x](http://evil)" not in shown.markdown
    assert hostile in shown.text


@pytest.mark.parametrize("question", ["", "   \n\t ", "\x00\x01"])
def test_an_empty_question_is_refused_with_what_to_do(pipeline: Pipeline, question: str) -> None:
    with pytest.raises(QuestionRefused, match=r"empty\. Write what you would like to know"):
        pipeline.ask(question)


def test_a_question_over_the_limit_is_refused_with_the_limit(pipeline: Pipeline) -> None:
    with pytest.raises(QuestionRefused, match="4,001 characters; at most 4,000 are read"):
        pipeline.ask("x" * (MAX_QUESTION + 1))


def test_another_question_gives_another_id(pipeline: Pipeline) -> None:
    assert pipeline.ask("what is cp").answer_id != pipeline.ask("what is CP").answer_id


@pytest.mark.parametrize("lang", ["en-GB", "EN", "fr", "zz-Latn"])
def test_a_language_that_the_corpus_lacks_is_answered_in_english(pipeline: Pipeline, lang: str) -> None:
    answer = pipeline.ask("can cp be cured", lang)
    assert answer.lang == "en"
    assert answer == pipeline.ask("can cp be cured")


def test_another_process_gives_the_same_answers(pipeline: Pipeline, built: Settings) -> None:
    script = (
        "import sys; from bot.pipeline import Pipeline; from bot.settings import Settings\n"
        "names = ('corpus_dir', 'templates_dir', 'index_dir')\n"
        "p = Pipeline.from_settings(Settings(**dict(zip(names, sys.argv[1:4]))))\n"
        "print([p.ask(q).model_dump_json() for q in sys.argv[4:]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, built.corpus_dir, built.templates_dir, built.index_dir, *QUESTIONS],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ast.literal_eval(done.stdout) == [pipeline.ask(question).model_dump_json() for question in QUESTIONS]


def test_an_index_of_another_model_is_refused(pipeline: Pipeline, built: Settings) -> None:
    class Other:
        sha256 = "0" * 64

    with pytest.raises(IndexUnavailable, match="was built with another model; run: careleaf index"):
        Pipeline(pipeline.index, Other(), pipeline.renderer, built)  # type: ignore[arg-type]


def test_an_answer_is_cached(pipeline: Pipeline) -> None:
    assert pipeline.ask("how do you treat spasticity") is pipeline.ask("how do you treat spasticity")
