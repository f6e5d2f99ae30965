"""Fairness of the deliver stage: receivers that do not answer delay no other receiver.

The ledger already holds the stuck rows, all due for longer than the row of the healthy receiver.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roost import ids
from roost.errors import Transient
from roost.events.notification import Answer, DeliveryStatus, Notification
from roost.events.preferences import ChannelKind
from roost.time.leases import Lease
from roost.topics import NOTICES, STATIONS, WEBHOOKS
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.deliver_stage import OWN_ROOM
from streams.deliver.delivery_projection import delivery_write
from tests.unit.streams.in_memory import NOON, World, notification, run
from tests.unit.streams.test_deliver_stage import Stand

STUCK_SINCE = NOON - timedelta(hours=1)
SECONDS = 60.0


class PartlyDeadSink:
    """A channel on which some receivers never answer."""

    knows_ids = True

    def __init__(self, dead: Sequence[str], hangs_s: float) -> None:
        self._dead = set(dead)
        self._hangs_s = hangs_s
        self.taken: list[str] = []

    async def send(
        self, message: Message, recipient: str, address: str, at: object, lease: Lease
    ) -> None:
        if recipient in self._dead:
            await asyncio.sleep(self._hangs_s)
            raise Transient("no answer")
        self.taken.append(recipient)


def receiver(channel: ChannelKind, name: str) -> str:
    return ids.derive("h" if channel is ChannelKind.WEBHOOK else "s", name)


def waiting_world(
    channel: ChannelKind, stuck: Sequence[int]
) -> tuple[World, list[str], Notification]:
    """Return a ledger with `stuck` rows of each dead receiver, and one row of a healthy one."""
    world = World()
    view = WEBHOOKS.name if channel is ChannelKind.WEBHOOK else STATIONS.name
    dead = [receiver(channel, f"dead-{number}") for number in range(len(stuck))]
    well = receiver(channel, "well")
    for each in (*dead, well):
        world.put(view, each, 1, {"channels": [{"kind": channel.value, "address": "4711"}]})
    told = [
        (notification(recipient=each), STUCK_SINCE)
        for each, count in zip(dead, stuck, strict=True)
        for _ in range(count)
    ]
    last = notification(recipient=well)
    for one, due in (*told, (last, NOON)):
        world.put(NOTICES.name, str(one.notice_id), 1, {})
        put_row(world, one, channel, due)
    return world, dead, last


def put_row(world: World, one: Notification, channel: ChannelKind, due: datetime) -> None:
    row = rows.waiting(one, channel, due, due)
    assert world.write(delivery_write(row, row.to_json()), equal=False)


async def run_stage(stand: Stand, seconds: float) -> None:
    async with stand.stage.running():
        await asyncio.sleep(seconds)


@pytest.mark.parametrize("channel", [ChannelKind.WEBHOOK, ChannelKind.WECOM])
@pytest.mark.parametrize("hangs_s", [0.0, 9.0])
def test_a_receiver_with_600_stuck_rows_delays_no_other(
    channel: ChannelKind, hangs_s: float
) -> None:
    world, dead, last = waiting_world(channel, [600])
    stand = Stand(world)
    sink = PartlyDeadSink(dead, hangs_s)
    stand.stage._sinks, stand.stage._endpoints = dict.fromkeys(ChannelKind, sink), sink
    run(run_stage(stand, SECONDS))
    assert world.row(last, channel).status is DeliveryStatus.SENT


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from([ChannelKind.WEBHOOK, ChannelKind.WECOM]),
    st.lists(st.sampled_from([1, 40, 120, 520]), min_size=1, max_size=4),
    st.sampled_from([0.0, 9.0]),
)
def test_no_mixture_of_stuck_receivers_delays_another(
    channel: ChannelKind, stuck: list[int], hangs_s: float
) -> None:
    world, dead, last = waiting_world(channel, stuck)
    stand = Stand(world)
    sink = PartlyDeadSink(dead, hangs_s)
    stand.stage._sinks, stand.stage._endpoints = dict.fromkeys(ChannelKind, sink), sink
    run(run_stage(stand, SECONDS))
    assert world.row(last, channel).status is DeliveryStatus.SENT
    held = sum(len(lane.queue) for lane in stand.stage._lanes.values())
    assert held <= OWN_ROOM


@pytest.mark.parametrize("channel", [ChannelKind.WEBHOOK, ChannelKind.WECOM])
@pytest.mark.parametrize(("receivers", "hangs_s"), [(60, 0.0), (100, 9.0)])
def test_a_hundred_wrong_addresses_do_not_make_a_channel_look_away(
    channel: ChannelKind, receivers: int, hangs_s: float
) -> None:
    """Each of them was tried as the one probe of a pause of up to five minutes: for hours."""
    world, dead, last = waiting_world(channel, [2] * receivers)
    stand = Stand(world)
    sink = PartlyDeadSink(dead, hangs_s)
    stand.stage._sinks, stand.stage._endpoints = dict.fromkeys(ChannelKind, sink), sink
    run(run_stage(stand, 300.0))
    assert world.row(last, channel).status is DeliveryStatus.SENT


class SlowSink:
    """A channel that counts the messages in flight; some receivers take a message slowly."""

    knows_ids = True

    def __init__(self, slow: Sequence[str], takes_s: float) -> None:
        self._slow = set(slow)
        self._takes_s = takes_s
        self.taken: list[str] = []
        self.flying: list[int] = []
        """Slow messages in flight, whenever one begins after the first ones have ended."""
        self._now = 0

    async def send(
        self, message: Message, recipient: str, address: str, at: object, lease: Lease
    ) -> None:
        if recipient in self._slow:
            self._now += 1
            if recipient in self.taken:
                self.flying.append(self._now)
            await asyncio.sleep(self._takes_s)
            self._now -= 1
        self.taken.append(recipient)


@pytest.mark.parametrize("channel", [ChannelKind.WEBHOOK, ChannelKind.WECOM])
def test_receivers_that_answer_slowly_get_their_messages_one_at_a_time(
    channel: ChannelKind,
) -> None:
    """They answer, so no breaker opens; without this they hold every connection."""
    world, slow, last = waiting_world(channel, [150] * 4)
    stand = Stand(world)
    sink = SlowSink(slow, 8.0)
    stand.stage._sinks, stand.stage._endpoints = dict.fromkeys(ChannelKind, sink), sink
    run(run_stage(stand, SECONDS))
    assert world.row(last, channel).status is DeliveryStatus.SENT
    assert max(sink.flying) <= len(slow)
    assert all(sink.taken.count(each) >= 5 for each in slow), "each is served all the same"


class CrowdedSink(SlowSink):
    """A channel whose messages wait for a connection that others use; the receivers are quick."""

    async def send(  # type: ignore[override]
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        await super().send(message, recipient, address, at, lease)
        return Answer(at=at, status=200, elapsed_ms=20)


def test_the_wait_for_a_connection_makes_no_receiver_slow() -> None:
    channel = ChannelKind.WEBHOOK
    world, waiting, _ = waiting_world(channel, [150] * 4)
    stand = Stand(world)
    sink = CrowdedSink(waiting, 3.0)
    stand.stage._sinks, stand.stage._endpoints = dict.fromkeys(ChannelKind, sink), sink
    run(run_stage(stand, SECONDS))
    assert max(sink.flying) > len(waiting)
