"""The rules that all lanes share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from roost.events.preferences import ChannelKind
from streams.deliver.message_costs import CostRules
from streams.deliver.timing import CountyDefaults


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """The rules of all lanes."""

    county: CountyDefaults
    attempts: int
    unread_after: timedelta
    parks: frozenset[ChannelKind] = frozenset()
    """Channels on which a send that a kill interrupted is parked, not repeated."""
    costs: CostRules | None = None
