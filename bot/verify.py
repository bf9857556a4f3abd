"""Checks that an answer says only what the corpus says: every statement a sentence, to the letter."""

import hashlib

from pydantic import ValidationError

from bot.schema import Answer, CareleafError, Corpus, Frozen, Statement


class AnswerRefused(CareleafError):
    """What was given to be verified is not an answer object."""

    status = 422
    title = "Not an answer object"


class Fault(Frozen):
    """One thing that is not as the corpus has it."""

    statement: int | None
    message: str


class Verification(Frozen):
    """What verifying an answer found."""

    verified: bool
    statements: int
    corpus_version: str
    faults: tuple[Fault, ...]


def read_answer(raw: bytes | str) -> Answer:
    """Read an answer object; raise AnswerRefused naming the field where it is not one."""
    try:
        return Answer.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise AnswerRefused(f"{place}: {first['msg']}; give the JSON of one answer, unchanged") from error


def verify_answer(answer: Answer, corpus: Corpus) -> Verification:
    """Hold each statement against the corpus: its passage, hash, span, wording and sources."""
    faults: list[Fault] = []
    if answer.corpus_version != corpus.version:
        message = f"made from corpus {answer.corpus_version}, held against {corpus.version}"
        faults.append(Fault(statement=None, message=message))
    cited = {citation.number: citation.source_id for citation in answer.citations}
    for place, statement in enumerate(answer.statements):
        faults.extend(Fault(statement=place, message=text) for text in statement_faults(statement, cited, corpus))
        if statement.text not in answer.text:
            faults.append(Fault(statement=place, message="the answer's text does not show it"))
    if not answer.caveat.strip():
        faults.append(Fault(statement=None, message="no caveat"))
    return Verification(
        verified=not faults,
        statements=len(answer.statements),
        corpus_version=corpus.version,
        faults=tuple(faults),
    )


def statement_faults(statement: Statement, cited: dict[int, str], corpus: Corpus) -> list[str]:
    """Return what is wrong with one statement."""
    passage = corpus.passages.get(statement.passage_id)
    if passage is None:
        return [f"no passage {statement.passage_id} in the corpus"]
    faults = []
    if hashlib.sha256(passage.text.encode()).hexdigest() != statement.sha256:
        faults.append(f"the passage {passage.id} has another sha256 than {statement.sha256}")
    if passage.text[statement.start : statement.end] != statement.text:
        faults.append(f"characters {statement.start} to {statement.end} of {passage.id} read otherwise")
    sentence = next((s for s in passage.sentences if (s.start, s.end) == (statement.start, statement.end)), None)
    if sentence is None:
        faults.append(f"characters {statement.start} to {statement.end} of {passage.id} are not a whole sentence")
    elif {cited.get(number) for number in statement.citations} != set(sentence.sources):
        faults.append(f"its citations are not those of the sentence: {', '.join(sentence.sources)}")
    return faults
