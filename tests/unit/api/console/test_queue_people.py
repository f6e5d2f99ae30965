"""The queue by person, one call about all matches, and actions on many matches, in memory."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from starlette.requests import Request

from api.access.principal import Principal
from api.console.queue.filters import Filters, filters_from_query
from api.console.queue.live_rows import EventRenderer
from api.console.together.bulk_form import MOST
from api.lists import live_order
from api.ports.live_messages import LiveChange, LiveKind
from api.stations import queue_people
from api.stations.queue_people import people_page
from api.stations.queue_query import QueueFilter
from producers import identity_facts as facts
from roost import ids
from roost.events.account import AccountRole, Holder
from roost.events.match import ActionKind, DeclineReason, MatchState, Role
from roost.kafka.ports import Partition
from roost.time.clock import FixedClock
from roost.topics import MATCHES
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.queue_views import STATION, QueueViews, match_of, opening, worker
from tests.unit.api.services import services_with

BY_PERSON = f"/console/queue?station={STATION}&by=person"
PARTITION = Partition("matches", 0)
BULK = f"/console/queue/bulk?station={STATION}"
UNDO = f"/console/queue/undo?station={STATION}"
ONE, TWO, THREE = match_of(1, 1), match_of(1, 2), match_of(1, 3)
OTHER = match_of(2, 1)
LATER = (NOW + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def call(person: int = 1) -> str:
    return f"/console/queue/people/{worker(person)}/call?station={STATION}&by=person"


@pytest.fixture
def views() -> QueueViews:
    found = QueueViews()
    found.person(1, 1, 2, 3)
    found.person(2, 1, phone=False)
    return found


class Hub:
    """Live hub without a change."""

    async def position(self, ago_s: float = 0.0) -> str:
        return "0"


def signed(views: QueueViews, role: AccountRole = AccountRole.CLERK, **said: Any) -> Signed:
    person = Signed(role, elastic=views, others=views, station_ids=(STATION,), **said)
    object.__setattr__(person.given, "live", Hub())
    return person


@pytest.fixture
def clerk(views: QueueViews) -> Signed:
    return signed(views)


def seed_in(page: str) -> str:
    found = re.search(r'name="seed" value="(\w+)"', page)
    assert found is not None
    return found[1]


def states(views: QueueViews, *ids: str) -> list[MatchState]:
    return [views.match(id).state for id in ids]


# ---- the view by person


async def test_a_person_is_one_group_with_all_of_their_matches(
    clerk: Signed, views: QueueViews
) -> None:
    page = (await clerk.get(BY_PERSON)).text
    assert page.count('class="group"') == 2
    group = page.split('class="group"')[1:]
    assert all(each.replace(".", "_") in page for each in (ONE, TWO, THREE, OTHER))
    assert sorted(each.count('name="match"') for each in group) == [1, 3]
    assert 'aria-current="true">By person' in page


async def test_filters_choose_people_and_their_other_matches_stay_with_them(
    clerk: Signed, views: QueueViews
) -> None:
    views.put(views.match(TWO).model_copy(update={"state": MatchState.CLAIMED}))
    page = (await clerk.get(f"{BY_PERSON}&state=claimed")).text
    assert page.count('class="group"') == 1
    assert len(re.findall(r'class="row[^"]* off"', page)) == 2


def test_the_view_is_remembered_as_the_filters_are() -> None:
    filters = Filters(STATION, state="claimed", by="person")
    assert filters_from_query(dict(parse_qsl(filters.address))) == filters
    assert filters_from_query({"by": "nonsense"}).by == ""
    assert filters.chosen == 1
    assert filters.unfiltered == Filters(STATION, by="person")
    assert filters.shown_by("") == Filters(STATION, state="claimed")


@pytest.mark.parametrize("path", [BY_PERSON, f"/console/queue?station={STATION}", call(2)])
@pytest.mark.parametrize(("language", "mark"), [("en", "No telephone"), ("zh", "无电话")])
async def test_a_person_without_a_telephone_is_marked(
    views: QueueViews, path: str, language: str, mark: str
) -> None:
    page = (await signed(views, language=language).get(path)).text
    assert page.count(f'<span class="tag warn">{mark}</span>') == 1


async def test_the_match_page_says_what_to_do_without_a_telephone(clerk: Signed) -> None:
    page = (await clerk.get(f"/console/matches/{OTHER}")).text
    assert "No telephone" in page
    assert f"/console/profiles/{worker(2)}/conversation" in page
    assert "No telephone" not in (await clerk.get(f"/console/matches/{ONE}")).text


people = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)


@settings(max_examples=40, deadline=None)
@for_all(
    people=people,
    limit=st.integers(1, 5),
    most=st.integers(0, 12),
    edits=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 9)), max_size=30),
)
async def test_everybody_is_on_exactly_one_page_whatever_is_edited_meanwhile(
    people: list[tuple[int, int]], limit: int, most: int, edits: list[tuple[int, int]]
) -> None:
    views = QueueViews()
    given = services_with(elastic=views, clock=FixedClock(NOW), key=b"k" * 32)
    who = Principal("u-li", AccountRole.CLERK, "李娜", station_ids=(STATION,))
    for number, (first, second) in enumerate(people):
        for work, due in enumerate((first, second)):
            _with_due(views, number, work, due)
    seen: list[str] = []
    cursor: str | None = None
    with pytest.MonkeyPatch.context() as patched:
        for module in (live_order, queue_people):
            patched.setattr(module, "MOST_SHOWN", most)
        while True:
            found, cursor = await people_page(
                given, who, (STATION,), QueueFilter(), limit=limit, cursor=cursor
            )
            seen += [each.worker_id for each in found]
            assert all(each.total == 2 for each in found)
            if cursor is None:
                break
            for number, due in edits:
                if number < len(people):
                    _with_due(views, number, 0, due)
    assert sorted(seen) == sorted(worker(number) for number in range(len(people)))


def _with_due(views: QueueViews, number: int, work: int, due: int) -> None:
    id = match_of(number, work)
    views.documents[MATCHES.name, id] = {
        "id": id,
        "version": 1,
        "worker_id": worker(number),
        "station_id": STATION,
        "active": True,
        "urgent_at": due,
        "proposed_at": 0,
        "fact": {},
    }


async def test_a_live_change_names_its_group_and_brings_it_along_if_it_meets_the_filters(
    clerk: Signed, views: QueueViews
) -> None:
    newer = views.match(ONE).model_copy(
        update={"revision": 2, "state": MatchState.CLAIMED, "assigned_to": clerk.account.id}
    )
    unknown = a_match(opening(9), worker(9), NOW, station_id=STATION)
    changes = [
        LiveChange(str(at), LiveKind.MATCH, each.to_json().decode(), "k", PARTITION, at, NOW)
        for at, each in enumerate((newer, unknown))
    ]
    who = Principal(clerk.account.id, AccountRole.CLERK, "李娜", station_ids=(STATION,))
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}
    scope |= {"query_string": b"", "app": clerk.app, "state": {"language": "en"}}
    filters = Filters(state="claimed", by="person").at(STATION)
    renderer = EventRenderer(Request(scope), clerk.given, who, filters)
    event = await renderer.event("changes", "1", changes)
    row, other = json.loads(str(event.data))["rows"]
    assert row["group"] == f"p-{worker(1)}"
    assert row["past"] is False
    assert row["groupHtml"].count('class="row picks') == 3, "the person's other matches come along"
    assert "Assigned to me" in row["groupHtml"], "the change itself, though the view is behind"
    assert row["groupOrder"] == row["order"]
    assert other["group"] == f"p-{worker(9)}"
    assert "groupHtml" not in other, "it does not meet the filters"


# ---- one call about all matches


async def test_one_answer_settles_all_matches_and_one_undo_takes_all_of_it_back(
    clerk: Signed, views: QueueViews
) -> None:
    form = (await clerk.get(call())).text
    seed, chosen = seed_in(form), [ONE, TWO, THREE]
    answer = await clerk.send(
        call(), seed=seed, match=chosen, same="yes", said="not_interested", reason="wage"
    )
    assert answer.status_code == 200
    assert "3 matches done" in answer.text
    assert states(views, *chosen) == [MatchState.DECLINED] * 3
    assert all(views.match(id).contacted_at for id in chosen), "the call counts as a contact"
    undone = await clerk.send(UNDO, seed=seed_in(answer.text), match=chosen)
    assert "3 matches done" in undone.text
    assert states(views, *chosen) == [MatchState.PROPOSED] * 3
    assert not any(views.match(id).contacted_at for id in chosen)


async def test_each_match_has_its_own_answer(clerk: Signed, views: QueueViews) -> None:
    said = {
        f"said.{ONE}": "interested",
        f"said.{TWO}": "call_back",
        f"callAgainAt.{TWO}": LATER,
        f"said.{THREE}": "not_reached",
    }
    await clerk.send(call(), seed="s", match=[ONE, TWO, THREE], same="no", **said)
    one, two, three = (views.match(id) for id in (ONE, TWO, THREE))
    assert one.accepted_at == NOW
    assert one.state is MatchState.CONTACTED
    assert two.call_again_at is not None
    assert three.state is MatchState.CLAIMED
    assert three.contacted_at is None


async def test_a_match_that_was_not_discussed_stays_as_it_is(
    clerk: Signed, views: QueueViews
) -> None:
    await clerk.send(call(), seed="s", match=[ONE, TWO], same="no", **{f"said.{ONE}": "undecided"})
    assert states(views, ONE, TWO) == [MatchState.CONTACTED, MatchState.PROPOSED]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"same": "yes"}, "choose what was said"),
        ({"same": "yes", "said": "not_interested"}, "give the reason for declining"),
        ({"same": "yes", "said": "call_back"}, "say when to call again"),
        ({"same": "yes", "said": "call_back", "callAgainAt": "soon"}, "is no date and time"),
        ({"same": "no", f"said.{TWO}": "not_interested"}, "give the reason for declining"),
    ],
)
async def test_a_missing_detail_is_named_at_its_field_and_nothing_is_recorded(
    clerk: Signed, views: QueueViews, said: dict[str, str], fault: str
) -> None:
    answer = await clerk.send(call(), seed="s", match=[ONE, TWO], **said)
    assert answer.status_code == 422
    assert fault in answer.text
    assert states(views, ONE, TWO) == [MatchState.PROPOSED] * 2


async def test_a_form_that_is_sent_twice_counts_once(clerk: Signed, views: QueueViews) -> None:
    form = {"seed": "s", "match": [ONE, TWO], "same": "yes", "said": "not_interested"}
    for _ in range(2):
        answer = await clerk.send(call(), **form, reason="place")
        assert "2 matches done" in answer.text
    assert [each.kind for each in views.match(ONE).history] == [
        ActionKind.CONTACT,
        ActionKind.DECLINE,
    ]


async def test_a_colleagues_match_is_named_and_left_alone(clerk: Signed, views: QueueViews) -> None:
    held = views.match(TWO).model_copy(
        update={"state": MatchState.CLAIMED, "assigned_to": "u-colleague"}
    )
    views.put(held)
    form = (await clerk.get(call())).text
    assert "1 match is assigned to somebody else" in form
    answer = await clerk.send(call(), seed="s", match=[ONE, TWO], same="yes", said="undecided")
    assert "1 match done, 1 not done" in answer.text
    assert "This match is assigned to" in answer.text
    assert views.match(TWO) == held


async def test_a_match_of_somebody_else_is_not_touched_by_the_form(
    clerk: Signed, views: QueueViews
) -> None:
    await clerk.send(call(), seed="s", match=[ONE, OTHER], same="yes", said="undecided")
    assert states(views, ONE, OTHER) == [MatchState.CONTACTED, MatchState.PROPOSED]


async def test_nobody_calls_for_another_station(views: QueueViews) -> None:
    other = Signed(
        AccountRole.CLERK, elastic=views, others=views, station_ids=(ids.station_id("elsewhere"),)
    )
    assert (await other.get(call())).status_code == 404
    assert (await other.send(BULK, match=[ONE], do="claim")).status_code == 404


# ---- many matches at once


async def test_selected_matches_are_claimed_together_and_undone_together(
    clerk: Signed, views: QueueViews
) -> None:
    answer = await clerk.send(BULK, seed="s", do="claim", match=[ONE, OTHER])
    assert "2 matches done" in answer.text
    assert {views.match(id).assigned_to for id in (ONE, OTHER)} == {clerk.account.id}
    await clerk.send(UNDO, seed=seed_in(answer.text), match=[ONE, OTHER])
    assert states(views, ONE, OTHER) == [MatchState.PROPOSED] * 2


async def test_a_refusal_names_its_match_and_reason_and_stops_no_other(
    clerk: Signed, views: QueueViews
) -> None:
    views.put(
        views.match(ONE).model_copy(
            update={"state": MatchState.CLAIMED, "assigned_to": "u-colleague"}
        )
    )
    answer = await clerk.send(BULK, seed="s", do="claim", match=[ONE, TWO, match_of(7, 7)])
    assert "1 match done, 2 not done" in answer.text
    assert "张1 · 岗位1: This match is assigned to" in answer.text
    assert "Unknown match" in answer.text


async def test_closing_asks_for_the_reason_first(clerk: Signed, views: QueueViews) -> None:
    form = await clerk.send(BULK, do="decline", match=[ONE, TWO])
    assert form.status_code == 200
    assert "Decline: 2 matches" in form.text
    missing = await clerk.send(BULK, do="decline", step="yes", match=[ONE, TWO])
    assert missing.status_code == 422
    assert states(views, ONE, TWO) == [MatchState.PROPOSED] * 2
    await clerk.send(BULK, do="decline", step="yes", reason="place", seed="s", match=[ONE, TWO])
    assert {views.match(id).cause for id in (ONE, TWO)} == {DeclineReason.PLACE}


async def test_only_a_chief_assigns_to_colleagues(views: QueueViews) -> None:
    for role, allowed in ((AccountRole.CLERK, False), (AccountRole.CHIEF, True)):
        person = signed(views, role)
        colleague = _colleague(person)
        form = (await person.send(BULK, do="assign", match=[ONE])).text
        assert (colleague in form) is allowed
        assert person.account.id in form
        answer = await person.send(
            BULK, do="assign", step="yes", assignee=colleague, seed=role.value, match=[ONE]
        )
        assert (answer.status_code == 200) is allowed
    assert views.match(ONE).assigned_to == colleague
    assert Role.CHIEF in {each.actor.role for each in views.match(ONE).history}


def _colleague(person: Signed) -> str:
    holder = Holder(role=AccountRole.CLERK, station_ids=(STATION,))
    account, said = facts.account_made(holder, "fang", "王芳", None, at=NOW, must_change=False)
    person.topics.put(said)
    return account.id


@pytest.mark.parametrize("count", [0, MOST + 1])
async def test_none_and_too_many_are_refused_in_words(
    clerk: Signed, views: QueueViews, count: int
) -> None:
    chosen = [match_of(1, number) for number in range(count)]
    answer = await clerk.send(BULK, do="claim", match=chosen)
    assert answer.status_code == 422
    assert ("Select at least one" if count == 0 else "Select at most 100") in answer.text
    assert (await clerk.send(BULK, do="eat", match=[ONE])).status_code == 422
    assert (await clerk.send(BULK, do="claim", match=["x"])).status_code == 422


async def test_a_message_is_previewed_with_the_number_of_people_and_then_sent(
    clerk: Signed, views: QueueViews
) -> None:
    views.person(3, 1)
    views.documents["stops", worker(3)] = {"id": worker(3), "fact": {"stopped": True}}
    chosen = [ONE, TWO, OTHER, match_of(3, 1)]
    form = await clerk.send(BULK, do="message", match=chosen)
    assert "goes to 3 people" in form.text
    values = {"do": "message", "match": chosen, "text": "周五上午来站", "seed": "s"}
    preview = await clerk.send(BULK, step="preview", **values)
    assert "To 2 people" in preview.text
    assert "1 of them has no other channel" in preview.text
    assert "1 person has stopped all messages" in preview.text
    assert views.messages == []
    sent = await clerk.send(BULK, step="send", **values)
    assert "Sent to 2 people" in sent.text
    assert len(views.messages) == 2
    empty = await clerk.send(BULK, step="preview", **values | {"text": " "})
    assert empty.status_code == 422


@pytest.mark.parametrize(
    ("own", "muted"),
    [
        ({"muted": True}, True),
        ({"mutedKinds": ["station_message"]}, True),
        ({"mutedKinds": ["new_match"]}, False),
        ({}, False),
    ],
)
async def test_the_preview_counts_those_who_switched_such_messages_off(
    clerk: Signed, views: QueueViews, own: dict[str, Any], muted: bool
) -> None:
    views.documents["preferences", worker(1)] = {"id": worker(1), "fact": own}
    values = {"do": "message", "match": [ONE, OTHER], "text": "周五上午来站", "seed": "s"}
    preview = await clerk.send(BULK, step="preview", **values)
    assert "To 2 people" in preview.text
    assert ("1 of them has switched such messages off" in preview.text) is muted


async def test_every_match_and_every_message_has_its_entry_in_the_audit_trail(
    clerk: Signed, views: QueueViews
) -> None:
    entries: list[Any] = []

    class Trail:
        async def keep(self, entry: Any) -> None:
            entries.append(entry)

        note = keep

        def note_failed(self, entry: Any) -> None:
            entries.append(entry)

    object.__setattr__(clerk.given, "trail", Trail())
    await clerk.send(BULK, seed="s", do="claim", match=[ONE, OTHER])
    await clerk.send(BULK, seed="s", do="message", step="send", text="x", match=[ONE, TWO, OTHER])
    objects = [each.objects[0] for each in entries if each.objects]
    assert [each.id for each in objects if each.kind == "matches"] == [ONE, OTHER]
    assert [each.id for each in objects if each.kind == "profiles"] == [worker(1), worker(2)]
