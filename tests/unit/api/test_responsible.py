"""The station and the clerk whom an employer can ask: only what they chose to show."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.matches.responsible import closest, responsible

PLACES = ["cn:140211", "cn:1402", "cn:14"]
SMS = {"kind": "sms", "address": "+8603525550101"}


def station(id: str, *serves: str, **changes: Any) -> dict[str, Any]:
    return {"id": id, "name": f"Station {id}", "serves": list(serves), "channels": [SMS]} | changes


stations = st.lists(
    st.builds(
        lambda number, serves: station(f"s-{number}", *serves),
        st.integers(0, 99),
        st.lists(st.sampled_from([*PLACES, "cn:15"]), max_size=3),
    ),
    max_size=6,
    unique_by=lambda each: each["id"],
)


@given(stations, st.randoms())
def test_the_station_of_the_innermost_place_is_responsible_in_any_order(
    found: list[dict[str, Any]], random: Any
) -> None:
    one = closest(found, PLACES)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert closest(shuffled, PLACES) == one
    serving = [each for each in found if set(PLACES) & set(each["serves"])]
    assert (one is None) is (not serving)
    if one is not None:
        depth = min(PLACES.index(each) for each in one["serves"] if each in PLACES)
        assert not any(set(PLACES[:depth]) & set(each["serves"]) for each in serving)


def test_a_name_is_shown_only_if_it_was_chosen() -> None:
    here = station("s-1", "cn:14")
    assert responsible(here) == {"station": "Station s-1", "telephone": SMS["address"]}
    assert responsible(here, "李老师") == {
        "station": "Station s-1",
        "telephone": SMS["address"],
        "name": "李老师",
    }
    assert responsible(None, "李老师") is None


def test_only_a_confirmed_telephone_of_the_station_is_shown() -> None:
    mail = {"kind": "email", "address": "li@example.com"}
    for channels in ([mail], [SMS | {"confirmed": False}], [{"kind": "sms", "address": ""}], []):
        shown = responsible(station("s-1", channels=channels))
        assert shown == {"station": "Station s-1"}
