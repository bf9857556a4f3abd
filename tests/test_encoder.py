"""The encoder: shapes, lengths, the order of a batch, and a model that is not the one it should be."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import DIMENSIONS, Encoder
from bot.schema import ModelError
from bot.settings import Settings


def test_a_question_becomes_one_vector_of_length_one(encoder: Encoder) -> None:
    vector = encoder.encode_question("can cp be cured")
    assert vector.shape == (DIMENSIONS,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_texts_keep_their_order_whatever_their_length(encoder: Encoder) -> None:
    texts = [f"{'long ' * (40 - number)}text {number}" for number in range(20)]
    done: list[int] = []
    together = encoder.encode_texts(texts, done.append)
    assert together.shape == (len(texts), DIMENSIONS)
    assert sum(done) == len(texts)
    for place, text in enumerate(texts):
        assert np.array_equal(together[place], encoder.encode_texts([text])[0]), "a vector depends on its text alone"


def test_the_nearer_meaning_is_the_nearer_vector(encoder: Encoder) -> None:
    question = encoder.encode_question("will botox stop working")
    near, far = encoder.encode_texts(["How long botulinum toxin lasts", "Which school suits my child"])
    assert question @ near > question @ far


def test_no_text_gives_no_vector(encoder: Encoder) -> None:
    assert encoder.encode_texts([]).shape == (0, DIMENSIONS)


def test_a_missing_model_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.onnx cannot be read .*reinstall, or set CARELEAF_MODEL_DIR"):
        Encoder(tmp_path, "0" * 64)


def test_another_model_is_refused_by_its_hash(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.model_dir, tmp_path / "model")
    weights = tmp_path / "model/model.onnx"
    weights.write_bytes(weights.read_bytes() + b"\0")
    with pytest.raises(ModelError, match=rf"expected {settings.model_sha256}"):
        Encoder(tmp_path / "model", settings.model_sha256)
