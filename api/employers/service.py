"""Use cases of an employer's contact: read, set, confirm, erase, stop and resume messages.

Endpoints and console pages call these functions. An employer's own accounts and keys set its
contact. Staff of a station set it for an employer without an account or key whose first opening is
at a place that the station serves; of others with an opening there they see masked addresses
(`keepers`). The association and administrators set it for every employer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from api.access import address_verification, belonging, policy
from api.access.address_verification import AddressHolder, CodeSent
from api.access.policy import Belonging, Reach
from api.access.principal import Principal
from api.employers.keepers import Keeper, keeper_of, kept_by
from api.employers.schemas import EmployerStop
from api.guards.auditing_elastic import record_workers
from api.guards.conditional import ANYTHING, Expected
from api.lists.documents import not_found
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import EMPLOYER, STOP, existing_fact
from api.writes.employer_spelling import check_spelling
from api.writes.publishing import Written, write_fact
from producers import employer_facts, message_facts
from roost import ids
from roost.contact.masked_addresses import masked_address
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.employer import Employer, EmployerContent
from roost.events.envelope import Record
from roost.events.notification import Recipient, RecipientKind
from roost.events.preferences import ChannelKind, Stop, StoppedBy
from roost.events.profile import Channel
from roost.views.elastic import Json


async def find_contact(given: Services, who: Principal, employer_id: str) -> Json:
    """Return the newest document of an employer's contact, as the caller may see it.

    Raises NotFound if none was set or the employer is out of reach.
    """
    current = await _current(given, who, employer_id)
    if current.fact is None:
        raise _unknown(employer_id)
    fact = await _shown_to(given, who, employer_id, current.fact)
    return {"id": ids.employer_key(employer_id), "version": current.version, "fact": fact}


async def shown_contact(given: Services, who: Principal, employer_id: str) -> Json | None:
    """Return an employer's newest contact, as the caller may see it; None if none was set.

    Raises NotFound.
    """
    fact = (await _current(given, who, employer_id)).fact
    return fact and await _shown_to(given, who, employer_id, fact)


async def check_readable(given: Services, who: Principal, employer_id: str) -> None:
    """Raise NotFound for an employer out of the caller's reach."""
    await _check_reach(given, who, Permission.EMPLOYERS_READ, employer_id)


async def contact_to_change(given: Services, who: Principal, employer_id: str) -> Json | None:
    """Return an employer's newest contact for an edit, or None if none was set.

    Raises as `put_contact`.
    """
    await _check_write(given, who, employer_id)
    return (await _current(given, who, employer_id)).fact


async def put_contact(
    given: Services,
    who: Principal,
    employer_id: str,
    content: EmployerContent,
    expected: Expected = ANYTHING,
) -> Written:
    """Set an employer's contact channels; a new address stays unused until it is confirmed.

    Raises NotFound, Conflict for staff if somebody else keeps it, PreconditionFailed, and
    Invalid for an address that is not accepted.
    """

    async def authorise(current: CurrentFact) -> None:
        await _check_write(given, who, employer_id)

    async def derive(current: CurrentFact) -> Record:
        stored = Employer.from_stored(current.fact) if current.fact is not None else None
        at = given.clock.now()
        return employer_facts.employer_put(content, employer_id, stored, at=at)[1]

    id = ids.employer_key(employer_id)
    return await write_fact(given, EMPLOYER, id, authorise, derive, expected=expected)


async def remove_contact(
    given: Services, who: Principal, employer_id: str, expected: Expected = ANYTHING
) -> Written:
    """Erase an employer's contact. Raises NotFound, Conflict and PreconditionFailed."""

    async def authorise(current: CurrentFact) -> None:
        await _check_write(given, who, employer_id)
        existing_fact(current, EMPLOYER, employer_id)

    async def derive(current: CurrentFact) -> Record:
        return employer_facts.employer_erased(employer_id, at=given.clock.now())

    id = ids.employer_key(employer_id)
    return await write_fact(given, EMPLOYER, id, authorise, derive, expected=expected)


async def send_code(
    given: Services, who: Principal, employer_id: str, kind: ChannelKind
) -> CodeSent:
    """Send a code to the employer's unconfirmed address of a kind. Raises as `put_contact`.

    Raises also as `address_verification.send_code`.
    """
    holder = _holder(given, who, employer_id)
    return await address_verification.send_code(given, who, holder, kind)


async def confirm_address(
    given: Services, who: Principal, employer_id: str, kind: ChannelKind, code: str
) -> Written:
    """Confirm the employer's address of a kind with its newest code. Raises as `put_contact`.

    Raises also as `address_verification.confirm_address`.
    """
    holder = _holder(given, who, employer_id)
    return await address_verification.confirm_address(given, who, holder, kind, code)


async def find_stop(given: Services, who: Principal, employer_id: str) -> EmployerStop:
    """Return whether an employer has stopped all messages. Raises NotFound."""
    await _check_reach(given, who, Permission.EMPLOYERS_READ, employer_id)
    id = ids.employer_key(employer_id)
    current = given.latest.over(STOP.view, id, await given.elastic.get(STOP.view, id))
    if current.fact is None:
        return EmployerStop(employer_id=employer_id, stopped=False)
    stop = Stop.from_stored(current.fact)
    return EmployerStop(employer_id=employer_id, stopped=stop.stopped, by=stop.by, at=stop.at)


async def set_stop(given: Services, who: Principal, employer_id: str, *, stopped: bool) -> Written:
    """Stop all messages to an employer, or resume them. Raises NotFound and Conflict."""

    async def authorise(current: CurrentFact) -> None:
        await _check_write(given, who, employer_id)

    async def derive(current: CurrentFact) -> Record:
        id, at = ids.employer_key(employer_id), given.clock.now()
        return message_facts.stop_said(id, StoppedBy.API, at=at, stopped=stopped)[1]

    written = await write_fact(given, STOP, ids.employer_key(employer_id), authorise, derive)
    return replace(written, created=False)  # every employer has a stop state already


async def _current(given: Services, who: Principal, employer_id: str) -> CurrentFact:
    """Return the newest contact, and record the read for the audit. Raises NotFound."""
    await _check_reach(given, who, Permission.EMPLOYERS_READ, employer_id)
    id = ids.employer_key(employer_id)
    current = given.latest.over(EMPLOYER.view, id, await given.elastic.get(EMPLOYER.view, id))
    if current.fact is not None:  # it may be newer than the view, whose reads are recorded
        record_workers([id])
    return current


async def _shown_to(given: Services, who: Principal, employer_id: str, fact: Json) -> Json:
    """Return a contact, with masked addresses if somebody else keeps it.

    Messages reach the employer without anybody reading the addresses.
    """
    if await keeper_of(given, who, employer_id) is Keeper.CALLER:
        return fact
    channels = [
        each | {"address": masked_address(ChannelKind(each["kind"]), each.get("address", ""))}
        for each in fact.get("channels", ())
    ]
    return fact | {"channels": channels, "masked": True}


async def _check_write(given: Services, who: Principal, employer_id: str) -> None:
    """Raise NotFound out of reach, and Conflict for staff if somebody else keeps the contact."""
    await _check_reach(given, who, Permission.EMPLOYERS_WRITE, employer_id)
    await check_spelling(given, employer_id, "id")
    keeper = await keeper_of(given, who, employer_id)
    if keeper is not Keeper.CALLER:
        raise kept_by(keeper)


async def _check_reach(
    given: Services, who: Principal, permission: Permission, employer_id: str
) -> None:
    """Raise NotFound for an employer out of the caller's reach."""
    how_far = policy.reach(who, permission)
    if policy.reaches(how_far, who, Belonging(employer_id=employer_id)):
        return
    if how_far is Reach.STATIONS and await belonging.has_opening_within_reach(
        given, who, permission, employer_id
    ):
        return
    raise _unknown(employer_id)


def _unknown(employer_id: str) -> NotFound:
    return not_found(EMPLOYER.what, EMPLOYER.what_zh, employer_id)


def _holder(given: Services, who: Principal, employer_id: str) -> AddressHolder:
    async def authorise(current: CurrentFact) -> None:
        await _check_write(given, who, employer_id)

    employer = Recipient(kind=RecipientKind.EMPLOYER, id=ids.employer_key(employer_id))
    return AddressHolder(EMPLOYER, employer, authorise, _channels, _confirmed)


def _channels(fact: Json) -> tuple[Channel, ...]:
    return Employer.from_stored(fact).channels


def _confirmed(fact: Json, channel: Channel, at: datetime) -> Record:
    return employer_facts.employer_channel_confirmed(Employer.from_stored(fact), channel, at=at)
