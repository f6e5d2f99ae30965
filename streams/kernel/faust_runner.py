"""The runner on faust-streaming: the default engine, and the only module that imports Faust.

Faust's hazards are met here. Values stay raw, so that nothing is decoded outside the guard. Events
are taken unacknowledged, and acknowledged after their effects. Concurrency is 1, since Faust
commits past an event in flight otherwise. Topics are declared before, and there is no web server,
no table and no leader topic. A stop waits for the batch in hand, which Faust would cancel.

Two hazards have no setting, so its consumer is subclassed: Faust reads uncommitted records unless
it runs transactions itself, and its commit stalls at a gap after offset 0.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import Any, TypeAlias

import faust
import faust.types.auth
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition
from roost.kafka.reader import ClientError, incoming_of
from roost.security.private_folders import private_folder
from roost.servers.connections import Brokers
from streams.kernel import crash
from streams.kernel.batch_source import (
    HEARTBEAT_S,
    METADATA_MAX_AGE_S,
    SESSION_TIMEOUT_S,
    Member,
    Subscription,
)
from streams.kernel.direct_delivery import DirectDelivery

Finisher: TypeAlias = Callable[[], Awaitable[None]]

BATCH_WAIT_S = 10.0
"""Time for the batch in hand after SIGTERM; `roost up` kills a stage after 25 s in all."""
ALONGSIDE_WAIT_S = 13.0
"""Time for the work alongside, such as messages in flight, to end by itself."""
CANCEL_WAIT_S = 1.0


def run_on_faust(*members: Member) -> None:
    """Run each member as the agent of a separate Faust app; end the process."""
    apps, finishers = [], []
    for member in members:
        app = _build_app(member.subscription)
        finishers.append(_add_agent(app, member))
        data = member.subscription.data
        private_folder(data, within=data.parent)
        apps.append(app)
    worker = _Worker(
        *apps,
        loglevel="WARN",
        redirect_stdouts=False,
        quiet=True,
    )
    worker.finishers = finishers
    # The spinner's log handler makes every library produce debug records, which nobody reads.
    worker.spinner = None
    worker.execute_from_commandline()


def _build_app(subscription: Subscription) -> faust.App:
    """Return the Faust app of a group; nothing connects before the app is started."""
    app = faust.App(
        subscription.group,
        broker=f"kafka://{subscription.brokers.address}",
        broker_credentials=_credentials(subscription.brokers),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        processing_guarantee="at_least_once",
        value_serializer="raw",
        key_serializer="raw",
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=int(METADATA_MAX_AGE_S * 1000),
        broker_session_timeout=SESSION_TIMEOUT_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=1.0,
        broker_max_poll_records=subscription.fetch_size,
        stream_buffer_maxsize=subscription.fetch_size * 2,
        stream_wait_empty=False,
        datadir=str(subscription.data),
    )
    app.transport = _Transport(app.conf.broker_consumer, app)
    return app


def _add_agent(app: faust.App, member: Member) -> Finisher:
    """Add the agent that runs a member; return the function that finishes its batch in hand."""
    subscription, sources = member.subscription, list[FaustSource]()
    names = [topic.name for topic in subscription.topics]
    topics = app.topic(*names, value_serializer="raw", key_serializer="raw")

    @app.agent(topics, name=subscription.group, concurrency=1)
    async def run(stream: Any) -> None:
        source = FaustSource(app, stream, subscription)
        sources.append(source)

        async def consume_or_crash() -> None:
            try:
                await member.consume(source)
            except Exception as error:  # noqa: BLE001  Faust would acknowledge the event and go on
                crash.end_process(error)

        consuming = asyncio.create_task(consume_or_crash(), name="consume")
        try:
            await asyncio.shield(consuming)
        except asyncio.CancelledError:
            if await source.stop():
                # Faust ends the stream: the work alongside, such as messages in flight, ends too.
                await asyncio.wait({consuming}, timeout=ALONGSIDE_WAIT_S)
            consuming.cancel()
            await asyncio.wait({consuming}, timeout=CANCEL_WAIT_S)
            raise

    async def finish() -> None:
        await asyncio.gather(*(each.stop() for each in sources))

    return finish


def _credentials(brokers: Brokers) -> faust.types.auth.CredentialsT | None:
    """Return the credentials in Faust's form; None for brokers without security."""
    context = brokers.tls()
    if not brokers.signs_in:
        return faust.SSLCredentials(context) if context is not None else None
    return faust.SASLCredentials(
        username=brokers.username,
        password=brokers.password.get_secret_value(),
        ssl_context=context,
        mechanism=brokers.mechanism.value,
    )


class FaustSource:
    """The batches of a Faust stream, taken unacknowledged."""

    def __init__(self, app: faust.App, stream: Any, subscription: Subscription) -> None:
        self._app = app
        self._stream = stream
        self._batch_size = subscription.batch_size
        self._topics = subscription.topics_by_name()
        self._events: list[Any] = []
        """The events of the batch in hand."""
        self._stopping = False
        self._acknowledged = asyncio.Event()
        self._acknowledged.set()

    async def batches(self) -> AsyncIterator[list[Incoming]]:
        """Yield the records that have arrived until the process stops."""
        async for events in _event_batches(self._stream, self._batch_size):
            if self._stopping:
                return
            self._events = events
            self._acknowledged.clear()
            yield [self._incoming(event) for event in events]

    async def commit(self, batch: Sequence[Incoming]) -> None:
        """Acknowledge the events of a batch; Faust commits their offsets within a second."""
        for event in self._events:
            await self._stream.ack(event)
        self._events = []
        self._acknowledged.set()

    async def stop(self) -> bool:
        """Yield no other batch; return whether the one in hand was acknowledged in time."""
        self._stopping = True
        try:
            async with asyncio.timeout(BATCH_WAIT_S):
                await self._acknowledged.wait()
        except TimeoutError:
            return False
        return True

    def on_revoked(self, listener: Callable[[Collection[Partition]], None]) -> None:
        """Call the listener with partitions that another worker may own from now on."""

        async def handle(app: Any, revoked: Any, **_: Any) -> None:
            listener([Partition(each.topic, each.partition) for each in revoked])

        handler: Callable[..., Any] = handle
        self._app.on_partitions_revoked.connect(handler, weak=False)

    def assigned(self) -> set[Partition]:
        """Return the partitions that are assigned now; none during a rebalance."""
        if self._app.rebalancing:
            return set()
        return {Partition(each.topic, each.partition) for each in self._app.consumer.assignment()}

    async def position(self, partition: Partition) -> int | None:
        """Return the offset that Faust's consumer thread reads next.

        Return None if the partition is no longer assigned.
        """
        try:
            position: int | None = await self._app.consumer.position(TP(*partition))
        except ClientError:
            return None
        return position

    def _incoming(self, event: Any) -> Incoming:
        return incoming_of(self._topics[event.message.topic], event.message)


async def _event_batches(stream: Any, batch_size: int) -> AsyncIterator[list[Any]]:
    """Yield unacknowledged events: at once when few are pending, in larger batches under load.

    Faust's own `noack_take` waits for a fuller batch, and wakes up all the time to look.
    """
    batch: list[Any] = []
    async for event in stream.noack().events():
        batch.append(event)
        if len(batch) == batch_size or stream.channel.queue.empty():
            yield batch
            batch = []


class _Worker(faust.Worker):
    """Faust's worker; on a signal the batches in hand of all apps are finished at once.

    Faust stops its apps one after the other, and each could wait for its batch as long as the
    process may take in all.
    """

    finishers: Sequence[Finisher] = ()

    async def _stop_on_signal(self, number: signal.Signals) -> None:
        await asyncio.gather(*(finish() for finish in self.finishers))
        await super()._stop_on_signal(number)


class _ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, reading committed records only."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has no setting for it; aiokafka reads the attribute when the consumer starts.
        consumer._isolation_level = "read_committed"
        return consumer


class _Consumer(DirectDelivery, driver.Consumer):
    """Faust's consumer: reads committed records, makes no task per record, commits past any gap."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def verify_all_partitions_active(self) -> None:
        """Check nothing: the watchdog does. Faust's check goes through all partitions in turn."""

    def _new_offset(self, tp: TP) -> int | None:
        """Return the offset after the last acknowledged record, or None without one.

        Events are acknowledged in order, so a gap is what compaction or a transaction's marker
        left. Faust's own search for gaps overlooks one after offset 0, and commits no more.
        """
        acknowledged: list[int] = self._acked[tp]
        if not acknowledged:
            return None
        offset = max(acknowledged) + 1
        self._acked_index[tp].difference_update(acknowledged)
        acknowledged.clear()
        self._gap[tp].clear()
        return offset


class _Transport(driver.Transport):
    """Faust's transport with the consumer above."""

    Consumer = _Consumer
