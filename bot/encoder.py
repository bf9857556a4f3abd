"""Texts → vectors, by bge-small-en-v1.5 (int8 ONNX) that the build brought; nothing is downloaded.

Xiao et al. 2023, C-Pack (https://arxiv.org/abs/2309.07597). As the model's card asks: CLS pooling, vectors normalised,
questions prefixed with an instruction and passages not.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.schema import ModelError

DIMENSIONS = 384
MAX_TOKENS = 256
QUERY_PREFIX = "Represent this sentence for searching relevant passages: "
BATCH = 16
"""Texts encoded together. Longer batches are slower on two cores: padding grows faster than the gain."""

Vectors = npt.NDArray[np.float32]


class Encoder:
    """Loads the model of a folder and verifies the hash of its weights before use.

    >>> encoder = Encoder(settings.model_dir, settings.model_sha256)
    >>> encoder.encode_question("can cp be cured").shape
    (384,)
    """

    def __init__(self, folder: Path, sha256: str, threads: int = 1) -> None:
        """Load the model.

        ``threads`` is one for a question: on two cores more threads make a short text slower. Raises ModelError where
        the folder or a file is missing, or where the weights are not the expected ones.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        weights = read_verified(folder / "model.onnx", sha256)
        self.sha256 = sha256
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}

    def encode_question(self, question: str) -> Vectors:
        """Return the vector of one question, shape (384,), length 1."""
        vector: Vectors = self._encode([QUERY_PREFIX + question])[0]
        return vector

    def encode_texts(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Vectors:
        """Return one vector a text, shape (n, 384); calls ``done`` with the number encoded after each batch.

        Texts are batched by length, so that little is padded; the order of the result is the order of ``texts``.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(texts), BATCH):
            places = by_length[start : start + BATCH]
            vectors[places] = self._encode([texts[place] for place in places])
            if done is not None:
                done(len(places))
        return vectors

    def _encode(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        feed = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], dtype=np.int64),
            "token_type_ids": np.array([one.type_ids for one in encoded], dtype=np.int64),
        }
        hidden = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        first: Vectors = hidden[:, 0]
        normal: Vectors = first / np.linalg.norm(first, axis=1, keepdims=True)
        return normal


def read_verified(path: Path, sha256: str) -> bytes:
    """Return a file's bytes, or raise ModelError where it is missing or another one."""
    try:
        weights = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); reinstall, or set CARELEAF_MODEL_DIR") from error
    found = hashlib.sha256(weights).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path} has sha256 {found}, expected {sha256}; "
            "reinstall, or set CARELEAF_MODEL_SHA256 for a model of yours"
        )
    return weights
