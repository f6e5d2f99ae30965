"""A worker who is stored already is named to those who may know, and found by every number."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from api.access.principal import Principal
from api.profiles import erasing, service
from producers import facts
from roost.events.account import AccountRole, Permission
from roost.events.envelope import Record
from roost.events.profile import ProfileContent
from roost.likeness.same_person import number_key
from roost.places.place_search import find_place
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, County, stored_worker, worker

PHONE = [{"kind": "inbox"}, {"kind": "sms", "address": "13800138000"}]
TOWN = {"name": find_place("岭泉镇").key}
"""A township of the association's area; the clerk's station serves HERE, where they live."""


@pytest.fixture
def county() -> County:
    return County()


def from_roster(**changes: Any) -> Record:
    """Return a worker whom a roster's import registered under its own source."""
    content = ProfileContent.model_validate(worker(HERE, **changes))
    return facts.profile_put(content, at=NOW, source="zh-roster")[1]


def newest(county: County) -> dict[str, Any]:
    fact: dict[str, Any] = orjson.loads(county.log.records[-1].value or b"null")
    return fact


SPELLINGS = ["A-1", "a-1", "Ａ-1", "'A-1", '="A-1"', " A-1\u200b"]


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_number_of_another_roster_is_known_in_every_spelling(
    county: County, spelling: str
) -> None:
    stored = from_roster(channels=PHONE)
    county.views.store(stored)
    answer = await county.send(
        "POST", "/v1/profiles", worker(HERE, identifier=spelling, channels=PHONE)
    )
    assert answer.status_code == 409, answer.text
    body = answer.json()
    assert body["type"] == "/problems/known-person"
    assert body["people"][0]["id"] == stored.key
    assert body["people"][0]["self"] == f"/v1/profiles/{stored.key}"
    assert "number" in body["people"][0]["signs"]
    assert f"</v1/profiles/{stored.key}>" in answer.headers["link"]
    assert county.log.records == []


@pytest.mark.parametrize("spelling", ["11010519491231002X", "110105 19491231 002x", "p-hash"])
async def test_an_identity_number_is_known_by_its_hash(county: County, spelling: str) -> None:
    number = "11010519491231002X"
    hashed = number_key(number)
    county.views.store(from_roster(identifier=hashed))
    given = hashed if spelling == "p-hash" else spelling
    content = worker(HERE, identifier=given, name="别名", home=TOWN, location={"name": HERE.key})
    answer = await county.send("POST", "/v1/profiles", content)
    assert answer.status_code == 409, answer.text


@pytest.mark.parametrize(
    ("changes", "signs"),
    [
        ({"name": "别名"}, {"telephone"}),
        ({"channels": [{"kind": "inbox"}]}, {"name_and_home"}),
    ],
)
async def test_signs_under_another_number_are_named_in_the_answer(
    county: County, changes: dict[str, Any], signs: set[str]
) -> None:
    stored = stored_worker(HERE, channels=PHONE)
    county.views.store(stored)
    content = worker(HERE, identifier="B-2", channels=PHONE) | changes
    answer = await county.send("POST", "/v1/profiles", content)
    assert answer.status_code == 202, answer.text
    [person] = answer.json()["looksLike"]
    assert (person["id"], person["self"]) == (stored.key, f"/v1/profiles/{stored.key}")
    assert set(person["signs"]) == signs
    for text in ("13800138000", content["name"]):
        assert text not in answer.text


@pytest.mark.parametrize("changes", [{}, {"home": TOWN}])
async def test_a_name_with_its_telephone_under_a_new_number_asks_who_it_is(
    county: County, changes: dict[str, Any]
) -> None:
    stored = stored_worker(HERE, channels=PHONE)
    county.views.store(stored)
    content = worker(HERE, identifier="B-2", channels=PHONE) | changes
    refused = await county.send("POST", "/v1/profiles", content)
    assert refused.status_code == 409, refused.text
    assert [each["id"] for each in refused.json()["people"]] == [stored.key]
    assert county.log.records == []
    same = await county.send("POST", f"/v1/profiles?sameAs={stored.key}", content)
    assert (same.status_code, county.log.records[-1].key) == (202, stored.key)
    other = content | {"identifier": "B-3"}
    answer = await county.send("POST", f"/v1/profiles?differentFrom={stored.key}", other)
    assert answer.status_code == 202, answer.text
    assert county.log.records[-1].key != stored.key


OTHER_PHONE = [{"kind": "inbox"}, {"kind": "sms", "address": "13900139000"}]


async def test_a_number_of_another_telephone_and_home_is_no_edit(county: County) -> None:
    stored = stored_worker(HERE, channels=PHONE)
    county.views.store(stored)
    moved = worker(HERE, home=TOWN, location={"name": HERE.key}, channels=OTHER_PHONE)
    answer = await county.send("POST", "/v1/profiles", moved)
    assert answer.status_code == 409, answer.text
    assert answer.json()["people"][0]["signs"] == ["other_details"]
    confirmed = await county.send("POST", f"/v1/profiles?sameAs={stored.key}", moved)
    assert confirmed.status_code == 202, confirmed.text
    for content in (moved | {"channels": PHONE}, worker(HERE, channels=PHONE)):
        answer = await county.send("POST", "/v1/profiles", content)
        assert answer.status_code == 202, "one of both changed"


async def test_nobody_alike_is_no_sign(county: County) -> None:
    county.views.store(stored_worker(HERE))
    content = worker(HERE, identifier="B-2", name="别名", channels=PHONE)
    answer = await county.send("POST", "/v1/profiles", content)
    assert (answer.status_code, answer.json()["looksLike"]) == (202, [])


@pytest.mark.parametrize("identifier", ["A-1", "B-2"])
async def test_a_person_out_of_reach_is_never_named(county: County, identifier: str) -> None:
    """The answer is the one of a county without this person."""
    content = worker(HERE, identifier=identifier, channels=PHONE)
    unknown = await county.send("POST", "/v1/profiles", content)
    county = County()
    there = ProfileContent.model_validate(worker(ELSEWHERE, channels=PHONE))
    county.views.store(facts.profile_put(there, at=NOW, source="zh-roster")[1])
    answer = await county.send("POST", "/v1/profiles", content)
    assert (answer.status_code, answer.json()) == (unknown.status_code, unknown.json())
    assert answer.status_code == 202


async def test_a_number_of_the_same_register_out_of_reach_stays_a_neutral_refusal(
    county: County,
) -> None:
    county.views.store(stored_worker(ELSEWHERE, channels=PHONE))
    answer = await county.send("POST", "/v1/profiles", worker(HERE, channels=PHONE))
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/conflict"
    assert "people" not in answer.json()


async def test_a_key_that_may_not_read_learns_of_nobody() -> None:
    county = County(AccountRole.CLERK, scopes=(Permission.PROFILES_WRITE,))
    county.views.store(stored_worker(HERE, channels=PHONE))
    answer = await county.send(
        "POST", "/v1/profiles", worker(HERE, identifier="B-2", channels=PHONE)
    )
    assert (answer.status_code, answer.json()["looksLike"]) == (202, [])


async def test_the_same_number_with_another_name_is_no_edit(county: County) -> None:
    stored = stored_worker(HERE)
    county.views.store(stored)
    answer = await county.send("POST", "/v1/profiles", worker(HERE, name="别名"))
    assert answer.status_code == 409
    assert answer.json()["people"][0]["signs"] == ["other_name"]
    renamed = await county.send(
        "POST", f"/v1/profiles?sameAs={stored.key}", worker(HERE, name="别名")
    )
    assert renamed.status_code == 202
    assert (county.log.records[-1].key, newest(county)["name"]) == (stored.key, "别名")


async def test_another_spelling_of_the_name_is_the_same_person(county: County) -> None:
    stored = stored_worker(HERE, name="张丽")
    county.views.store(stored)
    answer = await county.send("POST", "/v1/profiles", worker(HERE, name="張　丽"))
    assert (answer.status_code, county.log.records[-1].key) == (202, stored.key)


async def test_the_caller_decides_that_it_is_another_person(county: County) -> None:
    stored = from_roster(channels=PHONE)
    county.views.store(stored)
    content = worker(HERE, channels=PHONE)
    assert (await county.send("POST", "/v1/profiles", content)).status_code == 409
    where = f"/v1/profiles?differentFrom={stored.key}"
    answer = await county.send("POST", where, content)
    assert answer.status_code == 202, answer.text
    assert county.log.records[-1].key != stored.key


async def test_the_caller_decides_that_it_is_the_same_person(county: County) -> None:
    stored = stored_worker(HERE, channels=PHONE)
    county.views.store(stored)
    content = worker(HERE, identifier="B-2", channels=PHONE, skills=["砌筑"])
    where = f"/v1/profiles?sameAs={stored.key}"
    answer = await county.send("POST", where, content)
    assert answer.status_code == 202, answer.text
    fact = newest(county)
    assert (county.log.records[-1].key, fact["identifier"]) == (stored.key, "A-1")
    assert fact["otherNumbers"] == [{"source": "api", "identifier": "B-2"}]
    assert fact["skills"] == ["砌筑"]

    county.views.store(county.log.records[-1])
    again = await county.send("POST", "/v1/profiles", content | {"skills": ["焊接"]})
    assert (again.status_code, county.log.records[-1].key) == (202, stored.key)
    assert newest(county)["otherNumbers"] == fact["otherNumbers"]
    edited = await county.send("PUT", f"/v1/profiles/{stored.key}", worker(HERE, channels=PHONE))
    assert edited.status_code == 202
    assert newest(county)["otherNumbers"] == fact["otherNumbers"]


async def test_a_person_who_does_not_look_alike_is_not_named_as_the_same(county: County) -> None:
    stored = stored_worker(ELSEWHERE, channels=PHONE)
    county.views.store(stored)
    content = worker(HERE, identifier="B-2", channels=PHONE)
    answer = await county.send("POST", f"/v1/profiles?sameAs={stored.key}", content)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "sameAs"
    assert county.log.records == []


async def test_an_assigned_number_of_a_person_out_of_reach_is_taken(county: County) -> None:
    content = ProfileContent.model_validate(worker(ELSEWHERE))
    profile, _ = facts.profile_put(content, at=NOW)
    assigned = facts.number_assigned(profile, "api", "B-2")
    county.views.store(facts.profile_put(content, at=NOW, stored=assigned)[1])
    answer = await county.send("POST", "/v1/profiles", worker(HERE, identifier="b-2"))
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/conflict"
    assert county.log.records == []


async def test_an_erasure_suppresses_every_number_of_the_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    erased: list[str] = []
    monkeypatch.setattr(erasing, "erase_from_files", lambda _, *found: erased.extend(found))
    county = County(AccountRole.CHIEF)
    content = ProfileContent.model_validate(worker(HERE))
    profile, _ = facts.profile_put(content, at=NOW)
    assigned = facts.number_assigned(profile, "zh-roster", "B-2")
    stored = facts.profile_put(content, at=NOW, stored=assigned)[1]
    county.views.store(stored)

    answer = await county.send("DELETE", f"/v1/profiles/{stored.key}", None)
    assert answer.status_code == 202, answer.text
    suppressed = {each.key for each in county.log.records if each.topic.name == "suppressions"}
    assert suppressed == {stored.key, facts.referenced_worker("B-2", "zh-roster")}
    assert set(erased) == suppressed, "rejected rows carry the id of their own number"


ERASED = {"erased": True, "version": 9}
SUPPRESSED = {"version": 3, "fact": {"suppressed": True}}


def owner_of(county: County, number: str, how: str) -> str:
    """Store the worker who has a number, elsewhere or erased; return the id."""
    record = stored_worker(ELSEWHERE, identifier=number, name="别人")
    if how == "stored":
        county.views.store(record)
    elif how == "erased":
        county.views.documents["profiles", record.key] = {"id": record.key, **ERASED}
    else:
        county.views.documents["suppressions", record.key] = SUPPRESSED
    return record.key


@pytest.mark.parametrize("how", ["stored", "erased", "suppressed"])
@pytest.mark.parametrize("spelling", ["B-2", "b-2", " Ｂ-2\u200b"])
async def test_the_number_of_another_worker_is_not_assigned(
    county: County, how: str, spelling: str
) -> None:
    """It would lead the next import of its owner to the caller's own worker."""
    mine = stored_worker(HERE, channels=PHONE)
    county.views.store(mine)
    owner_of(county, "B-2", how)
    content = worker(HERE, identifier=spelling, channels=PHONE)
    answer = await county.send("POST", f"/v1/profiles?sameAs={mine.key}", content)
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] == f"/problems/{'conflict' if how == 'stored' else 'suppressed'}"
    assert county.log.records == []


@pytest.mark.parametrize("how", ["stored", "erased", "suppressed"])
async def test_a_worker_without_a_number_does_not_get_that_of_another(
    county: County, how: str
) -> None:
    mine = stored_worker(HERE)
    fact = orjson.loads(mine.value or b"")
    del fact["identifier"]
    county.views.documents["profiles", mine.key] = {"id": mine.key, "version": 7, "fact": fact}
    owner_of(county, "B-2", how)
    where = f"/v1/profiles/{mine.key}"
    assert (await county.send("PUT", where, worker(HERE, identifier="B-2"))).status_code == 409
    assert county.log.records == []
    assert (await county.send("PUT", where, worker(HERE, identifier="C-3"))).status_code == 202


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_number_that_is_being_registered_is_not_assigned(
    county: County, method: str
) -> None:
    """As an import does, a registration locks the number's own record for its check."""
    mine = stored_worker(HERE, channels=PHONE)
    fact = orjson.loads(mine.value or b"")
    if method == "PUT":
        del fact["identifier"]
    county.views.store(mine)
    county.views.documents["profiles", mine.key]["fact"] = fact
    owner = worker(HERE, identifier="B-2", name="别人", channels=[])
    registering = asyncio.create_task(county.send("POST", "/v1/profiles", owner))
    await county.log.began.wait()
    where = f"/v1/profiles?sameAs={mine.key}" if method == "POST" else f"/v1/profiles/{mine.key}"
    content = worker(HERE, identifier="B-2", channels=PHONE)
    assert (await county.send(method, where, content)).status_code == 409
    assert (await registering).status_code == 202


async def test_a_number_that_was_assigned_stays_its_owners(county: County) -> None:
    """An earlier release let a station assign the number of another one's worker."""
    county = County(AccountRole.ASSOCIATION)
    owner = owner_of(county, "B-2", "stored")
    content = ProfileContent.model_validate(worker(HERE))
    assigned = facts.number_assigned(facts.profile_put(content, at=NOW)[0], "api", "B-2")
    other = facts.profile_put(content, at=NOW, stored=assigned)[1]
    county.views.store(other)
    update = worker(ELSEWHERE, identifier="B-2", name="别人", skills=["砌筑"])
    answer = await county.send("POST", "/v1/profiles", update)
    assert answer.status_code == 202, answer.text
    assert [each.key for each in county.log.records] == [owner]

    erased = await county.send("DELETE", f"/v1/profiles/{other.key}", None)
    assert erased.status_code == 202, erased.text
    suppressed = {each.key for each in county.log.records if each.topic.name == "suppressions"}
    assert suppressed == {other.key}, "the owner of the number is not suppressed"


async def test_a_person_who_has_just_been_erased_is_no_sign(county: County) -> None:
    stored = stored_worker(HERE, channels=PHONE)
    county.views.store(stored)
    tombstone = facts.profile_erased(stored.key, at=NOW)
    [position] = await county.log.publish([tombstone])
    county.given.latest.note(tombstone, position)
    content = worker(HERE, identifier="B-2", channels=PHONE)
    answer = await county.send("POST", "/v1/profiles", content)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("spelling", [*SPELLINGS, "13800138000", "+86 138-0013-8000"])
async def test_a_list_finds_a_worker_by_every_number(county: County, spelling: str) -> None:
    stored = from_roster(channels=PHONE)
    county.views.store(stored)
    who = Principal("k-1", AccountRole.CLERK, "clerk", station_ids=(MINE,))
    found = await service.find_by_number(county.given, who, spelling)
    assert [each["id"] for each in found] == [stored.key]
    others = Principal("k-1", AccountRole.CLERK, "clerk", station_ids=("s-" + "a" * 26,))
    assert await service.find_by_number(county.given, others, spelling) == []
