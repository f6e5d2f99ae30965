"""Endpoints of notices: post, preview, read, withdraw."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch
from api.guards.idempotency.key_header import Key
from api.lists.answer_schemas import tagged_answer
from api.lists.documents import document_answer
from api.lists.sparse import Fields, sparse
from api.notices import service
from api.notices.schemas import EXAMPLES, NoticeAnswer, NoticeFact, NoticePreview
from api.ports.services import Given
from api.writes.publishing import Accepted, Wait, answered
from roost.events.account import Permission
from roost.events.common import NoticeId
from roost.events.notice import NoticeContent

router = APIRouter(prefix="/v1/notices", tags=["notices"])
Content = Annotated[NoticeContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.NOTICES_READ)]
Chosen = Annotated[Fields, sparse(NoticeAnswer)]
Writes = Annotated[Principal, allow(Permission.NOTICES_WRITE)]


@router.post("", status_code=202, summary="Post a notice to workers or stations")
async def post_notice(
    content: Content, who: Writes, given: Given, wait: Wait, response: Response, key: Key
) -> Accepted:
    """Post a notice.

    The same content is one notice under one `Idempotency-Key` or, without a key, on one day.
    """
    written = await service.post_notice(given, who, content, seed=key)
    where = f"/v1/notices/{written.record.key}"
    return await answered(given, written, where, wait, response)


@router.post("/preview", summary="A notice's text, and the number of its recipients now")
async def preview_notice(content: Content, who: Writes, given: Given) -> NoticePreview:
    """Return a preview; nothing is stored or sent."""
    return await service.preview_notice(given, who, content)


@router.get("/{id}", summary="Read a notice", responses=tagged_answer())
async def read_notice(
    id: NoticeId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> NoticeFact:
    """Return a notice, or the requested fields of it, to a caller who serves a recipient of it."""
    return document_answer(await service.find_notice(given, who, id), response, fields)


@router.delete("/{id}", status_code=202, summary="Withdraw a notice")
async def withdraw_notice(
    id: NoticeId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Stop sending a notice; its text disappears from inboxes."""
    written = await service.withdraw_notice(given, who, id, expected)
    return await answered(given, written, f"/v1/notices/{id}", wait, response)
