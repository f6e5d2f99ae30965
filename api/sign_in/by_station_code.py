"""Use cases of the QR code that a clerk shows a worker: the worker signs in with it, once.

The issue is a record in `sessions` under the clerk's account; the code holds the ids of worker and
issue, sealed. It is valid for ten minutes, until it is used, until a newer one is made, while the
clerk's account is open, and while the worker's telephone stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.access import belonging, counted_marks, policy
from api.access.address_verification import TooManyCodes
from api.access.client_address import Origin
from api.access.policy import Forbidden, Reach
from api.access.principal import Principal
from api.access.refusals import NotSignedIn
from api.access.security_events import note_sign_in
from api.access.session_changes import NO_TOKEN, open_session, use_mark_once
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.sign_in.telephone_people import TelephonePerson, person_of
from api.sign_in.worker_accounts import account_of_worker
from roost.contact.address_codes import VALID_FOR
from roost.contact.sign_in_codes import sign_in_telephone, telephone_mark
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.audit import SecurityEventKind as Kind
from roost.events.audit import Touched
from roost.events.profile import Profile
from roost.events.session import Session
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal
from roost.topics import PROFILES

PATH = "/console/sign-in/station"
MOST_CODES = 10
"""Codes in 60 minutes for one worker."""
ISSUE, PURPOSE = "station-code", "sign-in-station-code"


@dataclass(frozen=True, slots=True)
class StationCode:
    """A code that a worker signs in with: the address that it holds, and the end of its use."""

    url: str
    valid_until: datetime


async def issue_code(given: Services, who: Principal, worker_id: str) -> StationCode:
    """Make a code for a worker within the caller's reach; an earlier one is no longer valid.

    Raises Forbidden for keys and for workers themselves, NotFound, and TooManyCodes.
    """
    if who.is_key or policy.reach(who, Permission.PROFILES_WRITE) is Reach.SELF:
        raise Forbidden(
            "Only a person on a station's staff shows this code; sign in with your own account.",
            "此登录码仅限服务站工作人员以本人账号出示。",
        )
    document = await belonging.profile(given, who, Permission.PROFILES_WRITE, worker_id)
    current = given.latest.over(PROFILES.name, worker_id, document)
    mark = _telephone_mark(given, Profile.from_stored(current.fact or {}))
    issue = await counted_marks.use_in_hour(
        given, who.id, ISSUE, worker_id, most=MOST_CODES, bound_to=mark
    )
    if issue is None:
        wait_s = counted_marks.wait_s(given, ISSUE, worker_id, most=MOST_CODES)
        raise TooManyCodes(wait_s, MOST_CODES)
    sealed = seal(derived(given.key, PURPOSE), f"{worker_id} {issue.id}".encode())
    url = f"{given.settings.public_url.rstrip('/')}{PATH}/{sealed.rstrip('=')}"
    return StationCode(url, issue.began_at + VALID_FOR)


def is_station_code(given: Services, token: str) -> bool:
    """Return whether a code may still be used, so that a page can ask for the sign-in."""
    return _opened(given, token) is not None


async def sign_in_by_code(given: Services, token: str, origin: Origin) -> OpenedSession:
    """Open the worker's session; a code opens one. Raises NotSignedIn, Suppressed.

    The audit log has the clerk who showed the code.
    """
    worker_id, issue = _opened(given, token) or ("", None)
    objects = _objects(worker_id, issue)
    person = await _person(given, worker_id, issue) if issue else None
    if person is None or issue is None:
        note_sign_in(given, Kind.SIGN_IN_FAILED, ISSUE, None, origin, objects=objects)
        raise _over()
    try:
        account = await account_of_worker(given, person)
        if not await use_mark_once(given, account, ISSUE, issue.id):
            raise _over()
        opened = await open_session(given, account)
    except RoostError:
        note_sign_in(given, Kind.SIGN_IN_FAILED, ISSUE, None, origin, objects=objects)
        raise
    note_sign_in(given, Kind.SIGNED_IN, ISSUE, None, origin, account, status=200, objects=objects)
    return opened


def _opened(given: Services, token: str) -> tuple[str, Session] | None:
    """Return worker and issue of a code that is valid now; None for any other."""
    plain = unseal(derived(given.key, PURPOSE), token + "=" * (-len(token) % 4))
    if plain is None:
        return None
    worker_id, issue_id = plain.decode().split(" ")
    newest = counted_marks.newest_of_last_hour(given, ISSUE, worker_id, most=MOST_CODES)
    clerk = given.identities.accounts.get(newest.account_id) if newest else None
    if newest is None or newest.id != issue_id or clerk is None or clerk.disabled:
        return None
    return (worker_id, newest) if given.clock.now() < newest.began_at + VALID_FOR else None


async def _person(given: Services, worker_id: str, issue: Session) -> TelephonePerson | None:
    """Return the worker, if the telephone is still the one of the issue."""
    document = await given.elastic.get(PROFILES.name, worker_id)
    current = given.latest.over(PROFILES.name, worker_id, document)
    if current.fact is None:
        return None
    profile = Profile.from_stored(current.fact)
    same = _telephone_mark(given, profile) == issue.token_hash
    return person_of(worker_id, profile) if same else None


def _telephone_mark(given: Services, profile: Profile) -> str:
    number = sign_in_telephone(profile.channels)
    return telephone_mark(given.key, number) if number else NO_TOKEN


def _objects(worker_id: str, issue: Session | None) -> tuple[Touched, ...]:
    if issue is None:
        return ()
    return (
        Touched(kind="profiles", id=worker_id),
        Touched(kind="accounts", id=issue.account_id),
    )


def _over() -> NotSignedIn:
    return NotSignedIn(
        "This code has been used, replaced or has expired; ask the station for a new one.",
        "登录码已使用、已更换或已过期，请向服务站重新获取。",
    )
