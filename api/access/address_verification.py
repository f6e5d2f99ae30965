"""Confirmation of a recipient's address: send a code to it, and confirm the address with that code.

The code is derived, so it is stored nowhere. Issues and tries are counted in the topic `sessions`,
exactly over all API processes. The features of workers and employers describe their recipients.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.access import counted_marks
from api.access.principal import Principal
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import Kind
from api.writes.publishing import Written, publish_batch, write_fact
from producers import facts
from roost import ids
from roost.contact.address_codes import VALID_FOR, address_mark, is_address_code
from roost.contact.addresses import telephone_or_account_key
from roost.contact.confirmed_channels import awaiting_confirmation
from roost.errors import Conflict, Refused, invalid_field
from roost.events.envelope import Record
from roost.events.notification import Recipient
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.events.session import Session
from roost.topics import STOPS
from roost.views.elastic import Json

MOST_CODES = 3
"""Codes in 60 minutes for one recipient, and to one address from all recipients."""
MOST_TRIES = 5
"""Codes that may be typed for one issue."""
ISSUE, TRY = "address-code", "address-code-try"


class TooManyCodes(Refused):
    """As many codes were sent in the last hour as are allowed."""

    status = 429
    slug = "too-many-codes"
    title = "Too many codes"
    title_zh = "验证码发送次数过多"

    def __init__(self, wait_s: int, most: int = MOST_CODES) -> None:
        minutes = -(-wait_s // 60)
        super().__init__(
            f"At most {most} codes are sent in an hour; ask again in {minutes} min.",
            f"每小时最多发送 {most} 次验证码，请在 {minutes} 分钟后重试。",
        )
        self.headers = {"retry-after": str(wait_s)}


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code on its way to an address, and the end of its validity."""

    channel: Channel
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class AddressHolder:
    """A recipient with addresses, and the rules of its record."""

    entity: Kind
    recipient: Recipient
    authorise: Callable[[CurrentFact], Awaitable[None]]
    """Raises NotFound unless the caller may change the stored record."""
    channels: Callable[[Json], Sequence[Channel]]
    """Returns the channels of a stored record."""
    confirmed: Callable[[Json, Channel, datetime], Record]
    """Returns the record after one of its addresses was confirmed."""


async def send_code(
    given: Services, who: Principal, holder: AddressHolder, kind: ChannelKind
) -> CodeSent:
    """Send a code to the unconfirmed address of a kind, by that channel alone.

    Raises NotFound for a recipient out of reach, Conflict if no address of the kind is unconfirmed
    or the recipient has stopped all messages, and TooManyCodes.
    """
    id = holder.recipient.id
    channel = await _unconfirmed_now(given, holder, kind)
    await _check_not_stopped(given, id)
    address = (ISSUE, "address", telephone_or_account_key(kind, channel.address))
    check_address_room(given, channel)
    mark = address_mark(given.key, id, channel)
    whose = _whose(holder.recipient)
    issue = await counted_marks.use_in_hour(
        given, _marks_owner(given, who), *whose, most=MOST_CODES, bound_to=mark
    )
    if issue is None:
        raise _too_many(given, *whose)
    owner = _marks_owner(given, who)
    if await counted_marks.use_in_hour(given, owner, *address, most=MOST_CODES) is None:
        raise _too_many(given, *address)
    asked = facts.address_code_asked(holder.recipient, kind, issue.id, at=issue.began_at)
    await publish_batch(given, [asked])
    return CodeSent(channel, issue.began_at + VALID_FOR)


async def confirm_address(
    given: Services, who: Principal, holder: AddressHolder, kind: ChannelKind, code: str
) -> Written:
    """Confirm the address of a kind with its newest code.

    From then on it replaces the former addresses of the kind. Raises NotFound for a recipient out
    of reach, Conflict if no address of the kind is unconfirmed, and Invalid for a wrong code.
    """
    channel = await _unconfirmed_now(given, holder, kind)
    issue = _newest_issue(given, holder.recipient, channel)
    if issue is None:
        raise invalid_field(
            "code",
            "has expired, or none was sent; ask for a new one",
            "已过期或尚未发送，请重新获取",
        )
    await _count_try(given, who, issue)
    if not is_address_code(given.key, holder.recipient.id, channel, issue.began_at, code):
        raise invalid_field(
            "code",
            f"is not the newest code; after {MOST_TRIES} tries you need a new one",
            f"不正确，请输入最新的验证码；输入 {MOST_TRIES} 次后须重新获取",
        )

    async def derive(current: CurrentFact) -> Record:
        if _unconfirmed(holder, current, kind) != channel:
            raise _nothing_to_confirm(kind)
        assert current.fact is not None
        return holder.confirmed(current.fact, channel, given.clock.now())

    return await write_fact(given, holder.entity, holder.recipient.id, holder.authorise, derive)


async def _unconfirmed_now(given: Services, holder: AddressHolder, kind: ChannelKind) -> Channel:
    """Return the unconfirmed channel of the newest record. Raises NotFound and Conflict."""
    view, id = holder.entity.view, holder.recipient.id
    current = given.latest.over(view, id, await given.elastic.get(view, id))
    await holder.authorise(current)
    return _unconfirmed(holder, current, kind)


def _unconfirmed(holder: AddressHolder, current: CurrentFact, kind: ChannelKind) -> Channel:
    channels = holder.channels(current.fact) if current.fact is not None else ()
    channel = awaiting_confirmation(channels, kind)
    if channel is None:
        raise _nothing_to_confirm(kind)
    return channel


def _whose(recipient: Recipient) -> tuple[str, ...]:
    """Return the name under which a recipient's codes are counted."""
    return ISSUE, recipient.kind.value, recipient.id


def _nothing_to_confirm(kind: ChannelKind) -> Conflict:
    return Conflict(
        f"There is no unconfirmed address of the kind {kind.value}; enter it first.",
        f"没有待确认的 {kind.value} 联系方式，请先填写。",
    )


async def _check_not_stopped(given: Services, id: str) -> None:
    """Raise Conflict for a recipient that has stopped all messages, codes included."""
    stop = given.latest.over(STOPS.name, id, await given.elastic.get(STOPS.name, id)).fact
    if (stop or {}).get("stopped"):
        raise Conflict(
            "All messages are stopped; resume them, then ask for the code.",
            "您已停止接收所有消息，请先恢复接收，再获取验证码。",
        )


def _newest_issue(given: Services, recipient: Recipient, channel: Channel) -> Session | None:
    """Return the newest issue for this address that is still valid."""
    mark, now = address_mark(given.key, recipient.id, channel), given.clock.now()
    issues = counted_marks.uses_of_last_hour(given, *_whose(recipient), most=MOST_CODES)
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


def check_address_room(given: Services, channel: Channel) -> None:
    """Raise TooManyCodes if an address has had as many codes as it may."""
    _check_room(given, ISSUE, "address", telephone_or_account_key(channel.kind, channel.address))


def _check_room(given: Services, *thing: str) -> None:
    """Raise TooManyCodes before anything is counted, if it would be refused anyway."""
    if len(counted_marks.uses_of_last_hour(given, *thing, most=MOST_CODES)) >= MOST_CODES:
        raise _too_many(given, *thing)


def _too_many(given: Services, *thing: str) -> TooManyCodes:
    return TooManyCodes(counted_marks.wait_s(given, *thing, most=MOST_CODES))


def _marks_owner(given: Services, who: Principal) -> str:
    """Return the account that marks belong to; for a key, an id that no account has."""
    return who.id if given.identities.accounts.get(who.id) else ids.derive("u", "key", who.id)
