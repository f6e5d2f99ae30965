"""Use cases of a worker's unconfirmed addresses: send a code, and confirm the address with it."""

from __future__ import annotations

from datetime import datetime

from api.access import address_verification, belonging
from api.access.address_verification import AddressHolder, CodeSent
from api.access.principal import Principal
from api.lists.documents import not_found
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import PROFILE, existing_fact
from api.writes.publishing import Written
from producers import facts
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.notification import Recipient, RecipientKind
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, Profile
from roost.views.elastic import Json


async def send_code(given: Services, who: Principal, id: str, kind: ChannelKind) -> CodeSent:
    """Send a code to the worker's unconfirmed address of a kind. Raises as the shared use case."""
    return await address_verification.send_code(given, who, _holder(given, who, id), kind)


async def confirm_address(
    given: Services, who: Principal, id: str, kind: ChannelKind, code: str
) -> Written:
    """Confirm the worker's address of a kind with its newest code.

    Raises as the shared use case.
    """
    holder = _holder(given, who, id)
    return await address_verification.confirm_address(given, who, holder, kind, code)


def _holder(given: Services, who: Principal, id: str) -> AddressHolder:
    async def authorise(current: CurrentFact) -> None:
        fact = existing_fact(current, PROFILE, id)
        if not await belonging.reaches_worker(given, who, Permission.PROFILES_WRITE, id, fact):
            raise not_found(PROFILE.what, PROFILE.what_zh, id)

    worker = Recipient(kind=RecipientKind.WORKER, id=id)
    return AddressHolder(PROFILE, worker, authorise, _channels, _confirmed)


def _channels(fact: Json) -> tuple[Channel, ...]:
    return Profile.from_stored(fact).channels


def _confirmed(fact: Json, channel: Channel, at: datetime) -> Record:
    return facts.channel_confirmed(Profile.from_stored(fact), channel, at=at)
