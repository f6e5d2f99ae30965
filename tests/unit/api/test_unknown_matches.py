"""A match out of reach is answered as an unknown one is: the same words, after the same wait."""

from __future__ import annotations

import time
from typing import Any

import pytest

from api.matches import service
from roost import ids
from roost.events.account import AccountRole
from roost.views.elastic import Json
from tests.unit.api.two_stations import EMPLOYER, MINE, OTHERS, County

OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
ID = ids.match_id(OPENING, WORKER)
WAIT_S = 0.2
CALLERS: list[tuple[AccountRole, dict[str, Any]]] = [
    (AccountRole.EMPLOYER, {"employer_id": EMPLOYER}),
    (AccountRole.WORKER, {"worker_id": ids.worker_id("t", "2")}),
    (AccountRole.CLERK, {}),
]


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "APPEARS_WITHIN_S", WAIT_S)


def match_of(station: str, **changes: Any) -> dict[str, Any]:
    owners = {"station_id": station, "employer_id": "another", "worker_id": WORKER}
    return {"id": ID, "version": 1, "active": True, "state": "proposed", **owners, **changes}


async def answer_to(county: County) -> tuple[int, str, float]:
    began = time.monotonic()
    answer = await county.send("POST", f"/v1/matches/{ID}/decline", {"reason": "wage"})
    return answer.status_code, answer.json()["detail"], time.monotonic() - began


@pytest.mark.parametrize(("role", "confined"), CALLERS)
@pytest.mark.parametrize("erased", [False, True])
async def test_the_time_of_an_answer_does_not_tell_whether_a_pair_is_matched(
    role: AccountRole, confined: dict[str, Any], erased: bool
) -> None:
    county = County(role, **confined)
    unknown = await answer_to(county)
    county.views.documents["matches", ID] = (
        {"id": ID, "version": 1, "erased": True} if erased else match_of(OTHERS)
    )
    out_of_reach = await answer_to(county)
    assert out_of_reach[:2] == unknown[:2] == (404, f"There is no match {ID}.")
    assert min(unknown[2], out_of_reach[2]) >= WAIT_S


async def test_a_match_in_reach_is_answered_at_once_and_an_unknown_one_awaited_by_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = []
    county = County()
    get = county.views.get

    async def counted(view: str, id: str) -> Json | None:
        reads.append((view, id))
        return await get(view, id)

    monkeypatch.setattr(county.views, "get", counted)
    county.views.documents["matches", ID] = match_of(MINE, assigned_to="u-" + "b" * 26)
    assert (await answer_to(county))[0] == 409
    assert reads.count(("matches", ID)) == 2  # awaited, then answered
    status, _, took = await answer_to(County(AccountRole.ASSOCIATION))
    assert (status, took >= WAIT_S) == (404, True)
