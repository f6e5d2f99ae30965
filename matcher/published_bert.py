"""Conversion of a BERT published as an 8-bit ONNX graph into files for `encoders`.

The published graph scales all activations of a run together, so a vector would depend on its batch.
Its weights are read and become a graph that does not (`bert_graph`).

Source: Xiao et al., "C-Pack: Packed Resources For General Chinese Embeddings" (2023), for BGE.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from matcher.bert_graph import Bert, Layer, Linear, Normal, save_bert
from matcher.encoders import LONGEST, Floats
from roost.errors import Invalid

EPSILON = 1e-12


def unpack_published(path: Path, tokenizer: Path, folder: Path, heads: int) -> None:
    """Write the files of a `BertEncoder` with this number of attention heads into `folder`.

    Raises Invalid when the graph has other parts than a BERT.
    """
    graph = onnx.load(path).graph
    published = _Published(graph)
    folder.mkdir(parents=True, exist_ok=True)
    words = published.table("embeddings.word_embeddings")
    np.save(folder / "words.npy", words.astype(np.float16))
    places = published.table("embeddings.position_embeddings")[:LONGEST]
    kinds = published.table("embeddings.token_type_embeddings")
    np.save(folder / "places.npy", places + kinds[:1])
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    save_bert(published.weights(heads), folder / "layers.onnx")


class _Published:
    """The tensors of a published graph, with the quantised ones as floats."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._tensors = {each.name: numpy_helper.to_array(each) for each in graph.initializer}

    def weights(self, heads: int) -> Bert:
        """Return the weights of the layers. Their products come in the order of use."""
        products = self._products()
        layers: list[Layer] = []
        while (query := next(products, None)) is not None:
            at = f"encoder.layer.{len(layers)}."
            key, value, joined, inner, outer = (next(products) for _ in range(5))
            biases = [
                self._numbers(f"{at}attention.self.{each}.bias")
                for each in ("query", "key", "value")
            ]
            layers.append(
                Layer(
                    attended=Linear(np.hstack([query, key, value]), np.concatenate(biases)),
                    joined=Linear(joined, self._numbers(f"{at}attention.output.dense.bias")),
                    joined_normal=self._normal(f"{at}attention.output.LayerNorm"),
                    inner=Linear(inner, self._numbers(f"{at}intermediate.dense.bias")),
                    outer=Linear(outer, self._numbers(f"{at}output.dense.bias")),
                    outer_normal=self._normal(f"{at}output.LayerNorm"),
                )
            )
        return Bert(self._normal("embeddings.LayerNorm"), layers, heads, EPSILON)

    def table(self, name: str) -> Floats:
        """Return a table of embeddings."""
        found = [each for each in self._tensors if each.startswith(name)]
        quantised = [each for each in found if each.endswith("_quantized")]
        if not quantised:
            raise Invalid(f"The published encoder has no table {name}")
        return self._scaled(quantised[0])

    def _products(self) -> Iterator[Floats]:
        for node in self._graph.node:
            if node.op_type == "MatMulInteger":
                yield self._scaled(node.input[1])

    def _scaled(self, quantised: str) -> Floats:
        base = quantised.removesuffix("_quantized")
        zero = self._numbers(f"{base}_zero_point")
        return (self._numbers(quantised) - zero) * self._numbers(f"{base}_scale")

    def _normal(self, name: str) -> Normal:
        return Normal(self._numbers(f"{name}.weight"), self._numbers(f"{name}.bias"))

    def _numbers(self, name: str) -> npt.NDArray[np.float32]:
        if name not in self._tensors:
            raise Invalid(f"The published encoder has no tensor {name}")
        return self._tensors[name].astype(np.float32)
