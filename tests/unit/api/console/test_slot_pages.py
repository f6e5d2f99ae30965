"""Pages of interview slots in memory: offered, chosen by worker and clerk, moved, cancelled."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from producers.publisher import Position
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.interview_slot import InterviewSlot
from roost.events.match import MatchAction, MatchState
from roost.topics import MATCH_ACTIONS, MATCHES, SLOTS
from streams.queue.action_effects import apply_action
from streams.queue.slot_bookings import SlotBook
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.test_match_pages import (
    EMPLOYER,
    MATCH,
    OPENING,
    PAGE,
    STATION,
    WORKER,
    County,
    signed,
)

LIST = f"/console/employer/openings/{OPENING}/slots"
MINE = f"/console/me/matches/{MATCH}"
AT = (NOW + timedelta(days=2)).replace(hour=1, minute=30)
TYPED = f"{AT + timedelta(hours=8):%Y-%m-%dT%H:%M}"


class SlotCounty(County):
    """Views with slots, and the queue stage behind the publisher."""

    def __init__(self) -> None:
        super().__init__()
        self.put(self.match.model_copy(update={"state": MatchState.REFERRED, "referred_at": NOW}))

    @property
    def slots(self) -> dict[str, InterviewSlot]:
        """The slots that are offered, by id."""
        return {
            id: InterviewSlot.from_stored(document["fact"])
            for (view, id), document in self.documents.items()
            if view == SLOTS.name and not document.get("erased")
        }

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Write slots, and judge actions as the queue stage does."""
        for each in records:
            if each.topic is SLOTS:
                self._put_slot(each)
            if each.topic is MATCH_ACTIONS:
                action = MatchAction.model_validate_json(each.value or b"")
                changed = apply_action(self.match, action, SlotBook(self.slots, [self.match]))
                if changed is not None:
                    self.put(changed)
        return [Position(each.topic.name, 0, 9) for each in records]

    def _put_slot(self, made: Record) -> None:
        document: dict[str, Any] = {"id": made.key, "version": 10}
        if made.value is None:
            document["erased"] = True
        else:
            slot = InterviewSlot.model_validate_json(made.value)
            document |= {"fact": slot.to_dict(), "at": slot.at.isoformat()}
            document["opening_id"] = slot.opening_id
        self.documents[SLOTS.name, made.key] = document

    async def search(self, view: str, body: Any) -> Any:
        """Leave cancelled slots out."""
        page = await super().search(view, body)
        if view != SLOTS.name:
            return page
        hits = tuple(each for each in page.hits if not each.source.get("erased"))
        return type(page)(hits, len(hits))

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        """Count the bookings of slots."""
        held = Counter(
            each["slot_id"]
            for (of, _), each in self.documents.items()
            if of == MATCHES.name and each.get("slot_id")
        )
        return [dict(held) if field == "slot_id" else {} for field, _, _ in questions]


@pytest.fixture
def county() -> SlotCounty:
    return SlotCounty()


@pytest.fixture
def boss(county: SlotCounty) -> Signed:
    return signed(county, AccountRole.EMPLOYER, employer_id=EMPLOYER)


async def offered(boss: Signed, county: SlotCounty, **changes: str) -> str:
    """Offer a slot of which only the place is stated; return its id."""
    fields = {"at": TYPED, "by": "in_person", "places": "1", "interview.place": "东门接待室"}
    before = set(county.slots)
    answer = await boss.send(LIST, **fields | {"seed": str(len(before))} | changes)
    assert answer.status_code == 303, answer.text
    (made,) = set(county.slots) - before
    return made


async def test_an_employer_offers_moves_and_cancels_a_slot(
    boss: Signed, county: SlotCounty
) -> None:
    assert "No interview slots." in (await boss.get(LIST)).text
    slot = await offered(boss, county)
    assert county.slots[slot].at == AT, "the time is of the county's zone"
    shown = (await boss.get(LIST)).text
    assert "东门接待室" in shown
    assert "0 of 1 places taken" in shown
    page = await boss.get(f"/console/employer/slots/{slot}")
    assert f'value="{TYPED}"' in page.text
    refused = await boss.send(f"/console/employer/slots/{slot}", at="", by="phone", places="0")
    assert refused.status_code == 422
    later = {"at": TYPED.replace("T09", "T10"), "by": "phone", "places": "3", "version": "10"}
    moved = await boss.send(f"/console/employer/slots/{slot}", **later)
    assert moved.status_code == 303, moved.text
    assert county.slots[slot].at == AT + timedelta(hours=1)
    gone = await boss.send(f"/console/employer/slots/{slot}/cancel")
    assert gone.status_code == 303
    assert county.slots == {}
    assert "No interview slots." in (await boss.get(LIST)).text


async def test_a_worker_chooses_a_slot_and_sees_its_place(boss: Signed, county: SlotCounty) -> None:
    slot = await offered(boss, county)
    worker = signed(county, AccountRole.WORKER, worker_id=WORKER)
    for path in ("/console/me", MINE):
        page = html.unescape((await worker.get(path)).text)
        assert "Choose an interview time" in page
        assert slot in page
    chosen = await worker.send(f"{MINE}/book", slotId=slot)
    assert chosen.status_code == 303, chosen.text
    assert county.match.slot_id == slot
    for path in ("/console/me", f"{MINE}?done=slot_chosen"):
        page = await worker.get(path)
        assert page.status_code == 200
        assert "东门接待室" in page.text
    missing = await worker.send(f"{MINE}/book")
    assert missing.status_code == 422


async def test_a_full_slot_cannot_be_pressed(boss: Signed, county: SlotCounty) -> None:
    full = await offered(boss, county)
    await offered(boss, county, at=TYPED.replace("T09", "T15"), places="2")
    county.documents[MATCHES.name, "m-other"] = {"id": "m-other", "slot_id": full}
    worker = signed(county, AccountRole.WORKER, worker_id=WORKER)
    page = (await worker.get(MINE)).text
    assert f'value="{full}" disabled' in page
    assert page.count(" disabled>") == 1
    listed = await boss.get(LIST)
    assert "1 of 1 places taken" in listed.text


async def test_a_clerk_chooses_a_slot_on_the_page_of_the_match(
    boss: Signed, county: SlotCounty
) -> None:
    slot = await offered(boss, county)
    clerk = signed(county, AccountRole.CLERK, station_ids=(STATION,))
    assert slot in (await clerk.get(PAGE)).text
    answer = await clerk.send(f"{PAGE}/act", kind="book", slotId=slot, view="page")
    assert answer.status_code == 303, answer.text
    assert county.match.slot_id == slot
    page = await clerk.get(PAGE)
    assert page.status_code == 200
    assert "东门接待室" in page.text
    assert "Interview slot chosen" in page.text
    cancelled = await boss.send(f"/console/employer/slots/{slot}/cancel")
    assert cancelled.status_code == 303
    refused = await clerk.send(f"{PAGE}/act", kind="book", slotId=slot, view="page")
    assert refused.status_code == 409
    assert "No other time is free" in refused.text
