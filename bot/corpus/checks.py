"""The rules of ``docs/corpus.md`` that a passage must keep. Each fault names file, line and what to do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.amounts import find_amount
from bot.corpus.figures import check_figures
from bot.corpus.ledger import check_ledger
from bot.corpus.load import load_corpus
from bot.corpus.readability import clinical_words, reading_grade
from bot.schema import Corpus, CorpusError, Passage

WORDS_LEAST, WORDS_MOST = 40, 160
ASKED_LEAST, ASKED_MOST = 6, 12
HARDEST = 8.0
LONGEST_SENTENCE = 20.0
"""Words a sentence, on average over a passage."""

COPIED_WORDS = 5
"""A way of asking that shares so many words in a row with its passage was copied from it."""

DANGLING = re.compile(
    r"^(?:It|Its|This|That|These|Those|They|Their|Them|He|She|His|Her|Such|Also|But|And|However|Then|So|"
    r"The (?:trial|study|review|same)|In (?:this|that|these|those))\b"
)
STANDS_ALONE = re.compile(
    r"^(?:That is why|It is (?:\w+ )?(?:not |never )?(?:safe|fair|all right|normal|common|possible|hard))\b"
)
"""Openings in which the first word refers to nothing before it."""

TWO_SENTENCES = re.compile(r"[.!?][\"”]?\s+[A-Z]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Read as ``file:line: message``."""
        return f"{self.file}:{self.line}: {self.message}"


def check_folder(folder: Path, today: date) -> tuple[Corpus | None, list[Fault]]:
    """Load a corpus and check it; a file that cannot be read at all is one fault, with its place."""
    try:
        corpus = load_corpus(folder)
    except CorpusError as error:
        return None, [fault_from(str(error))]
    try:
        figures = list(check_figures(corpus, folder))
    except CorpusError as error:
        figures = [str(error)]
    return corpus, [*check_passages(corpus, today), *map(fault_from, (*check_ledger(corpus, folder), *figures))]


def fault_from(message: str) -> Fault:
    """Split ``file:line: message``."""
    found = re.match(r"^(.*?):(\d+): (.*)$", message, re.DOTALL)
    return Fault(found[1], int(found[2]), found[3]) if found else Fault(message.split(":", 1)[0], 1, message)


def check_passages(corpus: Corpus, today: date) -> Iterator[Fault]:
    """Yield every fault of every passage."""
    clinical = clinical_words(corpus.lexicon)
    for passage in corpus.passages.values():
        for rule in RULES:
            for message in rule(passage, corpus):
                yield Fault(passage.file, passage.line, f"{passage.id}: {message}")
        grade = reading_grade(passage.text, clinical)
        if grade > HARDEST:
            yield Fault(
                passage.file,
                passage.line,
                f"{passage.id}: reading grade {grade:.1f}, at most {HARDEST:.0f}; use shorter words and sentences",
            )
        if passage.review.due is not None and passage.review.due < today:
            yield Fault(
                passage.file,
                passage.line,
                f"{passage.id}: the review was due on {passage.review.due}; read it again and set a new date",
            )


def check_citations(passage: Passage, corpus: Corpus) -> Iterator[str]:
    """Every sentence cites; every key is known; a commercial or anonymous source is never alone."""
    for number, sentence in enumerate(passage.sentences):
        text = passage.sentence_text(number)
        if not sentence.sources:
            yield f"no citation in {text!r}; add [@key] before its full stop"
            continue
        known = [corpus.source[key] for key in sentence.sources if key in corpus.source]
        for key in sentence.sources:
            if key not in corpus.source:
                yield f"unknown citation key @{key} in {text!r}; add it to sources.yaml or mend the key"
        if known and all(source.commercial for source in known):
            yield f"a commercial source is the only support of {text!r}; cite guidance or a study, or use claims.yaml"


def check_length(passage: Passage, _: Corpus) -> Iterator[str]:
    """A passage has 40 to 160 words and, on average, sentences under 20 words."""
    words = len(passage.text.split())
    if not WORDS_LEAST <= words <= WORDS_MOST:
        yield f"{words} words, between {WORDS_LEAST} and {WORDS_MOST} are allowed; split it or say more"
    average = words / len(passage.sentences)
    if average >= LONGEST_SENTENCE:
        yield f"{average:.1f} words a sentence, under {LONGEST_SENTENCE:.0f} are allowed; split the longest"


def check_openings(passage: Passage, _: Corpus) -> Iterator[str]:
    """A sentence that is lifted out must not begin with a word that points at another."""
    for number in range(len(passage.sentences)):
        text = passage.sentence_text(number)
        if DANGLING.match(text) and not STANDS_ALONE.match(text):
            yield f"{text!r} begins with a word that points back; name the thing"


def check_boundaries(passage: Passage, _: Corpus) -> Iterator[str]:
    """A sentence is one sentence: after "ill." or "level V." the splitter sees an abbreviation and goes on."""
    for number in range(len(passage.sentences)):
        text = passage.sentence_text(number)
        if TWO_SENTENCES.search(text):
            yield f"{text!r} is read as one sentence; end the first one with another word"


def check_asked(passage: Passage, _: Corpus) -> Iterator[str]:
    """Six to twelve ways of asking, none copied from the passage."""
    if not ASKED_LEAST <= len(passage.asked) <= ASKED_MOST:
        yield f"{len(passage.asked)} ways of asking, between {ASKED_LEAST} and {ASKED_MOST} are wanted"
    text = " ".join(plain_words(passage.text))
    for asked in passage.asked:
        words = plain_words(asked)
        for start in range(len(words) - COPIED_WORDS + 1):
            run = " ".join(words[start : start + COPIED_WORDS])
            if f" {run} " in f" {text} ":
                yield f"asked {asked!r} copies {run!r} from the passage; ask it in other words"
                break


def check_dose(passage: Passage, _: Corpus) -> Iterator[str]:
    """No passage names a dose."""
    found = find_amount(passage.text)
    if found:
        yield f"names a dose ({found!r}); leave the amount out and say who decides it"


def plain_words(text: str) -> list[str]:
    """Return the lower-case words of a text."""
    return re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("’", ""))


RULES: tuple[Callable[[Passage, Corpus], Iterator[str]], ...] = (
    check_citations,
    check_length,
    check_openings,
    check_boundaries,
    check_asked,
    check_dose,
)
