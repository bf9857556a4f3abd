"""What was learnt → the file from which the build adds it to the weights."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnx import numpy_helper

from tests.tuning.network import LOWEST, MATRICES, Added, Upper, Weights

HALVED = -1
"""Half of what was learnt is added, as a power of two: between the encoder as it was and as it was tuned lies one that
knows the corpus almost as well and other texts better (Wortsman et al. 2022, https://arxiv.org/abs/2109.01903)."""

LARGEST = 32_000
"""Whole numbers up to this stand for what was learnt, so that their product is exact on every machine."""


def whole(values: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int16], int]:
    """Return values as whole numbers, and the power of two that each counts as."""
    power = int(np.floor(np.log2(LARGEST / max(float(np.abs(values).max()), 1e-12))))
    return np.rint(values * 2.0**power).astype(np.int16), -power


def place_of(weights: Weights, name: str, stored: bytes) -> int:
    """Return where a tensor's bytes begin in the file; raise ValueError where that is not certain."""
    # However a tensor is stored, as bytes or as packed numbers, its values stand there one after the other.
    raw = numpy_helper.to_array(weights.tensors[name]).tobytes()
    if stored.count(raw) != 1:
        raise ValueError(f"the bytes of {name} do not stand once in the model: its weights cannot be added to in place")
    return stored.index(raw)


def keep(upper: Upper, weights: Weights, model: Path, path: Path) -> None:
    """Write the matrices that are added, and where in the model those lie that they are added to."""
    stored = model.read_bytes()
    kept: dict[str, npt.NDArray[np.generic]] = {}
    places: list[tuple[int, int, int]] = []
    for layer, tuned in enumerate(upper.layers, start=LOWEST):
        for matrix, added in zip(MATRICES, tuned.matrices, strict=True):  # type: ignore[arg-type]
            assert isinstance(added, Added)
            name = weights.name(layer, matrix)
            if weights.array(f"{name}_zero_point").any():
                raise ValueError(f"{name} is not symmetric: its zero point would have to move")
            down, down_power = whole(added.down.detach().numpy())
            up, up_power = whole(added.up.detach().numpy())
            kept[f"down-{len(places)}"], kept[f"up-{len(places)}"] = down, up
            values, scale = (place_of(weights, f"{name}_{part}", stored) for part in ("quantized", "scale"))
            places.append((values, scale, down_power + up_power + HALVED))
    np.savez_compressed(path, places=np.array(places, dtype=np.int64), **kept)  # type: ignore[arg-type]
