"""The road: question → triage → retrieve → compose → answer."""

import re
from collections.abc import Callable
from functools import lru_cache

from bot.calibration import load_calibration
from bot.compose import Asked, Composer, Renderer, Shown
from bot.compose.wording import BASE
from bot.encoder import Encoder, Vectors
from bot.follow import Follower
from bot.index import IndexFolder, OpenIndex, open_index
from bot.recognise import URGENT_TOPICS, Recogniser
from bot.retrieve import SAME_QUESTION, Retriever
from bot.schema import MAX_CONTEXT, MAX_QUESTION, Answer, Corpus, IndexUnavailable, QuestionRefused, Retrieval
from bot.settings import Settings

UNSAYABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
"""Control characters and halves of surrogate pairs: they can be neither shown nor sent, and a word may hide behind
one."""

OTHER_BREAKS = re.compile(r"[\x0b-\x0d\x1c-\x1f\x85]")
"""Breaks of lines and pages other than the line feed."""

GENERAL = frozenset({"outlook", "diagnosis", "clinic_choice", "law", "money"})
"""Redirects that a question of the corpus's own, or about the answer before it, does not need where only the second
opinion hears them: "does it last?" after an answer about surgery asks about surgery. Doses and changes of a medicine
are never among them."""

SUBJECT_WORDS = 2
"""A message of so few words, one of them a content word that the corpus knows, names a subject and asks nothing yet."""

SUBJECT_NEAR = 0.64
"""A subject whose word stands somewhere in the corpus, but which no passage is about, is not this near to any."""


class Pipeline:
    """Answers questions from one open index. ``ask`` is a pure function of the question and the corpus."""

    def __init__(self, index: OpenIndex, encoder: Encoder, renderer: Renderer, settings: Settings) -> None:
        if index.model_sha256 != encoder.sha256:
            raise IndexUnavailable(f"{index.folder} was built with another model; run: careleaf index")
        self.index = index
        self.encoder = encoder
        self.renderer = renderer
        headings = (passage.heading for passage in index.corpus.passages.values())
        self.recogniser = Recogniser(index.corpus.triage, encoder, headings, self._asks_calmly)
        calibration = load_calibration()
        self._retriever = Retriever(index, encoder, calibration)
        self._follower = Follower(index, encoder, self._retriever, calibration.following)
        self._composer = Composer(index.corpus, renderer, settings.country)
        self.cache_size = settings.cache_size
        # Told of every answer given, in any channel; must neither raise nor wait.
        self.on_answer: Callable[[Answer], None] | None = None
        self._cached = lru_cache(maxsize=settings.cache_size)(self._answer)

    @classmethod
    def from_settings(cls, settings: Settings, encoder: Encoder | None = None) -> "Pipeline":
        """Open the index in service, and everything that answering needs; an encoder that is loaded may be given."""
        index = open_index(IndexFolder(settings.index_dir), settings.exact_rows, settings.chroma_url)
        encoder = encoder or Encoder(settings.model_dir, settings.model_sha256)
        return cls(index, encoder, Renderer(settings.templates_dir), settings)

    @property
    def corpus(self) -> Corpus:
        """Return the corpus that answers."""
        return self.index.corpus

    def ask(self, question: str, lang: str = "en", context: tuple[str, ...] = ()) -> Answer:
        """Answer a question; raise QuestionRefused where it is empty or longer than 4,000 characters.

        ``context`` holds the ids of the passages that the answers before came from, the latest first, so that "and the
        side effects?" is understood. Ids that are not in the corpus are passed over, and only the first few count.
        """
        answer = self.answer(question, lang, context)
        if self.on_answer is not None:
            self.on_answer(answer)
        return answer

    def answer(self, question: str, lang: str = "en", context: tuple[str, ...] = ()) -> Answer:
        """Answer as ``ask`` does, but for ourselves: nobody is told that it was asked."""
        known = tuple(name for name in context if name in self.corpus.passages)[:MAX_CONTEXT]
        return self._cached(read_question(question), self.read_language(lang), known)

    def urgent(self, question: str, lang: str = "en") -> Answer | None:
        """Return the answer to an emergency, or None: for whoever shows something other than answers."""
        return self.ask(question, lang) if self.recogniser.recognise(read_question(question)).urgent else None

    def show_passage(self, passage_id: str) -> Answer:
        """Return one passage of the corpus, whole, in the three formats; raise KeyError where there is none."""
        return self._composer.passage(self.corpus.passages[passage_id])

    @property
    def retriever(self) -> Retriever:
        """Return what ranks passages for a question."""
        return self._retriever

    def recall(self, shown: Shown) -> Answer:
        """Return an answer anew from what it showed: what a permanent link keeps. Raise KeyError for unknown names."""
        return self._composer.again(shown)

    def forget_answers(self) -> None:
        """Empty the cache of answers."""
        self._cached.cache_clear()

    def retrieve(self, question: str, lang: str = "en", topic: str | None = None) -> Retrieval:
        """Return what retrieval alone finds: for measuring, and for whoever wants passages rather than an answer."""
        return self._retriever.retrieve(read_question(question), self.read_language(lang), topic)

    def read_language(self, lang: str) -> str:
        """Return the language that answers: that of a tag such as en-GB where the corpus has it, else English."""
        primary = lang.split("-", 1)[0].lower()
        return primary if primary in self.index.languages else BASE

    def _asks_calmly(self, vector: Vectors) -> bool:
        nearest = self.index.nearest(vector, BASE, 1)[0]
        urgent = self.corpus.passages[nearest.passage_id].topic in URGENT_TOPICS
        return nearest.similarity >= SAME_QUESTION and not urgent

    def _answer(self, question: str, lang: str, context: tuple[str, ...]) -> Answer:
        seen = self.recogniser.recognise(question)
        flag = seen.flag
        if flag and flag.kind == "emergency":
            return self._composer.emergency(question, flag.lang, flag.response, flag.passages)
        if flag and flag.kind == "clarify":
            return self._composer.welcome(question, lang, flag.response)
        if not any(character.isalnum() for character in question):
            return self._composer.welcome(question, lang, "no_question")
        found = self._follower.follow(question, lang, context, seen.vector)
        asked = Asked(question, lang, seen.doubt)
        if flag and not (seen.heard_only and flag.response in GENERAL and speaks_of_what_is_known(found)):
            return self._composer.redirect(asked, flag.response, flag.passages, found)
        return self._answer_from(asked, found)

    def _answer_from(self, asked: Asked, found: Retrieval) -> Answer:
        subject = (
            not found.stayed
            and len(found.terms) == 1
            and found.terms[0].isalpha()
            and len(asked.question.split()) <= SUBJECT_WORDS
        )
        if subject and found.covered == 1.0 and found.ranked[0].similarity >= SUBJECT_NEAR:
            return self._composer.clarify(asked, found)
        if not found.answered:
            return self._composer.no_answer(asked, found)
        return self._composer.answer(asked, found)


def speaks_of_what_is_known(found: Retrieval) -> bool:
    """Say whether a question is about the answer before it, or one of the corpus's own in hardly other words."""
    return found.answered and (found.stayed or found.ranked[0].similarity >= SAME_QUESTION)


def read_question(question: str) -> str:
    """Return the question without what cannot be shown or stored (NUL, control characters, lone surrogates)."""
    if len(question) > MAX_QUESTION:
        raise QuestionRefused(
            f"The question has {len(question):,} characters; at most {MAX_QUESTION:,} are read. "
            "Shorten it, or ask in parts."
        )
    readable = OTHER_BREAKS.sub(" ", UNSAYABLE.sub("", question)).strip()
    if not readable:
        raise QuestionRefused("The question is empty. Write what you would like to know, in your own words.")
    return readable
