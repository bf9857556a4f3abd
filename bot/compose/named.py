"""What rules, starters and sources name must exist: held before the first answer is made."""

from bot.compose.gate import WITHHELD, refuse_amounts
from bot.compose.render import Renderer
from bot.compose.wording import BASE
from bot.schema import Corpus, CorpusError

NEEDED = {"emergency": ("first", "calls"), "redirect": ("first", "whom", "ask"), "clarify": ("first", "then")}
"""Words that a response must have, by the kind of its rule."""


def refuse_unknown_names(corpus: Corpus, renderer: Renderer) -> None:
    """Raise CorpusError where a rule, a starter or a source names words, numbers or a passage that do not exist."""
    words = renderer.words(BASE)
    named = [(passage, f"triage.yaml: rule {r.id}") for r in corpus.triage.rules for passage in r.passages]
    named += [(passage, "templates/words/en.yaml: starters") for passage in words["starters"]]
    for passage, place in named:
        if passage not in corpus.passages:
            raise CorpusError(f"{place}: no passage {passage!r} in the corpus; mend the id or write the passage")
    spoken = [(rule.kind, rule.response, BASE) for rule in corpus.triage.rules]
    spoken += [("emergency", entry.response, entry.lang) for entry in corpus.triage.foreign]
    spoken.append(("redirect", WITHHELD, BASE))
    for lang in sorted({lang for _, _, lang in spoken}):
        refuse_amounts(renderer.words(lang), lang)
    for kind, response, lang in spoken:
        said = renderer.words(lang)["responses"].get(response, {})
        for wanted in NEEDED[kind]:
            if wanted not in said:
                raise CorpusError(
                    f"templates/words/{lang}.yaml: response {response!r} has no {wanted!r}; "
                    "write it, or mend the name in triage.yaml"
                )
    for source in corpus.sources:
        if source.type not in words["source_types"]:
            raise CorpusError(
                f"sources.yaml: source {source.id}: kind {source.type!r} has no words in templates/words/en.yaml; "
                f"use one of {', '.join(words['source_types'])}"
            )
