from __future__ import annotations

import numpy as np

from matcher.encoders import unit_vectors
from matcher.head import PULL, class_means, discriminants, fit_head, join_vectors

DICE = np.random.default_rng(7)
CLASSES = np.repeat(np.arange(200), 6)
MIDDLES = DICE.normal(size=(200, 160))
NOISE = DICE.normal(size=160) * 4
"""Direction in which the names of one class differ most, as words of rank do."""


def names() -> np.ndarray:
    scatter = DICE.normal(size=(len(CLASSES), 160)) * 0.6
    along = DICE.normal(size=(len(CLASSES), 1)) * NOISE
    return unit_vectors(MIDDLES[CLASSES] + scatter + along)


def test_the_head_brings_names_of_one_class_together() -> None:
    english, multilingual = names(), names()
    head = fit_head(join_vectors([english, multilingual]), multilingual, CLASSES)
    placed = head.english(join_vectors([english, multilingual]))
    middles = unit_vectors(class_means(placed, CLASSES))
    right = (placed @ middles.T).argmax(axis=1) == CLASSES
    before = unit_vectors(class_means(english, CLASSES))
    assert right.mean() > ((english @ before.T).argmax(axis=1) == CLASSES).mean()
    assert right.mean() > 0.95


def test_the_bridge_carries_the_one_encoder_into_the_same_space() -> None:
    english, multilingual = names(), names()
    together = join_vectors([english, multilingual])
    head = fit_head(together, multilingual, CLASSES)
    agreement = np.einsum("ij,ij->i", head.english(together), head.bridged(multilingual))
    assert agreement.mean() > 0.5


def test_the_english_vector_is_left_where_both_disagree() -> None:
    english, multilingual = names(), names()
    head = fit_head(join_vectors([english, multilingual]), multilingual, CLASSES)
    one, other = np.eye(128, dtype=np.float32)[:1], np.eye(128, dtype=np.float32)[1:2]
    assert np.allclose(head.blended(one, other), other)
    assert np.allclose(head.blended(one, one), one)


def test_a_vector_is_drawn_a_little_towards_what_it_resembles() -> None:
    english, multilingual = names(), names()
    head = fit_head(join_vectors([english, multilingual]), multilingual, CLASSES)
    vectors = head.bridged(multilingual[:20])
    drawn = head.drawn(vectors)
    nearest = (vectors @ head.occupations.T).argmax(axis=1)
    before = np.einsum("ij,ij->i", vectors, head.occupations[nearest])
    after = np.einsum("ij,ij->i", drawn, head.occupations[nearest])
    assert (after > before).all()
    assert (np.einsum("ij,ij->i", vectors, drawn) > 1 / np.sqrt(1 + PULL**2) - 1e-6).all()


def test_directions_come_out_the_same_every_time() -> None:
    vectors = names()
    centred = vectors - vectors.mean(axis=0)
    assert np.array_equal(discriminants(centred, CLASSES, 16), discriminants(centred, CLASSES, 16))
