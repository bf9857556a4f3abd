"""What was found → one answer object. The content is decided here; every word around it is the templates'."""

from dataclasses import replace
from typing import Any

from bot.compose.choose import Chosen, choose_statements, opening_sentences
from bot.compose.claims import meet_claims, tell_disagreement, tell_heard
from bot.compose.content import Asked, Content
from bot.compose.gate import WITHHELD, pass_gate
from bot.compose.identity import answer_id
from bot.compose.link import Shown, write_link
from bot.compose.named import refuse_unknown_names
from bot.compose.number import CitationList
from bot.compose.numbers_to_call import numbers_to_call
from bot.compose.render import Renderer
from bot.compose.reviewed import tell_review
from bot.compose.wording import BASE, caveat_of
from bot.schema import (
    Answer,
    Citation,
    Corpus,
    CorpusError,
    Disagreement,
    Evidence,
    Heard,
    Kind,
    Passage,
    Retrieval,
    Statement,
)

FROM_RULE = 6
FOR_CLARIFY = 2
FOR_REDIRECT = 4
FOLLOW_UPS = 4
TO_THE_TEAM = 3
CHOICES = "choices"
"""The response around a short start and readings to choose from."""


class Composer:
    """Makes answers of one corpus. Every method is a pure function of its arguments."""

    def __init__(self, corpus: Corpus, renderer: Renderer, country: str | None = None) -> None:
        self._corpus = corpus
        self._renderer = renderer
        self._country = corpus.country.get(country) if country else None
        if country and self._country is None:
            known = ", ".join(sorted(corpus.country))
            raise CorpusError(
                f"CARELEAF_COUNTRY={country} is not in countries.yaml; choose one of {known}, or unset it"
            )
        refuse_unknown_names(corpus, renderer)
        # What an emergency shows is for an emergency: it is not offered or added to anything else.
        self._urgent = {p for rule in corpus.triage.rules if rule.kind == "emergency" for p in rule.passages}

    def answer(self, asked: Asked, retrieval: Retrieval) -> Answer:
        """Return what the corpus answers: the direct sentence, what supports it, what the family may have heard."""
        lead = retrieval.ranked[0].passage
        chosen = choose_statements(retrieval.ranked)
        return self._finish(
            Content(
                Kind.ANSWER,
                "answer",
                asked.question,
                asked.lang,
                chosen=chosen,
                claims=meet_claims(self._corpus, retrieval.claims, lead.topic),
                lead=lead,
                follow_ups=self._further_questions(retrieval, chosen),
                ask_your_team=lead.ask_your_team[:TO_THE_TEAM],
                calls=self._lines(asked),
            )
        )

    def passage(self, passage: Passage) -> Answer:
        """Return one passage as an answer to its heading: every sentence, in its order, and nothing else."""
        return self._finish(
            Content(
                Kind.ANSWER,
                "answer",
                passage.heading,
                passage.lang,
                chosen=tuple(Chosen(passage, number) for number in range(len(passage.sentences))),
                lead=passage,
                ask_your_team=passage.ask_your_team[:TO_THE_TEAM],
            )
        )

    def emergency(self, question: str, lang: str, response: str, passages: tuple[str, ...]) -> Answer:
        """Return what to do now, the number to call, then cited first aid. Needs no retrieval."""
        chosen = opening_sentences(self._corpus, passages, FROM_RULE)
        lead = chosen[0].passage if chosen else None
        calls = tuple(self._renderer.words(lang)["responses"][response]["calls"])
        return self._finish(Content(Kind.EMERGENCY, response, question, lang, chosen=chosen, lead=lead, calls=calls))

    def redirect(self, asked: Asked, response: str, passages: tuple[str, ...], retrieval: Retrieval) -> Answer:
        """Return who can say what Careleaf must not, and the general facts that help."""
        chosen = list(opening_sentences(self._corpus, passages, FOR_REDIRECT))
        if retrieval.answered and retrieval.ranked[0].passage.id not in self._urgent:
            known = {(one.passage.id, one.number) for one in chosen}
            further = choose_statements(retrieval.ranked[:1])[:2]
            chosen += [one for one in further if (one.passage.id, one.number) not in known]
        lead = chosen[0].passage if chosen else None
        topic = retrieval.ranked[0].passage.topic if retrieval.answered else ""
        return self._finish(
            Content(
                Kind.REDIRECT,
                response,
                asked.question,
                asked.lang,
                chosen=tuple(chosen),
                claims=meet_claims(self._corpus, retrieval.claims, topic) if topic else (),
                lead=lead,
                follow_ups=self._further_questions(retrieval, tuple(chosen)) if retrieval.answered else (),
                ask_your_team=tuple(self._renderer.words(asked.lang)["responses"][response]["ask"]),
                calls=self._lines(asked),
            )
        )

    def welcome(self, question: str, lang: str, response: str) -> Answer:
        """Return a greeting with what Careleaf can help with."""
        return self._finish(Content(Kind.CLARIFY, response, question, lang, follow_ups=self._starters()))

    def clarify(self, asked: Asked, retrieval: Retrieval) -> Answer:
        """Return a short cited start, from the topic that most of the passages have, and readings to choose from."""
        topics = [found.passage.topic for found in retrieval.ranked]
        subject = max(dict.fromkeys(topics), key=topics.count)
        found = {one.passage.id for one in retrieval.ranked}
        # Articles begin with what a thing is: of the passages that were found, the first is the start.
        first = next(passage for passage in self._corpus.topics[subject].passages if passage.id in found)
        chosen = opening_sentences(self._corpus, (first.id,), FOR_CLARIFY)
        choices = tuple(dict.fromkeys(found.passage.heading for found in retrieval.ranked[: FOLLOW_UPS + 1]))
        return self._finish(
            Content(
                Kind.CLARIFY,
                CHOICES,
                asked.question,
                asked.lang,
                chosen=chosen,
                lead=first,
                follow_ups=choices,
                calls=self._lines(asked),
            )
        )

    def no_answer(self, asked: Asked, retrieval: Retrieval) -> Answer:
        """Say that the corpus does not hold it, and offer the nearest of what it holds."""
        calm = [found.passage.heading for found in retrieval.ranked if found.passage.id not in self._urgent]
        nearest = tuple(dict.fromkeys(calm[:2]))
        choices = tuple(dict.fromkeys((*nearest, *self._starters())))[:FOLLOW_UPS]
        calls = self._lines(asked)
        return self._finish(
            Content(Kind.NO_ANSWER, "no_answer", asked.question, asked.lang, follow_ups=choices, calls=calls)
        )

    def again(self, shown: Shown) -> Answer:
        """Return an answer anew from what it showed, without its question.

        Raise KeyError where a passage is not in the corpus, or the words lack the response; claims that are not in the
        ledger are left out. An emergency shows what an emergency may show, whatever a link names.
        """
        urgent = shown.kind == Kind.EMERGENCY
        named = (place for place in shown.sentences if not urgent or place[0] in self._urgent)
        chosen = tuple(Chosen(self._corpus.passages[passage_id], number) for passage_id, number in named)
        lead = chosen[0].passage if chosen else None
        said = self._renderer.words(shown.lang)["responses"][shown.response]
        base = Content(shown.kind, shown.response, "", shown.lang, chosen=chosen, lead=lead)
        if urgent:
            return self._finish(replace(base, calls=tuple(said["calls"])))
        if shown.kind == Kind.CLARIFY:
            choices = tuple(self._corpus.passages[passage_id].heading for passage_id in shown.choices)
            return self._finish(replace(base, follow_ups=choices))
        team = lead.ask_your_team[:TO_THE_TEAM] if lead else ()
        return self._finish(
            replace(
                base,
                claims=tuple(self._corpus.claim[name] for name in shown.claims if name in self._corpus.claim),
                follow_ups=self._others(lead, chosen),
                ask_your_team=tuple(said["ask"]) if shown.kind == Kind.REDIRECT else team,
            )
        )

    def _lines(self, asked: Asked) -> tuple[str, ...]:
        """Return the lines to call in an emergency that is possible; none where there is none."""
        return tuple(self._renderer.words(asked.lang)["responses"][asked.doubt]["calls"]) if asked.doubt else ()

    def _others(self, lead: Passage | None, chosen: tuple[Chosen, ...]) -> tuple[str, ...]:
        """Return headings of the lead's topic that are not shown."""
        passages = self._corpus.topics[lead.topic].passages if lead else ()
        shown = {one.passage.id for one in chosen}
        return tuple(passage.heading for passage in passages if passage.id not in shown)[:FOLLOW_UPS]

    def _starters(self) -> tuple[str, ...]:
        return tuple(self._corpus.passages[name].heading for name in self._renderer.words(BASE)["starters"])

    def _further_questions(self, retrieval: Retrieval, chosen: tuple[Chosen, ...]) -> tuple[str, ...]:
        """Return headings of passages near the question that the answer does not show."""
        shown = {one.passage.id for one in chosen}
        near = [found.passage for found in retrieval.ranked if found.passage.id not in shown]
        same_topic = self._corpus.topics[retrieval.ranked[0].passage.topic].passages
        candidates = (*near[:2], *(p for p in same_topic if p.id not in shown), *near[2:])
        own = {passage.id for passage in same_topic}
        calm = (passage for passage in candidates if passage.id in own or passage.id not in self._urgent)
        return tuple(dict.fromkeys(passage.heading for passage in calm))[:FOLLOW_UPS]

    def _finish(self, content: Content) -> Answer:
        return pass_gate(lambda: self._put_together(content), lambda: self._put_together(self._without(content)))

    def _without(self, content: Content) -> Content:
        """Return what may always be said: of an emergency the action and the numbers, else that it is held back."""
        if content.kind == Kind.EMERGENCY:
            return Content(content.kind, content.response, content.question, content.lang, calls=content.calls)
        ask = tuple(self._renderer.words(content.lang)["responses"][WITHHELD]["ask"])
        return Content(Kind.REDIRECT, WITHHELD, content.question, content.lang, ask_your_team=ask, calls=content.calls)

    def _put_together(self, content: Content) -> Answer:
        citations = CitationList(self._corpus)
        statements = tuple(self._statement(one, citations) for one in content.chosen)
        heard = tell_heard(content.claims, citations)
        disagreements = tell_disagreement(self._corpus, content.claims, citations)
        return self._render(content, statements, heard, disagreements, citations.citations())

    def _render(
        self,
        content: Content,
        statements: tuple[Statement, ...],
        heard: tuple[Heard, ...],
        disagreements: tuple[Disagreement, ...],
        citations: tuple[Citation, ...],
    ) -> Answer:
        draft = Answer(
            kind=content.kind,
            question=content.question,
            lang=content.lang,
            text="",
            markdown="",
            html="",
            statements=statements,
            citations=citations,
            evidence=self._evidence(content.lead) if statements else None,
            heard=heard,
            disagreements=disagreements,
            caveat=self._caveat(content),
            follow_ups=content.follow_ups,
            ask_your_team=content.ask_your_team,
            calls=numbers_to_call(
                content.calls, self._country, self._corpus.common_numbers, self._renderer.words(content.lang)
            ),
            reviewed=tell_review(
                (one.passage for one in content.chosen), self._renderer.words(content.lang)["reviewed"]
            ),
            corpus_version=self._corpus.version,
            answer_id=answer_id(content.question, content.lang, self._corpus.version),
        )
        sources = {c.source_id: self._corpus.source[c.source_id] for c in citations}
        linked = draft.model_copy(update={"link": write_link(draft, content.response, self._corpus)})
        return self._renderer.render(linked, content.response, sources)

    def _statement(self, one: Chosen, citations: CitationList) -> Statement:
        return Statement(
            text=one.text,
            passage_id=one.passage.id,
            start=one.sentence.start,
            end=one.sentence.end,
            sha256=one.passage.sha256,
            citations=citations.number(one.sentence.sources),
        )

    def _evidence(self, lead: Passage | None) -> Evidence | None:
        if lead is None:
            return None
        return Evidence.of(self._corpus.grade[lead.evidence])

    def _caveat(self, content: Content) -> str:
        words = self._renderer.words(content.lang)
        caveats: dict[str, Any] = words["caveats"]
        if content.kind in (Kind.EMERGENCY, Kind.REDIRECT):
            return str(caveats["responses"].get(content.response, caveats[content.kind.value]))
        return str(caveats["default"]) if content.lead is None else caveat_of(content.lead, words)
