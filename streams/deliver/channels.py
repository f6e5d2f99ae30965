"""Channels: how a message reaches a person. Apprise carries those that a county has set up;
the others are written to the outbox, a file of JSON lines, so that nothing needs an account.

An address is put into the county's own URL template, percent-encoded; a URL is never taken from
a user. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import apprise
import orjson

from roost.errors import Transient
from roost.events.preferences import ChannelKind
from roost.wording import Message

PATIENCE_S = 10.0


class Sink(Protocol):
    """Takes a message to an address. Raises Transient when it may work later."""

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None: ...


class Outbox:
    """A file that a person or a program can read; each line carries the notification's id.

    It stays open: who rotates it copies and truncates it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write of a whole line to an append-only descriptor: lines of several workers do
        # not mix.
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def write(self, line: bytes) -> None:
        """Raises Transient when the disk does not take the whole line."""
        try:
            written = os.write(self._descriptor, line + b"\n")
        except OSError as error:
            raise Transient(f"The outbox cannot be written: {error.strerror}") from error
        if written <= len(line):
            raise Transient("The outbox took only a part of a line; the disk may be full")


class OutboxSink:
    """One kind of channel, written to the outbox."""

    def __init__(self, outbox: Outbox, channel: ChannelKind) -> None:
        self._outbox = outbox
        self._channel = channel

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None:
        said = {
            "id": message.id,
            "channel": self._channel.value,
            "to": recipient,
            "at": at.isoformat(),
            "title": message.title,
            "body": message.body,
        }
        self._outbox.write(orjson.dumps(said))


class AppriseSink:
    """One of Apprise's services, by a URL template with `{address}`."""

    def __init__(self, template: str) -> None:
        self._template = template

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None:
        service = apprise.Apprise.instantiate(
            self._template.replace("{address}", quote(address, safe="")), suppress_exceptions=True
        )
        if service is None:
            raise Transient("The channel's URL is not one that Apprise knows; check the setting.")
        service.redirects = False
        try:
            sent = await asyncio.wait_for(
                service.async_notify(body=message.body, title=message.title), PATIENCE_S
            )
        except TimeoutError as error:
            raise Transient(f"The channel did not answer within {PATIENCE_S:.0f} s") from error
        if not sent:
            raise Transient("The channel did not take the message")


def sinks(urls: Mapping[str, str], outbox: Path) -> dict[ChannelKind, Sink]:
    """A sink for every kind of channel: the county's own, or the outbox."""
    file = Outbox(outbox)
    return {
        kind: AppriseSink(urls[kind.value]) if kind.value in urls else OutboxSink(file, kind)
        for kind in ChannelKind
    }
