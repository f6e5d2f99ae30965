"""The channels that carry messages to people: Apprise, or the outbox.

Apprise serves the channels that a county has configured. The others are written to the outbox, a
file of JSON lines, so that Roost runs without any account.

An address is checked (`roost.contact.addresses`) and percent-encoded into the county's own URL
template, and the service must have exactly that recipient; a URL is never taken from a user.
Redirects are not followed. URLs contain credentials and addresses, so the libraries that would log
them are silenced.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import quote

import apprise
import orjson
from apprise.plugins.email.base import NotifyEmail

from roost.contact.addresses import accepted_address
from roost.errors import Invalid, Transient
from roost.events.preferences import ChannelKind
from roost.time.leases import Lease
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused
from streams.deliver.outbox import Outbox

TIMEOUT_S = 10.0
THREADS = 16
ID_HEADER = "webhook-id"
"""The header of the message id, by which a receiver drops repeats (Standard Webhooks)."""
LEAKING_LOGGERS = ("apprise", "urllib3", "requests", "httpx", "httpcore")
"""Loggers that write URLs, addresses or answers."""


class OutboxSink:
    """A sink that writes one kind of channel to the outbox."""

    knows_ids = True

    def __init__(self, outbox: Outbox, channel: ChannelKind) -> None:
        self._outbox = outbox
        self._channel = channel

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        line = {
            "id": message.id,
            "channel": self._channel.value,
            "to": recipient,
            "at": at.isoformat(),
            "title": message.title,
            "body": message.body,
        }
        lease.check()
        self._outbox.write(orjson.dumps(line))


class AppriseSink:
    """A sink for one Apprise service, named by a URL template with `{address}`."""

    def __init__(self, template: str, channel: ChannelKind, *, knows_ids: bool = False) -> None:
        silence_libraries()
        self._template = template
        self._channel = channel
        self.knows_ids = knows_ids
        # One pool per channel: a hanging channel takes no thread from another.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apprise")

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        service = service_for(self._template, self._channel, address)
        if service is None:
            raise Transient("The channel's URL is not one that Apprise knows; check the setting.")
        service.redirects = False
        # json, form, xml and e-mail; for e-mail Apprise makes the Message-ID itself.
        if isinstance(headers := vars(service).get("headers"), dict):
            headers[ID_HEADER] = message.id

        def notify() -> Any:
            lease.check()  # in the thread: the message may have waited for it
            return service.notify(body=message.body, title=message.title, body_format="text")

        try:
            sent = await asyncio.wait_for(
                asyncio.get_running_loop().run_in_executor(self._threads, notify), TIMEOUT_S
            )
        except TimeoutError as error:
            raise Transient(f"The channel did not answer within {TIMEOUT_S:.0f} s") from error
        if not sent:
            raise Transient("The channel did not take the message")


def service_for(template: str, channel: ChannelKind, address: str) -> Any:
    """Return the Apprise service that sends to one address; None for an unknown template.

    Raises DeliveryRefused for an address that is not accepted today, which an earlier release may
    have stored, and for one that Apprise would read as other or several recipients.
    """
    try:
        accepted = accepted_address(channel, address)
    except Invalid:
        raise DeliveryRefused(
            "The address is not one that this channel can send to", "该渠道无法发送到这个地址"
        ) from None
    url = template.replace("{address}", quote(accepted, safe=""))
    service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if service is not None and "{address}" in template:
        _check_recipient(service, channel, accepted)
    return service


def _check_recipient(service: Any, channel: ChannelKind, address: str) -> None:
    """Raise DeliveryRefused unless the service has one recipient, and by e-mail this one.

    Apprise finds addresses in free text: of o'brien@example.cn it would keep brien@example.cn, and
    of an international domain its first part. Its e-mail service is therefore given the address.
    """
    if isinstance(service, NotifyEmail) and len(service.targets) == 1:
        service.targets = [(False, address)]
    recipients = getattr(service, "targets", None)
    several = isinstance(recipients, list | tuple | set) and len(recipients) != 1
    wrong = channel is ChannelKind.EMAIL and address not in _flat(recipients)
    if several or wrong:
        raise DeliveryRefused(
            "The channel's service does not read this address as one recipient",
            "该渠道的服务无法将此地址识别为一个收件人",
        )


def _flat(recipients: Any) -> list[Any]:
    return [
        part
        for each in recipients or ()
        for part in (each if isinstance(each, list | tuple) else (each,))
    ]


def silence_libraries() -> None:
    """Turn off the loggers that would write URLs or addresses, at every log level."""
    for name in LEAKING_LOGGERS:
        # The level also applies to child loggers; `disabled` survives a later change of the level.
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.disabled = True
