"""Texts → vectors, by bge-small-en-v1.5 (int8 ONNX) that the build brought; nothing is downloaded.

Xiao et al. 2023, C-Pack (https://arxiv.org/abs/2309.07597). As the model's card asks: CLS pooling, vectors normalised,
questions prefixed with an instruction and passages not.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.schema import ModelError

DIMENSIONS = 384
MAX_TOKENS = 256
QUERY_PREFIX = "Represent this sentence for searching relevant passages: "
AT_ONCE = 2
"""Texts encoded side by side, each by itself on one thread."""

Vectors = npt.NDArray[np.float32]


class Encoder:
    """Loads the model of a folder and verifies the hash of its weights before use.

    >>> encoder = Encoder(settings.model_dir, settings.model_sha256)
    >>> encoder.encode_question("can cp be cured").shape
    (384,)
    """

    def __init__(self, folder: Path, sha256: str) -> None:
        """Load the model. A text is encoded on one thread: on two cores more threads make a short text slower.

        Raises ModelError where the folder or a file is missing, or where the weights are not the expected ones.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        weights = folder / "model.onnx"
        verify(weights, sha256)
        self.sha256 = sha256
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # From the path: given its bytes, a session keeps a second copy of them, 33 MB in every process.
        self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}

    def encode_question(self, question: str) -> Vectors:
        """Return the vector of one question, shape (384,), length 1."""
        return self._encode(QUERY_PREFIX + question)

    def encode_texts(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
        """Return one vector a text, shape (n, 384), in their order; calls ``done`` with 1 after each.

        Each text is encoded alone: int8 activations are scaled over a whole batch, so in a batch a vector would depend
        on its neighbours, and the same corpus would give different answers after different histories of builds.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for place, vector in enumerate(pool.map(self._encode, texts)):
                vectors[place] = vector
                if done is not None:
                    done(1)
        return vectors

    def _encode(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
        }
        hidden = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        first: Vectors = hidden[0, 0]
        normal: Vectors = first / np.linalg.norm(first)
        return normal


def verify(path: Path, sha256: str) -> None:
    """Raise ModelError where a file is missing or another one."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); reinstall, or set CARELEAF_MODEL_DIR") from error
    if found != sha256:
        raise ModelError(
            f"{path} has sha256 {found}, expected {sha256}; "
            "reinstall, or set CARELEAF_MODEL_SHA256 for a model of yours"
        )
