"""The receivers of an erasure in the change feed: all callers who could have read the entity."""

from __future__ import annotations

import pytest

from api.access.principal import Principal
from api.changes.change_visibility import visible_changes
from api.ports.live_messages import FeedChange
from roost import ids
from roost.events.account import AccountRole
from roost.topics import MATCHES, PROFILES
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import EMPLOYER, MINE, County

OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
MATCH = ids.match_id(OPENING, WORKER)


def erased(topic: str, key: str) -> FeedChange:
    return FeedChange(topic, 0, 5, key, None, NOW)


def caller(role: AccountRole, employer: str | None = None, worker: str | None = None) -> Principal:
    stations = (MINE,) if role is AccountRole.CLERK else ()
    return Principal(
        "k-" + "a" * 26, role, "x", station_ids=stations, employer_id=employer, worker_id=worker
    )


@pytest.mark.parametrize(
    ("who", "learns"),
    [
        (caller(AccountRole.EMPLOYER, EMPLOYER), True),
        (caller(AccountRole.EMPLOYER, "another"), False),
        (caller(AccountRole.CLERK), True),
        (caller(AccountRole.ASSOCIATION), True),
    ],
)
async def test_the_employer_of_an_erased_match_learns_of_it_and_no_other_one_does(
    who: Principal, learns: bool
) -> None:
    county = County()
    county.views.documents["openings", OPENING] = {"id": OPENING, "employer_id": EMPLOYER}
    changes = [erased(MATCHES.name, MATCH), erased(MATCHES.name, "unreadable")]
    found = await visible_changes(county.given, who, changes[:1] if learns else changes)
    assert [(each.id, each.erased, each.data) for _, each in found] == (
        [(MATCH, True, None)] if learns else []
    )


async def test_an_employer_learns_of_no_erased_worker() -> None:
    who = caller(AccountRole.EMPLOYER, EMPLOYER)
    found = await visible_changes(County().given, who, [erased(PROFILES.name, WORKER)])
    assert found == []
