"""A second opinion on a message: it adds flags that no rule saw, and doubts those that a rule saw in a mere lesson.

A multinomial linear model (Fan et al. 2008) over the encoder's vector of the message and its letters and words, hashed
(Weinberger et al. 2009), so that misspellings and wordings that no rule lists are seen. It is fitted offline
(``make second-opinion``) on messages by several authors and on the rules' own examples, and kept in
``second_opinion.npz``; it is applied with NumPy alone. Which messages it was fitted on and what it adds and costs is in
``docs/safety/recognition.md``.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.triage.words import fold

FILE = "second_opinion.npz"
NOTHING = "none"
BUCKETS = 1 << 15
SHORTEST, LONGEST = 2, 5
"""Letters in a run."""

WINDOW, STEP = 28, 14
"""Words of a window of a long message, and how far apart windows begin, so that no story drowns a flag in it."""

LONG = 40
"""A message of more words is also read window by window."""

WORTH_READING = 0.05
"""A window whose letters and words by themselves alarm less than this is not encoded: no labelled message with a flag
has such a window as its most alarming one, and half of the long ordinary questions have."""

WORD = re.compile(r"[^\W_]+|[^\w\s]")

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model thinks of a message.

    ``alarm`` is the probability, 0 to 1, that the message needs help now (emergency, crisis, a child being hurt), and
    ``response`` the likeliest answer to it; ``grave`` is the part of it that is about breath, consciousness and
    seizures, where minutes count, and ``harm`` the part about people who want to die or are being hurt, who say so in
    words that no rule lists; ``advice`` and ``redirect`` are the same for a wish for individual advice.
    """

    alarm: float
    grave: float
    harm: float
    response: str
    advice: float
    redirect: str


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The fitted model. ``classes`` are responses of rules, and ``none``.

    From an alarm of ``alarm_from`` on, a grave part of ``grave_from`` or one of harm of ``harm_from``, it adds a flag,
    and from ``doubt_from`` on the numbers to call; below ``calm_below`` it doubts the flag of a rule. All are
    probabilities, 0 to 1.
    """

    classes: tuple[str, ...]
    urgent: npt.NDArray[np.bool_]
    gravest: npt.NDArray[np.bool_]
    harming: npt.NDArray[np.bool_]
    advising: npt.NDArray[np.bool_]
    dense: Vector
    hashed: Vector
    intercept: Vector
    alarm_from: float
    grave_from: float
    harm_from: float
    calm_below: float
    doubt_from: float
    advice_from: float

    def read(self, message: str, vector: Vector, encode: Callable[[str], Vector]) -> Opinion:
        """Return the opinion of a message, whose vector is given.

        Of a long message without a flag the window whose letters alarm most is encoded too, unless they hardly do, and
        heard where it is graver.
        """
        whole = self.judge(message, vector)
        if self.alarms(whole):
            return whole
        alarms = [(self._alarm(self._letters(text)), text) for text in split_windows(message)]
        alarm, gravest = max(alarms, default=(0.0, ""))
        if alarm < WORTH_READING:
            return whole
        part = self.judge(gravest, encode(gravest))
        return part if part.alarm > whole.alarm else whole

    def alarms(self, opinion: Opinion) -> bool:
        """Say whether a flag is added."""
        parts = (
            (opinion.alarm, self.alarm_from),
            (opinion.grave, self.grave_from),
            (opinion.harm, self.harm_from),
        )
        return any(part >= heard_from for part, heard_from in parts)

    def doubts(self, opinion: Opinion, response: str) -> bool:
        """Say whether the flag of a rule, of a response, is doubted: never one of somebody who may be harmed, because
        such messages are told from tales and figures of speech by little.
        """
        harm = any(name == response for name, harms in zip(self.classes, self.harming, strict=True) if harms)
        return opinion.alarm < self.calm_below and not harm

    def judge(self, text: str, vector: Vector) -> Opinion:
        """Return the opinion of one text, whose vector is given."""
        probability = softmax(self._letters(text) + self.dense @ vector)
        return Opinion(
            alarm=float(probability[self.urgent].sum()),
            grave=float(probability[self.gravest].sum()),
            harm=float(probability[self.harming].sum()),
            response=self._likeliest(probability, self.urgent),
            advice=float(probability[self.advising].sum()),
            redirect=self._likeliest(probability, self.advising),
        )

    def _likeliest(self, probability: Vector, among: npt.NDArray[np.bool_]) -> str:
        return self.classes[int(np.argmax(np.where(among, probability, -1.0)))]

    def _alarm(self, logits: Vector) -> float:
        return float(softmax(logits)[self.urgent].sum())

    def _letters(self, text: str) -> Vector:
        places, weights = hash_text(text)
        return np.asarray(weights @ self.hashed[places] + self.intercept, dtype=np.float32)


def softmax(logits: Vector) -> Vector:
    """Return the probabilities of logits."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)


def split_windows(message: str) -> Iterator[str]:
    """Yield overlapping windows of a long message; nothing of a short one."""
    words = message.split()
    if len(words) <= LONG:
        return
    for start in range(0, max(1, len(words) - STEP), STEP):
        yield " ".join(words[start : start + WINDOW])


def hash_text(text: str) -> tuple[npt.NDArray[np.intp], Vector]:
    """Return the buckets of a text's letters and words, and their weights: 1 + log of the count, of length one each."""
    words = WORD.findall(fold(text))
    runs = Counter(chain.from_iterable(map(runs_of, words)))
    terms = Counter(bucket(f"w{word}") for word in words)
    terms.update(bucket(f"b{first} {second}") for first, second in pairwise(words))
    places: list[int] = []
    weights: list[Vector] = []
    for counts in (runs, terms):
        own = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
        weights.append(np.asarray(own / max(float(np.linalg.norm(own)), 1e-9), dtype=np.float32))
        places.extend(counts)
    return np.array(places, dtype=np.intp), np.concatenate(weights).astype(np.float32)


def bucket(name: str) -> int:
    """Return the bucket of a run of letters, a word or a pair of words."""
    return crc32(name.encode()) % BUCKETS


@lru_cache(maxsize=2048)
def runs_of(word: str) -> tuple[int, ...]:
    """Return the buckets of a word's runs of letters. Kept, at 1 kB a word: most words of a message are common ones."""
    padded = f" {word} "
    return tuple(
        bucket(f"c{padded[start : start + size]}")
        for size in range(SHORTEST, LONGEST + 1)
        for start in range(len(padded) - size + 1)
    )


@lru_cache(maxsize=1)
def load_second_opinion() -> SecondOpinion:
    """Read the fitted model that travels with the package."""
    with files("bot.triage").joinpath(FILE).open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        return SecondOpinion(
            classes=tuple(stored["classes"].tolist()),
            urgent=stored["urgent"],
            gravest=stored["gravest"],
            harming=stored["harming"],
            advising=stored["advising"],
            dense=stored["dense"].astype(np.float32),
            hashed=stored["hashed"].astype(np.float32),
            intercept=stored["intercept"].astype(np.float32),
            alarm_from=float(stored["alarm_from"]),
            grave_from=float(stored["grave_from"]),
            harm_from=float(stored["harm_from"]),
            calm_below=float(stored["calm_below"]),
            doubt_from=float(stored["doubt_from"]),
            advice_from=float(stored["advice_from"]),
        )
