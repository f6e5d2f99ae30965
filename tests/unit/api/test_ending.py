"""A write that ends other people's progress asks, states the number, and reveals nobody's demands.

Every way to write an opening or a profile is walked: no other one goes round the question.
"""

from __future__ import annotations

from typing import Any

import pytest

from roost.events.account import AccountRole
from roost.events.envelope import Record
from tests.unit.api.two_stations import (
    ELSEWHERE,
    EMPLOYER,
    HERE,
    County,
    opening,
    stored_opening,
    stored_worker,
    worker,
)

PAST = {"validThrough": "2020-01-01"}
WAGE = {"unitText": "MONTH", "currency": "CNY"}
PAY = {"baseSalary": {**WAGE, "minValue": 5_000, "maxValue": 6_000}}
LESS = {"baseSalary": {**WAGE, "minValue": 3_000, "maxValue": 4_000}}
MORE = {"baseSalary": {**WAGE, "minValue": 7_000, "maxValue": 8_000}}
WANTED = {"wageWanted": {**WAGE, "minValue": 5_000}, "availableFrom": None, "shifts": []}
EASY = {"willing": {"places": ["cn"]}, "needsLodging": False}
CONTENT = {**PAY, "licencesRequired": [], "shifts": [], "lodging": True, "jobStartDate": None}
OPENING_EDITS = ["POST", "PUT", "PATCH"]


class Asked:
    """An opening with three people in progress, one of whom wants 5,000 a month."""

    def __init__(self, role: AccountRole = AccountRole.CLERK, place: Any = HERE) -> None:
        confined = {"employer_id": EMPLOYER} if role is AccountRole.EMPLOYER else {}
        self.county = County(role, **confined)
        self.opening = stored_opening(HERE, **CONTENT)
        self.county.views.store(self.opening)
        self.workers = [
            stored_worker(place, identifier=f"N-{number}", **EASY, **self._wants(number))
            for number in range(3)
        ]
        for each in self.workers:
            self.county.views.store(each)
            self.county.views.work_on(self.opening.key, each.key)

    @staticmethod
    def _wants(number: int) -> dict[str, Any]:
        wage = {"wageWanted": {**WAGE, "minValue": 5_000}} if number == 0 else {"wageWanted": None}
        return {**wage, "availableFrom": None, "shifts": []}

    async def edit(self, method: str, changes: dict[str, Any], confirmed: int = 0) -> Any:
        path = "/v1/openings" + ("" if method == "POST" else f"/{self.opening.key}")
        body = changes if method == "PATCH" else opening(HERE, **CONTENT) | changes
        return await self.county.send(method, f"{path}?confirmEnds={confirmed}", body)


@pytest.mark.parametrize(
    ("method", "changes", "number"),
    [("PUT", PAST, 3), ("PATCH", PAST, 3), *((method, LESS, 1) for method in OPENING_EDITS)],
)
async def test_every_edit_of_an_opening_that_ends_progress_asks(
    method: str, changes: dict[str, Any], number: int
) -> None:
    asked = Asked()
    refused = await asked.edit(method, changes, confirmed=number - 1)
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"].endswith("ends-progress")
    assert refused.json()["inProgress"] == number
    assert asked.county.log.records == []
    confirmed = await asked.edit(method, changes, confirmed=number)
    assert confirmed.status_code == 202, confirmed.text


async def test_a_posting_never_sets_a_last_day_in_the_past() -> None:
    asked = Asked()
    refused = await asked.edit("POST", PAST, confirmed=3)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "validThrough"
    assert asked.county.log.records == []


@pytest.mark.parametrize("method", OPENING_EDITS)
@pytest.mark.parametrize("changes", [MORE, {"title": "电焊工"}, {"totalJobOpenings": 7}])
async def test_an_edit_that_excludes_nobody_asks_nothing(
    method: str, changes: dict[str, Any]
) -> None:
    answer = await Asked().edit(method, changes)
    assert answer.status_code == 202, answer.text


async def test_an_employer_does_not_learn_whom_a_demand_excludes() -> None:
    numbers = []
    for most in (5_900, 4_900, 3_100):
        asked = Asked(AccountRole.EMPLOYER)
        less = {"baseSalary": {**WAGE, "minValue": 3_000, "maxValue": most}}
        refused = await asked.edit("PATCH", less)
        numbers.append(refused.json()["inProgress"])
        assert "may end: 3" in refused.json()["detail"]
    assert numbers == [3, 3, 3]


async def test_people_out_of_the_clerks_reach_count_as_excluded() -> None:
    asked = Asked(place=ELSEWHERE)
    asked.county.views.queued = 0
    for each in asked.workers:  # in the queue of the other station only
        asked.county.views.work_on(asked.opening.key, each.key, station_id="other")
    refused = await asked.edit("PATCH", {"baseSalary": {**WAGE, "minValue": 1, "maxValue": 5_900}})
    assert refused.json()["inProgress"] == 3


async def test_matches_that_nobody_works_on_are_not_counted() -> None:
    asked = Asked()
    for each in asked.workers:
        asked.county.views.work_on(asked.opening.key, each.key, assigned_to=None)
    asked.county.views.work_on(asked.opening.key, asked.workers[0].key, active=False)
    assert (await asked.edit("PATCH", PAST)).status_code == 202


class AskedWorker:
    """A worker in progress for two openings: one pays 6,000 at most, one to be agreed."""

    def __init__(self, role: AccountRole = AccountRole.CLERK) -> None:
        self.worker = stored_worker(HERE, **EASY, **WANTED)
        confined = {"worker_id": self.worker.key} if role is AccountRole.WORKER else {}
        self.county = County(role, **confined)
        self.county.views.store(self.worker)
        for number, pay in enumerate((PAY, {"baseSalary": None})):
            made: Record = stored_opening(HERE, **CONTENT | pay | {"identifier": f"O-{number}"})
            self.county.views.store(made)
            self.county.views.work_on(made.key, self.worker.key)

    async def edit(self, method: str, changes: dict[str, Any], confirmed: int = 0) -> Any:
        path = "/v1/profiles" + ("" if method == "POST" else f"/{self.worker.key}")
        body = worker(HERE, **EASY, **WANTED) | changes
        return await self.county.send(method, f"{path}?confirmEnds={confirmed}", body)


HIGHER = {"wageWanted": {**WAGE, "minValue": 7_000}}


@pytest.mark.parametrize("role", [AccountRole.CLERK, AccountRole.WORKER])
@pytest.mark.parametrize(
    ("method", "changes", "number"),
    [("PUT", {"status": "paused"}, 2), ("PUT", HIGHER, 1), ("POST", HIGHER, 1)],
)
async def test_every_edit_of_a_profile_that_ends_progress_asks(
    role: AccountRole, method: str, changes: dict[str, Any], number: int
) -> None:
    asked = AskedWorker(role)
    refused = await asked.edit(method, changes, confirmed=number - 1)
    assert refused.status_code == 409, refused.text
    assert refused.json()["inProgress"] == number
    assert asked.county.log.records == []
    confirmed = await asked.edit(method, changes, confirmed=number)
    assert confirmed.status_code == 202, confirmed.text


@pytest.mark.parametrize("changes", [{"skills": ["砌墙"]}, {"wageWanted": None}])
async def test_an_edit_of_a_profile_that_ends_nothing_asks_nothing(changes: dict[str, Any]) -> None:
    answer = await AskedWorker().edit("PUT", changes)
    assert answer.status_code == 202, answer.text
