"""A BERT encoder as an ONNX graph with 8-bit weights, whose vectors do not depend on the batch.

Weights are quantised by column, activations by row, that is by token. Products of 8-bit numbers are
summed as integers, so the states of a text are the same alone and together with others of equal
length. The graphs that models are published as scale by everything in a run, and take twice as
long.

Source: Dettmers et al., "LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale"
(NeurIPS 2022), for the scales by row and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from matcher.encoders import Floats

STEPS = 127
"""Largest absolute value of a quantised number."""
SMALLEST = 1e-9
"""Added to the largest activation of a row, so that a row of zeros has a scale."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear map: weights of shape (inputs, outputs), and the bias."""

    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Normal:
    """The scale and the shift of a layer normalisation."""

    scale: Floats
    shift: Floats


@dataclass(frozen=True, slots=True)
class Layer:
    """One transformer layer: `attended` joins queries, keys and values."""

    attended: Linear
    joined: Linear
    joined_normal: Normal
    inner: Linear
    outer: Linear
    outer_normal: Normal


@dataclass(frozen=True, slots=True)
class Bert:
    """The weights of an encoder, without its word embeddings."""

    normal: Normal
    layers: Sequence[Layer]
    heads: int
    epsilon: float


def bert_graph(weights: Bert) -> Any:
    """Return the model: word and position embeddings in, states of the last layer out."""
    return _Graph(weights).model()


def save_bert(weights: Bert, path: Path) -> None:
    """Write the model to a file."""
    onnx.save(bert_graph(weights), path)


class _Graph:
    def __init__(self, weights: Bert) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._last_axis = self._constant(np.array([-1]))
        self._smallest = self._constant(np.float32(SMALLEST))
        self._per_step = self._constant(np.float32(1 / STEPS))
        self._middle = self._constant(np.float32(STEPS + 1))
        self._zero_point = self._constant(np.array(STEPS + 1, np.uint8))

    def model(self) -> Any:
        states = self._normed("words", self._weights.normal)
        for layer in self._weights.layers:
            states = self._layer(states, layer)
        self._nodes[-1].output[0] = "states"
        shape: list[str | int | None] = ["texts", "tokens", len(self._weights.normal.scale)]
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("words", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("states", TensorProto.FLOAT, shape)],
            self._constants,
        )
        versions = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=versions, ir_version=9)
        onnx.checker.check_model(model)
        return model

    def _layer(self, states: str, layer: Layer) -> str:
        wide = self._linear(states, layer.attended)
        parts = [f"{wide}.{each}" for each in "qkv"]
        self._nodes.append(helper.make_node("Split", [wide], parts, axis=-1, num_outputs=3))
        heads = self._microsoft("MultiHeadAttention", parts, num_heads=self._weights.heads)
        attended = self._linear(heads, layer.joined)
        states = self._normed(self._node("Add", [states, attended]), layer.joined_normal)
        inner = self._microsoft("Gelu", [self._linear(states, layer.inner)])
        outer = self._linear(inner, layer.outer)
        return self._normed(self._node("Add", [states, outer]), layer.outer_normal)

    def _linear(self, states: str, linear: Linear) -> str:
        """Multiply 8-bit numbers, scaled by row of the states and by column of the weights."""
        by_column = np.abs(linear.weights).max(axis=0) / STEPS + SMALLEST
        weights = np.rint(linear.weights / by_column).astype(np.int8)
        largest = self._node(
            "ReduceMax", [self._node("Abs", [states]), self._last_axis], keepdims=1
        )
        by_row = self._node("Mul", [self._node("Add", [largest, self._smallest]), self._per_step])
        steps = self._node("Round", [self._node("Div", [states, by_row])])
        whole = self._node("Cast", [self._node("Add", [steps, self._middle])], to=TensorProto.UINT8)
        sums = self._node("MatMulInteger", [whole, self._constant(weights), self._zero_point])
        product = self._node("Mul", [self._node("Cast", [sums], to=TensorProto.FLOAT), by_row])
        scaled = self._node("Mul", [product, self._constant(by_column.astype(np.float32))])
        return self._node("Add", [scaled, self._constant(linear.bias)])

    def _normed(self, states: str, normal: Normal) -> str:
        return self._node(
            "LayerNormalization",
            [states, self._constant(normal.scale), self._constant(normal.shift)],
            axis=-1,
            epsilon=self._weights.epsilon,
        )

    def _node(self, kind: str, inputs: list[str], domain: str = "", **attributes: Any) -> str:
        output = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def _microsoft(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        return self._node(kind, inputs, "com.microsoft", **attributes)

    def _constant(self, values: npt.NDArray[Any] | np.generic) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
