"""Use cases of notices: list, read, preview, post, withdraw.

Endpoints and console pages call these functions. Every write is authorised here: the caller must
serve all recipients of the stored notice and of the notice after the write.
"""

from __future__ import annotations

from typing import Any

from api.access import belonging
from api.access.nearby_places import context_for
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.documents import existing_document, not_found
from api.lists.paging import page
from api.notices.audience_count import check_named, count_recipients
from api.notices.notice_text import notice_text
from api.notices.schemas import NoticePreview
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import NOTICE, existing_fact
from api.writes.publishing import Written, write_fact
from producers import message_facts
from roost.errors import at_field
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.notice import Audience, Notice, NoticeContent
from roost.places.gazetteer import gazetteer
from roost.topics import NOTICES
from roost.views.elastic import Json

NEWEST: list[Json] = [{"posted_at": "desc"}]


async def list_notices(given: Services, who: Principal, *, limit: int) -> list[dict[str, Any]]:
    """Return those of the newest `limit` notices that the caller may read, newest first."""
    documents, _ = await page(given, who.id, NOTICES.name, [], NEWEST, limit, None)
    return [each["fact"] for each in documents if await _may_read(given, who, each["fact"])]


async def find_notice(given: Services, who: Principal, id: str) -> Json:
    """Return a notice's document. Raises NotFound unless the caller serves a recipient of it."""
    document = await existing_document(given.elastic, NOTICES.name, id, NOTICE.what, NOTICE.what_zh)
    if not await _may_read(given, who, document["fact"]):
        raise not_found(NOTICE.what, NOTICE.what_zh, id)
    return document


async def preview_notice(given: Services, who: Principal, content: NoticeContent) -> NoticePreview:
    """Return a notice as it will read and the number of its recipients; nothing is published.

    Raises Invalid, and Forbidden unless the caller serves all recipients.
    """
    notice, _ = await _notice(given, who, content, None)
    await _authorise_result(given, who, notice)
    return NoticePreview(
        zh=notice_text(notice, "zh"),
        en=notice_text(notice, "en"),
        reached=await count_recipients(given.elastic, notice.audience, gazetteer()),
    )


async def post_notice(
    given: Services, who: Principal, content: NoticeContent, *, seed: str | None = None
) -> Written:
    """Post a notice; the same content under one seed is one notice, without a seed in one day.

    Raises Invalid, and Forbidden unless the caller serves all recipients.
    """
    notice, record = await _notice(given, who, content, seed)
    await _authorise_result(given, who, notice)

    async def authorise(current: CurrentFact) -> None:
        if current.fact is not None:
            await _authorise_stored(given, who, current)

    async def derive(current: CurrentFact) -> Record:
        return record

    return await write_fact(given, NOTICE, notice.id, authorise, derive)


async def withdraw_notice(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Withdraw a notice: it is no longer sent, and its text disappears from inboxes.

    Raises NotFound and PreconditionFailed.
    """

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, NOTICE, id)
        await _authorise_stored(given, who, current)

    async def derive(current: CurrentFact) -> Record:
        return message_facts.notice_erased(id, at=given.clock.now())

    return await write_fact(given, NOTICE, id, authorise, derive, expected=expected)


async def _notice(
    given: Services, who: Principal, content: NoticeContent, seed: str | None
) -> tuple[Notice, Record]:
    reference = seed or given.today.isoformat()
    context = await context_for(given, who, content.audience.places)
    return message_facts.notice_posted(
        content, at=given.clock.now(), reference=reference, context=context
    )


async def _may_read(given: Services, who: Principal, fact: dict[str, Any]) -> bool:
    audience = Audience.from_stored(fact["audience"])
    return await belonging.notice(given, who, Permission.NOTICES_READ, audience, whole=False)


async def _authorise_stored(given: Services, who: Principal, current: CurrentFact) -> None:
    """Raise NotFound unless the caller serves all recipients of the stored notice."""
    notice = Notice.from_stored(current.fact)
    permission = Permission.NOTICES_WRITE
    if not await belonging.notice(given, who, permission, notice.audience, whole=True):
        raise not_found(NOTICE.what, NOTICE.what_zh, notice.id)


async def _authorise_result(given: Services, who: Principal, notice: Notice) -> None:
    """Raise Forbidden unless the caller serves all recipients; Invalid if one does not exist."""
    permission = Permission.NOTICES_WRITE
    if not await belonging.notice(given, who, permission, notice.audience, whole=True):
        raise at_field(
            Forbidden,
            "audience",
            "name workers, stations and places that your own station serves.",
            "只能选择本站服务的人员、服务站和地区。",
        )
    await check_named(given.elastic, notice.audience)
