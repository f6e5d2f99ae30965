"""Endpoints of employers' contacts: read, set, confirm, erase, stop and resume messages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.employers import service
from api.employers.schemas import EXAMPLES, EmployerAnswer, EmployerFact, EmployerStop
from api.guards.conditional import IfMatch, digest_of, tagged
from api.lists.answer_schemas import tagged_answer
from api.lists.documents import document_answer
from api.lists.sparse import Fields, sparse
from api.ports.services import Given
from api.profiles.schemas import SentCode, TypedCode
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import EmployerId, NewEmployerId, Permission
from roost.events.employer import EmployerContent
from roost.events.preferences import ChannelKind

router = APIRouter(prefix="/v1/employers/{id}/contact", tags=["employers"])
Content = Annotated[EmployerContent, Body(openapi_examples=EXAMPLES)]
Reads = Annotated[Principal, allow(Permission.EMPLOYERS_READ)]
Chosen = Annotated[Fields, sparse(EmployerAnswer)]
Writes = Annotated[Principal, allow(Permission.EMPLOYERS_WRITE)]


@router.get("", summary="Read an employer's contact channels", responses=tagged_answer())
async def read_contact(
    id: EmployerId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> EmployerFact:
    """Return the channels that the service writes to, and which of them are confirmed.

    Staff of a station see the addresses in part (`masked`) if the employer has an account or key,
    or if its first opening is at a place that another station serves.
    """
    return document_answer(await service.find_contact(given, who, id), response, fields)


@router.put("", status_code=202, summary="Set an employer's contact channels")
async def put_contact(
    id: NewEmployerId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Set the channels. A new address receives nothing but its code until that is repeated.

    Until then the address that it replaces stays in use. A station sets the contact of an employer
    without an account or key; for others it is a conflict (409).
    """
    written = await service.put_contact(given, who, id, content, expected)
    return await _accepted(given, id, written, wait, response)


@router.delete("", status_code=202, summary="Erase an employer's contact channels")
async def remove_contact(
    id: EmployerId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Erase the channels and the settings; nothing more is sent to the employer."""
    written = await service.remove_contact(given, who, id, expected)
    return await _accepted(given, id, written, wait, response)


@router.post("/channels/{kind}/code", status_code=202, summary="Send a code to an address")
async def send_code(id: EmployerId, kind: ChannelKind, who: Writes, given: Given) -> SentCode:
    """Send a code of six digits to the employer's unconfirmed address of this kind.

    It goes to that address alone, and is valid for ten minutes. At most three are sent in an hour.
    """
    sent = await service.send_code(given, who, id, kind)
    return SentCode(kind=kind, address=sent.channel.address, valid_until=sent.valid_until)


@router.post("/channels/{kind}/confirm", status_code=202, summary="Confirm an address")
async def confirm_address(
    id: EmployerId,
    kind: ChannelKind,
    content: TypedCode,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Confirm the unconfirmed address of this kind with the newest code that was sent to it.

    It replaces the former addresses of the kind. Five codes may be tried for each one sent.
    """
    code = content.code.get_secret_value()
    written = await service.confirm_address(given, who, id, kind, code)
    return await _accepted(given, id, written, wait, response)


@router.get(
    "/stop", summary="Read whether an employer has stopped all messages", responses=tagged_answer()
)
async def read_stop(id: EmployerId, who: Reads, given: Given, response: Response) -> EmployerStop:
    """Return the state, and the time and origin of its last change."""
    found = await service.find_stop(given, who, id)
    tagged(response, digest_of(found))
    return found


@router.put("/stop", status_code=202, summary="Stop all messages to an employer")
async def stop(
    id: EmployerId, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Stop all messages; the channels stay stored."""
    written = await service.set_stop(given, who, id, stopped=True)
    return await _accepted(given, id, written, wait, response, "/stop")


@router.delete("/stop", status_code=202, summary="Resume messages to an employer")
async def resume(
    id: EmployerId, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Resume messages, also after a stop by a link or a reply."""
    written = await service.set_stop(given, who, id, stopped=False)
    return await _accepted(given, id, written, wait, response, "/stop")


async def _accepted(
    given: Given, id: str, written: Written, wait: float, response: Response, step: str = ""
) -> Accepted:
    where = f"/v1/employers/{id}/contact{step}"
    accepted = await answered(given, written, where, wait, response)
    return accepted.model_copy(update={"id": id})
