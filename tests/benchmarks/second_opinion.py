"""``make second-opinion``: fits the second opinion on messages, and chooses from where on it is heard.

Fitted on: the rules' own examples, the development half of the labelled messages, messages that further authors wrote
for training, the ways in which the corpus's own questions are asked (as messages that need nothing), and misspelt
copies of the flagged ones. The test half is not read here. Writes ``bot/triage/second_opinion.npz``.
"""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.corpus import load_corpus
from bot.encoder import DIMENSIONS, Encoder
from bot.schema import Corpus
from bot.settings import load_settings
from bot.triage import Triage
from bot.triage.opinion import BUCKETS, FILE, NOTHING, hash_text
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
SAME_RESPONSE = {"mixing": "medicine_change", "scan_report": "diagnosis"}
SPOKEN_FOR = ("red-flags-emergency", "out-of-scope", "seizure-first-aid", "parent-wellbeing")
"""Topics whose questions may themselves be flags."""

DENSE = 0.5
"""How much the vector counts beside letters and words."""

FALSE_ALARMS = 0.02
"""Share of the development half's look-alikes that may be flagged, rules and second opinion together."""

DOUBTED_WRONGLY = 0.001
"""Share of the development half's flagged messages, as written and mutated, whose flag by a rule may be doubted."""

CALMEST = 0.02
"""No flag of a rule is doubted from this alarm on, whatever the development half says."""

IN_DOUBT = 0.10
"""Share of the development half's look-alikes that may show the numbers to call before their answer."""

FALSE_ADVICE = 0.02
"""Share of the development half's messages that need nothing that may be sent on for advice."""


@dataclass(frozen=True)
class Example:
    """A message and the response it should get."""

    text: str
    response: str
    held: bool = False
    """Of the development half, by which thresholds are chosen."""


def gather(corpus: Corpus) -> list[Example]:
    """Return all that the model is fitted on."""
    examples = []
    for message in of_half("development"):
        response = {**RESPONSES, **REDIRECTS}[message.kind] if message.expected != "none" else NOTHING
        examples.append(Example(message.text, response, held=True))
    for rule in corpus.triage.rules:
        response = SAME_RESPONSE.get(rule.response, rule.response) if rule.kind != "clarify" else NOTHING
        examples += [Example(text, response) for text in rule.examples.match]
        examples += [Example(text, NOTHING) for text in rule.examples.no_match]
    for path in sorted(FOLDER.glob("training-*.yaml")):
        for entry in read_file(path.stem):
            examples.append(Example(entry["text"], {**RESPONSES, **REDIRECTS}.get(entry["kind"], NOTHING)))
    for passage in corpus.passages.values():
        if passage.topic not in SPOKEN_FOR:
            examples += [Example(text, NOTHING) for text in (passage.heading, *passage.asked)]
    examples += [Example(text, NOTHING) for claim in corpus.claims for text in claim.asked]
    flagged = [example for example in examples if example.response != NOTHING]
    return examples + [Example(misspelt(e.text), e.response) for e in flagged if not e.held]


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
    calm_below: float
    doubt_from: float
    advice_from: float


@dataclass(frozen=True)
class Fitted:
    """A fitted model, and which of its classes are flags and which are wishes for advice."""

    model: LogisticRegression
    urgent: npt.NDArray[np.bool_]
    advising: npt.NDArray[np.bool_]

    def score(self, features: csr_matrix) -> tuple[Vector, Vector]:
        """Return the alarm and the wish for advice of each row."""
        probability = self.model.predict_proba(features)
        return probability[:, self.urgent].sum(axis=1), probability[:, self.advising].sum(axis=1)


def fit(features: csr_matrix, responses: npt.NDArray[np.str_]) -> Fitted:
    """Fit the model."""
    model = LogisticRegression(C=60.0, max_iter=400, tol=1e-3).fit(features, responses)
    urgent = np.isin(model.classes_, list(RESPONSES.values()))
    return Fitted(model, urgent, np.isin(model.classes_, list(REDIRECTS.values())))


def choose_thresholds(fitted: Fitted, held: list[Example], encoder: Encoder, triage: Triage) -> Thresholds:
    """Choose on the development half, by a model that has seen none of it; print what they give there."""
    quiet = [e.text for e in held if e.response == NOTHING]
    flagged = [e.text for e in held if e.response in RESPONSES.values()]
    advised = [e.text for e in held if e.response in REDIRECTS.values()]
    mutated = [mutate(text) for text in flagged for mutate in MUTATIONS.values()]

    def read(texts: list[str]) -> tuple[Vector, Vector, npt.NDArray[np.str_]]:
        alarm, advice = fitted.score(featurise(texts, encoder))
        return alarm, advice, np.array([result.kind if (result := triage.match(t)) else NOTHING for t in texts])

    alarm, advice, ruled = read(quiet)
    grave, _, known = read(flagged + mutated)
    calm_below = min(float(np.quantile(grave[known == "emergency"], DOUBTED_WRONGLY)), CALMEST)
    kept = (ruled == "emergency") & (alarm >= calm_below)
    room = max(FALSE_ALARMS - float(kept.mean()), 0.004)
    alarm_from = choose(np.where(kept, 0.0, alarm), room)
    flags = kept | (alarm >= alarm_from)
    doubt_from = choose(alarm[~flags], IN_DOUBT)
    advice_from = choose(np.where(flags | (ruled == "redirect"), 0.0, advice), FALSE_ADVICE)
    caught = ((known == "emergency") & (grave >= calm_below)) | (grave >= alarm_from)
    urgent, wish, by_rule = read(advised)
    sent = (urgent >= alarm_from) | (by_rule == "redirect") | (wish >= advice_from)
    print(f"rules alone: {(known == 'emergency')[: len(flagged)].mean():.3f} of flagged messages,")
    print(f"  {(ruled == 'emergency').mean():.3f} of look-alikes, {(by_rule == 'redirect').mean():.3f} of redirects")
    print(
        f"both: {caught[: len(flagged)].mean():.3f} of flagged messages, {caught[len(flagged) :].mean():.3f} mutated,"
    )
    print(f"  {flags.mean():.3f} of look-alikes ({kept.mean():.3f} by rules), {sent.mean():.3f} of redirects")
    return Thresholds(alarm_from, calm_below, doubt_from, advice_from)


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
    blind = fit(features[~held], responses[~held])
    thresholds = choose_thresholds(blind, [e for e in examples if e.held], encoder, Triage(corpus.triage))
    print(thresholds)
    fitted = fit(features, responses)
    coefficients = fitted.model.coef_.astype(np.float32)
    np.savez_compressed(
        settings.corpus_dir.parent / "bot/triage" / FILE,
        classes=fitted.model.classes_.astype(str),
        urgent=fitted.urgent,
        advising=fitted.advising,
        dense=(coefficients[:, :DIMENSIONS] * DENSE).astype(np.float16),
        hashed=coefficients[:, DIMENSIONS:].T.astype(np.float16),
        intercept=fitted.model.intercept_.astype(np.float32),
        **asdict(thresholds),
    )


if __name__ == "__main__":
    main()
