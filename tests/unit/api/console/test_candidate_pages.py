"""Pages of requests for candidates in memory: asked, answered, withdrawn, and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest

from producers.publisher import Position
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.rules.request_states import request_id
from roost.topics import CANDIDATE_REQUESTS
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.test_match_pages import EMPLOYER, OPENING, STATION, County, signed

PAGE = f"/console/employer/openings/{OPENING}/request"
OF_OPENING = f"/console/employer/openings/{OPENING}"
ID = request_id(OPENING)


class AskedCounty(County):
    """Views with a request, and a number of referrals since."""

    def __init__(self) -> None:
        super().__init__()
        self.referred = 0
        self.published = 0
        place = self.documents["openings", OPENING]
        place["places"] = ["cn:1402"]
        self.documents["stations", STATION] |= {"serves": ["cn:1402"]}
        self.documents["stations", STATION]["fact"]["serves"] = ["cn:1402"]

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Write requests as the index stage does."""
        for each in records:
            if each.topic is CANDIDATE_REQUESTS:
                self.published += 1
                version = 10 + self.published
                fact = orjson.loads(each.value or b"null")
                fields = {"employer_id": fact["employerId"], "asked_at": fact["askedAt"]}
                self.documents[CANDIDATE_REQUESTS.name, each.key] = {
                    "id": each.key,
                    "version": version,
                    "fact": fact,
                    **fields,
                }
        return [Position(each.topic.name, 0, 9 + self.published) for each in records]

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        """Return the number of referrals for each question."""
        return [{OPENING: self.referred} for _ in questions]

    @property
    def asked(self) -> dict[str, Any]:
        """The stored request."""
        return dict(self.documents[CANDIDATE_REQUESTS.name, ID]["fact"])


@pytest.fixture
def county() -> AskedCounty:
    return AskedCounty()


@pytest.fixture
def boss(county: AskedCounty) -> Signed:
    return signed(county, AccountRole.EMPLOYER, employer_id=EMPLOYER)


@pytest.fixture
def clerk(county: AskedCounty) -> Signed:
    return signed(county, AccountRole.CLERK, station_ids=(STATION,))


def day(of: Signed, days: int) -> str:
    return (of.given.today + timedelta(days=days)).isoformat()


async def ask(boss: Signed, **changes: str) -> Any:
    fields = {"wanted": "2", "neededBy": day(boss, 5), "note": "早班优先"}
    return await boss.send(PAGE, **fields | changes)


async def test_an_employer_asks_and_the_station_accepts(
    boss: Signed, clerk: Signed, county: AskedCounty
) -> None:
    assert "Ask for candidates" in (await boss.get(PAGE)).text
    assert (await ask(boss)).status_code == 303
    assert (county.asked["decision"], county.asked["stationId"]) == ("open", STATION)
    shown = (await boss.get(PAGE)).text
    assert "2 asked for, 0 referred" in shown
    assert "Accept" not in shown, "the station answers"
    page = await clerk.get(PAGE)
    assert "早班优先" in page.text
    wrong = await clerk.send(f"{PAGE}/answer", candidatesOn=day(clerk, 6))
    assert wrong.status_code == 422
    assert "the last day of the request" in wrong.text
    taken = await clerk.send(f"{PAGE}/answer", candidatesOn=day(clerk, 2), version="11")
    assert taken.status_code == 303, taken.text
    assert county.asked["decision"] == "accepted"
    assert "The first are expected on" in (await boss.get(OF_OPENING)).text
    stale = await clerk.send(f"{PAGE}/answer", declinedBecause="terms", version="11")
    assert stale.status_code == 412
    county.referred = 2
    assert "Fulfilled" in (await boss.get(PAGE)).text
    late = await clerk.send(f"{PAGE}/answer", declinedBecause="terms")
    assert late.status_code == 409


async def test_of_many_requests_at_once_one_is_made_and_a_second_waits_for_the_next_day(
    boss: Signed, county: AskedCounty
) -> None:
    answers = await asyncio.gather(*(ask(boss) for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [303, 409, 409, 409, 409]
    assert county.published == 1
    gone = await boss.send(f"{PAGE}/withdraw")
    assert gone.status_code == 303
    assert "note" not in county.asked, "the text is erased"
    again = await ask(boss)
    assert again.status_code == 409
    assert "ask again tomorrow" in again.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"wanted": "0"}, 422),
        ({"wanted": "51"}, 422),
        ({"neededBy": "2020-01-01"}, 422),
        ({"neededBy": ""}, 422),
        ({"note": "长" * 301}, 422),
    ],
)
async def test_a_request_out_of_bounds_is_refused_at_its_field(
    boss: Signed, county: AskedCounty, changes: dict[str, str], status: int
) -> None:
    assert (await ask(boss, **changes)).status_code == status
    assert county.published == 0


async def test_an_employer_does_not_answer_and_a_worker_does_not_ask(
    boss: Signed, county: AskedCounty
) -> None:
    await ask(boss)
    own = await boss.send(f"{PAGE}/answer", declinedBecause="terms")
    assert own.status_code == 403
    other = signed(county, AccountRole.EMPLOYER, employer_id="another")
    assert (await other.get(PAGE)).status_code == 404
    assert (await ask(other)).status_code == 404
