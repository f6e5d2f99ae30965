"""Confirmation of addresses: which channels of a worker may carry personal content. Pure.

A worker can enter anybody's address. Such an address is unconfirmed, and receives nothing but its
code, until the worker repeats that code. An address that staff or a roster entered counts as
confirmed, and so does one that was stored before addresses were confirmed. Until its successor is
confirmed, a replaced address stays in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roost.contact.addresses import accepted_address
from roost.errors import Invalid, invalid_field
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.rules.profile_fields import Writer

MOST_CHANNELS = 10


def settled_channels(
    writer: Writer, given: Sequence[Channel], stored: Sequence[Channel]
) -> tuple[Channel, ...]:
    """Return the channels to store: each with its state, and replaced ones that are still needed.

    `given` have accepted addresses. A stored address keeps its state, also if staff repeat it.
    Raises Invalid if there are too many.
    """
    states = {_identity(each): each.confirmed for each in reversed(stored)}
    by_worker = writer is Writer.WORKER
    settled = [_with_state(each, _state(each, states, by_worker=by_worker)) for each in given]
    for kept in _still_needed(settled, stored):
        place = next(number for number, each in enumerate(settled) if each.kind is kept.kind)
        settled.insert(place, kept)
    if len(settled) > MOST_CHANNELS:
        raise invalid_field(
            "channels",
            f"are more than {MOST_CHANNELS}, with the address in use until the new one is "
            "confirmed; leave one out",
            f"超过 {MOST_CHANNELS} 个（新地址确认前仍保留原地址），请减少一个",
        )
    return tuple(settled)


def reachable_channels(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return the channels that may carry personal content."""
    return tuple(each for each in channels if each.confirmed)


def awaiting_confirmation(channels: Iterable[Channel], kind: ChannelKind) -> Channel | None:
    """Return the channel of a kind that a code may be sent to; None if none is unconfirmed."""
    return next((each for each in channels if each.kind is kind and not each.confirmed), None)


def with_confirmed(channels: Sequence[Channel], confirmed: Channel) -> tuple[Channel, ...]:
    """Return the channels after one was confirmed, which replaces those before it of its kind."""
    place = next(
        number for number, each in enumerate(channels) if _identity(each) == _identity(confirmed)
    )
    before = [each for each in channels[:place] if each.kind is not confirmed.kind]
    return (*before, confirmed.model_copy(update={"confirmed": True}), *channels[place + 1 :])


def _with_state(channel: Channel, confirmed: bool) -> Channel:
    if channel.confirmed is confirmed:
        return channel
    return channel.model_copy(update={"confirmed": confirmed})


def _state(channel: Channel, states: dict[tuple[str, str], bool], *, by_worker: bool) -> bool:
    if channel.kind is ChannelKind.INBOX:
        return True
    if not states:
        return not by_worker
    return states.get(_identity(channel), not by_worker)


def _still_needed(settled: Sequence[Channel], stored: Iterable[Channel]) -> list[Channel]:
    """Return stored channels in use of the kinds that would have unconfirmed addresses alone."""
    unconfirmed = {each.kind for each in settled if not each.confirmed}
    kinds = unconfirmed - {each.kind for each in settled if each.confirmed}
    needed: dict[ChannelKind, Channel] = {}
    for each in stored:
        if each.kind in kinds and each.confirmed:
            needed.setdefault(each.kind, each)
    return list(needed.values())


def _identity(channel: Channel) -> tuple[str, str]:
    """Return the kind and the one spelling of an address; of an unaccepted one, the stored text."""
    try:
        address = accepted_address(channel.kind, channel.address)
    except Invalid:
        address = channel.address
    return channel.kind.value, address
