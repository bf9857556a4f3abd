"""Checks that an answer says only what the corpus says: every statement a sentence, to the letter, and nothing else."""

from collections.abc import Iterator

from jinja2 import UndefinedError
from pydantic import ValidationError

from bot.compose import Renderer, write_link
from bot.schema import Answer, CareleafError, Corpus, Frozen, Heard, Kind, Statement


class AnswerRefused(CareleafError):
    """What was given to be verified is not an answer object."""

    status = 422
    title = "Not an answer object"


class Fault(Frozen):
    """One thing that is not as the corpus has it. Nothing that was sent is repeated."""

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


def verify_answer(answer: Answer, corpus: Corpus, renderer: Renderer) -> Verification:
    """Hold an answer against the corpus and the templates.

    Each statement is held against its passage: hash, span, wording, sources. Citations, claims, disagreements and the
    grade are held against the corpus; text, Markdown and HTML are rendered anew and must be the same to the letter.
    """
    faults = [
        Fault(statement=place, message=message)
        for place, statement in enumerate(answer.statements)
        for message in statement_faults(statement, answer, corpus)
    ]
    faults += [Fault(statement=None, message=message) for message in whole_faults(answer, corpus, renderer)]
    return Verification(
        verified=not faults, statements=len(answer.statements), corpus_version=corpus.version, faults=tuple(faults)
    )


def statement_faults(statement: Statement, answer: Answer, corpus: Corpus) -> Iterator[str]:
    """Yield what is wrong with one statement."""
    passage = corpus.passages.get(statement.passage_id)
    if passage is None:
        yield "its passage is not in the corpus"
        return
    if passage.sha256 != statement.sha256:
        yield f"the passage {passage.id} has another sha256"
    if passage.text[statement.start : statement.end] != statement.text:
        yield f"its span of {passage.id} reads otherwise"
    sentence = next((s for s in passage.sentences if (s.start, s.end) == (statement.start, statement.end)), None)
    cited = {citation.number: citation.source_id for citation in answer.citations}
    if sentence is None:
        yield f"its span of {passage.id} is not a whole sentence"
    elif [cited.get(number) for number in statement.citations] != list(sentence.sources):
        yield f"its citations are not those of the sentence: {', '.join(sentence.sources)}"


def whole_faults(answer: Answer, corpus: Corpus, renderer: Renderer) -> Iterator[str]:
    """Yield what is wrong with the answer as a whole."""
    if answer.corpus_version != corpus.version:
        yield f"made from another corpus version than {corpus.version}"
    if answer.kind == Kind.ANSWER and not answer.statements:
        yield "an answer without statements"
    if not answer.caveat.strip():
        yield "no caveat"
    for place, citation in enumerate(answer.citations, start=1):
        source = corpus.source.get(citation.source_id)
        said = citation.model_dump(exclude={"number", "source_id"})
        if citation.number != place or source is None or said != source.model_dump(exclude={"id"}):
            yield f"citation {place} is not as the corpus has it"
    yield from claim_faults(answer, corpus)
    if answer.evidence is not None:
        meaning = corpus.grade[answer.evidence.grade]
        lead = corpus.passages.get(answer.statements[0].passage_id) if answer.statements else None
        stated = (answer.evidence.label, answer.evidence.explanation)
        if lead is None or lead.evidence != answer.evidence.grade or stated != (meaning.label, meaning.explanation):
            yield "the evidence is not the grade of the passage that leads"
    if not is_rendered(answer, corpus, renderer):
        yield "text, Markdown, HTML or link are not what Careleaf makes of the answer"


def claim_faults(answer: Answer, corpus: Corpus) -> Iterator[str]:
    """Yield what of the claims and disagreements is not as the ledger has it."""
    for heard in answer.heard:
        if not is_claim(heard, corpus):
            yield "what was heard is not a claim of the ledger with its verdict and reason"
    for told in answer.disagreements:
        known = corpus.contradiction.get(told.id)
        sides = {(corpus.claim[name].source, corpus.claim[name].claim) for name in known.claims} if known else set()
        if known is None or (told.summary, told.say) != (known.summary, known.say):
            yield "a disagreement is not one of the ledger"
        elif not {(side.source_id, side.claim) for side in told.sides} <= sides:
            yield "a side of a disagreement is not a claim of the ledger"


def is_claim(heard: Heard, corpus: Corpus) -> bool:
    """Say whether a claim stands in the ledger as it is told."""
    claim = corpus.claim.get(heard.claim_id)
    return claim is not None and (heard.source_id, heard.claim, heard.verdict, heard.note) == (
        claim.source,
        claim.claim,
        claim.verdict,
        claim.note,
    )


def is_rendered(answer: Answer, corpus: Corpus, renderer: Renderer) -> bool:
    """Say whether one of the responses of the templates gives the answer's three texts, to the letter."""
    sources = {c.source_id: corpus.source[c.source_id] for c in answer.citations if c.source_id in corpus.source}
    texts = (answer.text, answer.markdown, answer.html)
    for response in renderer.words(answer.lang)["responses"]:
        try:
            anew = renderer.render(answer, response, sources)
        except (LookupError, UndefinedError):
            # Another kind's response lacks words that this kind's template needs; or a source is unknown.
            continue
        if (anew.text, anew.markdown, anew.html) == texts and answer.link in ("", write_link(answer, response, corpus)):
            return True
    return False
