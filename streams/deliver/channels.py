"""Channels: how a message reaches a person. Apprise carries those that a county has set up;
the others are written to the outbox, a file of JSON lines, so that nothing needs an account.

An address is put into the county's own URL template, percent-encoded; a URL is never taken from
a user. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import apprise

from roost.errors import Transient
from roost.events.profile import ChannelKind
from streams.deliver.wording import Message

PATIENCE_S = 10.0


class Sink(Protocol):
    """Takes a message to an address. Raises Transient when it may work later."""

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None: ...


class Outbox:
    """A file that a person or a program can read; each line carries the notification's id."""

    def __init__(self, path: Path, channel: ChannelKind) -> None:
        self._path = path
        self._channel = channel

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None:
        line = json.dumps(
            {
                "id": message.id,
                "channel": self._channel.value,
                "to": recipient,
                "at": at.isoformat(),
                "title": message.title,
                "body": message.body,
            },
            ensure_ascii=False,
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # One write of whole lines to an append-only descriptor: lines of several workers do
        # not mix.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)


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
    return {
        kind: AppriseSink(urls[kind.value]) if kind.value in urls else Outbox(outbox, kind)
        for kind in ChannelKind
    }
