"""The upper layers of the encoder in PyTorch, with a low-rank addition to each of their matrices that is learnt.

LoRA (Hu et al. 2021, https://arxiv.org/abs/2106.09685). The weights are those of the int8 ONNX model, made floats
again; what lies below the upper layers is run by ONNX Runtime once for each text and kept.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx.utils
import onnxruntime
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from bot.encoder import MAX_TOKENS

LAYERS = 12
LOWEST = 6
"""The first layer that is tuned; those below stay as they are."""

HEADS = 12
RANK = 16
AT_ONCE = 24
"""Texts of like length that go through the layers together."""

MATRICES = (
    "attention/self/query",
    "attention/self/key",
    "attention/self/value",
    "attention/output/dense",
    "intermediate/dense",
    "output/dense",
)
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
Hidden = npt.NDArray[np.float16]


class Weights:
    """The tensors of the ONNX file by name, and which of them each matrix of a layer is."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        self.tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        self._matrix: dict[str, str] = {}
        for node in model.graph.node:
            if node.op_type == "MatMulInteger":
                place = node.output[0].removeprefix("/encoder/layer.").partition("/MatMul")[0]
                self._matrix[place] = node.input[1].removesuffix("_quantized")

    def name(self, layer: int, matrix: str) -> str:
        """Return the name that quantised values, scale and zero point of a matrix begin with."""
        return self._matrix[f"{layer}/{matrix}"]

    def array(self, name: str) -> npt.NDArray[np.float64]:
        """Return a tensor."""
        return np.asarray(numpy_helper.to_array(self.tensors[name]), dtype=np.float64)

    def floats(self, layer: int, matrix: str) -> torch.Tensor:
        """Return a matrix, of shape (inputs, outputs), as floats."""
        name = self.name(layer, matrix)
        zero = self.array(f"{name}_zero_point")
        return torch.tensor((self.array(f"{name}_quantized") - zero) * self.array(f"{name}_scale"), dtype=torch.float32)

    def vector(self, layer: int, name: str) -> torch.Tensor:
        """Return a bias, or a weight of a normalisation."""
        return torch.tensor(self.array(f"encoder.layer.{layer}.{name}"), dtype=torch.float32)


class Added(nn.Module):
    """A matrix that stays, and the product of two thin ones that is learnt and added to it."""

    def __init__(self, weights: Weights, layer: int, matrix: str) -> None:
        super().__init__()
        kept = weights.floats(layer, matrix)
        self.register_buffer("kept", kept)
        self.register_buffer("bias", weights.vector(layer, matrix.replace("/", ".") + ".bias"))
        self.down = nn.Parameter(torch.randn(kept.shape[0], RANK) / math.sqrt(kept.shape[0]))
        self.up = nn.Parameter(torch.zeros(RANK, kept.shape[1]))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the product."""
        return hidden @ self.kept + self.bias + (hidden @ self.down) @ self.up


class Layer(nn.Module):
    """One transformer layer of BERT (Devlin et al. 2019)."""

    def __init__(self, weights: Weights, layer: int) -> None:
        super().__init__()
        self.matrices = nn.ModuleList(Added(weights, layer, matrix) for matrix in MATRICES)
        for name, place in (("within", "attention.output.LayerNorm"), ("after", "output.LayerNorm")):
            self.register_buffer(f"{name}_weight", weights.vector(layer, f"{place}.weight"))
            self.register_buffer(f"{name}_bias", weights.vector(layer, f"{place}.bias"))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor, first_only: bool) -> torch.Tensor:
        """Return the hidden states after this layer; ``first_only``: of the first token alone."""
        query, key, value, joined, wide, narrow = self.matrices
        texts, _, size = hidden.shape
        asking = hidden[:, :1] if first_only else hidden

        def heads(of: torch.Tensor) -> torch.Tensor:
            return of.view(texts, -1, HEADS, size // HEADS).transpose(1, 2)

        attended = functional.scaled_dot_product_attention(
            heads(query(asking)), heads(key(hidden)), heads(value(hidden)), attn_mask=mask
        )
        attended = joined(attended.transpose(1, 2).reshape(texts, -1, size)) + asking
        attended = functional.layer_norm(attended, (size,), self.within_weight, self.within_bias, 1e-12)
        lifted = narrow(functional.gelu(wide(attended))) + attended
        return functional.layer_norm(lifted, (size,), self.after_weight, self.after_bias, 1e-12)


class Upper(nn.Module):
    """The layers that are tuned: hidden states → one vector of length 1 a text."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(weights, layer) for layer in range(LOWEST, LAYERS))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the vectors, of shape (texts, 384)."""
        for layer in self.layers:
            hidden = layer(hidden, mask, layer is self.layers[-1])
        return functional.normalize(hidden[:, 0], dim=-1)


class Lower:
    """The layers that stay: texts → hidden states, kept for every text that was read."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._kept: dict[str, Hidden] = {}
        self._output = f"/encoder/layer.{LOWEST - 1}/output/LayerNorm/Add_1_output_0"
        whole = onnx.load(folder / "model.onnx")
        cut = onnx.utils.Extractor(whole).extract_model(list(INPUTS), [self._output])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            cut.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def read(self, texts: list[str]) -> None:
        """Run the lower layers over texts, two at a time."""
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        with ThreadPoolExecutor(2) as pool:
            self._kept.update(zip(new, pool.map(self._run, new), strict=True))

    def _run(self, text: str) -> Hidden:
        encoded = self._tokenizer.encode(text)
        values = (encoded.ids, encoded.attention_mask, encoded.type_ids)
        feed = {name: np.array([value], dtype=np.int64) for name, value in zip(INPUTS, values, strict=True)}
        return np.asarray(self._session.run(None, feed)[0][0], dtype=np.float16)

    def length(self, text: str) -> int:
        """Return the tokens of a text that was read."""
        return len(self._kept[text])

    def together(self, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return hidden states, of shape (texts, tokens, 384), and the mask of what is text."""
        states = [self._kept[text] for text in texts]
        longest = max(map(len, states))
        hidden = np.zeros((len(states), longest, states[0].shape[1]), dtype=np.float32)
        mask = np.zeros((len(states), longest), dtype=np.bool_)
        for place, state in enumerate(states):
            hidden[place, : len(state)] = state
            mask[place, : len(state)] = True
        return torch.from_numpy(hidden), torch.from_numpy(mask)[:, None, None, :]


def encode(upper: Upper, lower: Lower, texts: list[str]) -> torch.Tensor:
    """Return the vectors of texts that were read, in their order; texts of like length go together."""
    order = sorted(range(len(texts)), key=lambda place: lower.length(texts[place]))
    parts = [
        upper(*lower.together([texts[place] for place in order[start : start + AT_ONCE]]))
        for start in range(0, len(order), AT_ONCE)
    ]
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]
