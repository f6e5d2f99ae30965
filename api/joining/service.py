"""Use cases of a sign-up by the person, at the address that a station's poster shows.

Steps, and what each commits:

1. `begin` writes the profile, paused and with an unconfirmed telephone, then the closed account,
   then the code's issue and notification. Nothing is looked up, so no answer tells who is stored.
2. `finish` compares the code. In one write it confirms the telephone and starts the matching.
   Then it writes the consent, opens the account and the session.
3. Profiles without a confirmed telephone are erased a day later, a few at a time.

A person who is stored with that name and telephone gets no second profile: the code has proved the
telephone, so the stored one opens. Other people who are alike are shown to staff alone.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from api.access import address_verification, belonging, counted_marks
from api.access.address_verification import AddressHolder, TooManyCodes
from api.access.client_address import Origin
from api.access.principal import principal_of_account
from api.access.refusals import NotSignedIn
from api.access.security_events import note_sign_in
from api.access.session_changes import open_session
from api.access.sessions import OpenedSession
from api.lists.documents import existing_document
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.ports.topic_table import put
from api.profiles import address_confirmation
from api.profiles.erasing import identity_tombstones, personal_tombstones
from api.profiles.stored_profiles import current_profile
from api.sign_in.telephone_people import TelephonePerson, people_with, person_of
from api.sign_in.worker_accounts import account_of_worker, is_unproved
from api.writes.editing import PROFILE
from api.writes.publishing import publish_batch
from producers import facts, identity_facts, suppressions
from roost import ids
from roost.errors import RoostError, invalid_field
from roost.events.account import Account, AccountRole, Holder
from roost.events.audit import SecurityEventKind as Kind
from roost.events.audit import Touched
from roost.events.envelope import Record
from roost.events.notification import Recipient, RecipientKind
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, Profile, ProfileContent, ProfileStatus
from roost.events.suppression import ConsentBasis
from roost.likeness.same_person import comparable_name
from roost.rules.profile_fields import Writer
from roost.topics import PROFILES, STATIONS
from roost.views.elastic import Json

SOURCE = "self"
"""Source of a profile that is the person's own statement."""
MOST_BY_NETWORK = 30
"""Sign-ups in 60 minutes from one network."""
UNPROVED_FOR = timedelta(days=1)
ERASED_AT_ONCE = 5
SMS = ChannelKind.SMS


@dataclass(frozen=True, slots=True)
class Joined:
    """A person who has signed up: the session, and whether the profile was stored before."""

    opened: OpenedSession
    was_stored: bool


async def find_station(given: Services, id: str) -> Json:
    """Return a station's document. Raises NotFound."""
    return await existing_document(given.elastic, STATIONS.name, id, "station", "服务站")


async def begin(given: Services, station: Json, content: ProfileContent, origin: Origin) -> str:
    """Store a paused profile and send a code to its telephone; return the worker's id.

    Raises Invalid, also for a person who neither lives nor is at home where the station serves,
    and TooManyCodes.
    """
    at = given.clock.now()
    paused = content.model_copy(update={"status": ProfileStatus.PAUSED})
    id = ids.derive("w", "joined", secrets.token_hex(16))
    profile, record = facts.profile_put(paused, at=at, source=SOURCE, id=id, writer=Writer.WORKER)
    _check_served(station, profile)
    [telephone] = [each for each in profile.channels if each.kind is SMS]
    address_verification.check_address_room(given, telephone)
    await _count(given, origin)
    account, opened = _closed_account(profile, given)
    await publish_batch(given, [record])
    await put(given.publisher, given.identities.accounts, opened)
    await address_confirmation.send_code(given, principal_of_account(account), id, SMS)
    note_sign_in(
        given,
        Kind.SIGN_IN_CODE_ASKED,
        "join",
        telephone.address,
        origin,
        status=200,
        objects=_of(id),
    )
    return id


async def finish(given: Services, worker_id: str, code: str, origin: Origin) -> Joined:
    """Confirm the telephone with the code, start the matching, and sign the person in.

    Raises Invalid for a wrong code, and NotSignedIn if the sign-up is over.
    """
    account = given.identities.accounts.get(identity_facts.account_id(worker_id))
    current = await current_profile(given, worker_id)
    if account is None or not is_unproved(account) or current.fact is None:
        note_sign_in(given, Kind.SIGN_IN_FAILED, "join", None, origin, objects=_of(worker_id))
        raise _over()
    profile = Profile.from_stored(current.fact)
    stored = await _stored_before(given, profile)
    try:
        await _confirm(given, account, profile, code, matched=stored is None)
    except RoostError:
        note_sign_in(given, Kind.SIGN_IN_FAILED, "join", None, origin, objects=_of(worker_id))
        raise
    if stored is None:
        await _consented(given, account, worker_id)
    else:
        await _erase(given, worker_id)
    own = await account_of_worker(given, stored or person_of(worker_id, profile))
    opened = await open_session(given, own)
    kept = _of(own.worker_id or worker_id)
    note_sign_in(given, Kind.SIGNED_IN, "join", None, origin, own, status=200, objects=kept)
    return Joined(opened, stored is not None)


async def erase_unproved(given: Services) -> None:
    """Erase a few profiles whose telephone was not confirmed within a day."""
    before = given.clock.now() - UNPROVED_FOR
    old = (
        each.worker_id
        for each in given.identities.accounts.values()
        if is_unproved(each) and each.created_at < before and each.worker_id
    )
    for id in list(islice(old, ERASED_AT_ONCE)):
        async with given.latest.alone(PROFILE.lock or PROFILE.view, id):
            current = await current_profile(given, id)
            if current.fact is None or _unconfirmed(Profile.from_stored(current.fact)):
                await _erase(given, id)


def _check_served(station: Json, profile: Profile) -> None:
    """Raise Invalid unless the person lives or is at home where the station serves."""
    serves = {str(station["id"]): frozenset(station.get("serves") or ())}
    if not belonging.serving(serves, belonging.places_of(profile.location, profile.home)):
        raise invalid_field(
            "location.name",
            "is not served by this station, nor is your home; ask the station of your place",
            "和家乡均不在本站服务范围，请联系当地服务站",
        )


async def _count(given: Services, origin: Origin) -> None:
    thing = ("join-network", origin.network)
    owner = ids.derive("u", *thing)
    if await counted_marks.use_in_hour(given, owner, *thing, most=MOST_BY_NETWORK) is None:
        note_sign_in(given, Kind.SIGN_IN_THROTTLED, "join-network", None, origin, status=429)
        wait_s = counted_marks.wait_s(given, *thing, most=MOST_BY_NETWORK)
        raise TooManyCodes(wait_s, MOST_BY_NETWORK)


def _closed_account(profile: Profile, given: Services) -> tuple[Account, Record]:
    """Return the account of a person who has proved nothing yet."""
    at = given.clock.now()
    holder = Holder(role=AccountRole.WORKER, worker_id=profile.id)
    language = profile.preferences.language
    made, _ = identity_facts.account_made(
        holder, profile.id, profile.name, None, at=at, language=language
    )
    closed = made.model_copy(update={"disabled": True})
    return closed, identity_facts.account_put(closed, at=at)


async def _stored_before(given: Services, profile: Profile) -> TelephonePerson | None:
    """Return the stored person with the name and telephone of a sign-up."""
    [number] = [each.address for each in profile.channels if each.kind is SMS]
    name = comparable_name(profile.name)
    people = [each for each in await people_with(given, number) if each.id != profile.id]
    return next((each for each in people if comparable_name(each.name) == name), None)


async def _confirm(
    given: Services, account: Account, profile: Profile, code: str, *, matched: bool
) -> None:
    """Confirm the telephone, and in the same write make the profile active if it is to be matched.

    Raises Invalid for a wrong code.
    """

    async def authorise(current: CurrentFact) -> None:
        if current.fact is None:
            raise _over()

    def confirmed(fact: Json, channel: Channel, at: Any) -> Record:
        stored = Profile.from_stored(fact)
        if matched:
            stored = stored.model_copy(update={"status": ProfileStatus.ACTIVE})
        return facts.channel_confirmed(stored, channel, at=at)

    recipient = Recipient(kind=RecipientKind.WORKER, id=profile.id)
    holder = AddressHolder(PROFILE, recipient, authorise, _channels, confirmed)
    who = principal_of_account(account)
    await address_verification.confirm_address(given, who, holder, SMS, code)


async def _consented(given: Services, account: Account, worker_id: str) -> None:
    """Record the person's consent: its form and its day."""
    at = given.clock.now()
    consent = suppressions.suppression_lifted(
        worker_id, account.id, ConsentBasis.ONLINE, given.today, at=at
    )
    await publish_batch(given, [consent])


async def _erase(given: Services, worker_id: str) -> None:
    """Erase an unproved profile with its account; its id is random, so no number is suppressed."""
    at = given.clock.now()
    await publish_batch(given, await personal_tombstones(given.elastic, worker_id, at))
    await publish_batch(given, identity_tombstones(given.identities, worker_id, at))
    await publish_batch(given, [facts.profile_erased(worker_id, at=at)])


def _channels(fact: Json) -> tuple[Channel, ...]:
    return Profile.from_stored(fact).channels


def _unconfirmed(profile: Profile) -> bool:
    return not any(each.kind is SMS and each.confirmed for each in profile.channels)


def _of(worker_id: str) -> tuple[Touched, ...]:
    return (Touched(kind=PROFILES.name, id=worker_id),)


def _over() -> NotSignedIn:
    return NotSignedIn(
        "This sign-up is finished or has expired; sign in with your telephone, or sign up again.",
        "本次登记已完成或已过期，请使用手机号登录，或重新登记。",
    )
