"""Notes: who reads, writes, edits and removes them, and the texts of actions on matches."""

from __future__ import annotations

from typing import Any

import pytest

from api.access.policy import Forbidden
from api.access.principal import Principal
from api.matches.schemas import Act, check_details
from api.matches.service import act_on_match
from api.notes import service
from api.notes.schemas import NoteContent
from api.notes.service import MOST_NOTES, NotesFull
from api.ports.services import Services
from roost import ids
from roost.errors import Conflict, Invalid, NotFound
from roost.events.account import AccountRole as R
from roost.events.match import ActionKind, DeclineReason
from roost.events.note import LONGEST_REASON, InterviewDetails, NoteAbout, NoteKind
from roost.rules.interview_details import details_in_force, interview_note_id
from roost.time.clock import FixedClock
from roost.topics import MATCH_ACTIONS, NOTES
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.conversation_views import STATION
from tests.unit.api.note_views import EMPLOYER, OPENING, NoteViews
from tests.unit.api.services import services_with

SECRET = "家里老人需要照顾"


@pytest.fixture
def views() -> NoteViews:
    return NoteViews()


@pytest.fixture
def given(views: NoteViews) -> Services:
    return services_with(elastic=views, publisher=views, clock=FixedClock(NOW))


def staff(name: str = "a", role: R = R.CLERK, station: str = STATION) -> Principal:
    confined: dict[str, Any] = {"station_ids": (station,)} if role in {R.CLERK, R.CHIEF} else {}
    return Principal(id="u-" + name * 26, role=role, name=name, **confined)


CLERK, COLLEAGUE, CHIEF = staff(), staff("b"), staff("c", R.CHIEF)
AWAY = staff("d", station=ids.station_id("away"))


async def note_on(given: Services, about: NoteAbout, id: str, text: str = SECRET) -> str:
    written = await service.write_note(
        given, CLERK, about, id, NoteContent(text=text), seed=f"{id} {text}"
    )
    return written.record.key


def object_of(views: NoteViews, about: NoteAbout) -> str:
    worker = views.worker("1")
    return {
        NoteAbout.WORKER: worker,
        NoteAbout.MATCH: views.match(worker),
        NoteAbout.OPENING: OPENING,
        NoteAbout.EMPLOYER: EMPLOYER,
    }[about]


@pytest.mark.parametrize("about", list(NoteAbout))
async def test_a_note_has_the_reach_of_its_object(
    given: Services, views: NoteViews, about: NoteAbout
) -> None:
    id = object_of(views, about)
    note = await note_on(given, about, id)
    [shown] = (await service.list_notes(given, COLLEAGUE, about, id, limit=10)).items
    assert (shown.id, shown.text, shown.by) == (note, SECRET, CLERK.id)
    with pytest.raises(NotFound):
        await service.list_notes(given, AWAY, about, id, limit=10)
    with pytest.raises(NotFound, match="There is no note"):
        await service.find_note(given, AWAY, note)
    for stranger in (
        Principal(id="u-x", role=R.EMPLOYER, name="x", employer_id=EMPLOYER),
        Principal(id="u-x", role=R.WORKER, name="x", worker_id=ids.worker_id("t", "1")),
        Principal(id="u-x", role=R.DEPARTMENT, name="x"),
        Principal(id="u-x", role=R.AUDITOR, name="x"),
    ):
        with pytest.raises(Forbidden):
            await service.find_note(given, stranger, note)


@pytest.mark.parametrize("about", [NoteAbout.WORKER, NoteAbout.MATCH])
async def test_notes_on_a_person_are_stored_under_the_person(
    given: Services, views: NoteViews, about: NoteAbout
) -> None:
    note = await note_on(given, about, object_of(views, about))
    assert views.documents[NOTES.name, note]["worker_id"] == ids.worker_id("t", "1")


async def test_an_ended_match_gives_no_access_to_notes_on_its_worker(
    given: Services, views: NoteViews
) -> None:
    worker = views.worker("away", place="cn:1404")
    match = views.match(worker)
    note = await note_on(given, NoteAbout.MATCH, match)
    views.match(worker, state="declined")
    with pytest.raises(NotFound):
        await service.list_notes(given, CLERK, NoteAbout.MATCH, match, limit=10)
    with pytest.raises(NotFound):
        await service.find_note(given, CLERK, note)


async def test_the_author_and_a_chief_edit_and_remove_and_no_text_is_kept(
    given: Services, views: NoteViews
) -> None:
    note = await note_on(given, NoteAbout.OPENING, OPENING)
    for change in (
        service.edit_note(given, COLLEAGUE, note, NoteContent(text="x")),
        service.remove_note(given, COLLEAGUE, note),
    ):
        with pytest.raises(Forbidden, match="Only the author"):
            await change
    await service.edit_note(given, CLERK, note, NoteContent(text="第二稿"))
    await service.edit_note(given, CHIEF, note, NoteContent(text="第三稿"))
    shown = await service.find_note(given, COLLEAGUE, note)
    assert [each.by for each in shown.edits] == [CLERK.id, CHIEF.id]
    assert (shown.text, shown.may_edit) == ("第三稿", False)
    assert SECRET not in str(views.documents[NOTES.name, note])
    await service.remove_note(given, CHIEF, note)
    shown = await service.find_note(given, CLERK, note)
    assert (shown.text, shown.removed_by, shown.by) == (None, CHIEF.id, CLERK.id)
    assert "第三稿" not in str(views.documents[NOTES.name, note])
    with pytest.raises(NotFound):
        await service.edit_note(given, CLERK, note, NoteContent(text="again"))


async def test_a_repeat_is_one_note_and_an_object_has_so_many(
    given: Services, views: NoteViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_NOTES", 2)
    first = await note_on(given, NoteAbout.OPENING, OPENING, "1")
    assert await note_on(given, NoteAbout.OPENING, OPENING, "1") == first
    await note_on(given, NoteAbout.OPENING, OPENING, "2")
    with pytest.raises(NotesFull):
        await note_on(given, NoteAbout.OPENING, OPENING, "3")
    await note_on(given, NoteAbout.EMPLOYER, EMPLOYER, "3")
    assert MOST_NOTES == 100


async def test_an_unknown_employer_has_no_notes(given: Services) -> None:
    with pytest.raises(NotFound):
        await note_on(given, NoteAbout.EMPLOYER, "nobody")


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        (ActionKind.DECLINE, {"reason": "other"}, "reasonText"),
        (ActionKind.DECLINE, {"reason": "wage", "reasonText": "x"}, "reasonText"),
        (ActionKind.CLAIM, {"reasonText": "x"}, "reasonText"),
        (ActionKind.CLAIM, {"interview": {"place": "x"}}, "interview"),
        (ActionKind.DECLINE, {"reason": "other", "reasonText": "家里有事"}, ""),
        (ActionKind.INTERVIEW, {"interview": {"place": "x"}}, ""),
    ],
)
def test_another_reason_is_stated_in_words(
    kind: ActionKind, details: dict[str, Any], field: str
) -> None:
    act = Act.model_validate(details)
    if not field:
        check_details(kind, act, NOW)
        return
    with pytest.raises(Invalid) as refused:
        check_details(kind, act, NOW)
    assert refused.value.fields[0].field == field


async def test_the_text_of_a_reason_is_kept_apart_from_its_action(
    given: Services, views: NoteViews
) -> None:
    match = views.match(views.worker("1"))
    act = Act(reason=DeclineReason.OTHER, reason_text=SECRET)
    outcome = await act_on_match(given, CLERK, match, ActionKind.DECLINE, act)
    stored, action = views.published
    assert (stored.topic, action.topic) == (NOTES, MATCH_ACTIONS)
    assert SECRET.encode() not in (action.value or b"")
    assert await service.match_texts(given, CLERK, match) == {outcome.action_id: SECRET}
    [shown] = (await service.list_notes(given, CHIEF, NoteAbout.MATCH, match, limit=10)).items
    assert (shown.kind, shown.action_id) == (NoteKind.REASON, outcome.action_id)
    too_long = NoteContent(text="字" * (LONGEST_REASON + 1))
    with pytest.raises(Invalid):
        await service.edit_note(given, CLERK, shown.id, too_long)
    await service.remove_note(given, CHIEF, shown.id)
    assert await service.match_texts(given, CLERK, match) == {}
    assert await service.match_texts(given, AWAY, match) == {}


async def test_details_of_an_interview_replace_the_former_ones(
    given: Services, views: NoteViews
) -> None:
    match = views.match(views.worker("1"), state="contacted")
    for place in ("北门", "南门"):
        act = Act(interview=InterviewDetails(place=place, contact="王经理 0352-5550101"))
        await act_on_match(given, CLERK, match, ActionKind.INTERVIEW, act, seed=place)
    for each in views.published:
        assert each.topic is NOTES or "王经理".encode() not in (each.value or b"")
    [shown] = (await service.list_notes(given, CLERK, NoteAbout.MATCH, match, limit=10)).items
    assert shown.interview is not None
    assert (shown.id, shown.interview.place) == (interview_note_id(match), "南门")
    with pytest.raises(Conflict):
        await service.edit_note(given, CLERK, shown.id, NoteContent(text="x"))


EARLY, LATER = "2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z"


def _match(**entry: Any) -> Json:
    arranged = {"actionId": "a-1", "kind": "interview", "outcome": "accepted", "at": LATER}
    return {"state": "interviewed", "proposedAt": EARLY, "history": [arranged | entry]}


DESCRIBED: Json = {"actionId": "a-1", "interview": {"place": "北门"}}


@pytest.mark.parametrize(
    ("match", "note", "shown"),
    [
        (_match(), DESCRIBED, True),
        (_match() | {"state": "declined"}, DESCRIBED, False),
        (_match(undone=True), DESCRIBED, False),
        (_match(outcome="refused"), DESCRIBED, False),
        (_match(at="2026-11-19T09:00:00Z"), DESCRIBED, False),
        (_match(actionId="a-2"), DESCRIBED, False),
        (_match(), {"actionId": "a-1"}, False),
        (_match(), None, False),
        (None, DESCRIBED, False),
    ],
)
def test_details_are_in_force_while_their_arrangement_is(
    match: Json | None, note: Json | None, shown: bool
) -> None:
    assert details_in_force(match, note) == ({"place": "北门"} if shown else None)
