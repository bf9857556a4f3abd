"""``make second-opinion``: fits the second opinion on messages, and chooses from where on it is heard.

Fitted on: the rules' own examples, the development half of the labelled messages, messages that further authors wrote
for training, the ways in which the corpus's own questions are asked (as messages that need nothing), and misspelt
copies of the flagged ones. The test half is not read here. Writes ``bot/triage/second_opinion.npz``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from bot.corpus import load_corpus
from bot.encoder import Encoder
from bot.schema import Corpus
from bot.settings import load_settings
from bot.triage import Triage
from bot.triage.opinion import BUCKETS, FILE, NOTHING, hash_text
from tests.safety.cases import FOLDER, of_half, read_file
from tests.safety.mutate import misspelt

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

FALSE_ADVICE = 0.01


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
    return examples + [Example(misspelt(e.text), e.response) for e in flagged]


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


def choose(score: npt.NDArray[np.float64], most: float) -> float:
    """Return the lowest threshold that no more than a share of scores reaches."""
    return float(np.quantile(score, 1 - most, method="higher"))


def main() -> None:
    """Fit, choose, write."""
    settings = load_settings()
    encoder = Encoder(settings.model_dir, settings.model_sha256)
    corpus = load_corpus(settings.corpus_dir)
    examples = gather(corpus)
    print(f"{len(examples)} messages")
    vectors = np.stack([encoder.encode_question(example.text) for example in examples])
    responses = np.array([example.response for example in examples])
    features = hstack([csr_matrix(vectors * DENSE), letters([example.text for example in examples])]).tocsr()

    model = LogisticRegression(C=60.0, max_iter=400, tol=1e-3)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    crossed = cross_val_predict(model, features, responses, cv=folds, method="predict_proba")
    classes = np.unique(responses)
    urgent = np.isin(classes, list(RESPONSES.values()))
    advising = np.isin(classes, list(REDIRECTS.values()))
    alarm, advice = crossed[:, urgent].sum(axis=1), crossed[:, advising].sum(axis=1)

    triage = Triage(corpus.triage)
    held = np.array([example.held for example in examples])
    kinds = [result.kind if (result := triage.match(e.text)) else NOTHING for e in examples if e.held]
    ruled = np.array(kinds)
    quiet = responses[held] == NOTHING
    already = float((ruled[quiet] == "emergency").mean())
    unflagged = alarm[held][quiet & (ruled != "emergency")]
    alarm_from = choose(unflagged, max(FALSE_ALARMS - already, 0.004) / max(1 - already, 1e-9))
    advice_from = choose(advice[held][quiet & (ruled == NOTHING)], FALSE_ADVICE)
    flagged = np.isin(responses[held], list(RESPONSES.values()))
    advised = np.isin(responses[held], list(REDIRECTS.values()))
    caught = (ruled == "emergency") | (alarm[held] >= alarm_from)
    sent = caught | (ruled == "redirect") | (advice[held] >= advice_from)
    rules = np.mean(ruled[flagged] == "emergency"), already, np.mean(ruled[advised] == "redirect")
    both = caught[flagged].mean(), caught[quiet].mean(), sent[advised].mean()
    print("development half, share of emergencies flagged, of look-alikes flagged, of redirects sent on:")
    for name, shares in (("rules alone", rules), ("with the second opinion", both)):
        print(name, *(f"{share:.3f}" for share in shares))
    print(f"heard from {alarm_from:.3f} and {advice_from:.3f}")

    model.fit(features, responses)
    coefficients = model.coef_.astype(np.float32)
    np.savez_compressed(
        settings.corpus_dir.parent / "bot/triage" / FILE,
        classes=classes.astype(str),
        urgent=urgent,
        advising=advising,
        dense=(coefficients[:, : vectors.shape[1]] * DENSE).astype(np.float16),
        hashed=coefficients[:, vectors.shape[1] :].T.astype(np.float16),
        intercept=model.intercept_.astype(np.float32),
        alarm_from=alarm_from,
        advice_from=advice_from,
    )


if __name__ == "__main__":
    main()
