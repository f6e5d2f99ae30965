"""Use cases of signing in with a telephone: ask for a code, prove it, choose the person.

The answer to a number is the same, and given at the same moment, whether the number is known or
not: asking only counts the request. `send_code` looks the number up after the answer. Steps:

1. `ask_code` writes the issue to `sessions`, counted by number and network.
2. `send_code`, after the answer, publishes the notification; its id derives from the issue.
3. The deliver stage derives the code from the number and the time of issue, and sends it.
4. `prove` counts the try in `sessions`, then compares; a right code is accepted once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import structlog

from api.access import counted_marks
from api.access.address_verification import TooManyCodes
from api.access.client_address import Origin
from api.access.refusals import NotSignedIn
from api.access.security_events import note_sign_in
from api.access.session_changes import open_session, use_mark_once
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.sign_in.telephone_people import TelephonePerson, chosen_person, messageable, people_with
from api.sign_in.worker_accounts import account_of_worker
from api.writes.publishing import publish_batch
from producers import facts
from roost import ids
from roost.contact.address_codes import VALID_FOR
from roost.contact.addresses import accepted_address
from roost.contact.sign_in_codes import is_sign_in_code, telephone_mark
from roost.errors import RoostError, at_field
from roost.events.audit import SecurityEventKind as Kind
from roost.events.preferences import ChannelKind
from roost.events.session import Session
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

MOST_CODES = 3
"""Codes in 60 minutes for one number."""
MOST_BY_NETWORK = 60
"""Codes in 60 minutes from one network. A workshop or a station may share one."""
MOST_TRIES = 5
"""Codes that may be typed for one issue, and names for one proof."""
ISSUE, BY_NETWORK, TRY, NAME = "sign-in-code", "sign-in-network", "sign-in-try", "sign-in-name"
FIELD = "telephone"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AskedCode:
    """A code that was asked for: the number in its one spelling, and the issue."""

    number: str
    issue: Session


@dataclass(frozen=True, slots=True)
class Proof:
    """A telephone whose code was typed, and the workers who sign in with it."""

    number: str
    issue_id: str
    people: tuple[TelephonePerson, ...]
    sealed: str
    """For the choice of the person, valid as long as the code."""


async def ask_code(given: Services, typed: str, origin: Origin) -> AskedCode:
    """Count a request for a code; nothing here depends on whether the number is known.

    Raises Invalid for a text that is no number, and TooManyCodes.
    """
    number = accepted_address(ChannelKind.SMS, typed, FIELD)
    mark = telephone_mark(given.key, number)
    await _count(given, (BY_NETWORK, origin.network), MOST_BY_NETWORK, number, origin)
    issue = await _count(given, (ISSUE, mark), MOST_CODES, number, origin, bound_to=mark)
    note_sign_in(given, Kind.SIGN_IN_CODE_ASKED, "telephone", number, origin, status=200)
    return AskedCode(number, issue)


async def send_code(given: Services, asked: AskedCode) -> None:
    """Send the code of an issue to its number, if somebody signs in with it; run after the answer.

    A failure is logged without the number: the person asks again.
    """
    try:
        people = await messageable(given, await people_with(given, asked.number))
        if people:
            at = asked.issue.began_at
            record = facts.sign_in_code_asked(people[0].id, asked.issue.id, at=at)
            await publish_batch(given, [record])
    except RoostError as error:
        _log.warning("sign_in_code_not_sent", issue=asked.issue.id, error=type(error).__name__)


async def prove(given: Services, number: str, code: str, origin: Origin) -> Proof:
    """Check the newest code of a number. Raises NotSignedIn, also for a number without people."""
    issue = _newest_issue(given, number)
    counted = issue is not None and await _is_counted(given, TRY, issue.id)
    people: tuple[TelephonePerson, ...] = ()
    if issue and counted and is_sign_in_code(given.key, number, issue.began_at, code):
        people = tuple(await people_with(given, number))
    if issue is None or not people:
        note_sign_in(given, Kind.SIGN_IN_FAILED, "telephone-code", number, origin)
        raise _wrong_code()
    plain = json.dumps([number, issue.id, issue.began_at.timestamp()]).encode()
    return Proof(number, issue.id, people, seal(derived(given.key, NAME), plain))


async def choose(given: Services, sealed: str, typed: str, origin: Origin) -> OpenedSession:
    """Sign in the person of a proof whose name or roster number ends as typed.

    Raises NotSignedIn if the proof is over, or if the text names nobody or several people.
    """
    number, issue_id = _opened_proof(given, sealed)
    person = None
    if await _is_counted(given, NAME, issue_id):
        person = chosen_person(await people_with(given, number), typed)
    if person is None:
        note_sign_in(given, Kind.SIGN_IN_FAILED, "telephone-person", number, origin)
        raise _wrong_person()
    return await enter(given, person, number, issue_id, origin)


async def enter(
    given: Services, person: TelephonePerson, number: str, issue_id: str, origin: Origin
) -> OpenedSession:
    """Open the session of a person who has proved the telephone; an issue opens one session.

    Raises NotSignedIn if the code was used, or an account of the worker refuses.
    """
    try:
        account = await account_of_worker(given, person)
        if not await use_mark_once(given, account, ISSUE, issue_id):
            raise _wrong_code()
        opened = await open_session(given, account)
    except RoostError:
        note_sign_in(given, Kind.SIGN_IN_FAILED, "telephone-account", number, origin)
        raise
    note_sign_in(given, Kind.SIGNED_IN, "telephone", number, origin, account, status=200)
    return opened


async def _count(
    given: Services,
    thing: tuple[str, ...],
    most: int,
    number: str,
    origin: Origin,
    bound_to: str | None = None,
) -> Session:
    """Count a use of a thing. Raises TooManyCodes, and records that."""
    owner = ids.derive("u", *thing)
    more = {"bound_to": bound_to} if bound_to else {}
    mark = await counted_marks.use_in_hour(given, owner, *thing, most=most, **more)
    if mark is not None:
        return mark
    note_sign_in(given, Kind.SIGN_IN_THROTTLED, thing[0], number, origin, status=429)
    raise TooManyCodes(counted_marks.wait_s(given, *thing, most=most), most)


async def _is_counted(given: Services, what: str, issue_id: str) -> bool:
    """Count a try; return False after the last one."""
    owner = ids.derive("u", what, issue_id)
    return await counted_marks.use(given, owner, what, issue_id, most=MOST_TRIES) is not None


def _newest_issue(given: Services, number: str) -> Session | None:
    mark = telephone_mark(given.key, number)
    newest = counted_marks.newest_of_last_hour(given, ISSUE, mark, most=MOST_CODES)
    expired = newest is None or given.clock.now() >= newest.began_at + VALID_FOR
    return None if expired else newest


def _opened_proof(given: Services, sealed: str) -> tuple[str, str]:
    plain = unseal(derived(given.key, NAME), sealed)
    number, issue_id, seconds = json.loads(plain) if plain is not None else ("", "", 0.0)
    if given.clock.now().timestamp() >= seconds + VALID_FOR.total_seconds():
        raise NotSignedIn("This took too long; ask for a new code.", "已超时，请重新获取验证码。")
    return str(number), str(issue_id)


def _wrong_code() -> NotSignedIn:
    return at_field(
        NotSignedIn,
        "code",
        f"is not the newest code, or has expired; after {MOST_TRIES} tries you need a new one",
        f"不正确或已过期，请输入最新的验证码；输入 {MOST_TRIES} 次后须重新获取",
    )


def _wrong_person() -> NotSignedIn:
    return at_field(
        NotSignedIn,
        "person",
        f"names nobody with this telephone, or several people; try the end of your roster number, "
        f"or ask your station. After {MOST_TRIES} tries you need a new code",
        f"未找到对应人员，或对应多人，请改用登记编号末尾几位，或联系服务站；"
        f"输入 {MOST_TRIES} 次后须重新获取验证码",
    )
