"""Use cases of interview slots: list, read, offer, edit, cancel.

Employers and the stations that serve the opening offer slots. A place at one is an action on a
match (`book`), which the queue stage decides on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from api.access import belonging
from api.access.policy import GRANTS, Reach
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.documents import not_found
from api.matches.acting import actor_of
from api.matches.free_slots import MOST_SLOTS, CountedSlot, counted_slots, slots_ahead
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.slots.schemas import SlotAnswer, SlotList
from api.writes.editing import SLOT, existing_fact, parsed_once
from api.writes.publishing import Written, write_fact
from api.writes.quotas import Quota, QuotaReached, reserve
from producers import slot_facts
from roost import ids
from roost.errors import Conflict, NotFound, conflicting_field, invalid_field
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.interview_slot import InterviewSlot, SlotContent
from roost.events.opening import OpeningStatus
from roost.topics import SLOTS
from roost.views.elastic import Json

MOST_AHEAD = timedelta(days=366)
SHOWN_AFTER = timedelta(days=1)
"""Time for which a past slot stays on the list."""
OFFERING = frozenset({OpeningStatus.OPEN.value, OpeningStatus.PAUSED.value})


class SlotsFull(QuotaReached):
    """An opening offers as many slots as it may."""

    status = 409
    slug = "slots-full"
    title = "No more interview slots"
    title_zh = "面试时段数量已达上限"


async def list_slots(given: Services, who: Principal, opening_id: str) -> SlotList:
    """Return the slots of an opening. Raises NotFound."""
    await belonging.opening(given, who, Permission.MATCHES_READ, opening_id)
    found = await slots_ahead(given, [opening_id], given.clock.now() - SHOWN_AFTER)
    return SlotList(items=[slot_answer(who, each) for each in found])


async def find_slot(
    given: Services, who: Principal, id: str, permission: Permission = Permission.MATCHES_READ
) -> SlotAnswer:
    """Return a slot that the caller may read, or change with `matches:act`. Raises NotFound."""
    await _check_reach(given, who, permission, id)
    document = await given.elastic.get(SLOTS.name, id)
    current = given.latest.over(SLOTS.name, id, document)
    fact = existing_fact(current, SLOT, id)
    stored: Json = {"id": id, "fact": fact, "version": current.version}
    (found,) = await counted_slots(given, [stored])
    return slot_answer(who, found)


async def offer_slot(
    given: Services, who: Principal, opening_id: str, content: SlotContent, *, seed: str
) -> Written:
    """Offer a slot; the same seed is the same slot.

    Raises NotFound, Forbidden, Invalid for a time out of range, Conflict if the opening is closed
    or has a slot at that time, and SlotsFull.
    """
    document = await belonging.own_opening(given, who, Permission.MATCHES_ACT, opening_id)
    actor = actor_of(who, None)
    _check_time(content.at, given.clock.now())
    if document["fact"].get("status") not in OFFERING:
        raise Conflict(
            "The opening is closed; reopen it first, then offer interview times.",
            "该岗位已停止招聘，请先恢复招聘再设置面试时段。",
        )
    id = ids.slot_id(opening_id, who.id, seed)

    async def authorise(current: CurrentFact) -> None:
        """Accept it: access is checked above, and the id contains the opening and the author."""

    async def derive(current: CurrentFact) -> Record:
        if current.fact is not None:
            return slot_facts.slot_repeated(InterviewSlot.from_stored(current.fact))
        await _check_room(given, opening_id, id)
        return slot_facts.slot_put(id, content, None, by=actor, at=given.clock.now())

    return await write_fact(given, SLOT, id, authorise, derive)


async def edit_slot(
    given: Services,
    who: Principal,
    id: str,
    content: SlotContent,
    expected: Expected = ANYTHING,
) -> Written:
    """Replace a slot; those who have chosen it are notified of another time or place.

    Raises NotFound, Forbidden, Invalid for a time out of range, PreconditionFailed, and Conflict
    if the slot is over, or more people have chosen it than it would have places.
    """
    actor = actor_of(who, None)
    parse = parsed_once(InterviewSlot)

    async def authorise(current: CurrentFact) -> None:
        await _check_reach(given, who, Permission.MATCHES_ACT, id)
        existing_fact(current, SLOT, id)

    async def derive(current: CurrentFact) -> Record:
        stored, now = parse(current), given.clock.now()
        if stored.at <= now:
            raise Conflict("This slot is over.", "该面试时段已结束，不能修改。")
        _check_time(content.at, now)
        (found,) = await counted_slots(
            given, [{"id": id, "fact": current.fact, "version": current.version}]
        )
        if content.places < found.booked:
            raise conflicting_field(
                "places",
                f"{found.booked} people have chosen this slot; keep at least as many places",
                f"已有 {found.booked} 人选择该时段，名额不能少于此数",
            )
        return slot_facts.slot_put(id, content, stored, by=actor, at=now)

    return await write_fact(given, SLOT, id, authorise, derive, expected=expected)


async def cancel_slot(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Cancel a slot and erase its text; those who have chosen it are notified.

    Raises NotFound, Forbidden and PreconditionFailed.
    """
    actor_of(who, None)

    async def authorise(current: CurrentFact) -> None:
        await _check_reach(given, who, Permission.MATCHES_ACT, id)
        existing_fact(current, SLOT, id)

    async def derive(current: CurrentFact) -> Record:
        return slot_facts.slot_cancelled(id, at=given.clock.now())

    return await write_fact(given, SLOT, id, authorise, derive, expected=expected)


def slot_answer(who: Principal, found: CountedSlot) -> SlotAnswer:
    """Return a slot as the caller may see it: workers learn nothing of how many others chose it."""
    slot = found.slot
    own = GRANTS[who.role][0] is Reach.SELF
    return SlotAnswer(
        id=slot.id,
        opening_id=slot.opening_id,
        at=slot.at,
        by=slot.by,
        free=min(found.free, 1) if own else found.free,
        places=None if own else slot.places,
        booked=None if own else found.booked,
        interview=slot.interview,
        version=found.version,
    )


async def _check_reach(given: Services, who: Principal, permission: Permission, id: str) -> None:
    """Raise NotFound, in the words for an unknown slot, unless its opening is within reach."""
    opening_id = ids.opening_of_slot(id)
    check = belonging.opening if permission is Permission.MATCHES_READ else belonging.own_opening
    try:
        await check(given, who, permission, opening_id)
    except NotFound:
        raise not_found(SLOT.what, SLOT.what_zh, id) from None


def _check_time(at: datetime, now: datetime) -> None:
    if not now < at <= now + MOST_AHEAD:
        raise invalid_field("at", "must lie ahead, within a year", "应为一年之内的将来时间")


async def _check_room(given: Services, opening_id: str, id: str) -> None:
    """Count a new slot of an opening. Raises SlotsFull."""
    now = given.clock.now()
    filters: list[Json] = [
        {"term": {"opening_id": opening_id}},
        {"range": {"at": {"gt": now.isoformat()}}},
    ]
    refusal = SlotsFull(
        f"This opening offers {MOST_SLOTS} interview times already; cancel one first.",
        f"该岗位已有 {MOST_SLOTS} 个面试时段，请先取消不需要的时段。",
    )

    def counts(fact: Json) -> bool:
        return datetime.fromisoformat(fact["at"]) > now

    async with given.latest.alone(SLOTS.name, opening_id):
        await reserve(
            given, Quota(SLOTS.name, opening_id, filters, MOST_SLOTS, counts), id, refusal
        )
