from __future__ import annotations

import numpy as np

from matcher.name_vectors import Meant, NameRanking, NameVectors


def test_a_cosine_is_the_same_alone_and_among_others() -> None:
    draw = np.random.default_rng(7)
    names = draw.integers(-127, 128, (4_001, 384)).astype(np.int8)
    texts = draw.integers(-127, 128, (97, 384)).astype(np.int8)
    known = NameVectors(names)
    together = known.cosines(texts)
    for text, row in zip(texts, together, strict=True):
        assert known.cosines(text[None])[0].tobytes() == row.tobytes()
    exact = texts.astype(int) @ names.T.astype(int)
    lengths = np.outer(np.linalg.norm(texts, axis=1), np.linalg.norm(names.astype(float), axis=1))
    assert np.allclose(together, exact / lengths, atol=1e-6)


def vector(*numbers: int) -> Meant:
    here = np.array(numbers, np.int8)
    return Meant(here, here, is_english=True)


def test_a_zero_vector_is_like_nothing() -> None:
    names = NameVectors(np.array([[0, 0], [5, 0]], np.int8))
    assert names.cosines(np.array([[3, 0], [0, 0]], np.int8)).tolist() == [[0, 1], [0, 0]]


def test_names_are_ranked_by_likeness_and_occupations_precede_equally_near_groups() -> None:
    names = ["Hotel managers", "hotel manager", "cook", ""]
    near, far = vector(100, 10), vector(0, 100)
    ranking = NameRanking(names, [near, near, far, None], list("abcd"))
    assert ranking.order(vector(100, 0)) == [1, 0, 2, 3]


def test_text_that_is_not_english_is_ranked_by_the_space_of_all_languages() -> None:
    one, other = np.array([100, 0], np.int8), np.array([0, 100], np.int8)
    names = [Meant(one, other, is_english=True), Meant(other, one, is_english=True)]
    ranking = NameRanking(["first", "second"], names, ["a", "b"])
    assert ranking.order(Meant(one, one, is_english=False)) == [0, 1]
    assert ranking.order(Meant(one, one, is_english=True)) == [1, 0]
    assert ranking.order(Meant(other, None, is_english=True)) == [1, 0]


def test_of_two_occupations_with_the_same_name_the_one_with_other_near_names_comes_first() -> None:
    same, near, far = vector(100, 0), vector(90, 20), vector(0, 100)
    names = ["guide", "lecturer", "guide", "tour guide"]
    ranking = NameRanking(names, [same, far, same, near], ["a", "a", "b", "b"])
    assert ranking.order(vector(100, 0)) == [2, 0, 3, 1]
