"""The searches admit every eligible pair, in both directions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher import queries
from matcher.eligibility import obstacle
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.kafka.incoming import Fact, Incoming
from roost.places.gazetteer import distance_km, gazetteer
from roost.topics import OPENINGS, PROFILES
from streams.index import entity_documents
from tests.unit.matcher.builders import NOW, TODAY, Builder, opening, profile

Json = dict[str, Any]
LICENCES = ["低压电工证", "电工证", "低压电工操作证", "B2驾驶证", "C1", "健康证"]
PLACES = [
    "sample:lanling-101", "sample:lanling-102", "sample:lanling", "cn:1402", "cn:140214",
    "cn:110105", "cn:14", "nyc:bronx", "nyc:ny", "nowhere at all",
]  # fmt: skip
UNITS = ["HOUR", "DAY", "WEEK", "MONTH", "YEAR", "PIECE"]
SHIFTS = ["day", "night", "rotating"]

places = st.sampled_from(PLACES).map(lambda name: {"name": name})
days = st.none() | st.integers(-30, 30).map(lambda ahead: TODAY + timedelta(days=ahead))
some_licences = st.lists(st.sampled_from(LICENCES), max_size=2)
some_shifts = st.lists(st.sampled_from(SHIFTS), max_size=2, unique=True)
wages = st.none() | st.fixed_dictionaries(
    {
        "currency": st.sampled_from(["CNY", "CNY", "USD"]),
        "minValue": st.sampled_from([1, 20, 25, 200, 1000, 4350, 6000, 60_000]),
        "unitText": st.sampled_from(UNITS),
        "piecesPerDay": st.sampled_from([None, 100]),
    }
)
openings = st.fixed_dictionaries(
    {
        "jobLocation": places,
        "baseSalary": wages,
        "licencesRequired": some_licences,
        "shifts": some_shifts,
        "lodging": st.booleans(),
        "jobStartDate": days,
        "validThrough": days,
        "status": st.sampled_from(["open", "open", "open", "paused"]),
    }
)
workers = st.fixed_dictionaries(
    {
        "home": places,
        "location": places,
        "wageWanted": wages,
        "licences": some_licences,
        "shifts": some_shifts,
        "needsLodging": st.booleans(),
        "availableFrom": days,
        "willing": st.fixed_dictionaries(
            {
                "places": st.lists(
                    st.sampled_from(["cn:14", "cn:1402", "cn", "nyc:ny"]), max_size=1
                ),
                "radiusKm": st.none() | st.sampled_from([5, 30, 300, 5000]),
                "nearHomeOnly": st.booleans(),
            }
        ),
    }
)


def document(make: Builder, event: Opening | Profile) -> Json:
    topic = OPENINGS if isinstance(event, Opening) else PROFILES
    origin = Incoming(topic, 0, 0, event.id.encode(), event.to_json(), NOW)
    return entity_documents.documents_of_facts(
        [Fact(event.id, event, origin)], make.model, gazetteer()
    )[0]


def holds(query: Json, found: Json) -> bool:
    """Evaluate a query on a document as Elasticsearch would, for the kinds that the filters use."""
    [(kind, body)] = query.items()
    if kind == "bool":
        should = [holds(each, found) for each in body.get("should", [])]
        return (
            all(holds(each, found) for each in body.get("filter", []))
            and not any(holds(each, found) for each in body.get("must_not", []))
            and (any(should) or not body.get("minimum_should_match"))
        )
    if kind == "exists":
        return bool(_values(found, body["field"]))
    if kind == "geo_distance":
        return near(body, found)
    [(field, wanted)] = body.items()
    values = _values(found, field)
    if kind == "term":
        return wanted in values
    if kind == "terms":
        return not set(wanted).isdisjoint(values)
    if kind == "range":
        low, high = wanted.get("gte", float("-inf")), wanted.get("lte", float("inf"))
        return any(low <= value <= high for value in values)
    if kind == "terms_set":
        least = found[wanted["minimum_should_match_field"]]
        return len(set(wanted["terms"]) & set(values)) >= least
    raise AssertionError(f"no rule for {kind}")


def near(body: Json, found: Json) -> bool:
    [(field, middle)] = [(name, each) for name, each in body.items() if name != "distance"]
    if field not in found:
        return False
    point = found[field]
    away = distance_km(point["lat"], point["lon"], middle["lat"], middle["lon"])
    return away <= float(body["distance"].removesuffix("km"))


def _values(found: Json, field: str) -> list[Any]:
    value = found.get(field)
    return value if isinstance(value, list) else [] if value is None else [value]


def let_through(body: Json, found: Json) -> bool:
    return all(holds(each, found) for each in body["query"]["bool"]["filter"])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(openings, workers)
def test_a_search_lets_through_every_pair_without_an_obstacle(
    make: Builder, wanted: Json, seeking: Json
) -> None:
    posted, person = opening(**wanted), profile(**seeking)
    there, here = document(make, posted), document(make, person)
    ours = OpeningFeatures.unpacked(there["features"])
    theirs = WorkerFeatures.unpacked(here["features"])
    if not obstacle(ours, theirs, TODAY):
        assert let_through(queries.workers_for(ours, TODAY, 10), here)
        assert let_through(queries.openings_for(theirs, TODAY, 10), there)
