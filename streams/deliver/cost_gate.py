"""The gate in front of channels that cost money: it counts each message, and holds it at a cap.

Counted is what the ledger holds, never a memory of this process. A claimed message is first given
its cost in the view, and only then the costs are summed: of two processes each sees the other's
reservation, so together they never exceed a cap. A message that a kill interrupts keeps its cost,
since the provider may have accepted it; the next attempt adds its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from roost.events.notification import Delivery, DeliveryStatus, urgent
from roost.events.preferences import ChannelKind
from roost.message_cost_settings import AtCostCap, CostCap
from roost.metrics import HELD_BY_COST
from roost.time.clock import Clock
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.ledger import Ledger
from streams.deliver.message_costs import (
    CostRules,
    Reservation,
    Spent,
    caps_reached,
    message_cost,
    station_of,
)
from streams.deliver.messages import MessageGroup
from streams.deliver.planning import next_channel

TRIES = 5
"""Most attempts to reserve against receipts that change the row meanwhile."""
Render = Callable[[MessageGroup], Message | None]
BilledText = Callable[[Message], str]


class Spending(Protocol):
    """The costs in the ledger."""

    async def spent(self, rules: CostRules, now: datetime) -> Spent:
        """Return the costs of this day and month, reservations included. Raises Transient."""
        ...


class CostGate:
    """Counts the cost of claimed messages, and holds those beyond a cap."""

    def __init__(
        self,
        channel: ChannelKind,
        ledger: Ledger,
        spending: Spending,
        rules: CostRules,
        clock: Clock,
        render: Render,
        billed_text: BilledText,
    ) -> None:
        self._channel = channel
        self._ledger = ledger
        self._spending = spending
        self._rules = rules
        self._clock = clock
        self._render = render
        self._billed_text = billed_text

    async def admit(
        self, groups: Sequence[MessageGroup]
    ) -> tuple[list[MessageGroup], list[Delivery]]:
        """Return the messages that may be sent, and the recorded rows of the others."""
        now = self._clock.now()
        reserved = [
            (group, reservation)
            for group, reservation in [(each, self._reservation(each)) for each in groups]
            if await self._reserve(group, reservation, now)
        ]
        verdicts = await self._verdicts([each for _, each in reserved], now)
        admitted: list[MessageGroup] = []
        held: list[Delivery] = []
        elsewhere: list[Delivery] = []
        for (group, reservation), cap in zip(reserved, verdicts, strict=True):
            if cap is None:
                group.charged = reservation.cost
                admitted.append(group)
            else:
                HELD_BY_COST.labels(self._channel.value, cap.value).inc()
                held += self._held(group, reservation, cap, now, elsewhere)
        # The channels that take over are recorded first, so a kill loses neither.
        further = await self._ledger.unknown(elsewhere)
        return admitted, await self._ledger.record([*further, *held])

    def _reservation(self, group: MessageGroup) -> Reservation:
        message = self._render(group)
        text = self._billed_text(message) if message is not None else ""
        price = self._rules.price(self._channel)
        cost, parts = message_cost(self._channel, message or Message("", "", ""), text, price)
        is_urgent = any(urgent(row.notification) for row in group.rows)
        return Reservation(cost, parts, station_of(group, group.contexts[0]), is_urgent)

    async def _reserve(self, group: MessageGroup, made: Reservation, now: datetime) -> bool:
        """Write the cost into the message's first row; return False if the claim is lost."""
        lease = group.rows[0].lease_until
        for _ in range(TRIES):
            charged = rows.charged(group.rows[0], made.cost, made.parts, made.station, now)
            if await self._ledger.claim([charged]):
                group.rows[0] = charged
                return True
            current = (await self._ledger.rows([charged.id])).get(charged.id)
            is_ours = (
                current is not None
                and current.status is DeliveryStatus.SENDING
                and current.lease_until == lease
            )
            if current is None or not is_ours:
                return False
            group.rows[0] = current
        return False

    async def _verdicts(
        self, made: Sequence[Reservation], now: datetime
    ) -> Sequence[CostCap | None]:
        if not self._rules.caps or not made:
            return [None] * len(made)
        spent = await self._spending.spent(self._rules, now)
        return caps_reached(self._rules.caps, spent, made)

    def _held(
        self,
        group: MessageGroup,
        made: Reservation,
        cap: CostCap,
        now: datetime,
        elsewhere: list[Delivery],
    ) -> list[Delivery]:
        """Return the rows of a held message: waiting, or ended for a row in `elsewhere`."""
        group.rows[0] = rows.refunded(group.rows[0], made.cost)
        until = self._rules.released_at(cap, now)
        changed: list[Delivery] = []
        for row, context in zip(group.rows, group.contexts, strict=True):
            further = next_channel(row, context)
            if further is not None and self._is_cheaper(further):
                why = f"the {cap.value} cost cap is reached; {further.value} takes over"
                changed.append(rows.ended(row, DeliveryStatus.SUPPRESSED, now, why))
                elsewhere.append(rows.waiting(row.notification, further, now, now))
            else:
                changed.append(rows.over_cap(row, now, until, cap.value))
        return changed

    def _is_cheaper(self, channel: ChannelKind) -> bool:
        cheaper = self._rules.price(channel) < self._rules.price(self._channel)
        return self._rules.at_cap is AtCostCap.CHEAPER and cheaper
