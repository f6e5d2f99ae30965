from __future__ import annotations

from pathlib import Path

import numpy as np

from matcher.similarity import DIMENSIONS, SimilarityModel, cosines, train
from matcher.text import joined, normal_skill, tokens


def test_chinese_runs_become_characters_and_pairs() -> None:
    assert tokens("电焊工 Welder2") == ["电", "焊", "工", "电焊", "焊工", "welder2"]


def test_elasticsearch_sees_exactly_the_tokens() -> None:
    text = "高级 Ｊava 工程师, C++ (night shifts)"
    assert joined(text).split(" ") == tokens(text)


def test_spelling_does_not_part_skills() -> None:
    assert normal_skill(" Vehicle  Repairs ") == normal_skill("vehicle repair")


def test_training_twice_gives_the_same_vectors() -> None:
    texts = ["电焊工", "software developer", ""]
    assert np.array_equal(train().embed(texts), train().embed(texts))


def test_a_vector_does_not_depend_on_its_batch() -> None:
    model = train()
    texts = ["砌筑工", "快递员", "project manager", "😀", "a" * 2000]
    together = model.embed(texts)
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(model.embed([text])[0], vector)


def test_a_saved_model_embeds_the_same(tmp_path: Path) -> None:
    model = train()
    model.save(tmp_path / "model.npz")
    again = SimilarityModel.load(tmp_path / "model.npz")
    assert again.version == model.version
    assert np.array_equal(again.embed(["家政服务员"]), model.embed(["家政服务员"]))


def test_unknown_text_has_no_likeness() -> None:
    model = train()
    vectors = [each.tobytes().hex() for each in model.embed(["\u2603", "welder"])]
    assert len(vectors[0]) == 2 * DIMENSIONS
    assert cosines(vectors[0], vectors).tolist() == [0.0, 0.0]


def test_kindred_occupations_are_nearer_than_strangers() -> None:
    vectors = [each.tobytes().hex() for each in train().embed(["电焊工", "焊工", "律师"])]
    near, far = cosines(vectors[0], vectors[1:]).tolist()
    assert near > far


def test_vectors_of_any_length_are_compared_and_a_missing_one_is_unlike() -> None:
    assert cosines("7f00", ["7f00", "", "007f"]).tolist() == [1.0, 0.0, 0.0]
