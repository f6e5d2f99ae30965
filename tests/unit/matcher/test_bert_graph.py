from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from matcher.bert_graph import Bert, Layer, Linear, Normal, bert_graph
from matcher.encoders import Floats
from matcher.published_bert import unpack_published
from roost.errors import Invalid

WIDTH, INNER, HEADS = 32, 64, 4
DICE = np.random.default_rng(3)


def linear(inputs: int, outputs: int) -> Linear:
    weights = DICE.normal(size=(inputs, outputs)) / np.sqrt(inputs)
    return Linear(weights.astype(np.float32), DICE.normal(size=outputs).astype(np.float32))


def normal() -> Normal:
    return Normal(np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32))


def layer() -> Layer:
    return Layer(
        attended=linear(WIDTH, 3 * WIDTH),
        joined=linear(WIDTH, WIDTH),
        joined_normal=normal(),
        inner=linear(WIDTH, INNER),
        outer=linear(INNER, WIDTH),
        outer_normal=normal(),
    )


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    model = bert_graph(Bert(normal(), [layer(), layer()], HEADS, 1e-12))
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=providers)


def states(session: onnxruntime.InferenceSession, words: Floats) -> Floats:
    (found,) = session.run(None, {"words": words.astype(np.float32)})
    return np.asarray(found)


def test_the_states_of_a_text_do_not_depend_on_the_texts_in_its_run(
    session: onnxruntime.InferenceSession,
) -> None:
    words = DICE.normal(size=(40, 7, WIDTH)) * DICE.lognormal(sigma=2, size=(40, 1, 1))
    together = states(session, words)
    for at in range(len(words)):
        assert states(session, words[at : at + 1])[0].tobytes() == together[at].tobytes()


def test_tokens_without_any_activation_have_states(session: onnxruntime.InferenceSession) -> None:
    assert np.isfinite(states(session, np.zeros((1, 3, WIDTH)))).all()


def test_a_graph_of_another_kind_is_refused(tmp_path: Path) -> None:
    graph = helper.make_graph([], "other", [], [], [])
    onnx.save(helper.make_model(graph), tmp_path / "other.onnx")
    with pytest.raises(Invalid, match="word_embeddings"):
        unpack_published(tmp_path / "other.onnx", tmp_path / "none", tmp_path / "out", HEADS)
