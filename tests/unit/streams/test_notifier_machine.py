"""A state machine of notifications, answers, kills, stalls and changed preferences.

In any order nothing is lost, nothing is shown twice, and nothing is sent after a stop. The stage,
its lanes and its ledger are the real ones; their surroundings are in memory.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from roost import ids
from roost.errors import Transient
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Notification,
    NotificationKind,
)
from roost.events.preferences import (
    ChannelKind,
    DeliveryPreferences,
    Digest,
    OwnPreferences,
    Pace,
    QuietHours,
)
from roost.events.receipt import Receipt, ReceiptKind
from roost.kafka.incoming import Fact
from roost.time.leases import Lease
from roost.topics import (
    NOTICES,
    NOTIFICATIONS,
    PREFERENCES,
    PROFILES,
    RECEIPTS,
    STOPS,
    Topic,
)
from roost.views.elastic import Write
from roost.wording import Message
from streams.deliver.claims import LEASE
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.delivery_errors import DeliveryRefused, Sink
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.timing import CountyDefaults
from tests.unit.streams.in_memory import (
    NOON,
    CountedLoop,
    InMemoryElastic,
    InMemoryOutbox,
    PlainWords,
    Process,
    World,
    foreign_records,
    incoming,
    notification,
)
from tests.unit.streams.test_timing import SHANGHAI

S = DeliveryStatus
SMS, EMAIL, INBOX = ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.INBOX
PEOPLE = [ids.worker_id("m", str(number)) for number in range(2)]
RULES = DeliveryRules(CountyDefaults(SHANGHAI, None, timedelta(minutes=1)), 3, timedelta(minutes=5))
NEWS, ANSWER = NotificationKind.POLICY_NEWS, NotificationKind.REQUEST_ANSWERED
ROUNDS = 80
CHOICES = (
    DeliveryPreferences(),
    DeliveryPreferences(muted=True),
    DeliveryPreferences(muted_kinds=(NEWS.value,)),
    DeliveryPreferences(digest=Digest(pace=Pace.HOURLY)),
    DeliveryPreferences(quiet_hours=QuietHours(begins=time(11), ends=time(12, 30))),
    DeliveryPreferences(snoozed_until=NOON + timedelta(minutes=20)),
    DeliveryPreferences(channels_by_kind={NEWS.value: (SMS, EMAIL)}),
    DeliveryPreferences(channels_by_kind={NEWS.value: (EMAIL,), ANSWER.value: ()}),
)
ANSWERS = ("well", "slow", "away", "refuses", "hangs", "takes and hangs")
Place = tuple[str, ChannelKind, str]
"""A recipient, a channel and a message id."""


@dataclass(slots=True)
class Arrival:
    place: Place
    rows: tuple[str, ...]
    at: datetime
    process: Process
    ambiguous: bool = False
    """True if nobody can know that it arrived: its sender was stopped, or got no answer."""


class CarefulWorld(World):
    """A world that asserts that no revision decreases and no ended row changes."""

    def write(self, write: Write, *, equal: bool) -> bool:
        before = self.documents.get((write.view, write.id))
        taken = super().write(write, equal=equal)
        if before is not None and taken:
            now = self.documents[write.view, write.id]
            assert now[0] > before[0]
            ended = DeliveryStatus(before[1]["status"]).final
            assert not ended or now[1]["status"] == before[1]["status"]
            amid = {before[1]["status"], now[1]["status"]} == {S.SENDING.value}
            assert before[1]["message_id"] in (None, now[1]["message_id"]) or amid
        return taken


@dataclass(slots=True)
class Receiver:
    """The receiver of both channels, outside every process."""

    clock: Any
    answers: dict[ChannelKind, str] = field(default_factory=lambda: {SMS: "well", EMAIL: "well"})
    arrivals: list[Arrival] = field(default_factory=list)
    urgent: set[str] = field(default_factory=set)

    def arrive(self, place: Place, message: Message, process: Process) -> Arrival:
        arrival = Arrival(place, tuple(message.data["rows"]), self.clock.now(), process)
        self.arrivals.append(arrival)
        return arrival

    def seen(self) -> dict[Place, Arrival]:
        """Return the first arrival of each message id; repeats are dropped."""
        first: dict[Place, Arrival] = {}
        for each in self.arrivals:
            first.setdefault(each.place, each)
        return first


class ChannelOfReceiver:
    knows_ids = True

    def __init__(self, receiver: Receiver, kind: ChannelKind, process: Process) -> None:
        self._receiver, self._kind, self._process = receiver, kind, process

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        if self._process.dead:
            await asyncio.Event().wait()
        place = (recipient, self._kind, message.id)
        match self._receiver.answers[self._kind]:
            case "away":
                raise Transient("away")
            case "refuses":
                raise DeliveryRefused("no such address")
            case "hangs":
                await asyncio.sleep(9)
                raise Transient("no answer")
            case "takes and hangs":
                self._receiver.arrive(place, message, self._process).ambiguous = True
                await asyncio.sleep(9)
                raise Transient("no answer")
            case answer:
                self._receiver.arrive(place, message, self._process)
                await asyncio.sleep(3 if answer == "slow" else 0.1)
        await self._process.step()


class Worker:
    """A process of the stage that runs until it is killed."""

    def __init__(self, world: World, receiver: Receiver, number: int) -> None:
        self.process = Process(world, backwards=bool(number % 2))
        sinks: dict[ChannelKind, Sink] = {
            kind: ChannelOfReceiver(receiver, kind, self.process) for kind in ChannelKind
        }
        self.stage = DeliverStage(
            InMemoryElastic(self.process),
            self.process.ledger(),
            world.clock,
            sinks,
            sinks[ChannelKind.WEBHOOK],
            PlainWords(),
            RULES,
            {},
            InMemoryOutbox(),
            foreign_records(self.process),
        )
        self.task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        async with self.stage.running():
            await asyncio.Event().wait()


class Notifier(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = CountedLoop()
        self.world = CarefulWorld()
        self.receiver = Receiver(self.world.clock)
        self.workers: list[Worker] = []
        self.gone: list[Worker] = []
        self.sent: list[Notification] = []
        self.unacknowledged: list[Fact[Any]] = []
        self.stopped: dict[str, datetime] = {}
        self.under_way: set[str] = set()
        self.chose: set[str] = set()
        """Recipients who have chosen other channels, so that others may take over."""
        self.versions = 1
        self.started = 0

    def does(self, step: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(step)
        for each in (*self.workers, *self.gone):
            if each.task.done() and not each.task.cancelled():
                each.task.result()

    def alive(self) -> list[Worker]:
        """Return the workers whose steps have not run out."""
        for each in [each for each in self.workers if each.process.dead]:
            self._buried(each)
        return self.workers

    def _buried(self, worker: Worker) -> None:
        worker.process.dead = True
        self._doubt(worker)
        worker.task.cancel()
        self.workers.remove(worker)
        self.gone.append(worker)

    def _doubt(self, worker: Worker) -> None:
        """Mark the messages that a worker sent and did not record as ambiguous."""
        status = {row.id: row.status for row in self.world.rows()}
        for each in self.receiver.arrivals:
            if each.process is worker.process and not all(status[id].final for id in each.rows):
                each.ambiguous = True

    async def _start(self) -> None:
        self.workers.append(Worker(self.world, self.receiver, self.started))
        self.started += 1
        await asyncio.sleep(0.01)

    def _fact(self, topic: Topic, key: str, event: Any) -> Fact[Any]:
        return Fact(key, event, incoming(topic, key))

    async def _handle(self, worker: Worker, fact: Fact[Any]) -> None:
        """Handle a fact and acknowledge it; after a kill it is left to the next worker."""
        self.unacknowledged.append(fact)
        task = asyncio.create_task(worker.stage.handle([fact]))
        await asyncio.wait({task}, timeout=5)
        if task.done():
            task.result()
            self.unacknowledged.remove(fact)
        else:
            assert worker.process.dead or not worker.process.awake.is_set()
            task.cancel()

    @initialize()
    def begin(self) -> None:
        self._profiles(both=True)
        self.does(self._start())

    def _profiles(self, *, both: bool) -> None:
        sms = [{"kind": "sms", "address": "13800000000"}] if both else []
        channels = [*sms, {"kind": "email", "address": "a@b.cn"}]
        for each in PEOPLE:
            self._put(PROFILES.name, each, {"channels": channels})

    def _put(self, view: str, id: str, fact: dict[str, Any]) -> None:
        self.versions += 1
        self.world.put(view, id, self.versions, fact)

    @rule(
        kind=st.sampled_from([NEWS, NEWS, ANSWER]),
        to=st.sampled_from(PEOPLE),
        urgent=st.sampled_from([False, False, False, True]),
        by=st.integers(0, 2),
        several=st.integers(1, 3),
    )
    def notify(self, kind: NotificationKind, to: str, urgent: bool, by: int, several: int) -> None:
        for _ in range(several):
            if not self.alive():
                return
            one = notification(kind, to, urgent=urgent, number=len(self.sent))
            self._put(NOTICES.name, str(one.notice_id), {})
            self.sent.append(one)
            if urgent:
                self.receiver.urgent.add(one.id)
            fact = self._fact(NOTIFICATIONS, to, one)
            self.does(self._handle(self.workers[by % len(self.workers)], fact))

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 50), by=st.integers(0, 2))
    def the_same_again(self, which: int, by: int) -> None:
        if workers := self.alive():
            one = self.sent[which % len(self.sent)]
            fact = self._fact(NOTIFICATIONS, one.recipient.id, one)
            self.does(self._handle(workers[by % len(workers)], fact))

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 50), by=st.integers(0, 2))
    def read(self, which: int, by: int) -> None:
        if workers := self.alive():
            one = self.sent[which % len(self.sent)]
            receipt = Receipt(
                id=ids.derive("r", one.id),
                notification_id=one.id,
                recipient=one.recipient,
                kind=ReceiptKind.READ,
                at=self.world.clock.now(),
            )
            self.does(
                self._handle(workers[by % len(workers)], self._fact(RECEIPTS, one.id, receipt))
            )

    @rule(seconds=st.sampled_from([0.05, 1.0, 3.0, 12.0]))
    def time_passes(self, seconds: float) -> None:
        self.does(asyncio.sleep(seconds))

    @rule()
    def much_time_passes(self) -> None:
        """Advance the clock while nothing is in flight; stalls are another rule."""
        self.does(asyncio.sleep(15))
        if not any(row.status is S.SENDING for row in self.world.rows()):
            self.world.clock.moment += timedelta(minutes=6)

    @rule(channel=st.sampled_from([SMS, EMAIL]), answer=st.sampled_from(ANSWERS))
    def a_channel_answers(self, channel: ChannelKind, answer: str) -> None:
        self.receiver.answers[channel] = answer

    @rule(which=st.integers(0, 2))
    def kill(self, which: int) -> None:
        if workers := self.alive():
            self._buried(workers[which % len(workers)])

    @rule(which=st.integers(0, 2), steps=st.integers(0, 30))
    def kill_soon(self, which: int, steps: int) -> None:
        if workers := self.alive():
            workers[which % len(workers)].process.steps_left = steps

    @rule()
    def start(self) -> None:
        if len(self.alive()) < 3:
            self.does(self._start())

    @rule(which=st.integers(0, 2), steps=st.integers(0, 12))
    def stall(self, which: int, steps: int) -> None:
        """Stop a worker for longer than a lease, then let it continue unaware."""
        if not (workers := self.alive()):
            return
        stalled = workers[which % len(workers)]
        stalled.process.stalls_in = steps
        self.does(asyncio.sleep(0.5))
        stalled.process.awake.clear()
        stalled.process.stalls_in = None
        self._doubt(stalled)
        self.does(asyncio.sleep(1))
        self._doubt(stalled)
        self.world.clock.moment += LEASE + timedelta(seconds=5)
        for each in self.alive():
            self._doubt(each)
        self.does(asyncio.sleep(15))
        stalled.process.awake.set()
        self.does(asyncio.sleep(0.05))

    @rule(who=st.sampled_from(PEOPLE), choice=st.sampled_from(CHOICES))
    def choose(self, who: str, choice: DeliveryPreferences) -> None:
        self.chose.add(who)
        chosen = OwnPreferences(worker_id=who, chosen_at=NOON, **dict(choice))
        self._put(PREFERENCES.name, who, chosen.to_dict())

    @rule(both=st.booleans())
    def channels_change(self, both: bool) -> None:
        self._profiles(both=both)

    @rule(who=st.sampled_from(PEOPLE))
    def stop(self, who: str) -> None:
        if who not in self.stopped:
            self._put(STOPS.name, who, {"stopped": True})
            self.stopped[who] = self.world.clock.now()
            self.under_way |= {row.id for row in self.world.rows() if row.status is S.SENDING}

    @invariant()
    def nothing_is_seen_twice(self) -> None:
        seen = Counter(row for arrival in self.receiver.seen().values() for row in arrival.rows)
        assert all(count == 1 for count in seen.values())

    @invariant()
    def only_what_nobody_could_know_of_is_sent_again(self) -> None:
        self.alive()
        times = Counter(each.place for each in self.receiver.arrivals)
        doubts = Counter(each.place for each in self.receiver.arrivals if each.ambiguous)
        assert all(count <= 1 + doubts[place] for place, count in times.items())

    @invariant()
    def after_a_stop_there_is_silence(self) -> None:
        for each in self.receiver.arrivals:
            stopped = self.stopped.get(each.place[0])
            if stopped is not None and not self.under_way.issuperset(each.rows):
                assert each.at <= stopped

    @invariant()
    def what_is_urgent_goes_alone(self) -> None:
        for each in self.receiver.arrivals:
            urgent = {row.split(".")[0] for row in each.rows} & self.receiver.urgent
            assert not urgent or len(each.rows) == 1

    def teardown(self) -> None:
        try:
            if self.started:
                self._comes_to_rest()
        finally:
            tasks = asyncio.all_tasks(self.loop)
            for task in tasks:
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(30))
            self.loop.close()

    def _comes_to_rest(self) -> None:
        self.receiver.answers = {SMS: "well", EMAIL: "well"}
        for each in self.alive():
            each.process.steps_left = None
        if not self.workers:
            self.does(self._start())
        for fact in list(self.unacknowledged):
            self.unacknowledged.remove(fact)
            self.does(self._handle(self.workers[0], fact))
        rounds = 0
        while moving := [row for row in self.world.rows() if not row.status.final]:
            assert rounds < ROUNDS, moving
            rounds += 1
            self.does(asyncio.sleep(12))
            next_due = min(row.lease_until or row.due_at for row in moving)
            if not any(row.status is S.SENDING for row in self.world.rows()):
                self.world.clock.moment += max(next_due - self.world.clock.now(), timedelta(0))
            else:
                self.does(asyncio.sleep(60))
        self._nothing_is_lost(self.world.rows())
        self.nothing_is_seen_twice()
        self.only_what_nobody_could_know_of_is_sent_again()
        self.after_a_stop_there_is_silence()

    def _nothing_is_lost(self, rows: list[Delivery]) -> None:
        planned = {row.notification.id for row in rows}
        assert planned == {each.id for each in self.sent}
        seen = {row for arrival in self.receiver.seen().values() for row in arrival.rows}
        there = {row.id for row in rows}
        for row in rows:
            if row.status is S.SENT and row.channel is not INBOX:
                assert row.id in seen, "it counts as sent, and nobody has seen it"
            unchanged = row.notification.recipient.id not in self.chose
            if row.status is S.FAILED and row.channel is SMS and unchanged:
                assert f"{row.notification.id}.email" in there, "there was a further channel"


Notifier.TestCase.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
TestNotifier = Notifier.TestCase
