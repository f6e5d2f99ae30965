"""A repeat changes nothing; an edit of a posted entity keeps what only other actions change."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.access.principal import Principal
from api.imports.exclusive_writes import ExclusiveWrites
from api.ports import latest_writes
from api.ports.latest_writes import LatestWrites
from api.webhooks import service as webhooks
from producers import facts
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer
from producers.importing.verdicts import RowOutcome, Verdict
from producers.mappings.direct_mapping import direct_mapping
from roost.errors import Transient
from roost.events.account import AccountRole
from roost.events.opening import Opening, OpeningStatus
from roost.events.webhook import WebhookContent
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import (
    EMPLOYER,
    HERE,
    County,
    opening,
    stored_opening,
    stored_worker,
    worker,
)

FEATURES = [
    pytest.param("/v1/profiles", worker, stored_worker, {"skills": ["砌筑"]}, id="profiles"),
    pytest.param("/v1/openings", opening, stored_opening, {"title": "砌筑工"}, id="openings"),
]


@pytest.fixture
def county() -> County:
    return County()


def newest(county: County) -> dict[str, Any]:
    """Return the fact that was published last."""
    fact: dict[str, Any] = orjson.loads(county.log.records[-1].value or b"null")
    return fact


@pytest.mark.parametrize(("path", "body", "stored", "changes"), FEATURES)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_an_unchanged_repeat_publishes_nothing_and_answers_the_current_version(
    county: County, path: str, body: Any, stored: Any, changes: Any, method: str
) -> None:
    record = stored(HERE)
    county.views.store(record)
    where = path if method == "POST" else f"{path}/{record.key}"
    answer = await county.send(method, where, body(HERE))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["version"], answer.json()["searchable"]) == (7, True)
    assert answer.headers["etag"] == '"7"'
    assert county.log.records == []


@pytest.mark.parametrize(("path", "body", "stored", "changes"), FEATURES)
async def test_a_repeat_of_a_record_that_no_view_shows_yet_publishes_nothing(
    county: County, path: str, body: Any, stored: Any, changes: Any
) -> None:
    first = await county.send("POST", path, body(HERE))
    again = await county.send("POST", path, body(HERE))
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["version"] == first.json()["version"]
    assert len(county.log.records) == 1


@pytest.mark.parametrize("verb", ["close", "pause", "fill"])
@pytest.mark.parametrize("changes", [{}, {"title": "砌筑工"}])
async def test_a_closed_opening_is_reopened_only_by_reopening_it(
    county: County, verb: str, changes: Any
) -> None:
    record = stored_opening(HERE)
    county.views.store(record)
    before = orjson.loads(record.value or b"")
    await county.send("POST", f"/v1/openings/{record.key}/{verb}", None)
    ended = newest(county)["status"]
    assert ended != "open"
    await county.send("POST", "/v1/openings", opening(HERE, **changes))
    await county.send("PUT", f"/v1/openings/{record.key}", opening(HERE, **changes))
    fact = newest(county)
    assert (fact["status"], fact["source"]) == (ended, before["source"])
    assert fact["createdAt"] == before["createdAt"]
    await county.send("POST", f"/v1/openings/{record.key}/reopen", None)
    assert newest(county)["status"] == "open"


async def test_a_reposted_opening_keeps_its_posting_date(county: County) -> None:
    county.views.store(stored_opening(HERE, datePosted="2026-11-01"))
    for changes in ({"title": "甲"}, {"title": "乙", "datePosted": "2026-11-20"}):
        await county.send("POST", "/v1/openings", opening(HERE, **changes))
        assert newest(county)["datePosted"] == "2026-11-01"


async def test_a_last_day_that_has_passed_is_no_fault_of_a_repeat(county: County) -> None:
    record = stored_opening(HERE)
    fact = orjson.loads(record.value or b"") | {"validThrough": "2020-01-01"}
    county.views.documents["openings", record.key] = {"id": record.key, "version": 7, "fact": fact}
    again = opening(HERE, validThrough="2020-01-01")
    assert (await county.send("POST", "/v1/openings", again)).status_code == 200
    another = opening(HERE, validThrough="2020-01-02")
    assert (await county.send("POST", "/v1/openings", another)).status_code == 422


async def test_a_paused_worker_stays_paused_when_registered_again(county: County) -> None:
    record = stored_worker(HERE)
    county.views.store(record)
    paused = await county.send("PUT", f"/v1/profiles/{record.key}", worker(HERE, status="paused"))
    assert paused.status_code == 202, paused.text
    again = await county.send("POST", "/v1/profiles", worker(HERE))
    assert again.status_code == 200, again.text
    await county.send("POST", "/v1/profiles", worker(HERE, skills=["砌筑"]))
    assert (newest(county)["status"], newest(county)["skills"]) == ("paused", ["砌筑"])


async def test_a_record_of_an_earlier_release_is_unchanged_by_a_repeat(county: County) -> None:
    record = stored_opening(HERE)
    fact = orjson.loads(record.value or b"")
    created = fact.pop("createdAt")
    county.views.documents["openings", record.key] = {
        "id": record.key, "version": 7, "fact": fact, "created_at": created,
    }  # fmt: skip
    assert (await county.send("POST", "/v1/openings", opening(HERE))).status_code == 200
    await county.send("POST", "/v1/openings", opening(HERE, title="砌筑工"))
    assert newest(county)["createdAt"] == created


@pytest.mark.parametrize(
    ("path", "body"), [("preferences", {"mutedKinds": ["policy_news"]}), ("stop", None)]
)
async def test_repeated_settings_of_a_worker_publish_nothing(
    county: County, path: str, body: Any
) -> None:
    record = stored_worker(HERE)
    county.views.store(record)
    where = f"/v1/profiles/{record.key}/{path}"
    answers = [await county.send("PUT", where, body) for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 200], answers[-1].text
    assert len(county.log.records) == 1


async def test_preferences_are_not_written_while_their_worker_is_erased() -> None:
    county = County(AccountRole.CHIEF)
    record = stored_worker(HERE)
    county.views.store(record)
    where = f"/v1/profiles/{record.key}"
    async with county.given.latest.alone("profiles", record.key):
        writing = asyncio.create_task(county.send("PUT", f"{where}/preferences", {}))
        await asyncio.sleep(0.05)
        [position] = await county.log.publish([facts.profile_erased(record.key, at=NOW)])
        county.given.latest.note(county.log.records[-1], position)
    assert (await writing).status_code == 404
    assert len(county.log.records) == 1


WORKERS_FIELDS = [
    {"licences": ["高压电工证"]},
    {"ofWorkingAge": False},
    {"registeredHousehold": {"registered": True, "consent": True}},
    {"registeredHousehold": None},
]


@pytest.mark.parametrize("changes", WORKERS_FIELDS)
@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_worker_sets_no_field_that_the_station_verifies(
    method: str, changes: dict[str, Any]
) -> None:
    household = {"registered": True, "consent": False}
    none = changes != WORKERS_FIELDS[3]
    before = {"registeredHousehold": None if none else household}
    record = stored_worker(HERE, **before)
    county = County(AccountRole.WORKER, worker_id=record.key)
    county.views.store(record)
    where = "/v1/profiles" if method == "POST" else f"/v1/profiles/{record.key}"
    refused = await county.send(method, where, worker(HERE, **before | changes))
    assert refused.status_code == 403, refused.text
    named = refused.json()["errors"][0]["field"]
    assert named.partition(".")[0] == next(iter(changes))
    assert county.log.records == []


async def test_a_worker_edits_the_rest_and_keeps_protected_fields_by_leaving_them_out() -> None:
    record = stored_worker(HERE, licences=["叉车证"])
    county = County(AccountRole.WORKER, worker_id=record.key)
    county.views.store(record)
    content = worker(HERE, skills=["砌筑"])
    for name in ("identifier", "licences", "ofWorkingAge", "registeredHousehold"):
        content.pop(name, None)
    edited = await county.send("PUT", f"/v1/profiles/{record.key}", content)
    assert edited.status_code == 202, edited.text
    fact = newest(county)
    assert (fact["skills"], fact["licences"], fact["identifier"]) == (["砌筑"], ["叉车证"], "A-1")


async def test_a_worker_without_a_profile_does_not_give_themselves_a_number() -> None:
    county = County(AccountRole.WORKER, worker_id=stored_worker(HERE).key)
    answer = await county.send("POST", "/v1/profiles", worker(HERE))
    assert answer.status_code == 403, answer.text
    assert county.log.records == []


async def test_a_repeated_registration_of_a_webhook_undoes_no_rotation() -> None:
    given = County(AccountRole.EMPLOYER, employer_id=EMPLOYER).given
    who = Principal("k-1", AccountRole.EMPLOYER, "hr", employer_id=EMPLOYER)
    content = WebhookContent.model_validate(
        {"url": "https://example.org/hook", "employerId": EMPLOYER}
    )
    first = await webhooks.register_webhook(given, who, content, seed="1")
    rotated = await webhooks.rotate_secret(given, who, first.written.record.key)
    again = await webhooks.register_webhook(given, who, content, seed="1")
    assert (again.secret, again.written.changed) == (rotated.secret, False)


# Imports take the same locks and note the same facts as a post.


def importer(county: County, path: Path, loop: asyncio.AbstractEventLoop, publish: Any) -> Any:
    writes = ExclusiveWrites(
        loop,
        county.views,
        county.given.latest,
        publish,
        threading.Event(),  # type: ignore[arg-type]
    )
    mapping = direct_mapping(KINDS["openings"].content, "api")
    return Importer(
        KINDS["openings"], mapping, FixedClock(NOW), county.given.settings.zone, writes,
        writes.hold_stored,
    )  # fmt: skip


class ThreadLog:
    """Blocking publisher of an import's thread, into the log of the API's publisher."""

    def __init__(self, county: County, loop: asyncio.AbstractEventLoop) -> None:
        self._county, self._loop = county, loop

    def publish(self, records: Any) -> list[Position]:
        published = self._county.log.publish(records)
        return asyncio.run_coroutine_threadsafe(published, self._loop).result()


async def run_import(county: County, path: Path, *contents: Any) -> list[str]:
    """Import rows; return the reasons of the rejected ones."""
    text = "\n".join(map(json.dumps, contents))
    await asyncio.to_thread(path.write_text, text, encoding="utf-8")
    loop = asyncio.get_running_loop()
    reasons: list[str] = []
    made = importer(county, path, loop, ThreadLog(county, loop))

    def note(outcome: RowOutcome) -> None:
        if outcome.verdict is Verdict.REJECTED:
            reasons.extend(f"{each.field}: {each.message}" for each in outcome.reasons)

    await asyncio.to_thread(made.run, path, note)
    return reasons


async def test_a_post_after_an_import_sees_what_it_wrote(county: County, tmp_path: Path) -> None:
    assert await run_import(county, tmp_path / "o.jsonl", opening(HERE)) == []
    again = await county.send("POST", "/v1/openings", opening(HERE))
    assert (again.status_code, len(county.log.records)) == (200, 1)
    assert await run_import(county, tmp_path / "o.jsonl", opening(HERE)) == []
    assert len(county.log.records) == 1


async def test_an_import_waits_for_the_other_writers_of_its_rows(
    county: County, tmp_path: Path
) -> None:
    record = stored_opening(HERE)
    county.views.store(record)
    async with county.given.latest.alone("openings", record.key):
        running = asyncio.create_task(
            run_import(county, tmp_path / "o.jsonl", opening(HERE, title="砌筑工"))
        )
        await asyncio.sleep(0.1)
        assert county.log.records == []
        opened = Opening.from_stored(json.loads(record.value or b""))
        closed = facts.opening_status_set(opened, OpeningStatus.CLOSED, at=NOW)[1]
        [position] = await county.log.publish([closed])
        county.given.latest.note(closed, position)
    assert await running == []
    assert (newest(county)["status"], newest(county)["title"]) == ("closed", "砌筑工")


def test_a_fact_whose_value_is_forgotten_is_not_mistaken_for_the_views(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latest_writes, "REMEMBERED", 2)
    latest = LatestWrites()
    records = [stored_worker(HERE, identifier=f"B-{number}") for number in range(3)]
    for offset, record in enumerate(records):
        latest.note(record, Position("profiles", 0, offset + 10))
    oldest = records[0].key
    with pytest.raises(Transient):
        latest.over("profiles", oldest, {"id": oldest, "version": 3, "fact": {}})
    with pytest.raises(Transient):
        latest.over("profiles", oldest, None)
    shown = latest.over("profiles", oldest, {"id": oldest, "version": 11, "fact": {"a": 1}})
    assert shown.fact == {"a": 1}
    assert latest.over("profiles", records[2].key, None).version == 13
