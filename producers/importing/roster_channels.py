"""Channels of a worker from a roster's telephone column, next to those that are stored.

A telephone column adds text messages and replaces nothing: the worker's own channels are newer than
a roster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from producers.mappings.resolved_mapping import ResolvedMapping
from roost.contact.addresses import address_key
from roost.errors import FieldError
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, ProfileContent

_CHANNELS: TypeAdapter[tuple[Channel, ...]] = TypeAdapter(tuple[Channel, ...])


def reads_telephones(resolved: ResolvedMapping) -> bool:
    """Return whether the file's channels come from a telephone column."""
    return any(each.field == "channels" and each.rule.kind == "phone" for each in resolved.rules)


def with_stored_channels(
    content: ProfileContent, stored: Mapping[str, Any] | None, resolved: ResolvedMapping
) -> tuple[ProfileContent, tuple[FieldError, ...]]:
    """Return the content with the stored channels and the roster's new number, if there is none.

    The second value is a doubt if another number is stored, which stays.
    """
    if stored is None or "channels" not in content.model_fields_set:
        return content, ()
    kept = _stored_channels(stored)
    if kept is None:
        return content, ()
    known = {_key(each) for each in kept if each.kind is ChannelKind.SMS}
    given = [each for each in content.channels if each.kind is ChannelKind.SMS]
    added = [each for each in given if _key(each) not in known]
    if not known:
        return content.model_copy(update={"channels": (*kept, *added)}), ()
    doubts = [_other_number(resolved.column_of("channels"))] if added else []
    return content.model_copy(update={"channels": kept}), tuple(doubts)


def _other_number(column: str) -> FieldError:
    return FieldError(
        column,
        "differs from the stored telephone number, which is kept; change it on the worker's page",
        "与已登记的电话不同，保留原号码；如需更改请在个人页面修改",
    )


def _key(channel: Channel) -> str:
    return address_key(channel.kind, channel.address)


def _stored_channels(stored: Mapping[str, Any]) -> tuple[Channel, ...] | None:
    """Return the stored channels; None if this release cannot read them."""
    try:
        return _CHANNELS.validate_python(stored.get("channels", ()), extra="ignore")
    except ValidationError:
        return None
