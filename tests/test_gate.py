"""No amount of a medicine reaches a family, whatever an editor, an operator or a template puts in its way."""

import json
import logging
import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.amounts import find_amount
from bot.compose import Renderer
from bot.compose.gate import fields_with_amount
from bot.pipeline import Pipeline
from bot.schema import Answer, AnswerWithheld, Corpus, CorpusError, Kind
from bot.settings import Settings
from bot.verify import verify_answer
from bot.web import create_app
from tests.conftest import ROOT

AMOUNTS = [
    *("5 mg", "5mg", "2.5 MG", "10-20 mg/kg", "100 mcg", "100 µg", "1,000 IU", "300 units", "1 unit", "10 ml", "0.5ml"),
    *("five milligrams", "half a tablet", "½ tablet", "two teaspoons", "ten units", "40 million cells", "mg: 5"),
    *("<b>5</b>&nbsp;mg", "**5** mg", "5\\_mg", "５ｍｇ", "5\u200bmg", "5\u00a0mg", "5 ㎎", "baclofen10mg", "2 x 5mg"),
    '5<sup class="cite"><a href="#source-1">1</a></sup> mg',
    *("10 мг", "5毫克", "10 unités", "20 unidades", "5 मिलीग्राम", "5 ملغ", "10 đơn vị"),
]

NO_AMOUNTS = [
    *("5 minutes", "1 in 3", "level 5", "born under 1,500 g", "30 centres", "64 sensors", "call 112 or 999"),
    *("18 million people", "the unit", "a drop in blood pressure", "tablets are halved by nobody", "5 miles", "EMG 64"),
    "999 or 000.\nA spoon forced into the mouth",
    'no spoon.<sup class="cite"><a href="#source-2">2</a></sup></p>\n<p>A spoon forced into the mouth',
]

DOSED = {
    "a sentence of first aid": ("she has been seizing for 8 minutes", Kind.EMERGENCY),
    "a sentence of an article": ("What does baclofen by mouth do for a child with cerebral palsy?", Kind.REDIRECT),
    "the note on a claim": ("is cp easier to cure in younger kids", Kind.REDIRECT),
}


@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_is_seen(text: str) -> None:
    assert find_amount(f"Give {text} at night") is not None


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount_passes(text: str) -> None:
    assert find_amount(f"It was {text}.") is None


def test_nothing_that_the_corpus_or_the_words_hold_is_taken_for_an_amount(corpus: Corpus, pipeline: Pipeline) -> None:
    texts = [text for passage in corpus.passages.values() for text in (passage.heading, passage.text)]
    texts += [text for claim in corpus.claims for text in (claim.claim, claim.note)]
    texts += [f"{source.title} {source.url}" for source in corpus.sources]
    texts += [str(pipeline.renderer.words("en"))]
    assert len(texts) > 1500
    assert [(text, found) for text in texts if (found := find_amount(text))] == []


def test_the_number_of_a_source_is_not_read_together_with_the_next_sentence(pipeline: Pipeline) -> None:
    for question in ("should I put a spoon between her teeth", "granny says hold the tongue"):
        answer = pipeline.answer(question)
        assert answer.kind is Kind.ANSWER
        assert "seizure-first-aid#do-not" in {statement.passage_id for statement in answer.statements}


@pytest.mark.parametrize(("question", "kind"), DOSED.values(), ids=DOSED.keys())
def test_a_planted_dose_never_reaches_an_answer(
    planted: Pipeline, caplog: pytest.LogCaptureFixture, question: str, kind: Kind
) -> None:
    planted.forget_answers()
    with caplog.at_level(logging.ERROR, logger="bot.compose.gate"):
        answer = planted.ask(question)
    assert answer.kind == kind
    assert fields_with_amount(answer) == []
    shown = json.dumps(answer.model_dump(mode="json", exclude={"question"}), ensure_ascii=False)
    assert not any(dose in shown for dose in ("5 mg", "ten milligrams", "20 million cells"))
    assert "held an amount of a medicine" in caplog.text
    assert question not in caplog.text
    assert verify_answer(answer, planted.corpus, planted.renderer).faults == ()


def test_without_the_gate_the_planted_doses_would_be_shown(planted: Pipeline) -> None:
    """The plants are real: without the gate each of the three questions shows its dose."""
    texts = {id: passage.text for id, passage in planted.corpus.passages.items()}
    assert texts["seizure-first-aid#what-to-do"].startswith("Give 5 mg")
    assert texts["oral-medicines#what-baclofen-does"].startswith("Children get ten milligrams")
    assert "20 million cells" in planted.corpus.claim["S0-014"].note


def test_an_emergency_keeps_its_action_and_number_when_its_first_aid_is_held_back(planted: Pipeline) -> None:
    answer = planted.ask("she has been seizing for 8 minutes")
    assert answer.statements == ()
    assert answer.text.startswith("Call an ambulance now: 112")
    assert answer.caveat in answer.text


def test_the_log_names_where_the_amount_stands(planted: Pipeline, caplog: pytest.LogCaptureFixture) -> None:
    planted.forget_answers()
    planted.ask("What does baclofen by mouth do for a child with cerebral palsy?")
    assert "statements" in caplog.text
    assert "oral-medicines#what-baclofen-does" in caplog.text


def test_a_held_back_answer_says_so_and_whom_to_ask(planted: Pipeline) -> None:
    answer = planted.ask("What does baclofen by mouth do for a child with cerebral palsy?")
    assert "holding this answer back" in answer.text
    assert "pharmacist" in answer.text
    assert answer.ask_your_team


def templates_with(folder: Path, name: str, old: str, new: str) -> Path:
    shutil.copytree(ROOT / "templates", folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


FORMATS = {"text": "text/answer.text.j2", "markdown": "markdown/answer.markdown.j2", "html": "html/answer.html.j2"}


@pytest.mark.parametrize(("field", "name"), FORMATS.items(), ids=FORMATS.keys())
def test_a_dose_in_one_template_is_held_back_in_every_format(
    field: str, name: str, pipeline: Pipeline, built: Settings, tmp_path: Path
) -> None:
    folder = templates_with(tmp_path / "templates", name, "{{ parts.caveat(answer) }}", "Give <i>5</i> mg.")
    answer = Pipeline(pipeline.index, pipeline.encoder, Renderer(folder), built).ask("can cp be cured")
    assert answer.kind == Kind.REDIRECT
    assert find_amount(getattr(answer, field)) is None
    assert fields_with_amount(answer) == []


def test_where_even_the_safe_answer_would_hold_an_amount_there_is_none(
    pipeline: Pipeline, built: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = templates_with(
        tmp_path / "t", "text/_parts.text.j2", "{{ answer.caveat }}", "Give 5 mg. {{ answer.caveat }}"
    )
    dosed = Pipeline(pipeline.index, pipeline.encoder, Renderer(folder), built)
    with pytest.raises(AnswerWithheld, match=r"held back\. If someone is in danger now, call your emergency number"):
        dosed.ask("can cp be cured")
    assert "can cp be cured" not in caplog.text


def test_an_operators_own_wording_with_an_amount_is_refused_before_it_serves(
    pipeline: Pipeline, built: Settings, tmp_path: Path
) -> None:
    folder = templates_with(
        tmp_path / "t", "words/en.yaml", "and put nothing in their mouth.", "and give 5 mg of midazolam."
    )
    with pytest.raises(CorpusError, match=r"templates/words/en\.yaml: responses: names an amount .*'5 mg'"):
        Pipeline(pipeline.index, pipeline.encoder, Renderer(folder), built)


def test_every_kind_of_answer_passes_the_gate(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that sees an amount everywhere lets nothing through, whatever is asked: nothing goes round it."""
    monkeypatch.setattr("bot.compose.gate.find_amount", lambda text: "5 mg")
    for question in ("can cp be cured", "he is not breathing", "how many mg", "hello", "botox", "best laptop", "?!"):
        pipeline.forget_answers()
        with pytest.raises(AnswerWithheld):
            pipeline.ask(question)
    pipeline.forget_answers()


def test_a_dose_stays_out_over_http_too(planted: Pipeline, built: Settings, tmp_path: Path) -> None:
    settings = built.model_copy(update={"index_dir": planted.index.folder.parent})
    with TestClient(create_app(settings)) as client:
        body = client.post("/api/v1/ask", json={"question": "she has been seizing for 8 minutes"})
        page = client.post("/", data={"question": "What does baclofen by mouth do for a child with cerebral palsy?"})
    assert Answer.model_validate_json(body.text).kind == Kind.EMERGENCY
    assert find_amount(body.text) is None
    assert find_amount(page.text) is None
