"""``make second-opinion``: fits the second opinion on messages, and chooses from where on it is heard.

Fitted on: the rules' own examples, the development half of the labelled messages, messages that further authors wrote
for training, the corpus's own questions and the ways in which they are asked, questions that nobody answers and the
turns of conversations (as messages that need nothing), and misspelt copies of the flagged ones. The test half is not
read here. Writes ``bot/triage/second_opinion.npz``.
"""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.corpus import load_corpus
from bot.encoder import DIMENSIONS, Encoder
from bot.evaluation.cases import read_conversations
from bot.recognise import URGENT_TOPICS
from bot.schema import Corpus
from bot.settings import load_settings
from bot.triage import Triage
from bot.triage.opinion import BUCKETS, FILE, NOTHING, SecondOpinion, hash_text
from tests.safety.cases import FOLDER, of_half, read_file
from tests.safety.mutate import MUTATIONS, misspelt

Vector = npt.NDArray[np.float64]

RESPONSES = {
    "seizure-now": "seizure",
    "breathing": "breathing",
    "choking": "choking",
    "unresponsive": "unconscious",
    "baclofen-pump": "pump",
    "missed-baclofen": "withdrawal",
    "after-botulinum": "botulinum",
    "dystonic-storm": "dystonia",
    "shunt": "shunt",
    "head-injury": "head_injury",
    "broken-bone": "broken_bone",
    "baby-fever": "baby_fever",
    "dehydration": "dehydration",
    "poisoning": "poisoning",
    "lost-skills": "lost_skills",
    "carer-crisis": "crisis",
    "young-crisis": "crisis",
    "child-hurt": "safeguarding",
}
REDIRECTS = {
    "dose": "dose",
    "medicine-change": "medicine_change",
    "diagnosis": "diagnosis",
    "outlook": "outlook",
    "clinic-choice": "clinic_choice",
    "legal": "law",
    "benefits": "money",
}
GRAVEST = ("seizure", "breathing", "choking", "unconscious")
"""Responses where minutes count: their part of an alarm has a lower threshold of its own."""

HARM = ("crisis", "safeguarding")
"""Responses that the rules see least often: their part of an alarm has a threshold of its own too."""

SAME_RESPONSE = {"mixing": "medicine_change", "scan_report": "diagnosis"}
HELD_AUTHORS = ("training-t9", "training-t10", "training-t11")
"""Thresholds are chosen on these authors too. The rules were written looking at the development half, so that they are
never wrong there; of these authors' look-alikes they flag one in ten, which is nearer to what families will send."""

DENSE = 0.5
"""How much the vector counts beside letters and words."""

FALSE_ALARMS = 0.015
"""Share of the held look-alikes that the second opinion may flag, beyond those that the rules flag, for the alarm as a
whole."""

FALSE_GRAVE = 0.01
"""Share that it may flag for the grave part of the alarm alone."""

FALSE_HARM = 0.015
"""Share that it may flag for the part about harm alone."""

DOUBTED_WRONGLY = 0.003
"""Share of the held emergencies, as written and mutated, whose flag by a rule may be doubted: the number to call still
stands before their answer."""

CALMEST = 0.02
"""No flag of a rule is doubted from this alarm on, whatever the held messages say."""

IN_DOUBT = 0.10
"""Share of the held look-alikes that may show the numbers to call before their answer."""

FALSE_ADVICE = 0.02
"""Share of the held messages that need nothing that may be sent on for advice."""


@dataclass(frozen=True)
class Example:
    """A message and the response it should get."""

    text: str
    response: str
    held: bool = False
    """Of those by which thresholds are chosen: the development half, and authors that the rules were not written by."""


def gather(corpus: Corpus) -> list[Example]:
    """Return all that the model is fitted on."""
    examples = []
    for message in of_half("development"):
        response = {**RESPONSES, **REDIRECTS}[message.kind] if message.expected != "none" else NOTHING
        examples.append(Example(message.text, response, held=True))
    examples += gather_unlabelled(corpus)
    for talk in read_conversations(FOLDER.parent / "retrieval/conversations-development.yaml").conversations:
        calm = (turn for turn in talk.turns if not any(name.startswith(URGENT_TOPICS) for name in turn.passages))
        examples += [Example(turn.ask, NOTHING) for turn in calm]
    flagged = [example for example in examples if example.response != NOTHING]
    return examples + [Example(misspelt(e.text), e.response) for e in flagged if not e.held]


def gather_unlabelled(corpus: Corpus) -> list[Example]:
    """Return what comes from no labelled set: rules' examples, messages for training, the corpus's own questions."""
    examples = []
    for rule in corpus.triage.rules:
        response = SAME_RESPONSE.get(rule.response, rule.response) if rule.kind != "clarify" else NOTHING
        examples += [Example(text, response) for text in rule.examples.match]
        examples += [Example(text, NOTHING) for text in rule.examples.no_match]
    for path in sorted(FOLDER.glob("training-*.yaml")):
        for entry in read_file(path.stem):
            response = {**RESPONSES, **REDIRECTS}.get(entry["kind"], NOTHING)
            examples.append(Example(entry["text"], response, held=path.stem in HELD_AUTHORS))
    for passage in corpus.passages.values():
        # The headings of these topics are no flags: a page of the FAQ stands under each.
        own = () if passage.topic in URGENT_TOPICS else (*passage.asked, *passage.wordings)
        examples += [Example(text, NOTHING) for text in (passage.heading, *own)]
    examples += [Example(question.text, NOTHING) for question in corpus.silent]
    return examples + [Example(text, NOTHING) for claim in corpus.claims for text in claim.asked]


def letters(texts: list[str]) -> csr_matrix:
    """Return the hashed letters and words of texts, one row each."""
    rows, columns, values = [], [], []
    for number, text in enumerate(texts):
        places, weights = hash_text(text)
        rows.append(np.full(len(places), number))
        columns.append(places)
        values.append(weights)
    shape = (len(texts), BUCKETS)
    return csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def choose(score: Vector, most: float) -> float:
    """Return the lowest threshold that no more than a share of scores reaches."""
    return float(np.quantile(score, 1 - most, method="higher"))


@dataclass(frozen=True)
class Thresholds:
    """From where on the second opinion is heard; see ``bot.triage.opinion.SecondOpinion``."""

    alarm_from: float
    grave_from: float
    harm_from: float
    calm_below: float
    doubt_from: float
    advice_from: float


def fit(features: csr_matrix, responses: npt.NDArray[np.str_]) -> LogisticRegression:
    """Fit the model."""
    return LogisticRegression(C=60.0, max_iter=400, tol=1e-3).fit(features, responses)


def to_opinion(model: LogisticRegression, thresholds: Thresholds) -> SecondOpinion:
    """Return the second opinion of a fitted model, as it is kept."""
    coefficients = model.coef_.astype(np.float32)
    return SecondOpinion(
        classes=tuple(model.classes_.tolist()),
        urgent=np.isin(model.classes_, list(RESPONSES.values())),
        gravest=np.isin(model.classes_, GRAVEST),
        harming=np.isin(model.classes_, HARM),
        advising=np.isin(model.classes_, list(REDIRECTS.values())),
        dense=(coefficients[:, :DIMENSIONS] * DENSE).astype(np.float16),
        hashed=coefficients[:, DIMENSIONS:].T.astype(np.float16),
        intercept=model.intercept_.astype(np.float32),
        **asdict(thresholds),
    )


@dataclass(frozen=True)
class Read:
    """What rules and second opinion make of some messages, one entry each."""

    alarm: Vector
    grave: Vector
    harm: Vector
    advice: Vector
    ruled: npt.NDArray[np.str_]
    response: npt.NDArray[np.str_]
    """Of the rule that matches; empty where none does."""


def read_all(texts: list[str], opinion: SecondOpinion, encoder: Encoder, triage: Triage) -> Read:
    """Read messages as the program does, long ones window by window."""
    read = [opinion.read(text, encoder.encode_question(text), encoder.encode_question) for text in texts]
    flags = [triage.match(text) for text in texts]
    names = ("alarm", "grave", "harm", "advice")
    alarm, grave, harm, advice = (np.array([getattr(one, name) for one in read]) for name in names)
    kinds = np.array([flag.kind if flag else NOTHING for flag in flags])
    return Read(alarm, grave, harm, advice, kinds, np.array([flag.response if flag else "" for flag in flags]))


def choose_thresholds(opinion: SecondOpinion, held: list[Example], encoder: Encoder, triage: Triage) -> Thresholds:
    """Choose on the held messages, by a model that has seen none of them; print what they give there."""

    def read(texts: list[str]) -> Read:
        return read_all(texts, opinion, encoder, triage)

    flagged = [e.text for e in held if e.response in RESPONSES.values()]
    written = len(flagged)
    urgent = read(flagged + [mutate(text) for text in flagged for mutate in MUTATIONS.values()])
    harmed = np.array([e.response in HARM for e in held if e.response in RESPONSES.values()])
    harmed = np.concatenate([harmed, np.repeat(harmed, len(MUTATIONS))])
    quiet = read([e.text for e in held if e.response == NOTHING])
    advised = read([e.text for e in held if e.response in REDIRECTS.values()])
    known, ruled = urgent.ruled == "emergency", quiet.ruled == "emergency"
    calm_below = min(float(np.quantile(urgent.alarm[known & ~harmed], DOUBTED_WRONGLY)), CALMEST)
    kept = ruled & ((quiet.alarm >= calm_below) | np.isin(quiet.response, HARM))
    alarm_from = choose(np.where(kept, 0.0, quiet.alarm), FALSE_ALARMS)
    flags = kept | (quiet.alarm >= alarm_from)
    grave_from = choose(np.where(flags, 0.0, quiet.grave), FALSE_GRAVE)
    flags |= quiet.grave >= grave_from
    harm_from = choose(np.where(flags, 0.0, quiet.harm), FALSE_HARM)
    flags |= quiet.harm >= harm_from
    doubt_from = min(choose(quiet.alarm[~flags], IN_DOUBT), alarm_from)
    advice_from = choose(np.where(flags | (quiet.ruled == "redirect"), 0.0, quiet.advice), FALSE_ADVICE)
    caught = (known & ((urgent.alarm >= calm_below) | harmed)) | (urgent.alarm >= alarm_from)
    caught |= (urgent.grave >= grave_from) | (urgent.harm >= harm_from)
    sent = (advised.ruled == "redirect") | (advised.advice >= advice_from)
    print(f"rules alone: {known[:written].mean():.3f} of flagged messages, {ruled.mean():.3f} of look-alikes,")
    print(f"  {(advised.ruled == 'redirect').mean():.3f} of redirects")
    print(f"both: {caught[:written].mean():.3f} of flagged messages, {caught[written:].mean():.3f} mutated,")
    print(f"  {flags.mean():.3f} of look-alikes ({kept.mean():.3f} by rules), {sent.mean():.3f} of redirects")
    return Thresholds(alarm_from, grave_from, harm_from, calm_below, doubt_from, advice_from)


def featurise(texts: list[str], encoder: Encoder) -> csr_matrix:
    """Return the features of texts: vector, letters and words."""
    vectors = np.stack([encoder.encode_question(text) for text in texts])
    return hstack([csr_matrix(vectors * DENSE), letters(texts)]).tocsr()


def main() -> None:
    """Fit, choose, write."""
    settings = load_settings()
    encoder = Encoder(settings.model_dir, settings.model_sha256)
    corpus = load_corpus(settings.corpus_dir)
    examples = gather(corpus)
    print(f"{len(examples)} messages")
    responses = np.array([example.response for example in examples])
    features = featurise([example.text for example in examples], encoder)
    held = np.array([example.held for example in examples])
    blind = to_opinion(fit(features[~held], responses[~held]), Thresholds(1.0, 1.0, 1.0, 0.0, 1.0, 1.0))
    thresholds = choose_thresholds(blind, [e for e in examples if e.held], encoder, Triage(corpus.triage))
    print(thresholds)
    fitted = to_opinion(fit(features, responses), thresholds)
    save(fitted, settings.corpus_dir.parent / "bot/triage" / FILE)


def save(opinion: SecondOpinion, path: Path) -> None:
    """Keep a fitted second opinion: a NumPy file of its fields by their names."""
    named: dict[str, Any] = {field.name: np.array(getattr(opinion, field.name)) for field in fields(opinion)}
    np.savez_compressed(path, **named)


if __name__ == "__main__":
    main()
