"""Saved searches: the same openings forwards, inverted and compared; words; links; obstacles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roost import ids
from roost.contact import search_links
from roost.contact.stop_links import WrongLink, stop_token
from roost.events.common import Shift
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind
from roost.events.saved_search import Centre, SavedSearch
from roost.places.gazetteer import gazetteer
from roost.rules.saved_search_news import pair_of, search_obstacle
from roost.saved_searches.condition_words import condition_lines
from roost.saved_searches.inverted_searches import ANY, fields_of, is_current, searches_meeting
from roost.saved_searches.search_clauses import clauses_of, published
from roost.saved_searches.search_comparison import meets as compared
from roost.text.search_terms import Subject, terms_of_text
from roost.text.tokens import joined
from tests.unit.api.clause_evaluation import meets

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
TODAY = date(2026, 12, 1)
WORKER = ids.worker_id("t", "1")
KEY = b"k" * 32
PLACES = ("cn:1402", "cn:140223", "cn:14", "cn:110105", "nyc:bronx")
TITLES = ("电焊工", "缝纫工", "Sewing machine operator", "女装车位工", "C++ engineer", "吕氏保洁")
EMPLOYERS = ("大同服装厂", "Acme Garments", "吕梁物流")
SKILLS = ("平缝", "锁边", "焊接", "first aid", "")
WORDS = (
    "焊", "焊工", "缝纫", "hangong", "fengren", "fr", "sewing", "Sew mach", "服装 缝纫", "acme",
    "lv", "lü", "锁边 平缝", "c++", "电焊工 大同", "aid", "不存在", "fengrengong",
)  # fmt: skip
OCCUPATIONS = ("zh:6-29-01-01", "zh:6-05-03-01")


def search(**changes: Any) -> SavedSearch:
    return SavedSearch.model_validate(
        {
            "id": ids.derive("q", "1"),
            "worker_id": WORKER,
            "name": "订阅",
            "counts_from": NOW,
            "by": "u-1",
            "created_at": NOW,
        }
        | changes
    )


def opening(
    title: str = TITLES[0],
    employer: str = EMPLOYERS[0],
    skill: str = "",
    place: str | None = "cn:140223",
    **changes: Any,
) -> dict[str, Any]:
    """Return the fields of an opening's document that the index stage makes of these values."""
    places = list(gazetteer().ancestors(place)) if place else []
    point = gazetteer().coordinates(place) if place else None
    document = {
        "id": ids.opening_id("t", "1"),
        "version": 3,
        "active": True,
        "employer_id": employer,
        "last_day": TODAY.toordinal() + 10,
        "lodging": False,
        "occupations": [],
        "places": places,
        "posted_at": (NOW + timedelta(hours=1)).isoformat(),
        "shifts": [],
        "sought": terms_of_text(Subject.TITLE, title) + terms_of_text(Subject.EMPLOYER, employer),
        "words": joined(f"{title} {skill}"),
    }
    if point:
        document["location"] = {"lat": point[0], "lon": point[1]}
    return document | changes


def centre_of(key: str) -> Centre | None:
    point = gazetteer().coordinates(key)
    return Centre(latitude=point[0], longitude=point[1]) if point else None


openings = st.builds(
    lambda wage, **values: opening(**values, **({} if wage is None else {"wage_high": wage})),
    wage=st.sampled_from([None, 4_499.0, 4_500.0, 6_000.0]),
    title=st.sampled_from(TITLES),
    employer=st.sampled_from(EMPLOYERS),
    skill=st.sampled_from(SKILLS),
    place=st.sampled_from([*PLACES, None]),
    lodging=st.booleans(),
    occupations=st.lists(st.sampled_from(OCCUPATIONS), unique=True),
    shifts=st.lists(st.sampled_from([each.value for each in Shift]), max_size=2, unique=True),
)
maybe = st.sampled_from
searches = st.builds(
    search,
    words=maybe([None, None, *WORDS]),
    place=maybe([None, None, *PLACES]),
    occupation=maybe([None, None, None, *OCCUPATIONS]),
    shift=maybe([None, None, *Shift]),
    wage=maybe([None, None, 1.0, 4_500.0, 5_000.0]),
    lodging=maybe([False, False, True]),
    employer=maybe([None, None, *EMPLOYERS]),
    within_km=maybe([None, None, 1.0, 40.0, 300.0, 5_000.0]),
    centre=maybe([centre_of(each) for each in PLACES]),
    near_home=maybe([False, False, True]),
    home=maybe([None, *PLACES]),
    home_centre=maybe([None, *[centre_of(each) for each in PLACES]]),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=openings, saved=searches)
def test_a_search_finds_forwards_what_it_is_found_by(
    found: dict[str, Any], saved: SavedSearch
) -> None:
    """The page of a search, and the search that an opening makes, agree on every pair."""
    forwards = all(meets(found, each) for each in clauses_of(saved))
    assert compared(found, saved) == forwards
    fields = fields_of(saved)
    inverted = all(meets(fields, each) for each in searches_meeting(found))
    if fields["compared"]:
        assert inverted or not forwards, "a candidate is never missed"
    else:
        assert inverted == forwards, "and exact without words and circles"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"paused": True}, False),
        ({"counts_from": NOW + timedelta(hours=1)}, True),
        ({"counts_from": NOW + timedelta(hours=1, seconds=1)}, False),
    ],
)
def test_an_opening_is_new_to_a_search_that_is_not_paused(
    changes: dict[str, Any], found: bool
) -> None:
    fields = fields_of(search(lodging=False, place="cn:14", **changes))
    assert all(meets(fields, each) for each in searches_meeting(opening())) is found


@pytest.mark.parametrize(
    ("changes", "current"),
    [
        ({}, True),
        ({"version": 4}, False),
        ({"version": 2}, True),
        ({"active": False}, False),
        ({"last_day": TODAY.toordinal() - 1}, False),
        ({"erased": True}, False),
    ],
)
def test_only_the_announced_version_of_a_published_opening_counts(
    changes: dict[str, Any], current: bool
) -> None:
    document = opening() | changes
    assert is_current(document, 3, TODAY.toordinal()) is current
    if "version" not in changes and "erased" not in changes:
        assert all(meets(document, each) for each in published(TODAY)) is current


def test_no_value_of_an_opening_is_the_mark_of_no_condition() -> None:
    fields = fields_of(search(employer="Acme"))
    assert fields["employer"] == "Acme"
    assert {fields[name] for name in ("place", "occupation", "shift")} == {ANY}
    assert fields["anchors"] == fields["circle"] == fields["home"] == [ANY]


def test_conditions_are_stated_in_both_languages() -> None:
    saved = search(
        words="缝纫", place="cn:1402", wage=4_500, shift=Shift.WEEKEND, lodging=True,
        within_km=20, near_home=True, occupation=OCCUPATIONS[0], occupation_name="裁缝",
        employer="acme",
    ).to_dict()  # fmt: skip
    zh, en = (condition_lines(saved, chinese=chinese) for chinese in (True, False))
    assert len(zh) == len(en) == 9
    assert zh[:3] == ["关键词：缝纫", "职业：裁缝", "工作地点：山西省大同市"]
    assert "at least 4,500 a month" in en
    assert condition_lines(search(wage=1).to_dict(), chinese=True) == ["月工资不低于 1"]


def test_every_shift_has_words() -> None:
    for shift in Shift:
        zh, en = (
            condition_lines(search(shift=shift).to_dict(), chinese=chinese)[0]
            for chinese in (True, False)
        )
        assert zh != shift.value
        assert en != shift.value or " " in en


@given(st.integers(0, 48), st.sampled_from("abz234567._-"))
def test_a_link_that_differs_in_any_character_ends_nothing(at: int, other: str) -> None:
    id = ids.derive("q", "link")
    token = search_links.search_token(KEY, id)
    assert search_links.search_of(KEY, token) == id
    changed = f"{token[:at]}{other}{token[at + 1 :]}"
    if changed != token:
        with pytest.raises(WrongLink):
            search_links.search_of(KEY, changed)


def test_a_link_that_stops_a_worker_ends_no_search() -> None:
    with pytest.raises(WrongLink):
        search_links.search_of(KEY, stop_token(KEY, WORKER))


def told(**changes: Any) -> Notification:
    return Notification.model_validate(
        {
            "id": ids.derive("n", "1"),
            "recipient": Recipient(kind=RecipientKind.WORKER, id=WORKER),
            "kind": NotificationKind.SAVED_SEARCH,
            "opening_id": ids.opening_id("t", "1"),
            "saved_search_id": ids.derive("q", "1"),
            "version": 1,
            "caused_at": NOW,
        }
        | changes
    )


@pytest.mark.parametrize(
    ("changes", "saved", "about", "match", "why"),
    [
        ({}, {}, {}, None, ""),
        ({}, {}, {"status": "open"}, None, ""),
        ({}, None, {}, None, "deleted"),
        ({}, {"paused": True}, {}, None, "paused"),
        ({}, {}, None, None, "erased"),
        ({}, {}, {"status": "closed"}, None, "over"),
        ({}, {}, {}, {"active": True}, "match"),
        ({}, {}, {}, {"active": False}, "match"),
        ({"opening_id": None, "further": 3}, {}, None, None, ""),
        ({"opening_id": None, "further": 3}, {"paused": True}, None, None, "paused"),
    ],
)
def test_a_search_that_ended_and_an_opening_that_matched_are_not_announced(
    changes: dict[str, Any], saved: Any, about: Any, match: Any, why: str
) -> None:
    found = search_obstacle(told(**changes), saved, about, match)
    assert why in found
    assert bool(found) is bool(why)


def test_the_pair_of_a_search_is_that_of_the_matcher() -> None:
    match = ids.match_id(ids.opening_id("t", "1"), WORKER)
    assert pair_of(told()) == match
    assert pair_of(told(opening_id=None)) is None
    assert pair_of(told(kind=NotificationKind.NEW_MATCH)) is None
