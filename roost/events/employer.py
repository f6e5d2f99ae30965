"""Record of an employer (用工单位): the contact channels that the service writes to.

An employer's openings name it; this record holds only what no opening states. It exists once
somebody has entered a channel, and a tombstone erases it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from roost.events.account import EmployerId
from roost.events.common import Language, Model
from roost.events.notification import NotificationKind
from roost.events.preferences import DeliveryPreferences
from roost.events.profile import Channel

EmployerKey = Annotated[str, Field(pattern=r"^e-[a-z2-7]{26}$")]
MOST_CHANNELS = 5
EMPLOYER_KINDS = (
    NotificationKind.WEBHOOK_DISABLED,
    NotificationKind.OPENING_APPROVED,
    NotificationKind.OPENING_HELD,
    NotificationKind.CANDIDATE_REFERRED,
    NotificationKind.CANDIDATES_ANSWERED,
    NotificationKind.INTERVIEW_SET,
    NotificationKind.INTERVIEW_CANCELLED,
)
"""Kinds of message that employers receive on their channels and can turn off."""
REQUIRED_KINDS = (NotificationKind.OPENING_REFUSED,)
"""Kinds that cannot be turned off one by one: a decision against somebody is made known to them."""


class EmployerContent(Model):
    """Contact channels of an employer, in the order in which they are tried, and their settings."""

    channels: Annotated[tuple[Channel, ...], Field(max_length=MOST_CHANNELS)] = Field(
        (), description="the first is used; after a failure the next one"
    )
    preferences: DeliveryPreferences = DeliveryPreferences()
    language: Language = "zh"


class Employer(EmployerContent):
    """Record as stored in the topic `employers`."""

    id: EmployerKey = Field(description="derived from `employerId`")
    employer_id: EmployerId = Field(description="id of the employer in its openings and accounts")
