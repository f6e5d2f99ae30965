"""An erased person returns only with new consent, which is recorded."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from producers import facts
from roost import ids
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.profile import ProfileContent
from roost.topics import PROFILES, SUPPRESSIONS
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import HERE, County, stored_worker, worker

PHONE = [{"kind": "sms", "address": "13800138000"}]
CONSENT = {"basis": "written", "consentedOn": "2026-10-01"}


async def find_nothing(*_: object, **__: object) -> Any:
    """Answer a search without hits."""
    return SimpleNamespace(hits=[], total=0)


@pytest.fixture
def county() -> County:
    return County(AccountRole.ASSOCIATION)


def erased(county: County) -> str:
    """Store a worker who has been erased; return the id."""
    record = stored_worker(HERE)
    county.views.documents[PROFILES.name, record.key] = {"erased": True, "version": 9}
    return record.key


async def test_an_erased_person_is_not_registered_again(county: County) -> None:
    id = erased(county)
    answer = await county.send("POST", "/v1/profiles", worker(HERE))
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"].endswith("suppressed")
    assert f"/v1/profiles/{id}/consent" in answer.json()["errors"][0]["message"]
    assert county.log.records == []


@pytest.mark.parametrize(
    "spelling", ["a-1", "Ａ－1", "A-1\u200b", "\u3000A-1 ", "'a-1", '="A-1"', "A\u2060-1"]
)
async def test_an_erased_person_does_not_return_under_another_spelling(
    county: County, spelling: str
) -> None:
    id = erased(county)
    answer = await county.send("POST", "/v1/profiles", worker(HERE, identifier=spelling))
    assert answer.status_code == 409, answer.text
    assert f"/v1/profiles/{id}/consent" in answer.json()["errors"][0]["message"]
    assert county.log.records == []


async def test_a_suppression_counts_after_compaction_has_dropped_the_tombstone(
    county: County,
) -> None:
    id = stored_worker(HERE).key
    county.views.documents[SUPPRESSIONS.name, id] = {"version": 3, "fact": {"suppressed": True}}
    answer = await county.send("POST", "/v1/profiles", worker(HERE))
    assert answer.status_code == 409, answer.text


async def test_new_consent_is_recorded_and_lets_the_person_return(county: County) -> None:
    id = erased(county)
    answer = await county.send("POST", f"/v1/profiles/{id}/consent", CONSENT)
    assert answer.status_code == 202, answer.text
    [record] = county.log.records
    stored = json.loads(record.value or b"")
    assert (record.topic, record.key) == (SUPPRESSIONS, id)
    assert stored["suppressed"] is False
    assert (stored["basis"], stored["consentedOn"]) == ("written", "2026-10-01")
    assert stored["by"]
    assert stored["at"]
    again = await county.send("POST", "/v1/profiles", worker(HERE))
    assert again.status_code == 202, again.text


@pytest.mark.parametrize("role", [AccountRole.CHIEF, AccountRole.CLERK, AccountRole.DEPARTMENT])
async def test_only_those_who_may_erase_everywhere_record_consent(role: AccountRole) -> None:
    county = County(role)
    id = erased(county)
    answer = await county.send("POST", f"/v1/profiles/{id}/consent", CONSENT)
    assert answer.status_code == 403, answer.text
    assert county.log.records == []


@pytest.mark.parametrize(
    "body", [{}, CONSENT | {"consentedOn": "2999-01-01"}, CONSENT | {"basis": "said so"}]
)
async def test_consent_names_its_form_and_a_day_that_has_come(
    county: County, body: dict[str, str]
) -> None:
    answer = await county.send("POST", f"/v1/profiles/{erased(county)}/consent", body)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(("day", "status"), [("2026-11-10", 422), ("2026-11-11", 202)])
async def test_a_consent_from_before_the_erasure_is_not_a_new_one(
    county: County, day: str, status: int
) -> None:
    id = stored_worker(HERE).key
    fact = {"suppressed": True, "at": "2026-11-10T16:30:00Z"}  # the 11th in China
    county.views.documents[SUPPRESSIONS.name, id] = {"version": 3, "fact": fact}
    body = CONSENT | {"consentedOn": day}
    answer = await county.send("POST", f"/v1/profiles/{id}/consent", body)
    assert answer.status_code == status, answer.text


async def test_an_erased_person_gets_no_account_and_no_key() -> None:
    county = County(AccountRole.ADMIN)
    id = erased(county)
    holder = {"name": "张三", "role": "worker", "workerId": id}
    answer = await county.send("POST", "/v1/keys", holder)
    assert answer.status_code == 409, answer.text
    answer = await county.send("POST", "/v1/accounts", holder | {"login": "zhang.san"})
    assert answer.status_code == 409, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == ["workerId"]
    other = holder | {"login": "zhang.san", "workerId": "w-" + "b" * 26}
    made = await county.send("POST", "/v1/accounts", other)
    assert made.status_code == 201, made.text
    answer = await county.send("PUT", f"/v1/accounts/{made.json()['id']}", holder)
    assert answer.status_code == 409, answer.text
    await county.send("POST", f"/v1/profiles/{id}/consent", CONSENT)
    answer = await county.send("POST", "/v1/keys", holder)
    assert answer.status_code == 201, answer.text


async def test_nobody_consents_for_a_person_who_was_not_erased(county: County) -> None:
    record = stored_worker(HERE)
    answer = await county.send("POST", f"/v1/profiles/{record.key}/consent", CONSENT)
    assert answer.status_code == 409, answer.text
    county.views.store(record)
    answer = await county.send("POST", f"/v1/profiles/{record.key}/consent", CONSENT)
    assert answer.status_code == 409, answer.text


async def test_an_erasure_suppresses_first_and_takes_rejected_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOST_DATA", str(tmp_path))
    county = County(AccountRole.ASSOCIATION)
    county.views.search = find_nothing  # type: ignore[attr-defined]
    record = stored_worker(HERE)
    county.views.store(record)
    rows = tmp_path / "rejects" / "roster.csv.rejects.jsonl"
    rows.parent.mkdir()
    row = {"worker": record.key, "row": {"name": "张三"}}
    rows.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    answer = await county.send("DELETE", f"/v1/profiles/{record.key}", None)
    assert answer.status_code == 202, answer.text
    topics = [each.topic.name for each in county.log.records]
    assert topics[0] == SUPPRESSIONS.name
    assert topics[-1] == PROFILES.name
    assert rows.read_text("utf-8") == ""


def with_number(number: str, **changes: Any) -> Record:
    """Return a stored worker to whom a further number was assigned."""
    content = ProfileContent.model_validate(worker(HERE, **changes))
    profile = facts.profile_put(content, at=NOW)[0]
    assigned = facts.number_assigned(profile, facts.SOURCE, number)
    return facts.profile_put(content, at=NOW, stored=assigned)[1]


def suppressed_in(county: County) -> set[str]:
    return {each.key for each in county.log.records if each.topic is SUPPRESSIONS}


async def test_a_number_that_is_registered_during_an_erasure_is_not_suppressed(
    county: County,
) -> None:
    stored = with_number("B-2")
    county.views.store(stored)
    county.views.documents[PROFILES.name, stored.key]["records"] = []  # searches lag
    other = worker(HERE, identifier="B-2", name="Somebody else", channels=[])
    registering = asyncio.create_task(county.send("POST", "/v1/profiles", other))
    await county.log.began.wait()
    answer = await county.send("DELETE", f"/v1/profiles/{stored.key}", None)
    registered = await registering
    assert (registered.status_code, answer.status_code) == (202, 202), registered.text
    assert registered.json()["id"] != stored.key
    assert suppressed_in(county) == {stored.key}


async def test_a_number_that_is_assigned_during_an_erasure_is_suppressed(county: County) -> None:
    stored = stored_worker(HERE, channels=PHONE)
    county.views.store(stored)
    same = worker(HERE, identifier="B-2", channels=PHONE)
    where = f"/v1/profiles?sameAs={stored.key}"
    assigning = asyncio.create_task(county.send("POST", where, same))
    await county.log.began.wait()
    answer = await county.send("DELETE", f"/v1/profiles/{stored.key}", None)
    assert ((await assigning).status_code, answer.status_code) == (202, 202), answer.text
    assert suppressed_in(county) == {stored.key, ids.worker_id(facts.SOURCE, "B-2")}


async def test_two_people_with_each_others_numbers_are_erased_at_once(county: County) -> None:
    """Each takes all of its locks in one order, so that neither waits for the other for ever."""
    first, second = with_number("B-2"), with_number("A-1", identifier="B-2", channels=[])
    county.views.store(first)
    county.views.store(second)
    paths = [f"/v1/profiles/{each.key}" for each in (first, second)]
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(county.send("DELETE", path, None) for path in paths))
    assert [each.status_code for each in answers] == [202, 202]
    assert suppressed_in(county) == {first.key, second.key}
