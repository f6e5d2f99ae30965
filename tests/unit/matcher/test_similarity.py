from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.local import encoder_files
from matcher import similarity
from matcher.encoders import Floats, unit_vectors
from matcher.head import DIMENSIONS
from matcher.model_training import expected_version
from matcher.similarity import (
    Encoders,
    Learned,
    SimilarityModel,
    cosines,
    embed_in_spaces,
    hexadecimal,
    quantize,
)
from roost.text.taxonomy import taxonomy, translations
from roost.text.tokens import CJK, LATIN, joined, normal_skill, singular_words, tokens
from streams.learning import model_artefact as models


def likeness(model: SimilarityModel, text: str, other: str) -> float:
    one, two = hexadecimal(model.embed([text, other]))
    return float(cosines(one, [two])[0])


def test_chinese_runs_become_characters_and_pairs() -> None:
    assert tokens("电焊工 Welder2") == ["电", "焊", "工", "电焊", "焊工", "welder2"]


def test_elasticsearch_sees_exactly_the_tokens() -> None:
    text = "高级 Ｊava 工程师, C++ (night shifts)"
    assert joined(text).split(" ") == tokens(text)


def test_spelling_does_not_part_skills() -> None:
    assert normal_skill(" Vehicle  Repairs ") == normal_skill("vehicle repair")


def test_number_and_case_do_not_part_titles() -> None:
    assert singular_words(" Chief  Executives ") == "Chief Executive"
    assert singular_words("STAFF NURSES") == "Staff Nurse"
    assert singular_words("CNC") == "CNC"
    assert singular_words("😀 !") == ""


def test_what_ships_fits_the_encoders_and_the_taxonomies(artefact: Path) -> None:
    shipped = models.shipped_head()
    assert shipped is not None, "run: roost train --retrain, and commit roost/data/model/head.npz"
    home = encoder_files.fetch()
    assert shipped.version == expected_version(home / "encoders", taxonomy())
    assert len(shipped.names) == len(taxonomy().names())
    assert Learned.load(artefact / "head.npz").version == shipped.version


def test_a_translated_title_takes_the_bridge_that_it_trains() -> None:
    for each in translations():
        assert all(CJK.search(title) for title in each.titles), each
        assert all(LATIN.search(title) and not CJK.search(title) for title in each.english), each


def test_the_artefact_is_small(artefact: Path) -> None:
    size = sum(file.stat().st_size for file in artefact.rglob("*") if file.is_file())
    assert size < 150_000_000


def test_the_names_were_placed_by_the_very_encoders(artefact: Path) -> None:
    """A sample of the stored vectors is reproducible: the artefact is its training's."""
    learned = Learned.load(artefact / "head.npz")
    names = taxonomy().names()
    some = list(range(0, len(names), 997))
    texts = [singular_words(names[at][1]) for at in some]
    again = embed_in_spaces(Encoders.load(artefact / "encoders"), learned.head, texts)
    # Processors round differently; on one machine the vectors are identical.
    assert alike(quantize(again.shared), learned.names[some]) > 0.99
    chinese = len(names) - len(learned.english)
    english = [at for at in some if at >= chinese]
    assert (
        alike(again.bge[len(some) - len(english) :], learned.english[np.array(english) - chinese])
        > 0.97
    )


def alike(one: Any, other: Any) -> float:
    """Return the least cosine between matching rows."""
    rows = (unit_vectors(each.astype(np.float32)) for each in (one, other))
    return float(np.prod(list(rows), axis=0).sum(axis=1).min())


def test_a_vector_does_not_depend_on_its_batch(artefact: Path) -> None:
    texts = ["砌筑工", "快递员", "project manager", "Schweißer", "😀", "a" * 2000, "قائد", ""]
    together = SimilarityModel.load(artefact).embed(texts)
    alone = SimilarityModel.load(artefact)
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(alone.embed([text])[0], vector), text


class CountingEncoders:
    """The encoders of an artefact, with the texts that the multilingual one was given."""

    def __init__(self, artefact: Path) -> None:
        self.seen: list[str] = []
        real = Encoders.load(artefact / "encoders")

        def multilingual(texts: Sequence[str]) -> Floats:
            self.seen += texts
            return real.multilingual(texts)

        self.encoders = Encoders(real.bge, multilingual)

    def model(self, artefact: Path) -> SimilarityModel:
        learned = Learned.load(artefact / "head.npz")
        return SimilarityModel(self.encoders, learned, artefact / "encoders")


def test_a_text_is_encoded_once_for_its_vector_and_its_links(artefact: Path) -> None:
    counting = CountingEncoders(artefact)
    model = counting.model(artefact)
    texts = ["leading hand shotcreter", "喷浆班班长助手", "Schweißaufsicht im Stahlbau"]
    model.embed(texts)
    links = [model.links(text) for text in texts]
    assert sorted(counting.seen) == sorted(map(singular_words, texts))
    assert links == [counting.model(artefact).links(text) for text in texts]


def test_links_before_the_vector_change_neither(artefact: Path) -> None:
    counting = CountingEncoders(artefact)
    model, text = counting.model(artefact), "leading hand shotcreter"
    model.links(text)
    vector = model.embed([text])
    assert counting.seen == [text]
    assert np.array_equal(vector, SimilarityModel.load(artefact).embed([text]))


def test_forgotten_texts_are_encoded_again(artefact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "REMEMBERED", 1)
    counting = CountingEncoders(artefact)
    model = counting.model(artefact)
    texts = ["shotcreter", "喷浆班班长助手", "leno weaver on looms"]
    first = model.embed(texts)
    assert np.array_equal(model.embed(texts), first)
    assert len(counting.seen) > len(texts)
    assert [each is not None for each in model.meant(texts)] == [True] * 3


def test_stored_vectors_of_names_are_those_of_the_encoders(model: SimilarityModel) -> None:
    names = ["welder", "cashiers", "leading hand shotcreter"]
    for stored, encoded in zip(model.meant_names(names), model.meant(names), strict=True):
        assert stored is not None
        assert encoded is not None
        assert stored.english is not None
        assert encoded.english is not None
        assert alike(stored.english[None], encoded.english[None]) > 0.97
        assert alike(stored.shared[None], encoded.shared[None]) > 0.97


def test_threads_do_not_change_a_vector(artefact: Path) -> None:
    texts = ["钢筋工", "warehouse operative"]
    one, two = (SimilarityModel.load(artefact, threads=each).embed(texts) for each in (1, 2))
    assert np.array_equal(one, two)


def test_a_saved_model_embeds_the_same(model: SimilarityModel, tmp_path: Path) -> None:
    model.save(tmp_path / "again")
    again = SimilarityModel.load(tmp_path / "again")
    assert again.version == model.version
    assert np.array_equal(again.embed(["家政服务员"]), model.embed(["家政服务员"]))


def test_another_head_of_the_same_encoders_is_another_model(artefact: Path, tmp_path: Path) -> None:
    shutil.copytree(artefact, tmp_path / "other")
    learned = Learned.load(artefact / "head.npz")
    replace(learned, version="other").save(tmp_path / "other" / "head.npz")
    assert SimilarityModel.load(tmp_path / "other").version == "other"


def test_text_without_a_letter_has_no_likeness(model: SimilarityModel) -> None:
    vectors = [each.tobytes().hex() for each in model.embed(["\u2603", "welder"])]
    assert len(vectors[0]) == 2 * DIMENSIONS
    assert cosines(vectors[0], vectors).tolist() == [0.0, 0.0]
    assert model.embed([]).shape == (0, DIMENSIONS)


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_text_in_any_language_has_a_vector(model: SimilarityModel, text: str) -> None:
    (vector,) = model.embed([text])
    length = float(np.linalg.norm(vector.astype(float)))
    assert vector.shape == (DIMENSIONS,)
    assert not vector.any() or length == pytest.approx(127, abs=6)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("电焊工", "焊工", "律师"),
        ("焊工", "welder", "lawyer"),
        ("保姆", "nanny", "underwriter"),
        ("Krankenpfleger", "nurse", "truck driver"),
        ("comptable", "accountant", "bricklayer"),
        ("cocinero", "cook", "carpenter"),
        ("truck driver", "lorry driver", "bus conductor"),
    ],
)
def test_kindred_occupations_are_nearer_than_strangers(
    model: SimilarityModel, text: str, near: str, far: str
) -> None:
    assert likeness(model, text, near) > likeness(model, text, far) + 0.1


def test_rank_counts_for_less_than_the_trade(model: SimilarityModel) -> None:
    trade = likeness(model, "senior accountant", "accounting assistant")
    assert trade > likeness(model, "senior accountant", "senior chemist")


def test_vectors_of_any_length_are_compared_and_a_missing_one_is_unlike() -> None:
    assert cosines("7f00", ["7f00", "", "007f"]).tolist() == [1.0, 0.0, 0.0]
