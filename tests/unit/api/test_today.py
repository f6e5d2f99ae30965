"""A day's work in memory: what is due, whose, the load of colleagues, transfers and calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from api.guards.auditing_elastic import record_workers, workers_in
from api.today.service import MOST_MOVED
from producers import identity_facts as facts
from roost import ids
from roost.events.account import AccountRole as R
from roost.events.account import Holder
from roost.events.envelope import Record
from roost.events.match import About, InterviewBy, Match, MatchAction, MatchState
from roost.kafka.ports import Position
from roost.topics import MATCHES, STATIONS
from roost.views.answers import Hit, Page
from streams.queue.match_projection import match_write
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.console.pages import Signed

HERE, THERE = ids.station_id("here"), ids.station_id("there")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Json = dict[str, Any]


class Views:
    """The view of matches, with the aggregations of a day's work, and two stations."""

    def __init__(self, matches: Sequence[Match] = ()) -> None:
        self.actions: list[MatchAction] = []
        self.documents: dict[tuple[str, str], Json] = {
            (STATIONS.name, id): {"id": id, "version": 1, "fact": {"id": id, "name": name}}
            for id, name in ((HERE, "大同站"), (THERE, "阳泉站"))
        }
        for each in matches:
            document = match_write(each, each.to_json(), 1).document
            fact = orjson.loads(each.to_json())
            self.documents[MATCHES.name, each.id] = document | {"fact": fact}

    def of(self, view: str) -> list[Json]:
        return [each for (name, _), each in self.documents.items() if name == view]

    async def get(self, view: str, id: str) -> Json | None:
        return self.documents.get((view, id))

    async def mget(self, keys: Sequence[tuple[str, str]], fields: Any = None) -> Any:
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def aggregate(self, view: str, query: Json, asked: Json) -> tuple[int, Json]:
        found = [each for each in self.of(view) if meets(each, query)]
        return len(found), {name: answered(found, each) for name, each in asked.items()}

    async def search(self, view: str, body: Json) -> Page:
        (by,) = body["sort"][0] if "sort" in body else ("id",)
        found = [each for each in self.of(view) if meets(each, body["query"])]
        found.sort(key=lambda each: (each.get(by) is None, str(each.get(by)), each["id"]))
        hits = tuple(Hit(id=each["id"], source=each, score=None) for each in found[: body["size"]])
        return Page(hits, len(found))

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        return [await self.search(*each) for each in searches]

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        found = [orjson.loads(each.value or b"null") for each in records]
        self.actions += [MatchAction.from_stored(each) for each in found]
        return [Position(each.topic.name, 0, at) for at, each in enumerate(records)]


def answered(documents: Sequence[Mapping[str, Any]], asked: Json) -> Json:
    """Return the answer to one aggregation, as Elasticsearch computes it."""
    inner = asked.get("aggs", {})
    if "filters" in asked:
        named = asked["filters"]["filters"]
        kept = {
            name: {"doc_count": sum(meets(each, clause) for each in documents)}
            for name, clause in named.items()
        }
        return {"buckets": kept}
    if "filter" in asked:
        found = [each for each in documents if meets(each, asked["filter"])]
        return {"doc_count": len(found)} | {
            name: answered(found, each) for name, each in inner.items()
        }
    if "min" in asked:
        return {"value": None}
    field = asked["terms"]["field"]
    values = sorted({each[field] for each in documents if each.get(field)})
    return {
        "buckets": [
            {"key": value, "doc_count": len(of)}
            | {name: answered(of, each) for name, each in inner.items()}
            for value in values
            for of in [[each for each in documents if each.get(field) == value]]
        ]
    }


def match(number: int, station: str = HERE, **changes: Any) -> Match:
    opening, worker = ids.opening_id("t", "1"), ids.worker_id("t", str(number))
    about = About(title="焊工", employer_id="e-1")
    return a_match(opening, worker, NOW - DAY, station_id=station, about=about, **changes)


def call(number: int, at: datetime, holder: str | None, **changes: Any) -> Match:
    changes = {"state": MatchState.CONTACTED, "assigned_to": holder} | changes
    return match(number, call_again_at=at, act_by=at, **changes)


def interview(number: int, at: datetime, holder: str) -> Match:
    return match(
        number,
        state=MatchState.INTERVIEWED,
        assigned_to=holder,
        interview_at=at,
        interview_by=InterviewBy.PHONE,
        interviewed_at=NOW,
        act_by=at,
    )


def signed(role: R, *matches: Match, **confined: Any) -> Signed:
    views = Views(matches)
    made = Signed(role, elastic=views, others=views, **confined)
    made.views = views  # type: ignore[attr-defined]
    return made


def own_id(role: R = R.CLERK) -> str:
    """Return the id of the account that `signed` signs in."""
    return facts.account_id(f"{role}.one")


async def today(of: Signed, whose: str = "me") -> Json:
    answer = await of.get("/v1/today", whose=whose)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_calls_are_due_until_the_end_of_the_day_and_only_ones_own_are_shown() -> None:
    me = own_id()
    clerk = signed(
        R.CLERK,
        call(1, NOW - HOUR, me),
        call(2, NOW + 2 * HOUR, me),
        call(3, NOW + DAY, me),
        call(4, NOW, "u-other"),
        call(5, NOW, me, state=MatchState.DECLINED),
        call(6, NOW, me, station=THERE),
        station_ids=(HERE,),
    )
    found = await today(clerk)
    assert [each["workerId"] for each in found["calls"]] == [
        ids.worker_id("t", "1"),
        ids.worker_id("t", "2"),
    ]
    assert found["counts"] == {
        "calls": 2,
        "interviews": 0,
        "overdue": 1,
        "active": 3,
        "unclaimed": 0,
    }
    everybody = await today(clerk, "stations")
    assert everybody["counts"]["calls"] == 3
    assert ids.worker_id("t", "6") not in str(everybody)


async def test_interviews_are_those_of_two_weeks_the_earliest_first() -> None:
    me = own_id()
    clerk = signed(
        R.CLERK,
        interview(1, NOW + 3 * DAY, me),
        interview(2, NOW + HOUR, me),
        interview(3, NOW + 20 * DAY, me),
        interview(4, NOW - 3 * DAY, me),
        station_ids=(HERE,),
    )
    found = await today(clerk)
    assert [each["interviewAt"] for each in found["interviews"]] == sorted(
        each["interviewAt"] for each in found["interviews"]
    )
    assert len(found["interviews"]) == 2
    assert found["counts"]["interviews"] == 1
    assert found["today"]["interviews"] == 4


async def test_nobody_but_staff_has_a_day() -> None:
    for role, confined in ((R.EMPLOYER, {"employer_id": "e-1"}), (R.AUDITOR, {})):
        person = signed(role, **confined)
        assert (await person.get("/v1/today")).status_code == 403
        assert (await person.get("/console/today")).status_code == 403


async def test_the_load_of_colleagues_is_for_chiefs_of_that_station() -> None:
    chief = signed(R.CHIEF, call(1, NOW - HOUR, "u-gone"), match(2), station_ids=(HERE,))
    holder = Holder(role=R.CLERK, station_ids=(HERE,))
    _, record = facts.account_made(holder, "li", "李娜", None, at=NOW, must_change=False)
    chief.topics.put(record)
    answer = await chief.get(f"/v1/stations/{HERE}/workload")
    assert answer.status_code == 200
    found = answer.json()
    assert found["unclaimed"] == 1
    assert [(each["name"], each["active"], each["overdue"]) for each in found["items"]] == [
        (None, 1, 1),
        ("Somebody", 0, 0),
        ("李娜", 0, 0),
    ]
    assert (await chief.get(f"/v1/stations/{THERE}/workload")).status_code == 404
    clerk = signed(R.CLERK, station_ids=(HERE,))
    assert (await clerk.get(f"/v1/stations/{HERE}/workload")).status_code == 403
    assert (await clerk.get("/console/today/workload")).status_code == 403
    refused = await clerk.send("/console/today/workload", station=HERE, holder="nobody", to="u-1")
    assert refused.status_code in {403, 422}
    assert not clerk.views.actions  # type: ignore[attr-defined]


async def test_a_transfer_assigns_the_most_urgent_first_and_reports() -> None:
    due = [call(number, NOW + number * HOUR, "u-gone") for number in range(5)]
    chief = signed(R.CHIEF, *due, call(9, NOW, "u-other"), station_ids=(HERE,))
    me = own_id(R.CHIEF)
    sent = {"station": HERE, "holder": "u-gone", "to": me, "most": "3"}
    answer = await chief.send("/console/today/workload", **sent)
    assert answer.status_code == 303, answer.text
    assert "moved=3&refused=0" in answer.headers["location"]
    taken = chief.views.actions  # type: ignore[attr-defined]
    assert {each.match_id for each in taken} == {each.id for each in due[:3]}
    assert {(each.kind, each.assignee) for each in taken} == {("assign", me)}
    page = await chief.get(answer.headers["location"])
    assert "3 matches were handed over" in page.text


async def test_every_match_that_is_handed_over_has_its_entry_in_the_audit_trail() -> None:
    due = [call(number, NOW, "u-gone") for number in range(2)]
    chief = signed(R.CHIEF, *due, station_ids=(HERE,))
    entries: list[Any] = []

    class Trail:
        async def keep(self, entry: Any) -> None:
            entries.append(entry)

        note = keep

    object.__setattr__(chief.given, "trail", Trail())
    sent = {"station": HERE, "holder": "u-gone", "to": own_id(R.CHIEF), "most": "2"}
    await chief.send("/console/today/workload", **sent)
    matches = [each.id for entry in entries for each in entry.objects if each.kind == "matches"]
    assert sorted(matches) == sorted(each.id for each in due)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"most": "0"}, f"give a number from 1 to {MOST_MOVED}"),
        ({"most": "x"}, f"give a number from 1 to {MOST_MOVED}"),
        ({"to": ""}, "choose one"),
        ({"to": "u-gone"}, "choose somebody else"),
    ],
)
async def test_a_form_that_cannot_be_used_names_the_field(changes: Json, text: str) -> None:
    chief = signed(R.CHIEF, call(1, NOW, "u-gone"), station_ids=(HERE,))
    sent = {"station": HERE, "holder": "u-gone", "to": own_id(R.CHIEF), "most": "3"} | changes
    answer = await chief.send("/console/today/workload", **sent)
    assert answer.status_code == 422
    assert text in answer.text
    assert not chief.views.actions  # type: ignore[attr-defined]


async def test_the_audit_names_the_owner_of_a_calendar_as_the_reader() -> None:
    me = own_id()
    clerk = signed(R.CLERK, interview(1, NOW + HOUR, me), station_ids=(HERE,))
    page = (await clerk.get("/console/today")).text
    address = page.partition("/calendars/")[2].partition('"')[0]
    clerk.client.cookies.clear()
    entries: list[Any] = []

    class Trail:
        async def note(self, entry: Any) -> None:
            entries.append(entry)

    class RecordingViews:
        """Views that record whose data is read, as those of the API do."""

        async def search(self, view: str, body: Json) -> Page:
            found = await clerk.views.search(view, body)
            for hit in found.hits:
                record_workers(workers_in(view, hit.id, hit.source))
            return found

    object.__setattr__(clerk.given, "trail", Trail())
    object.__setattr__(clerk.given, "elastic", RecordingViews())
    assert (await clerk.client.get(f"/calendars/{address}")).status_code == 200
    assert [(each.who, each.role, each.route) for each in entries] == [
        (me, R.CLERK, "/calendars/{token}.ics")
    ]
    assert entries[0].persons
    assert address.partition(".")[0] not in entries[0].to_json().decode()


async def test_a_calendar_shows_ones_own_interviews_without_names_and_ends_with_the_password() -> (
    None
):
    me = own_id()
    clerk = signed(
        R.CLERK,
        interview(1, NOW + HOUR, me),
        interview(2, NOW + HOUR, "u-other"),
        station_ids=(HERE,),
    )
    page = (await clerk.get("/console/today")).text
    address = page.partition("/calendars/")[2].partition('"')[0]
    clerk.client.cookies.clear()
    answer = await clerk.client.get(f"/calendars/{address}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert "焊工" in answer.text
    assert ids.worker_id("t", "1") not in answer.text.replace("\r\n ", "").partition("URL:")[0]
    changed = clerk.account.model_copy(update={"generation": clerk.account.generation + 1})
    clerk.topics.put(facts.account_put(changed, at=NOW))
    assert (await clerk.client.get(f"/calendars/{address}")).status_code == 404
    for forged in ("x.ics", address.replace(".ics", "A.ics")):
        assert (await clerk.client.get(f"/calendars/{forged}")).status_code == 404
