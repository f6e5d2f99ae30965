"""Forms ask before a write ends matches in progress, and the page of an erasure states them."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
import pytest

from api.console.shell.ends_question import confirmed_number
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.profile import Profile
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.test_returning import IndexedLog
from tests.unit.api.two_stations import HERE, MINE, Views, stored_opening, stored_worker

TICK = re.compile(r'<input type="checkbox" id="confirmEnds" name="confirmEnds" value="(\d+)">')
OWN = "/console/me/profile"


class Shown(Views):
    """Views that also answer what the pages count and list."""

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        return [{} for _ in questions]


def browser(role: AccountRole, stored: Record) -> tuple[Signed, IndexedLog]:
    views = Shown()
    views.store(stored)
    made = stored_opening(HERE)
    views.store(made)
    views.work_on(made.key, stored.key, state="interviewed")
    log = IndexedLog(views)
    confined: dict[str, Any] = (
        {"worker_id": stored.key} if role is AccountRole.WORKER else {"station_ids": (MINE,)}
    )
    return Signed(role, elastic=views, others=log, **confined), log


def typed(stored: Record, **changes: str) -> dict[str, str]:
    fact = Profile.from_stored(orjson.loads(stored.value or b""))
    return {
        "version": "7",
        "name": fact.name,
        "status": "active",
        "education": "none",
        "experienceYears": "3",
        "home.name": HERE.key,
        "location.name": HERE.key,
        "ofWorkingAge": "yes",
    } | changes


@pytest.mark.parametrize("role", [AccountRole.WORKER, AccountRole.CLERK])
async def test_a_pause_of_a_profile_asks_with_a_tick(role: AccountRole) -> None:
    stored = stored_worker(HERE)
    signed, log = browser(role, stored)
    path = OWN if role is AccountRole.WORKER else f"/console/profiles/{stored.key}"
    asked = await signed.send(path, **typed(stored, status="paused"))
    assert asked.status_code == 422
    tick = TICK.search(asked.text)
    assert tick is not None, asked.text
    assert tick[1] == "1"
    assert "End the match in progress" in asked.text
    assert "this ends: 1" in html.unescape(asked.text)
    assert log.records == []
    saved = await signed.send(path, **typed(stored, status="paused", confirmEnds="1"))
    assert saved.status_code == 303, saved.text
    assert len(log.records) == 1


async def test_other_faults_of_a_form_show_no_tick() -> None:
    stored = stored_worker(HERE)
    signed, _ = browser(AccountRole.CLERK, stored)
    path = f"/console/profiles/{stored.key}"
    page = await signed.send(path, **typed(stored, experienceYears="many", confirmEnds="9"))
    assert page.status_code == 422
    assert TICK.search(page.text) is None


@pytest.mark.parametrize(
    ("sent", "expected"), [("", 0), ("3", 3), ("-1", 0), ("٣", 0), ("9" * 7, 0), ("x", 0)]
)
def test_only_a_plain_number_confirms(sent: str, expected: int) -> None:
    assert confirmed_number({"confirmEnds": sent}) == expected
