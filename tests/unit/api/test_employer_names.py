"""Kept decisions on employers' names: who sees them, and how many of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.imports import employer_names
from api.imports.employer_names import list_employer_names
from api.ports.topic_table import MemoryTable
from producers.importing.employer_name_facts import employer_name_decided
from producers.importing.recognition import IdentityDecision
from roost.events.account import AccountRole
from roost.events.employer_name import EmployerName
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with
from tests.unit.api.test_import_authorisation import person

STATIONS = ["s-" + letter * 26 for letter in "abc"]


def kept_decisions() -> MemoryTable[EmployerName]:
    """Return a decision of each station, the first one the newest."""
    table = MemoryTable(EmployerName)
    for number, station in enumerate(STATIONS):
        at = NOW - timedelta(days=number)
        decision = IdentityDecision(same_as="site-1")
        owner = f"station:{station}"
        decided, record = employer_name_decided(owner, "岚岭食品厂", decision, by="x", at=at)
        table.apply(decided.id.encode(), record.value, number)
    return table


def owners_listed(role: AccountRole, *stations: str) -> list[str]:
    who = person(role, station_ids=stations)
    given = services_with(employer_names=kept_decisions(), clock=FixedClock(NOW))
    return [each.owner.removeprefix("station:") for each in list_employer_names(given, who)]


def test_a_station_sees_its_own_and_the_association_all_newest_first() -> None:
    assert owners_listed(AccountRole.CLERK, STATIONS[1]) == [STATIONS[1]]
    assert owners_listed(AccountRole.ASSOCIATION) == STATIONS


def test_a_list_of_the_whole_county_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(employer_names, "MOST_OF_GROUP", 2)
    assert owners_listed(AccountRole.ASSOCIATION) == STATIONS[:2]
