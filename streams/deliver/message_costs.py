"""The cost of messages: prices, caps, and which messages a cap admits. Pure.

Costs are integers of a thousandth of a yuan, a tenth of a fen: an SMS of 4.5 fen costs 45.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from roost.carriers.sms_segments import segments
from roost.events.notification import RecipientKind
from roost.events.preferences import ChannelKind
from roost.message_cost_settings import AtCostCap, CostCap, MessageCostSettings
from roost.wording import Message
from streams.deliver.contexts import Context
from streams.deliver.messages import MessageGroup

PER_FEN, PER_YUAN = 10, 1_000
OF_DAY = frozenset({CostCap.DAY, CostCap.STATION_DAY})
OF_STATION = frozenset({CostCap.STATION_DAY, CostCap.STATION_MONTH})


@dataclass(frozen=True, slots=True)
class CostRules:
    """Prices and caps, in thousandths of a yuan, and the zone whose days and months count."""

    zone: ZoneInfo
    prices: Mapping[ChannelKind, int] = field(default_factory=dict)
    caps: Mapping[CostCap, int] = field(default_factory=dict)
    at_cap: AtCostCap = AtCostCap.WAIT

    def price(self, channel: ChannelKind) -> int:
        """Return the price of a message, or of a segment, on a channel."""
        return self.prices.get(channel, 0)

    def day_begins(self, now: datetime) -> datetime:
        """Return the beginning of the county's day."""
        return _midnight(now.astimezone(self.zone)).astimezone(UTC)

    def month_begins(self, now: datetime) -> datetime:
        """Return the beginning of the county's month."""
        return _midnight(now.astimezone(self.zone)).replace(day=1).astimezone(UTC)

    def released_at(self, cap: CostCap, now: datetime) -> datetime:
        """Return the beginning of the next day or month, when a cap counts from 0 again."""
        local = _midnight(now.astimezone(self.zone))
        if cap in OF_DAY:
            return (local + timedelta(days=1)).astimezone(UTC)
        return (local.replace(day=1) + timedelta(days=32)).replace(day=1).astimezone(UTC)


def cost_rules(settings: MessageCostSettings, zone: ZoneInfo) -> CostRules:
    """Return the rules that the settings state."""
    return CostRules(
        zone,
        {kind: round(fen * PER_FEN) for kind, fen in settings.message_prices_fen.items()},
        {cap: round(yuan * PER_YUAN) for cap, yuan in settings.message_caps_yuan.items()},
        settings.at_cost_cap,
    )


@dataclass(frozen=True, slots=True)
class Reservation:
    """Cost of one message that is to be sent, and the station that it is counted for."""

    cost: int
    parts: int
    station: str | None
    urgent: bool


@dataclass(slots=True)
class Spent:
    """Costs so far by cap; those of stations by station."""

    county: dict[CostCap, int] = field(default_factory=dict)
    stations: dict[tuple[CostCap, str], int] = field(default_factory=dict)

    def of(self, cap: CostCap, station: str | None) -> int:
        """Return the costs that a cap counts for a message of a station."""
        if cap in OF_STATION:
            return self.stations.get((cap, station or ""), 0)
        return self.county.get(cap, 0)

    def add(self, reservation: Reservation, factor: int = 1) -> None:
        """Add the cost of a message to every cap that counts it."""
        cost = reservation.cost * factor
        for cap in CostCap:
            if cap not in OF_STATION:
                self.county[cap] = self.county.get(cap, 0) + cost
            elif reservation.station is not None:
                key = (cap, reservation.station)
                self.stations[key] = self.stations.get(key, 0) + cost


def message_cost(channel: ChannelKind, message: Message, text: str, price: int) -> tuple[int, int]:
    """Return the cost of a message and its number of segments; `text` is the one that is sent."""
    parts = segments(text or message.body) if channel is ChannelKind.SMS else 1
    return price * parts, parts


def station_of(group: MessageGroup, context: Context) -> str | None:
    """Return the station that a message is counted for: its recipient, or that of its match."""
    if group.recipient.kind is RecipientKind.STATION:
        return group.recipient.id
    return (context.match or {}).get("station_id") or None


def caps_reached(
    caps: Mapping[CostCap, int], spent: Spent, reservations: Sequence[Reservation]
) -> list[CostCap | None]:
    """Return for each message the cap that holds it, in order; None for those that may be sent.

    `spent` holds the reservations of these messages as well, and is reduced by those that are held.
    Of several caps the one that is released last counts. Urgent messages are never held.
    """
    for each in reservations:
        spent.add(each, -1)
    verdicts: list[CostCap | None] = []
    for each in reservations:
        reached = [
            cap
            for cap, most in caps.items()
            if (cap not in OF_STATION or each.station is not None)
            and spent.of(cap, each.station) + each.cost > most
        ]
        held = bool(reached) and not each.urgent and each.cost > 0
        if not held:
            spent.add(each)
        verdicts.append(min(reached, key=lambda cap: cap in OF_DAY) if held else None)
    return verdicts


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
