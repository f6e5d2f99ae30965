"""Boroughs and neighborhoods in New York's addresses."""

from __future__ import annotations

import pytest

from roost.places.new_york import places_in
from roost.places.place_search import AmbiguousPlace, borough_of
from roost.places.resolutions import Candidates, PlaceContext, Resolved
from roost.places.resolving import resolve


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("30 West 28th Street, Manhattan", "nyc:manhattan"),
        ("42-09 28th Street", "nyc:queens"),
        ("335 Adams Street, Brooklyn Ny", "nyc:brooklyn"),
        ("356 Flushing Ave, Brooklyn", "nyc:brooklyn"),
        ("24-55 Bklyn Qns Expy Woodside", "nyc:queens"),
        ("1 Centre St., N.Y.", "nyc:manhattan"),
        ("55 Water St Ny Ny", "nyc:manhattan"),
        ("1 Bay St., S.I.,Ny", "nyc:staten-island"),
        ("3701 Jerome Ave, Bx NY 10467", "nyc:bronx"),
        ("198 E 161st Street", "nyc:bronx"),
        ("161-169 East 110 Street", "nyc:manhattan"),
        ("3030 Third Ave", "nyc:bronx"),
        ("31-00 47 Ave, 3 FL, LIC NY", "nyc:queens"),
        ("200 Bedford Ave 11249", "nyc:brooklyn"),
        ("Not Used", "nyc:ny"),
    ],
)
def test_the_strongest_evidence_names_the_borough(address: str, key: str) -> None:
    assert borough_of(address) == key


@pytest.mark.parametrize("address", ["150 Fulton St, New York", "Manhattan and Brooklyn offices"])
def test_an_address_in_two_boroughs_is_asked(address: str) -> None:
    with pytest.raises(AmbiguousPlace, match="Manhattan, New York, Brooklyn, New York"):
        borough_of(address)
    found = resolve(address)
    assert isinstance(found, Candidates)
    assert [place.key for place in found.places] == ["nyc:manhattan", "nyc:brooklyn"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Astoria", "nyc:astoria"),
        ("St. George, Staten Island", "nyc:saint-george"),
        ("Hell's Kitchen", "nyc:hells-kitchen"),
        ("Bed-Stuy, Brooklyn", "nyc:bedford-stuyvesant"),
        ("NYC", "nyc:ny"),
    ],
)
def test_a_neighborhood_is_the_innermost_place(text: str, key: str) -> None:
    found = resolve(text)
    assert isinstance(found, Resolved)
    assert found.place.key == key


def test_a_road_named_after_a_neighborhood_is_no_neighborhood() -> None:
    assert places_in("75-20 Astoria Blvd") == ("nyc:queens",)


def test_a_town_of_the_state_is_outside_the_city() -> None:
    assert places_in("465 Columbus Ave. Valhalla, Ny") == ()


def test_a_street_counts_only_for_an_address_in_the_city() -> None:
    assert not isinstance(resolve("42 Broadway"), Resolved)
    found = resolve("42 Broadway", PlaceContext(near=("nyc:ny",)))
    assert isinstance(found, Resolved)
    assert found.place.key == "nyc:manhattan"
