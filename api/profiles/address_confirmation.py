"""Use cases of unconfirmed addresses: send a code, and confirm the address with it.

The code is derived, so it is stored nowhere. Issues and tries are counted in the topic `sessions`,
exactly over all API processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.access import belonging, counted_marks
from api.access.principal import Principal
from api.lists.documents import not_found
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import PROFILE, existing_fact
from api.writes.publishing import Written, publish_batch, write_fact
from producers import facts
from roost import ids
from roost.contact.address_codes import VALID_FOR, address_mark, is_address_code
from roost.contact.addresses import address_key
from roost.contact.confirmed_channels import awaiting_confirmation
from roost.errors import Conflict, Refused, invalid_field
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, Profile
from roost.events.session import Session
from roost.topics import STOPS
from roost.views.elastic import Json

MOST_CODES = 3
"""Codes in 60 minutes for one worker, and to one address from all workers."""
MOST_TRIES = 5
"""Codes that may be typed for one issue."""
ISSUE, TRY = "address-code", "address-code-try"


class TooManyCodes(Refused):
    """As many codes were sent in the last hour as are allowed."""

    status = 429
    slug = "too-many-codes"
    title = "Too many codes"
    title_zh = "验证码发送次数过多"

    def __init__(self, wait_s: int) -> None:
        minutes = -(-wait_s // 60)
        super().__init__(
            f"At most {MOST_CODES} codes are sent in an hour; ask again in {minutes} min.",
            f"每小时最多发送 {MOST_CODES} 次验证码，请在 {minutes} 分钟后重试。",
        )
        self.headers = {"retry-after": str(wait_s)}


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code on its way to an address, and the end of its validity."""

    channel: Channel
    valid_until: datetime


async def send_code(given: Services, who: Principal, id: str, kind: ChannelKind) -> CodeSent:
    """Send a code to the worker's unconfirmed address of a kind, by that channel alone.

    Raises NotFound for a worker out of reach, Conflict if no address of the kind is unconfirmed or
    the worker has stopped all messages, and TooManyCodes.
    """
    profile = await _profile(given, who, id)
    channel = _unconfirmed(profile, kind)
    await _check_not_stopped(given, id)
    address = (ISSUE, "address", address_key(kind, channel.address))
    _check_room(given, *address)
    mark = address_mark(given.key, id, channel)
    worker = (ISSUE, "worker", id)
    issue = await counted_marks.use_in_hour(
        given, _marks_owner(given, who), *worker, most=MOST_CODES, bound_to=mark
    )
    if issue is None:
        raise _too_many(given, *worker)
    owner = _marks_owner(given, who)
    if await counted_marks.use_in_hour(given, owner, *address, most=MOST_CODES) is None:
        raise _too_many(given, *address)
    asked = facts.address_code_asked(id, kind, issue.id, at=issue.began_at)
    await publish_batch(given, [asked])
    return CodeSent(channel, issue.began_at + VALID_FOR)


async def confirm_address(
    given: Services, who: Principal, id: str, kind: ChannelKind, code: str
) -> Written:
    """Confirm the worker's address of a kind with its newest code.

    From then on it replaces the worker's former addresses of the kind. Raises NotFound for a worker
    out of reach, Conflict if no address of the kind is unconfirmed, and Invalid for a wrong code.
    """
    channel = _unconfirmed(await _profile(given, who, id), kind)
    issue = _newest_issue(given, id, channel)
    if issue is None:
        raise invalid_field(
            "code",
            "has expired, or none was sent; ask for a new one",
            "已过期或尚未发送，请重新获取",
        )
    await _count_try(given, who, issue)
    if not is_address_code(given.key, id, channel, issue.began_at, code):
        raise invalid_field(
            "code",
            f"is not the newest code; after {MOST_TRIES} tries you need a new one",
            f"不正确，请输入最新的验证码；输入 {MOST_TRIES} 次后须重新获取",
        )

    async def authorise(current: CurrentFact) -> None:
        await _check_reach(given, who, id, current)

    async def derive(current: CurrentFact) -> Record:
        stored = Profile.from_stored(existing_fact(current, PROFILE, id))
        if _unconfirmed(stored, kind) != channel:
            raise _nothing_to_confirm(kind)
        return facts.channel_confirmed(stored, channel, at=given.clock.now())

    return await write_fact(given, PROFILE, id, authorise, derive)


async def _profile(given: Services, who: Principal, id: str) -> Profile:
    """Return the newest profile. Raises NotFound if it is absent or out of the caller's reach."""
    document = await given.elastic.get(PROFILE.view, id)
    current = given.latest.over(PROFILE.view, id, document)
    return Profile.from_stored(await _check_reach(given, who, id, current))


async def _check_reach(given: Services, who: Principal, id: str, current: CurrentFact) -> Json:
    fact = existing_fact(current, PROFILE, id)
    if not await belonging.reaches_worker(given, who, Permission.PROFILES_WRITE, id, fact):
        raise not_found(PROFILE.what, PROFILE.what_zh, id)
    return fact


def _unconfirmed(profile: Profile, kind: ChannelKind) -> Channel:
    channel = awaiting_confirmation(profile.channels, kind)
    if channel is None:
        raise _nothing_to_confirm(kind)
    return channel


def _nothing_to_confirm(kind: ChannelKind) -> Conflict:
    return Conflict(
        f"The profile has no unconfirmed address of the kind {kind.value}; enter it first.",
        f"档案中没有待确认的 {kind.value} 联系方式，请先填写。",
    )


async def _check_not_stopped(given: Services, id: str) -> None:
    """Raise Conflict for a worker who has stopped all messages, codes included."""
    stop = given.latest.over(STOPS.name, id, await given.elastic.get(STOPS.name, id)).fact
    if (stop or {}).get("stopped"):
        raise Conflict(
            "All messages are stopped; resume them, then ask for the code.",
            "您已停止接收所有消息，请先恢复接收，再获取验证码。",
        )


def _newest_issue(given: Services, worker_id: str, channel: Channel) -> Session | None:
    """Return the newest issue for this address that is still valid."""
    mark, now = address_mark(given.key, worker_id, channel), given.clock.now()
    issues = counted_marks.uses_of_last_hour(given, ISSUE, "worker", worker_id, most=MOST_CODES)
    valid = [each for each in issues if each.token_hash == mark and now < each.began_at + VALID_FOR]
    in_order = sorted(valid, key=lambda each: each.began_at)  # stable: of one second, by number
    return in_order[-1] if in_order else None


async def _count_try(given: Services, who: Principal, issue: Session) -> None:
    """Count a try before its code is compared. Raises Invalid after the last one."""
    owner = _marks_owner(given, who)
    if await counted_marks.use(given, owner, TRY, issue.id, most=MOST_TRIES) is None:
        raise invalid_field(
            "code",
            f"has been tried {MOST_TRIES} times; ask for a new one",
            f"已输入 {MOST_TRIES} 次，请重新获取验证码",
        )


def _check_room(given: Services, *thing: str) -> None:
    """Raise TooManyCodes before anything is counted, if it would be refused anyway."""
    if len(counted_marks.uses_of_last_hour(given, *thing, most=MOST_CODES)) >= MOST_CODES:
        raise _too_many(given, *thing)


def _too_many(given: Services, *thing: str) -> TooManyCodes:
    marks = counted_marks.uses_of_last_hour(given, *thing, most=MOST_CODES)
    oldest = min((each.began_at for each in marks), default=given.clock.now())
    wait = oldest + counted_marks.HOUR - given.clock.now()
    return TooManyCodes(max(1, int(wait.total_seconds()) + 1))


def _marks_owner(given: Services, who: Principal) -> str:
    """Return the account that marks belong to; for a key, an id that no account has."""
    return who.id if given.identities.accounts.get(who.id) else ids.derive("u", "key", who.id)
