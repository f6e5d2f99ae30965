"""Lookup by own reference, search and sort of matches, and totals of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from api.access.principal import Principal
from api.audit import service as audit
from api.audit.service import AuditFilter
from api.inbox import service as inbox
from api.inbox.owners import Owner
from api.lists.paging import Listing
from api.lists.totals import MOST_COUNTED
from api.matches import match_query, service
from api.matches.match_query import MatchFilter, MatchSort
from api.notifications import service as notifications
from api.openings import service as openings
from api.openings.opening_query import OpeningFilter
from api.ports.services import Services
from api.profiles import service as profiles
from api.profiles.schemas import ProfileFilter
from api.public import service as openings_without_key
from api.stations import service as stations
from api.stations.queue_query import QueueFilter
from api.webhooks import service as webhooks
from producers import facts
from roost import ids
from roost.errors import Invalid
from roost.events.account import AccountRole
from roost.events.opening import OpeningContent
from roost.likeness.same_person import number_key
from roost.time.clock import FixedClock
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

STATION = ids.station_id("s")
OPENING = ids.opening_id("t", "1")


@dataclass
class Views:
    """Elasticsearch that keeps its searches, and counts as many documents as a test says."""

    total: int = 0
    hits: tuple[Hit, ...] = ()
    asked: list[tuple[str, Json]] = field(default_factory=list)

    async def search(self, view: str, body: Json) -> Page:
        self.asked.append((view, body))
        return Page(self.hits if view == "openings" else (), self.total)

    async def get(self, view: str, id: str) -> Json | None:
        return {"id": id, "version": 1, "employer_id": "e-1", "places": ["cn:1401"], "fact": {}}

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: {"serves": ["cn:1401"]} for key in keys}

    def filters(self) -> list[Json]:
        """Return the filters of the last search."""
        return list(self.asked[-1][1]["query"]["bool"]["filter"])


def given_with(views: Views) -> Services:
    return services_with(elastic=views, clock=FixedClock(NOW), key=b"k" * 32)


def caller(role: AccountRole, **changes: Any) -> Principal:
    confined: dict[AccountRole, dict[str, Any]] = {
        AccountRole.EMPLOYER: {"employer_id": "e-1"},
        AccountRole.CHIEF: {"station_ids": (STATION,)},
        AccountRole.WORKER: {"worker_id": ids.worker_id("api", "7")},
    }
    return Principal(id="u-1", role=role, name="x", login="x", **confined.get(role, {}) | changes)


STAFF, CHIEF = caller(AccountRole.ADMIN), caller(AccountRole.CHIEF)
EMPLOYER, WORKER = caller(AccountRole.EMPLOYER), caller(AccountRole.WORKER)


async def test_an_opening_is_found_by_the_reference_under_which_it_was_posted() -> None:
    views = Views()
    content = OpeningContent.model_validate(
        {
            "identifier": "2026-118",
            "title": "砌筑工",
            "hiringOrganization": {"id": "e-1", "name": "x"},
            "jobLocation": {"name": "太原市"},
        }
    )
    posted = {"term": {"id": facts.opening_id_of(content, facts.SOURCE)}}
    wanted = OpeningFilter(employer="e-1", identifier="2026-118")
    await openings.list_openings(given_with(views), STAFF, wanted, limit=5)
    assert posted in views.filters()
    await openings.list_openings(
        given_with(views), EMPLOYER, OpeningFilter(identifier="2026-118"), limit=5
    )
    assert posted in views.filters()


async def test_a_lookup_stays_within_the_callers_reach() -> None:
    views = Views()
    given = given_with(views)
    other = OpeningFilter(employer="e-2", identifier="1")
    await openings.list_openings(given, EMPLOYER, other, limit=5)
    assert {"term": {"employer_id": "e-1"}} in views.filters()
    await openings.list_openings(given, CHIEF, other, limit=5)
    assert {"terms": {"places": ["cn:1401"]}} in views.filters()
    await profiles.list_profiles(given, CHIEF, ProfileFilter(identifier="7"), limit=5)
    assert any("should" in each.get("bool", {}) for each in views.filters())


async def test_a_reference_without_an_employer_names_the_missing_parameter() -> None:
    with pytest.raises(Invalid) as caught:
        await openings.list_openings(
            given_with(Views()), STAFF, OpeningFilter(identifier="1"), limit=5
        )
    assert caught.value.fields[0].field == "employer"


async def test_a_worker_and_a_station_are_found_by_their_numbers() -> None:
    views = Views()
    given = given_with(views)
    await profiles.list_profiles(given, STAFF, ProfileFilter(identifier=" 7 "), limit=5)
    assert views.filters() == [{"term": {"numbers": number_key("7")}}]
    await stations.list_stations(given, STAFF, identifier="s", limit=5)
    assert views.filters() == [{"term": {"id": STATION}}]


async def test_matches_are_searched_by_colleague_time_and_title() -> None:
    views = Views(hits=(Hit(OPENING, None, {"id": OPENING}),))
    since = datetime(2026, 11, 1, 8, tzinfo=UTC)
    wanted = MatchFilter(assignee="u-2", title="砌筑", changed_since=since)
    await service.list_matches(given_with(views), STAFF, wanted, limit=5)
    titles = views.asked[0]
    assert titles[0] == "openings"
    assert "wildcard" in str(titles[1]["query"])
    assert {"term": {"assigned_to": "u-2"}} in views.filters()
    assert {"range": {"changed_at": {"gte": since.isoformat()}}} in views.filters()
    assert {"terms": {"opening_id": [OPENING]}} in views.filters()


async def test_words_in_the_titles_of_very_many_openings_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(match_query, "MOST_TITLES", 0)
    views = Views(hits=(Hit(OPENING, None, {"id": OPENING}),))
    with pytest.raises(Invalid, match="more words"):
        await service.list_matches(given_with(views), STAFF, MatchFilter(title="工"), limit=5)


@pytest.mark.parametrize("sort", MatchSort)
@pytest.mark.parametrize("who", [STAFF, CHIEF, EMPLOYER, WORKER], ids=lambda who: who.role.value)
async def test_every_order_is_of_a_field_that_the_caller_sees(
    who: Principal, sort: MatchSort
) -> None:
    views = Views()
    listed = service.list_matches(given_with(views), who, MatchFilter(), sort=sort, limit=5)
    if sort is MatchSort.DUE_FIRST and who in (EMPLOYER, WORKER):
        with pytest.raises(Invalid):
            await listed
        return
    await listed
    [(name, order)] = views.asked[-1][1]["sort"][0].items()
    assert name != "score" or who is not EMPLOYER, "the priority shows in the score"
    direction = order["order"] if isinstance(order, dict) else order
    assert direction == ("desc" if sort.value.startswith("-") else "asc")


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        (EMPLOYER, MatchFilter(assignee="u-2")),
        (WORKER, MatchFilter(assignee="u-2")),
        (EMPLOYER, MatchFilter(station=STATION)),
    ],
)
async def test_a_filter_does_not_show_what_the_answers_leave_out(
    who: Principal, wanted: MatchFilter
) -> None:
    with pytest.raises(Invalid, match="staff"):
        await service.list_matches(given_with(Views()), who, wanted, limit=5)


async def lists(given: Services, who: Principal, *, total: bool) -> list[Listing]:
    more: Any = {"limit": 5, "total": total}
    found = [
        await openings.list_openings(given, who, OpeningFilter(), **more),
        await service.list_matches(given, who, MatchFilter(), **more),
        await service.list_matches_of_opening(given, who, OPENING, **more),
        await service.list_shortlist(given, who, OPENING, **more),
        await webhooks.list_webhooks(given, who, **more),
    ]
    if who is STAFF:
        found.append(await stations.list_stations(given, who, **more))
        found.append(await profiles.list_profiles(given, who, ProfileFilter(), **more))
        found.append(await notifications.list_deliveries(given, who, **more))
        found.append(await stations.list_queue(given, who, STATION, QueueFilter(), **more))
    return found


async def test_a_total_is_added_on_request_only() -> None:
    given = given_with(Views(total=37))
    assert {each.total for each in await lists(given, STAFF, total=True)} == {37}
    for each in await lists(given, STAFF, total=False):
        assert each.total is None
        assert set(each.model_dump()) == {"items", "next"}


@pytest.mark.parametrize(("exact", "shown"), [(4, 0), (37, 30), (123, 100)])
async def test_an_employers_total_is_rounded_as_the_reach_of_an_opening(
    exact: int, shown: int
) -> None:
    given = given_with(Views(total=exact))
    assert {each.total for each in await lists(given, EMPLOYER, total=True)} == {shown}


async def test_a_total_counts_no_further_than_its_bound() -> None:
    views = Views(total=MOST_COUNTED + 5)
    given = given_with(views)
    found = await openings.list_openings(given, STAFF, OpeningFilter(), limit=5, total=True)
    assert found.total == MOST_COUNTED
    assert views.asked[-1][1]["track_total_hits"] == MOST_COUNTED
    assert views.asked[-1][1]["size"] == 0


class CountedViews(Views):
    """Views that also count unread entries."""

    async def count(self, view: str, query: Json | None = None) -> int:
        return 0


async def totals(given: Services, *, total: bool) -> dict[str, int | None]:
    """Return the totals of the lists that are exact for their reader."""
    who = caller(AccountRole.AUDITOR)
    own = caller(AccountRole.WORKER)
    owner = Owner(own.worker_id or "", "zh")
    public = await openings_without_key.list_open_openings(given, None, None, 5, None, total=total)
    inbox_page = await inbox.read_inbox(given, own, owner, unread=True, limit=5, total=total)
    log = await audit.list_entries(given, who, AuditFilter(), limit=5, total=total)
    about = await audit.list_entries_about(given, own, own.worker_id or "", limit=5, total=total)
    pages = {"public": public, "inbox": inbox_page, "audit": log, "about": about}
    assert all(("total" in each.model_dump()) is total for each in pages.values())
    return {name: each.total for name, each in pages.items()}


@pytest.mark.parametrize(("exact", "shown"), [(3, 3), (37, 37), (MOST_COUNTED + 5, MOST_COUNTED)])
async def test_the_totals_of_inbox_audit_and_public_openings_are_exact_up_to_the_bound(
    exact: int, shown: int
) -> None:
    views = CountedViews(total=exact)
    found = await totals(given_with(views), total=True)
    assert set(found.values()) == {shown}
    counted = [body for _, body in views.asked if body["size"] == 0]
    listed = [body for _, body in views.asked if body["size"] != 0]
    assert [each["query"] for each in counted] == [each["query"] for each in listed]
    assert {each["track_total_hits"] for each in counted} == {MOST_COUNTED}


async def test_nothing_is_counted_without_a_request_for_the_total() -> None:
    views = CountedViews(total=37)
    assert set((await totals(given_with(views), total=False)).values()) == {None}
    assert all(body["size"] for _, body in views.asked)
