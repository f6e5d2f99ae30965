from __future__ import annotations

import numpy as np

from matcher.encoders import unit_vectors
from matcher.head import (
    PULL,
    SAME_SCRIPT,
    Head,
    Translations,
    class_means,
    discriminants,
    fit_head,
    join_vectors,
)

DICE = np.random.default_rng(7)
CLASSES = np.repeat(np.arange(200), 6)
MIDDLES = DICE.normal(size=(200, 160))
NOISE = DICE.normal(size=160) * 4
"""Direction in which the names of one class differ most, as words of rank do."""


def names() -> np.ndarray:
    scatter = DICE.normal(size=(len(CLASSES), 160)) * 0.6
    along = DICE.normal(size=(len(CLASSES), 1)) * NOISE
    return unit_vectors(MIDDLES[CLASSES] + scatter + along)


FOREIGN = np.linalg.qr(DICE.normal(size=(160, 160)))[0]
"""The multilingual encoder turns texts of another language half this way, and aside."""
ASIDE = DICE.normal(size=160) * 0.05


def foreign(multilingual: np.ndarray) -> np.ndarray:
    return unit_vectors(multilingual + 0.5 * multilingual @ FOREIGN + ASIDE)


def fitted(english: np.ndarray, multilingual: np.ndarray, known: slice = slice(600)) -> Head:
    """Fit a head to names, the `known` ones of which are translated."""
    together = join_vectors([english, multilingual])
    translated = foreign(multilingual[known])
    weights = np.full(len(translated), 20.0)
    return fit_head(
        together, multilingual, CLASSES, Translations(translated, together[known], weights)
    )


def test_the_head_brings_names_of_one_class_together() -> None:
    english, multilingual = names(), names()
    head = fitted(english, multilingual)
    placed = head.english(join_vectors([english, multilingual]))
    middles = unit_vectors(class_means(placed, CLASSES))
    right = (placed @ middles.T).argmax(axis=1) == CLASSES
    before = unit_vectors(class_means(english, CLASSES))
    assert right.mean() > ((english @ before.T).argmax(axis=1) == CLASSES).mean()
    assert right.mean() > 0.95


def test_the_bridge_carries_the_one_encoder_into_the_same_space() -> None:
    english, multilingual = names(), names()
    together = join_vectors([english, multilingual])
    head = fitted(english, multilingual)
    agreement = np.einsum("ij,ij->i", head.english(together), head.bridged(multilingual))
    assert agreement.mean() > 0.5


def test_translations_bring_unseen_texts_of_their_languages_to_their_english_titles() -> None:
    english, multilingual = names(), names()
    head = fitted(english, multilingual, slice(600))
    unseen = slice(600, None)
    titles = head.english(join_vectors([english, multilingual])[unseen])
    texts = foreign(multilingual[unseen])
    eastern = np.ones(len(texts), np.bool_)

    def agreement(vectors: np.ndarray) -> float:
        return float(np.einsum("ij,ij->i", titles, vectors).mean())

    assert agreement(head.bridged(texts, eastern)) > agreement(head.bridged(texts)) + 0.1


def test_texts_of_those_languages_keep_a_direction_that_they_share() -> None:
    english, multilingual = names(), names()
    head = fitted(english, multilingual)
    texts = foreign(multilingual)
    mean = head.bridged(texts, np.ones(len(texts), np.bool_)).mean(axis=0)
    assert np.linalg.norm(mean) > SAME_SCRIPT / 2


def test_only_marked_texts_take_the_second_bridge() -> None:
    english, multilingual = names(), names()
    head = fitted(english, multilingual)
    marked = np.arange(6) % 2 == 0
    vectors = head.bridged(multilingual[:6], marked)
    assert np.allclose(vectors[~marked], head.bridged(multilingual[:6])[~marked], atol=1e-6)
    assert not np.allclose(vectors[marked], head.bridged(multilingual[:6])[marked], atol=1e-2)


def test_the_english_vector_is_left_where_both_disagree() -> None:
    english, multilingual = names(), names()
    head = fitted(english, multilingual)
    one, other = np.eye(128, dtype=np.float32)[:1], np.eye(128, dtype=np.float32)[1:2]
    assert np.allclose(head.blended(one, other), other)
    assert np.allclose(head.blended(one, one), one)


def test_a_vector_is_drawn_a_little_towards_what_it_resembles() -> None:
    english, multilingual = names(), names()
    head = fitted(english, multilingual)
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
