"""Use cases of saved replies: those who answer at a station read and write its replies.

The replies are held in memory (`api.ports.topic_table`). A write is authorised by its station, and
waits until this process has read it back.
"""

from __future__ import annotations

from api.access import belonging, policy
from api.access.principal import Principal
from api.lists.documents import not_found
from api.ports.services import Services
from api.ports.topic_table import put
from api.writes.quotas import QuotaReached
from producers import reply_facts
from roost.errors import Conflict, NotFound, at_field
from roost.events.account import Permission
from roost.events.saved_reply import SavedReply, SavedReplyContent
from roost.text.lookup_form import lookup_form
from roost.topics import SAVED_REPLIES

MOST_OF_STATION = 50


def list_replies(given: Services, who: Principal, station_id: str) -> list[SavedReply]:
    """Return the replies of a station, by title. Raises NotFound for a station out of reach."""
    belonging.check_station(who, Permission.NOTES_READ, station_id)
    return _of_station(given, station_id)


def replies_for(given: Services, who: Principal) -> list[SavedReply]:
    """Return the replies of all stations within the caller's reach, by title."""
    how_far = policy.reach(who, Permission.NOTES_READ)
    return sorted(
        (
            each
            for each in given.saved_replies.values()
            if policy.reaches(how_far, who, policy.Belonging(station_ids=(each.station_id,)))
        ),
        key=_order,
    )


async def add_reply(
    given: Services, who: Principal, station_id: str, content: SavedReplyContent
) -> SavedReply:
    """Add a reply to a station.

    Raises NotFound for a station out of reach, Conflict for a title that another reply has, and
    QuotaReached.
    """
    belonging.check_station(who, Permission.NOTES_WRITE, station_id)
    async with given.latest.alone(SAVED_REPLIES.name, station_id):
        existing = _of_station(given, station_id)
        if len(existing) >= MOST_OF_STATION:
            raise QuotaReached(
                f"There are {MOST_OF_STATION} saved replies; remove one that is no longer used.",
                f"常用回复已达 {MOST_OF_STATION} 条，请先删除不再使用的。",
            )
        _check_title(content, existing)
        return await _save(given, who, station_id, content)


async def change_reply(
    given: Services, who: Principal, id: str, content: SavedReplyContent
) -> SavedReply:
    """Replace a reply. Raises NotFound, and Conflict for a title that another reply has."""
    station_id = find_reply(given, who, id, Permission.NOTES_WRITE).station_id
    async with given.latest.alone(SAVED_REPLIES.name, station_id):
        others = [each for each in _of_station(given, station_id) if each.id != id]
        _check_title(content, others)
        return await _save(given, who, station_id, content, id)


async def remove_reply(given: Services, who: Principal, id: str) -> None:
    """Remove a reply; messages that were sent with it stay as they are. Raises NotFound."""
    find_reply(given, who, id, Permission.NOTES_WRITE)
    await put(
        given.publisher, given.saved_replies, reply_facts.reply_removed(id, at=given.clock.now())
    )


def find_reply(
    given: Services, who: Principal, id: str, permission: Permission = Permission.NOTES_READ
) -> SavedReply:
    """Return a reply. Raises NotFound for an unknown one, and one of a station out of reach."""
    found = given.saved_replies.get(id)
    if found is None:
        raise not_found("saved reply", "常用回复", id)
    try:
        belonging.check_station(who, permission, found.station_id)
    except NotFound:
        raise not_found("saved reply", "常用回复", id) from None
    return found


def _of_station(given: Services, station_id: str) -> list[SavedReply]:
    found = (each for each in given.saved_replies.values() if each.station_id == station_id)
    return sorted(found, key=_order)


def _order(reply: SavedReply) -> tuple[str, str]:
    return reply.title, reply.id


def _check_title(content: SavedReplyContent, others: list[SavedReply]) -> None:
    title = lookup_form(content.title).casefold()
    if any(lookup_form(each.title).casefold() == title for each in others):
        raise at_field(
            Conflict,
            "title",
            "is the title of another reply of this station; choose another one.",
            "与本站另一条常用回复同名，请换一个名称。",
        )


async def _save(
    given: Services,
    who: Principal,
    station_id: str,
    content: SavedReplyContent,
    id: str | None = None,
) -> SavedReply:
    saved, record = reply_facts.reply_saved(
        content, station_id, by=who.id, at=given.clock.now(), id=id
    )
    await put(given.publisher, given.saved_replies, record)
    return saved
