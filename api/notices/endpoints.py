"""Notices: the words that the service itself writes, to workers and stations."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api.access import belonging
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.guards.idempotency.key_header import Key
from api.lists.documents import document_answer, existing_document, not_found
from api.notices.audience_count import check_named, reached
from api.notices.preview import words
from api.notices.schemas import Preview
from api.ports.services import Given, Services
from api.writes.editing import NOTICE
from api.writes.publishing import Accepted, Wait, accept, edit
from producers import facts
from roost.events.account import Permission
from roost.events.common import NoticeId
from roost.events.envelope import Record
from roost.events.notice import Audience, Notice, NoticeContent
from roost.places.gazetteer import gazetteer
from roost.topics import NOTICES

router = APIRouter(prefix="/v1/notices", tags=["notices"])
EXAMPLES: Any = {
    "news": {
        "summary": "政策资讯",
        "value": {
            "kind": "policy_news",
            "zh": {"title": "返乡创业补贴", "body": "可到服务站咨询申领。"},
            "audience": {"places": ["cn:1402"]},
        },
    }
}
Content = Annotated[NoticeContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.NOTICES_READ)]
Writes = Annotated[Principal, allow(Permission.NOTICES_WRITE)]


@router.post("", status_code=202, summary="Tell workers or stations something")
async def post(
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    key: Key,
) -> Accepted:
    """The same content is one notice under one `Idempotency-Key`, and without one in one day."""
    notice, record = _notice(content, given, key)
    await _check_theirs(given, who, notice)
    await check_named(given.elastic, notice.audience)
    return await accept(given, record, f"/v1/notices/{notice.id}", wait, response, created=True)


@router.post("/preview", summary="How a notice will read, and whom it reaches now")
async def preview(content: Content, who: Writes, given: Given) -> Preview:
    """Nothing is kept, and nobody is told."""
    notice, _ = _notice(content, given, None)
    await _check_theirs(given, who, notice)
    await check_named(given.elastic, notice.audience)
    return Preview(
        zh=words(notice, "zh"),
        en=words(notice, "en"),
        reached=await reached(given.elastic, notice.audience, gazetteer()),
    )


@router.get("/{id}", summary="Read a notice")
async def read(id: NoticeId, who: Reads, given: Given, response: Response) -> dict[str, Any]:
    """Whoever serves some of those to whom it goes."""
    document = await existing_document(given.elastic, NOTICES.name, id, "notice", "公告")
    audience = Audience.from_stored(document["fact"]["audience"])
    if not await belonging.notice(given, who, Permission.NOTICES_READ, audience, whole=False):
        raise not_found("notice", "公告", id)
    return document_answer(document, response)


@router.delete("/{id}", status_code=202, summary="Withdraw a notice")
async def withdraw(
    id: NoticeId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Whoever has not been told yet is not; in inboxes its words are gone."""
    document = await existing_document(given.elastic, NOTICES.name, id, "notice", "公告")
    audience = Audience.from_stored(document["fact"]["audience"])
    if not await belonging.notice(given, who, Permission.NOTICES_WRITE, audience, whole=True):
        raise not_found("notice", "公告", id)

    async def change(fact: dict[str, Any]) -> Record:
        return facts.notice_erased(id, at=given.clock.now())

    return await edit(given, NOTICE, id, expected, change, wait, response)


def _notice(content: NoticeContent, given: Services, key: str | None) -> tuple[Notice, Record]:
    reference = key or given.today.isoformat()
    return facts.notice_posted(content, at=given.clock.now(), reference=reference)


async def _check_theirs(given: Services, who: Principal, notice: Notice) -> None:
    """Raises Forbidden when it would go to others than those whom their stations serve."""
    permission = Permission.NOTICES_WRITE
    if not await belonging.notice(given, who, permission, notice.audience, whole=True):
        raise Forbidden(
            "audience: name workers, stations and places that your own station serves.",
            "audience：只能选择本站服务的人员、服务站和地区。",
        )
