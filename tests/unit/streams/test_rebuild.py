"""The views that need a rebuild, and the edition that a step works on: the pure parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roost.errors import Conflict, Transient
from roost.views.elastic import Index
from roost.views.mappings import (
    VECTORED,
    VIEWS,
    index_body,
    next_index,
    shape_of,
    view_of_index,
)
from streams.maintenance.rebuild import due_views
from streams.maintenance.renewal import TOGETHER, offsets_passed, refuse_two_models
from streams.views.editions import edition_of


def standing(**models: str | None) -> dict[str, Index]:
    return {
        view: Index(f"{view}-000001-0a0a0a0a", view, models.get(view), False, shape_of(view))
        for view in VIEWS
    }


def test_nothing_is_due_when_every_view_stands_with_the_model() -> None:
    assert due_views(standing(profiles="m-1", openings="m-1"), "m-1") == []


@pytest.mark.parametrize("models", [("m-1", "m-2"), ("m-1", None), (None, None), ("m-1", "m-1")])
def test_another_model_makes_both_vectored_views_due(models: tuple[str | None, ...]) -> None:
    found = standing(**dict(zip(VECTORED, models, strict=True)))
    assert due_views(found, "m-2") == list(VECTORED)


def test_a_missing_view_is_due_and_a_vectored_one_brings_the_other() -> None:
    found = standing(profiles="m-1", openings="m-1")
    del found["matches"], found["openings"]
    assert sorted(due_views(found, "m-1")) == ["matches", "openings", "profiles"]


def test_a_view_of_an_older_release_with_other_fields_is_due() -> None:
    found = standing(profiles="m-1", openings="m-1")
    found["deliveries"] = replace(found["deliveries"], shape=None)
    found["profiles"] = replace(found["profiles"], shape="of-another-release")
    assert sorted(due_views(found, "m-1")) == ["deliveries", "profiles"]
    refuse_two_models(found, "m-1", ["profiles"])


def test_every_view_moves_in_one_group() -> None:
    assert sorted(view for group in TOGETHER for view in group) == sorted(VIEWS)


def test_an_edition_is_of_one_model() -> None:
    edition = edition_of(standing(profiles="m-1", openings="m-1"))
    assert edition.model == "m-1"
    assert edition.index("profiles") == "profiles-000001-0a0a0a0a"
    assert edition.index("stations") == "stations"
    for profiles, openings in (("m-1", "m-2"), (None, None), ("m-1", None)):
        with pytest.raises(Transient, match="rebuild --model"):
            edition_of(standing(profiles=profiles, openings=openings))
    with pytest.raises(Transient, match="does not exist"):
        edition_of({})


def test_one_vectored_view_alone_keeps_the_model_of_the_other() -> None:
    found = standing(profiles="m-1", openings="m-1")
    refuse_two_models(found, "m-1", ["profiles"])
    refuse_two_models(found, "m-2", ["profiles", "openings"])
    refuse_two_models(found, "m-2", ["matches"])
    with pytest.raises(Conflict):
        refuse_two_models(found, "m-2", ["profiles"])


def test_names_of_indices_count_and_tell_their_view() -> None:
    assert next_index("profiles", None, "0a0a0a0a") == "profiles-000001-0a0a0a0a"
    assert next_index("profiles", "profiles-000009", "0b0b0b0b") == "profiles-000010-0b0b0b0b"
    assert view_of_index("profiles-000010-0b0b0b0b") == "profiles"
    assert view_of_index("profiles-000001") == "profiles"
    assert view_of_index("profiles-archive") is None


def test_the_tail_is_what_has_been_appended() -> None:
    assert offsets_passed({}, {0: 5, 1: 0}) == 5
    assert offsets_passed({0: 5, 1: 0}, {0: 7, 1: 1}) == 3


def test_a_vectored_index_names_its_model_and_has_its_dimensions() -> None:
    body = index_body("profiles", "m-1", 64)
    assert body["mappings"]["_meta"] == {"model": "m-1", "shape": shape_of("profiles")}
    assert body["mappings"]["properties"]["vector"]["dims"] == 64
    assert VIEWS["profiles"]["mappings"]["properties"]["vector"]["dims"] == 128
    other = index_body("matches", "m-1", 64)
    assert other["mappings"].pop("_meta") == {"shape": shape_of("matches")}
    assert VIEWS["matches"]["mappings"] == other["mappings"]
