"""Errors of channels, and the protocol that every channel implements."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from roost.errors import RoostError, Transient
from roost.events.notification import Answer
from roost.time.leases import Lease
from roost.wording import Message


class DeliveryRefused(RoostError):
    """A message that the receiver will never accept; it is not retried."""

    def __init__(self, message: str, message_zh: str = "", answer: Answer | None = None) -> None:
        super().__init__(message, message_zh)
        self.answer = answer


class ReceiverGone(DeliveryRefused):
    """A receiver that wants no further messages."""


class RetryLater(Transient):
    """A failure to be retried, after `retry_after_s` seconds if the receiver said so."""

    def __init__(
        self, message: str, retry_after_s: float | None = None, answer: Answer | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.answer = answer


@runtime_checkable
class BilledByText(Protocol):
    """A sink whose price depends on the text that its provider writes."""

    def billed_text(self, message: Message) -> str:
        """Return the text as it is billed, with the sign name; empty if there is none."""
        ...


class Sink(Protocol):
    """A receiver of messages."""

    @property
    def knows_ids(self) -> bool:
        """Whether the receiver drops a repeat by the message id."""
        ...

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer | None:
        """Send a message to an address; return a webhook's answer.

        Checks the lease after its last wait, immediately before the send. Raises LeaseEnded,
        Transient if it may succeed later, else DeliveryRefused.
        """
        ...
