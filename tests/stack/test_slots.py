"""Interview slots on real servers: concurrent choice, moves, cancellations, erasure, rebuild."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from roost import ids
from roost.events.account import AccountRole
from roost.kafka.incoming import newest_readable
from roost.kafka.reader import KafkaReader
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import MATCH_ACTIONS, SLOTS
from roost.views.elastic import Elastic
from streams.queue.slot_bookings import project_slots
from tests.stack.serving import Serving, headers_for, wait_known
from tests.stack.test_api import opening, worker
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
WAIT = {"Prefer": "wait=20"}
RUN = secrets.token_hex(3)
EMPLOYER = f"slots-{RUN}"
PLACE = {"name": f"面试村{RUN}", "latitude": 36.21, "longitude": 111.43}
PEOPLE = 6
Headers = dict[str, str]


@pytest.fixture(scope="module")
def boss(settings: Settings, serving: Serving) -> Headers:
    """Headers of a key of the employer."""
    headers = headers_for(settings, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    wait_known(serving.url, headers)
    return headers


async def posted(api: httpx.AsyncClient, reference: str) -> str:
    about = {"hiringOrganization": {"id": EMPLOYER, "name": "时段示例"}, "totalJobOpenings": 20}
    made = await api.post(
        "/v1/openings", json=opening(reference, jobLocation=PLACE, **about), headers=WAIT
    )
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def referred(
    api: httpx.AsyncClient, opening_id: str, name: str, place: dict[str, Any] = PLACE
) -> str:
    """Return the match of a new worker who is referred for the opening."""
    person = worker(f"{RUN}-{name}", name=f"时段{name}", location=place, home=place)
    made = await api.post("/v1/profiles", json=person, headers=WAIT)
    assert made.status_code == 201, made.text
    id = ids.match_id(opening_id, made.json()["id"])
    pair = {"openingId": opening_id, "workerId": made.json()["id"], "why": "worker_asked"}
    asked = await api.post("/v1/matches", json=pair, headers=WAIT)
    assert asked.status_code in {200, 202, 409}, asked.text

    async def found() -> bool:
        return (await api.get(f"/v1/matches/{id}")).status_code == 200

    await until("the match is proposed", found)
    for kind, body in (("contact", {"contact": "reached"}), ("refer", {})):
        answer = await api.post(f"/v1/matches/{id}/{kind}", json=body, headers=WAIT)
        assert answer.status_code == 200, answer.text
    return id


def content(days: int, places: int = 1, **changes: Any) -> dict[str, Any]:
    at = SystemClock().now() + timedelta(days=days)
    details = {"place": "东门接待室", "contact": "王经理", "documents": "身份证"}
    return {"at": at.isoformat(), "places": places, "interview": details} | changes


async def offered(
    api: httpx.AsyncClient, boss: Headers, opening_id: str, days: int, places: int = 1
) -> str:
    where = f"/v1/openings/{opening_id}/slots"
    made = await api.post(where, json=content(days, places), headers=boss | WAIT)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def booked(
    api: httpx.AsyncClient, match: str, slot: str, headers: Headers | None = None
) -> httpx.Response:
    where = f"/v1/matches/{match}/book"
    return await api.post(where, json={"slotId": slot}, headers=(headers or {}) | WAIT)


async def match_of(api: httpx.AsyncClient, id: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/matches/{id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def entries(api: httpx.AsyncClient, match: str) -> list[str]:
    """Return the kinds of the inbox entries of a match's worker about it, oldest first."""
    _, worker_id = ids.split_match_id(match)
    answer = await api.get(f"/v1/profiles/{worker_id}/inbox")
    assert answer.status_code == 200, answer.text
    return [each["kind"] for each in answer.json()["items"] if each.get("matchId") == match][::-1]


async def test_concurrent_choice_overbooks_nothing_and_a_move_tells_everybody(
    api: httpx.AsyncClient, boss: Headers, settings: Settings, elastic: Elastic, serving: Serving
) -> None:
    opening_id = await posted(api, f"{RUN}-1")
    matches = [await referred(api, opening_id, str(number)) for number in range(PEOPLE)]
    slot = await offered(api, boss, opening_id, days=2, places=2)
    free = await offered(api, boss, opening_id, days=3, places=9)
    own = headers_for(settings, AccountRole.WORKER, worker_id=ids.split_match_id(matches[0])[1])
    wait_known(serving.url, own)
    seen = await api.get(f"/v1/openings/{opening_id}/slots", headers=own)
    assert [each["id"] for each in seen.json()["items"]] == [slot, free]
    assert not {"booked", "places"} & {
        name for each in seen.json()["items"] for name, value in each.items() if value is not None
    }

    answers = await asyncio.gather(
        booked(api, matches[0], slot, own), *(booked(api, each, slot) for each in matches[1:])
    )
    taken = [match for match, each in zip(matches, answers, strict=True) if each.is_success]
    refused = [each.json() for each in answers if not each.is_success]
    assert len(taken) == 2, [each.text for each in answers]
    assert {each["type"].rsplit("/", 1)[-1] for each in refused} == {"match-slot-full"}
    next_free = datetime.fromisoformat(
        (await api.get(f"/v1/slots/{free}")).json()["at"]
    ).astimezone(settings.zone)
    assert all(f"{next_free:%Y-%m-%d %H:%M}" in each["detail"] for each in refused)
    listed = (await api.get(f"/v1/openings/{opening_id}/slots", headers=boss)).json()["items"]
    assert [(each["booked"], each["free"]) for each in listed] == [(2, 0), (0, 9)]
    for each in taken:
        found = await match_of(api, each)
        assert (found["state"], found["booking"]["slotId"]) == ("interviewed", slot)
        assert found["interviewDetails"]["place"] == "东门接待室"

    fewer = await api.put(f"/v1/slots/{slot}", json=content(2, 1), headers=boss)
    assert (fewer.status_code, fewer.json()["errors"][0]["field"]) == (409, "places")
    moved = content(5, 2, interview={"place": "西门"})
    changed = await api.put(f"/v1/slots/{slot}", json=moved, headers=boss | WAIT)
    assert changed.status_code == 200, changed.text

    async def all_moved() -> bool:
        found = [await match_of(api, each) for each in taken]
        return all(each.get("interviewDetails") == {"place": "西门"} for each in found)

    await until("the interviews have moved", all_moved)
    for each in taken:
        found = await match_of(api, each)
        assert datetime.fromisoformat(found["interviewAt"]) == datetime.fromisoformat(moved["at"])

        async def told(match: str = each) -> bool:
            return (await entries(api, match)).count("interview_set") == 2

        await until("the worker is notified of the move", told)

    await _is_free_again_after_an_end(api, taken[0], matches, taken, slot)
    await _is_cancelled(api, boss, elastic, slot, matches)
    await _is_rebuilt(settings, elastic, opening_id)


async def _is_free_again_after_an_end(
    api: httpx.AsyncClient, ended: str, matches: list[str], taken: list[str], slot: str
) -> None:
    over = await api.post(f"/v1/matches/{ended}/decline", json={"reason": "wage"}, headers=WAIT)
    assert over.status_code == 200, over.text
    other = next(each for each in matches if each not in taken)
    assert (await booked(api, other, slot)).status_code == 200


async def _is_cancelled(
    api: httpx.AsyncClient, boss: Headers, elastic: Elastic, slot: str, matches: list[str]
) -> None:
    held = [each for each in matches if (await match_of(api, each))["state"] == "interviewed"]
    assert len(held) == 2
    gone = await api.delete(f"/v1/slots/{slot}", headers=boss | WAIT)
    assert gone.is_success, gone.text
    assert (await api.get(f"/v1/slots/{slot}", headers=boss)).status_code == 404

    async def released() -> bool:
        return {(await match_of(api, each))["state"] for each in held} == {"referred"}

    await until("the interviews are cancelled", released)
    for each in held:

        async def told(match: str = each) -> bool:
            return "interview_cancelled" in await entries(api, match)

        await until("the worker is notified of the end", told)
    assert (await booked(api, held[0], slot)).status_code == 409
    document = await elastic.get(SLOTS.name, slot)
    assert document is not None
    assert set(document) == {"id", "version", "erased"}, "the text is erased with the slot"


async def _is_rebuilt(settings: Settings, elastic: Elastic, opening_id: str) -> None:
    """Compare the documents of the opening's slots with a projection of their topic."""
    expected: dict[str, tuple[int, Any]] = {}
    reader = KafkaReader(settings.bootstrap_servers)
    async for batch in reader.read_to_end(SLOTS):
        for write in project_slots(newest_readable(batch)):
            if ids.opening_of_slot(write.id) == opening_id:
                expected[write.id] = (write.version, write.document)
    assert len(expected) == 2
    for id, (version, document) in expected.items():
        assert await elastic.get(SLOTS.name, id) == document
        assert document["version"] == version
    actions = [
        each.value
        async for batch in reader.read_to_end(MATCH_ACTIONS)
        for each in batch
        if each.value is not None
    ]
    assert not any("接待室".encode() in each for each in actions), "no text in append-only topics"


async def test_a_slot_has_the_reach_of_its_opening(
    api: httpx.AsyncClient, boss: Headers, settings: Settings, serving: Serving
) -> None:
    opening_id = await posted(api, f"{RUN}-2")
    slot = await offered(api, boss, opening_id, days=2)
    stranger = headers_for(settings, AccountRole.EMPLOYER, employer_id=f"other-{RUN}")
    wait_known(serving.url, stranger)
    where = f"/v1/openings/{opening_id}/slots"
    for method, path in (
        ("GET", where),
        ("POST", where),
        ("GET", f"/v1/slots/{slot}"),
        ("PUT", f"/v1/slots/{slot}"),
        ("DELETE", f"/v1/slots/{slot}"),
    ):
        body = content(3) if method in {"POST", "PUT"} else None
        answer = await api.request(method, path, json=body, headers=stranger)
        assert answer.status_code == 404, (method, path, answer.text)
    past = content(2, at=(SystemClock().now() - timedelta(hours=1)).isoformat())
    late = await api.post(where, json=past, headers=boss)
    assert (late.status_code, late.json()["errors"][0]["field"]) == (422, "at")
    key = boss | WAIT | {"Idempotency-Key": f"slot-{RUN}"}
    same = content(4)
    twice = [await api.post(where, json=same, headers=key) for _ in range(2)]
    assert len({each.json()["id"] for each in twice}) == 1
    closed = await api.post(f"/v1/openings/{opening_id}/close", headers=boss | WAIT)
    assert closed.is_success, closed.text
    assert (await api.post(where, json=content(5), headers=boss)).status_code == 409
