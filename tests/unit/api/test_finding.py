"""Manual matching through the API in memory: what is found, what is refused, what is published."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from api.finding.service import CANDIDATES
from roost.events.account import AccountRole
from roost.events.match import Proposals
from tests.unit.api.pair_views import PairViews
from tests.unit.api.two_stations import ELSEWHERE, OTHERS, County


def county(role: AccountRole = AccountRole.CLERK, **confined: Any) -> tuple[County, PairViews]:
    made, views = County(role, **confined), PairViews()
    made.views = views
    object.__setattr__(made.given, "elastic", views)
    return made, views


async def openings_for(made: County, worker: str, **query: Any) -> dict[str, Any]:
    path = f"/v1/profiles/{worker}/fitting-openings"
    answer = await made.client.get(path, params=query, headers=made._headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def proposed(made: County, opening: str, worker: str, **changes: Any) -> Any:
    body = {"openingId": opening, "workerId": worker, "why": "at_counter"} | changes
    return await made.send("POST", "/v1/matches", body)


async def test_openings_come_with_score_reasons_and_what_blocks_them() -> None:
    made, views = county()
    worker, fits = views.add_worker(), views.add_opening(1)
    poor = views.add_opening(2, wage_high=4_000.0, wage_low=4_000.0)
    found = await openings_for(made, worker, blocked=True)
    assert [each["id"] for each in found["items"]] == [fits, poor]
    assert [each["blockedBy"] for each in found["items"]] == [[], ["wage"]]
    assert all(each["reasons"] and each["fits"] for each in found["items"])
    assert found["whyNone"] is None


async def test_where_nothing_fits_it_is_said_why_and_what_would_help() -> None:
    made, views = county()
    worker = views.add_worker()
    for number in range(3):
        views.add_opening(number, wage_high=4_560.0, wage_low=4_000.0)
    found = await openings_for(made, worker)
    assert found["whyNone"] == "conditions"
    [wage] = [each for each in found["wouldHelp"] if each["criterion"] == "wage"]
    assert (wage["gain"], wage["wage"], wage["more"]) == (3, 4_500.0, False)


async def test_an_opening_that_the_worker_is_matched_with_would_not_be_added() -> None:
    made, views = county()
    worker = views.add_worker()
    made_openings = [views.add_opening(n, wage_high=4_500.0, wage_low=4_000.0) for n in range(3)]
    views.add_match(made_openings[0], worker, state="declined")
    views.add_match(made_openings[1], worker, state="expired")
    [wage] = [
        each
        for each in (await openings_for(made, worker))["wouldHelp"]
        if each["criterion"] == "wage"
    ]
    assert wage["gain"] == 2


async def test_a_worker_who_looks_for_no_work_has_no_advice_but_the_reason() -> None:
    made, views = county()
    worker = views.add_worker(active=False)
    views.add_opening(1)
    found = await openings_for(made, worker)
    assert (found["whyNone"], found["wouldHelp"]) == ("inactive", [])


async def test_every_search_is_bounded_in_number_and_time() -> None:
    made, views = county()
    await openings_for(made, views.add_worker())
    assert views.search_bodies
    assert all(
        body["size"] <= CANDIDATES and body["timeout"] == "800ms" for body in views.search_bodies
    )
    assert len(views.search_bodies) <= 9


async def test_a_worker_of_another_station_is_unknown_for_every_route() -> None:
    made, views = county()
    worker, opening = views.add_worker(ELSEWHERE), views.add_opening(1)
    path = f"/v1/profiles/{worker}/fitting-openings"
    assert (await made.client.get(path, headers=made._headers)).status_code == 404
    assert (await proposed(made, opening, worker)).status_code == 404
    assert made.log.records == []


@pytest.mark.parametrize(
    "role", [AccountRole.EMPLOYER, AccountRole.WORKER, AccountRole.DEPARTMENT, AccountRole.AUDITOR]
)
async def test_only_staff_who_match_may_search_and_propose(role: AccountRole) -> None:
    confined = {
        AccountRole.EMPLOYER: {"employer_id": "e-1"},
        AccountRole.WORKER: {"worker_id": f"w-{'a' * 26}"},
    }
    made, views = county(role, **confined.get(role, {}))
    worker, opening = views.add_worker(), views.add_opening(1)
    path = f"/v1/profiles/{worker}/fitting-openings"
    assert (await made.client.get(path, headers=made._headers)).status_code == 403
    path = f"/v1/openings/{opening}/fitting-workers"
    assert (await made.client.get(path, headers=made._headers)).status_code == 403
    assert (await proposed(made, opening, worker)).status_code == 403


async def test_a_proposal_is_one_event_of_the_topic_that_matching_writes_to() -> None:
    made, views = county()
    worker, opening = views.add_worker(), views.add_opening(1, ELSEWHERE)
    answers = [await proposed(made, opening, worker, refer=True) for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202]
    first, second = made.log.records
    assert (first.topic.name, first.key) == ("proposals", opening)
    events = [Proposals.from_stored(orjson.loads(each.value or b"")) for each in (first, second)]
    assert events[0].by_hand is not None
    assert events[1].by_hand is not None
    assert events[0].by_hand.id == events[1].by_hand.id, "a repeated request is one proposal"
    assert events[0].worker_ids == (worker,)
    assert answers[0].json()["proposal"] == events[0].by_hand.id


@pytest.mark.parametrize(
    ("opening", "worker", "document", "slug"),
    [
        ({"active": False}, {}, {}, "proposal-closed"),
        ({"active": False}, {}, {"awaiting": True}, "proposal-awaiting"),
        ({"active": False, "paused": True}, {}, {}, "proposal-paused"),
        ({"last_day": 1}, {}, {}, "proposal-expired"),
        ({"licences": ["电工证"]}, {}, {}, "proposal-licence"),
        ({}, {"active": False}, {}, "proposal-inactive"),
        ({"wage_high": 1.0}, {}, {}, "proposal-wage"),
    ],
)
async def test_a_pair_with_an_obstacle_is_refused_with_its_name_and_nothing_is_published(
    opening: dict[str, Any], worker: dict[str, Any], document: dict[str, Any], slug: str
) -> None:
    made, views = county()
    person, work = views.add_worker(**worker), views.add_opening(1, **opening)
    views.documents["openings", work] |= document
    refused = await proposed(made, work, person)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, slug)
    assert made.log.records == []
    waived = await proposed(made, work, person, waives=["wage", "place"])
    assert waived.status_code == (202 if slug == "proposal-wage" else 409)


async def test_a_reached_headcount_is_refused() -> None:
    made, views = county()
    person, work = views.add_worker(), views.add_opening(1, headcount=2)
    views.counted[work] = 2
    refused = await proposed(made, work, person)
    assert refused.json()["type"].endswith("proposal-headcount")


@pytest.mark.parametrize(
    ("match", "refer", "slug"),
    [
        ({}, False, "proposal-already"),
        ({"state": "referred"}, True, "proposal-already"),
        ({"state": "declined"}, True, "proposal-declined"),
        ({"state": "placed"}, False, "proposal-placed"),
        ({"state": "claimed", "assigned_to": "u-other"}, True, "match-held"),
        ({"state": "claimed"}, True, ""),
        ({"state": "expired"}, False, ""),
    ],
)
async def test_a_pair_with_a_match_is_only_referred(
    match: dict[str, Any], refer: bool, slug: str
) -> None:
    made, views = county()
    person, work = views.add_worker(), views.add_opening(1)
    views.add_match(work, person, **match)
    answer = await proposed(made, work, person, refer=refer)
    if slug:
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (409, slug)
        assert made.log.records == []
    else:
        assert answer.status_code == 202


async def test_a_match_of_another_station_is_named_without_its_id() -> None:
    made, views = county()
    person, work = views.add_worker(), views.add_opening(1)
    views.add_match(work, person, station_id=OTHERS)
    [each] = (await openings_for(made, person))["items"]
    assert (each["match"], each["matchedElsewhere"], each["mayPropose"]) == (None, True, False)


async def test_views_of_two_models_are_never_compared() -> None:
    made, views = county()
    person = views.add_worker()

    async def behind(*names: str) -> dict[str, Any]:
        found = await PairViews.behind(views, *names)
        views.model = "m-2"
        found |= {names[0]: (await PairViews.behind(views, names[0]))[names[0]]}
        return found

    views.behind = behind  # type: ignore[method-assign]
    path = f"/v1/profiles/{person}/fitting-openings"
    assert (await made.client.get(path, headers=made._headers)).status_code == 503


@pytest.mark.parametrize("query", [{"withinKm": 0}, {"wage": -1}, {"limit": 51}, {"shift": "x"}])
async def test_a_condition_out_of_range_is_named(query: dict[str, Any]) -> None:
    made, views = county()
    path = f"/v1/profiles/{views.add_worker()}/fitting-openings"
    answer = await made.client.get(path, params=query, headers=made._headers)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [next(iter(query))]


async def test_workers_are_found_with_the_filter_of_the_clerks_reach() -> None:
    made, views = county()
    person, work = views.add_worker(), views.add_opening(1)
    views.counted = {person: 5}
    path = f"/v1/openings/{work}/fitting-workers"
    answer = await made.client.get(path, headers=made._headers)
    assert answer.status_code == 200, answer.text
    [each] = answer.json()["items"]
    assert (each["id"], each["newToday"]) == (person, 5)
    within = orjson.dumps(views.search_bodies[0]["query"]["bool"]["filter"]).decode()
    assert '{"terms":{"places":["cn:1401' in within
