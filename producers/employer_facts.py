"""Facts of employers' records: contact channels put, confirmed, erased.

Functions return the event and the record that carries it, or the record alone. They do not publish.
"""

from __future__ import annotations

from datetime import datetime

from producers.facts import API, accepted_channels
from producers.notification_kinds import check_preferences
from roost import ids
from roost.contact.confirmed_channels import settled_channels, with_confirmed
from roost.errors import invalid_field
from roost.events.employer import REQUIRED_KINDS, Employer, EmployerContent
from roost.events.envelope import Record, record, tombstone
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.rules.profile_fields import Writer
from roost.topics import EMPLOYERS


def employer_put(
    content: EmployerContent, employer_id: str, stored: Employer | None, *, at: datetime
) -> tuple[Employer, Record]:
    """Create an employer's record, or replace its content.

    Every new address is unconfirmed, also one that staff enter: a code shows whose it is.

    Raises Invalid for an address that is not accepted, an inbox, and an unknown or required kind
    of message.
    """
    check_preferences(content.preferences, "preferences.")
    _check_required(content)
    _check_no_inbox(content)
    before = stored.channels if stored is not None else ()
    channels = settled_channels(Writer.WORKER, accepted_channels(content.channels), before)
    employer = Employer(
        id=ids.employer_key(employer_id),
        employer_id=employer_id,
        channels=channels,
        preferences=content.preferences,
        language=content.language,
    )
    return employer, record(employer, employer.id, source=API, at=at)


def employer_channel_confirmed(stored: Employer, channel: Channel, *, at: datetime) -> Record:
    """Confirm one of an employer's addresses, which replaces the former ones of its kind."""
    changed = stored.model_copy(update={"channels": with_confirmed(stored.channels, channel)})
    return record(changed, stored.id, source=API, at=at)


def employer_erased(employer_id: str, *, at: datetime) -> Record:
    """Erase an employer's contact channels."""
    return tombstone(EMPLOYERS, ids.employer_key(employer_id), source=API, at=at)


def _check_required(content: EmployerContent) -> None:
    required = {kind.value for kind in REQUIRED_KINDS}
    for number, kind in enumerate(content.preferences.muted_kinds):
        if kind in required:
            raise invalid_field(
                f"preferences.mutedKinds.{number}",
                "cannot be turned off alone; stop all messages instead",
                "该类通知不能单独关闭，如不需要可停止全部消息",
            )


def _check_no_inbox(content: EmployerContent) -> None:
    for number, each in enumerate(content.channels):
        if each.kind is ChannelKind.INBOX:
            raise invalid_field(
                f"channels.{number}.kind",
                "is not a channel of employers; give an address such as an e-mail address",
                "用工单位没有收件箱，请填写邮箱等联系方式",
            )
