"""``make tune``: tunes the upper layers of the encoder, and writes what is added to them.

Three aims at once: a question lies near the texts of its passage and far from those of its neighbours (InfoNCE, van den
Oord et al. 2018, with the passages of a batch taken from one neighbourhood); a question that no passage answers lies
near none (a null beside the passages, which is the right one for it); the response that a message needs can be read off
its vector. Writes ``deploy/encoder_tuning.npz``, which the build adds to the weights. Takes as long as it is told
(``--minutes``), so two runs differ: what is kept is the file, and its hash stands in ``deploy/build_model.py``.
"""

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from bot.corpus import load_corpus
from bot.encoder import DIMENSIONS, QUERY_PREFIX
from bot.settings import load_settings
from tests.tuning.examples import Examples, read_examples
from tests.tuning.keep import keep
from tests.tuning.network import LOWEST, Lower, Upper, Weights, encode

ROOT = Path(__file__).resolve().parents[2]
SEED = 7
RATE, HEAD_RATE, NULL_RATE = 6e-4, 3e-3, 1e-3
WARM_UP = 30
TEMPERATURE = 0.05
NULL = 0.68
"""Where the cosine of the null begins; it is learnt too."""

QUESTIONS, NEIGHBOURS, SILENT, SILENT_ROWS, MESSAGES = 40, 8, 10, 8, 40
"""Of a batch: questions with an answer, passages of one neighbourhood, questions without, rows of such, messages."""

NEAR = 25
"""Passages of a neighbourhood."""

HARD = 20
"""Rows from which those that a silent question must stay away from are drawn: its nearest before tuning."""

SHARP = 8.0
"""What a vector is multiplied by before the heads, so that their weights may stay small."""

EVEN = 0.7
"""Responses are drawn by the number of their messages to this power."""

MESSAGE_WEIGHT, KNOWN_WEIGHT = 0.5, 0.3
UNREACHABLE = -1e4


class Tuning:
    """One run: the network, its aims, and what it learns from."""

    def __init__(self, examples: Examples, lower: Lower, upper: Upper) -> None:
        self.examples, self.lower, self.upper = examples, lower, upper
        self.chance = random.Random(SEED)
        self.responses = tuple(examples.messages)
        self.response_head = nn.Linear(DIMENSIONS, len(self.responses))
        self.known_head = nn.Linear(DIMENSIONS, 1)
        self.null = nn.Parameter(torch.tensor(NULL))
        counts = np.array([len(texts) for texts in examples.messages.values()], dtype=np.float64) ** EVEN
        self.drawn = (counts / counts.sum()).tolist()
        self.near, self.hard = self._neighbours()

    @torch.no_grad()
    def _neighbours(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return the passages near each passage, and the rows near each silent question, before tuning."""
        owner = np.array([place for _, place in self.examples.rows])
        rows = encode(self.upper, self.lower, [text for text, _ in self.examples.rows]).numpy()
        means = np.stack([rows[owner == place].mean(axis=0) for place in range(len(self.examples.passages))])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        near = np.argsort(-(means @ means.T), axis=1)[:, :NEAR]
        silent = encode(self.upper, self.lower, [QUERY_PREFIX + text for text in self.examples.silent]).numpy()
        hard = [np.argsort(-(rows @ vector))[:HARD].tolist() for vector in silent]
        return near.tolist(), hard

    def groups(self) -> list[dict[str, object]]:
        """Return what is learnt, with how fast."""
        heads = [*self.response_head.parameters(), *self.known_head.parameters()]
        learnt = [parameter for parameter in self.upper.parameters() if parameter.requires_grad]
        return [
            {"params": learnt, "lr": RATE},
            {"params": heads, "lr": HEAD_RATE},
            {"params": [self.null], "lr": NULL_RATE},
        ]

    def draw_passages(self) -> list[int]:
        """Return passages in neighbourhoods."""
        drawn: list[int] = []
        while len(drawn) < QUESTIONS:
            first = self.chance.randrange(len(self.examples.passages))
            drawn += [first, *self.chance.sample(self.near[first][1:], NEIGHBOURS - 1)]
        return drawn[:QUESTIONS]

    def loss(self) -> tuple[torch.Tensor, list[float]]:
        """Return the loss of one batch, and its parts."""
        examples, chance = self.examples, self.chance
        passages = self.draw_passages()
        questions = [chance.choice(examples.passages[place].asked) for place in passages]
        rows = [examples.beside(place, text, chance) for place, text in zip(passages, questions, strict=True)]
        silent = chance.sample(range(len(examples.silent)), SILENT)
        hard = [examples.rows[chance.choice(self.hard[place])] for place in silent]
        silent_rows = chance.sample(range(len(examples.silent)), SILENT_ROWS)
        responses = chance.choices(range(len(self.responses)), self.drawn, k=MESSAGES)
        messages = [chance.choice(examples.messages[self.responses[place]]) for place in responses]
        asked = [*questions, *(examples.silent[place] for place in silent), *messages]
        vectors = encode(self.upper, self.lower, [QUERY_PREFIX + text for text in asked])
        texts = [*rows, *(text for text, _ in hard), *(examples.silent[place] for place in silent_rows)]
        near = vectors[: QUESTIONS + SILENT] @ encode(self.upper, self.lower, texts).T / TEMPERATURE

        owner = torch.tensor([*passages, *(place for _, place in hard), *[-1] * SILENT_ROWS])
        asks = torch.tensor([*passages, *[-2] * SILENT])
        same = asks[:, None] == owner[None, :]
        right = torch.arange(QUESTIONS)
        same[right, right] = False
        # What is silent too is no opposite of a silent question.
        same[QUESTIONS:, len(owner) - SILENT_ROWS :] = True
        null = (self.null / TEMPERATURE).expand(len(asks), 1)
        logits = torch.cat([near.masked_fill(same, UNREACHABLE), null], dim=1)
        target = torch.cat([right, torch.full((SILENT,), logits.shape[1] - 1)])
        found = functional.cross_entropy(logits, target)
        said = self.response_head(vectors[QUESTIONS + SILENT :] * SHARP)
        response = functional.cross_entropy(said, torch.tensor(responses))
        known = functional.binary_cross_entropy_with_logits(
            self.known_head(vectors[: QUESTIONS + SILENT] * SHARP)[:, 0],
            torch.cat([torch.ones(QUESTIONS), torch.zeros(SILENT)]),
            pos_weight=torch.tensor(SILENT / QUESTIONS),
        )
        total = found + MESSAGE_WEIGHT * response + KNOWN_WEIGHT * known
        return total, [found.item(), response.item(), known.item()]

    def run(self, seconds: float) -> int:
        """Learn for so long; return the steps."""
        groups = self.groups()
        rates = [float(group["lr"]) for group in groups]  # type: ignore[arg-type]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        parts: list[list[float]] = []
        started = time.monotonic()
        while (share := (time.monotonic() - started) / seconds) < 1:
            speed = min(1.0, (len(parts) + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * share))
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * speed
            total, part = self.loss()
            optimiser.zero_grad()
            total.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.upper.parameters(), 1.0)
            optimiser.step()
            parts.append(part)
            if len(parts) % 50 == 0:
                shown = " ".join(f"{value:.3f}" for value in np.mean(parts[-50:], axis=0))
                print(f"{len(parts)} steps, {share:.0%}: {shown}, null {self.null.item():.3f}", flush=True)
        return len(parts)


def main() -> None:
    """Read, learn, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model as it was before tuning")
    parser.add_argument("--to", type=Path, default=ROOT / "deploy/encoder_tuning.npz")
    chosen = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    examples = read_examples(load_corpus(load_settings().corpus_dir))
    lower = Lower(chosen.model)
    print(f"{len(set(examples.texts)):,} texts go through the lower {LOWEST} layers", flush=True)
    lower.read(examples.texts)
    weights = Weights(chosen.model / "model.onnx")
    tuning = Tuning(examples, lower, Upper(weights))
    steps = tuning.run(chosen.minutes * 60)
    keep(tuning.upper, weights, chosen.model / "model.onnx", chosen.to)
    print(f"{chosen.to} holds what {steps:,} steps added")


if __name__ == "__main__":
    main()
