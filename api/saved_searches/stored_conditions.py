"""Conditions as they are stored: places as keys, circles with their centres. Refuses wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.saved_searches.schemas import SavedSearchContent
from roost.constraints.needs import Point, locate
from roost.errors import invalid_field
from roost.events.common import Place
from roost.events.saved_search import LONGEST_NAME, Centre, SearchConditions
from roost.places.gazetteer import gazetteer
from roost.places.place_search import AmbiguousPlace, UnknownPlace, find_place
from roost.places.written_names import country_key
from roost.saved_searches.condition_words import condition_lines
from roost.text.search_terms import compact
from roost.text.taxonomy import labels, occupation_named
from roost.text.word_clauses import words_of

Json = dict[str, Any]


def stored_conditions(content: SavedSearchContent, profile: Mapping[str, Any]) -> Json:
    """Return the fields of a search that its conditions decide, for a worker's stored profile.

    Raises Invalid, which names the field, for a search without conditions, words without a letter
    or digit, an unknown place or occupation, and a circle around an unknown point.
    """
    _check(content)
    stated: Json = {name: getattr(content, name) for name in SearchConditions.model_fields}
    if content.place is not None:
        stated["place"] = _place_key(content.place)
    if content.occupation is not None:
        stated["occupation"] = _occupation(content.occupation)
        stated["occupation_name"] = labels()[stated["occupation"]]
    if content.within_km is not None:
        stated["centre"] = _centre(profile, "location", "withinKm")
    if content.near_home:
        home, point = locate(Place.from_stored(profile["home"]), gazetteer())
        if not home and point is None:
            raise _unknown_point("nearHome")
        stated["home"] = home[0] if home else None
        stated["home_centre"] = _of_point(point)
    return stated


def default_name(stored: Mapping[str, Any], *, chinese: bool) -> str:
    """Return the conditions in words, cut to the length of a name."""
    text = ("，" if chinese else ", ").join(condition_lines(stored, chinese=chinese))
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def _check(content: SavedSearchContent) -> None:
    stated = content.model_dump(include=set(SearchConditions.model_fields))
    if not any(stated.values()):
        raise invalid_field(
            "words",
            "is missing, as is every other condition; state at least one",
            "请至少填写一项查找条件",
        )
    for word in words_of(content.words):
        if not compact(word):
            raise invalid_field(
                "words",
                f"has {word[:20]!r}, which holds no letter or digit; remove it",
                f"含有没有文字或数字的“{word[:20]}”，请删除",
            )


def _place_key(place: str) -> str:
    if country := country_key(place):
        return country
    try:
        return find_place(place).key
    except (UnknownPlace, AmbiguousPlace) as error:
        raise invalid_field("place", error.message, error.message_zh) from None


def _occupation(text: str) -> str:
    key = occupation_named(text)
    if key is None:
        raise invalid_field(
            "occupation",
            "is no name or key of an occupation, such as zh:6-29-01-01; or state words instead",
            "不是已知职业名称或编码，也可改填关键词",
        )
    return key


def _centre(profile: Mapping[str, Any], name: str, field: str) -> Centre:
    _, point = locate(Place.from_stored(profile[name]), gazetteer())
    found = _of_point(point)
    if found is None:
        raise _unknown_point(field)
    return found


def _of_point(point: Point | None) -> Centre | None:
    return None if point is None else Centre(latitude=point[0], longitude=point[1])


def _unknown_point(field: str) -> Exception:
    return invalid_field(
        field,
        "needs a known place in the profile; correct the place there first",
        "求职档案中的地点无法确定，请先更正档案",
    )
