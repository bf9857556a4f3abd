"""Each claim of the documents in circulation is met by a natural question and answered with its verdict and reason."""

from pathlib import Path

import pytest
import yaml

from bot.pipeline import Pipeline
from bot.schema import Corpus, Kind

HERE = Path(__file__).parent
QUESTIONS = yaml.safe_load((HERE / "cases/claims.yaml").read_text(encoding="utf-8"))["questions"]
TECHNIQUES = yaml.safe_load((HERE / "cases/techniques.yaml").read_text(encoding="utf-8"))["techniques"]


def test_every_claim_has_a_question(corpus: Corpus) -> None:
    assert {claim for case in QUESTIONS for claim in case["claims"]} == {claim.id for claim in corpus.claims}


@pytest.mark.parametrize("case", QUESTIONS, ids=["+".join(case["claims"]) for case in QUESTIONS])
def test_a_question_about_a_claim_is_told_what_is_established_and_the_verdict(
    pipeline: Pipeline, corpus: Corpus, case: dict[str, object]
) -> None:
    answer = pipeline.ask(str(case["ask"]))
    assert answer.kind in {Kind.ANSWER, Kind.REDIRECT}, answer.text
    assert answer.statements, "what is established comes first"
    heard = {one.claim_id: one for one in answer.heard}
    met = [claim for claim in case["claims"] if claim in heard]  # type: ignore[attr-defined]
    assert met, f"heard {sorted(map(str, heard))} instead"
    for name in met:
        claim, shown = corpus.claim[name], heard[name]
        assert (shown.claim, shown.verdict, shown.note) == (claim.claim, claim.verdict, claim.note)
        assert shown.note in answer.text


@pytest.mark.parametrize(("name", "case"), TECHNIQUES.items(), ids=TECHNIQUES.keys())
def test_every_system_and_technique_has_an_answer_of_its_own(
    pipeline: Pipeline, name: str, case: dict[str, str]
) -> None:
    answer = pipeline.ask(case["ask"])
    assert answer.kind == Kind.ANSWER, answer.text
    assert case["passage"] in {statement.passage_id for statement in answer.statements[:2]}
    assert answer.evidence is not None, f"{name} is answered with its evidence"
