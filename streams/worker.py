"""The composition root of a stage's process: a Faust app with one agent around one stage.

What Faust loses or stalls on is met here and in `guard`: raw values are decoded inside the
guard; events are taken unacknowledged and acknowledged only after their effects; concurrency is 1
(scale by partitions); an error that escapes ends the process, so that what was not acknowledged is
delivered again; topics are declared before; no web server, no tables, no leader topic.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import faust
import faust.types.auth
import structlog
from faust.types import TP

from matcher import models
from matcher.assignment import Capacity
from matcher.learned import load_weights
from matcher.similarity import SimilarityModel
from roost.events.station import Station
from roost.kafka.reader import incoming_of
from roost.kafka.sender import Sender
from roost.metrics import give_metrics
from roost.places.gazetteer import gazetteer
from roost.security.county_key import county_key
from roost.servers.connections import Brokers, brokers_of, node_of
from roost.servers.heap import keep_loaded
from roost.settings import Settings
from roost.time.clock import Clock, SystemClock
from roost.time.urgency import Targets
from roost.topics import (
    AUDIT,
    DELIVERIES,
    MATCH_ACTIONS,
    MATCHES,
    NOTICES,
    NOTIFICATIONS,
    OPENINGS,
    PREFERENCES,
    PROFILES,
    PROPOSALS,
    RECEIPTS,
    SEARCHABLE,
    STATIONS,
    STOPS,
    WEBHOOKS,
    Topic,
    topic_named,
)
from roost.views.elastic import Elastic
from streams.deliver.channels import sinks
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.lane import Rules as DeliveryRules
from streams.deliver.ledger import Ledger
from streams.deliver.message_texts import Words
from streams.deliver.timing import county_of
from streams.deliver.webhooks import Found, WebhookSink
from streams.index.index_stage import IndexStage
from streams.kernel.guard import Guard, KeepsHouse, RunsBeside, Stage
from streams.kernel.watchdog import Partition, Progress, Watched, watching
from streams.match.match_stage import Limits, MatchStage
from streams.notify.notify_stage import NotifyStage
from streams.queue.batch import Rules
from streams.queue.queue_stage import QueueStage
from streams.queue.recovery import MatchRecovery
from streams.views.editions import Projections
from streams.views.registry import Registry

_log = structlog.get_logger(__name__)

READS: dict[str, tuple[Topic, ...]] = {
    "index": (PROFILES, OPENINGS, STATIONS, PREFERENCES, STOPS, NOTICES, WEBHOOKS, AUDIT),
    "match": (SEARCHABLE,),
    "queue": (PROPOSALS, MATCH_ACTIONS),
    "notify": (MATCHES, NOTICES),
    "deliver": (NOTIFICATIONS, RECEIPTS),
}
"""What each stage reads, in the order of the flow."""
WRITES: dict[str, tuple[Topic, ...]] = {
    "index": (SEARCHABLE,),
    "match": (PROPOSALS,),
    "queue": (MATCHES, SEARCHABLE),
    "notify": (NOTIFICATIONS,),
    "deliver": (DELIVERIES,),
}
HEAVY = {"match": 32, "queue": 32}
"""Batches of stages where one event stands for a search or for twenty matches: small enough that
the stages after them do not wait for the last of many."""
CRASHED = 70


def group_of(stage: str) -> str:
    """The consumer group of a stage."""
    return f"roost-{stage}"


def model_folder(settings: Settings) -> Path:
    """Where the similarity models are, by version."""
    return settings.data / "model"


def model_path(settings: Settings) -> Path:
    """The model that comes with Roost."""
    return settings.model_path or model_folder(settings) / models.SHIPPED


def installed_model(settings: Settings) -> SimilarityModel:
    """The model that new views are made with. Raises Transient when it is not there."""
    return models.installed(model_folder(settings), model_path(settings))


def installed_version(settings: Settings) -> str:
    """Its version, without the seconds and the memory that loading takes; empty without one."""
    return models.installed_version(model_folder(settings), model_path(settings))


def model_named(settings: Settings, version: str) -> SimilarityModel:
    """The model that a view names. Raises Transient when it is not there."""
    return models.of_version(model_folder(settings), version)


def weights_path(settings: Settings) -> Path:
    """Where learned weights stand, beside the similarity model (`matcher.learned`)."""
    return model_path(settings).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Edges:
    """What connects a stage to the world."""

    elastic: Elastic
    sender: Sender
    clock: Clock
    recovery: MatchRecovery


@asynccontextmanager
async def edges(settings: Settings) -> AsyncIterator[Edges]:
    elastic = Elastic(node_of(settings))
    recovery = MatchRecovery(elastic, brokers_of(settings))
    try:
        async with Sender(brokers_of(settings)) as sender:
            yield Edges(elastic, sender, SystemClock(), recovery)
    finally:
        await elastic.close()


def index_stage(settings: Settings, at: Edges) -> Stage:
    load = functools.partial(model_named, settings)
    projections = Projections(installed_model(settings), load, gazetteer())
    return IndexStage(at.elastic, at.sender, at.clock, projections, outbox_of(settings))


def outbox_of(settings: Settings) -> Path:
    return settings.data / "outbox" / "messages.jsonl"


def capacity(settings: Settings) -> Capacity:
    """The same for both stages: what one assigns the other takes."""
    return Capacity(
        per_place=settings.candidates_per_place,
        most=settings.matches_per_opening,
        worker_day=settings.matches_per_worker_day,
    )


def match_stage(settings: Settings, at: Edges) -> Stage:
    limits = Limits(settings.least_score, settings.zone, capacity(settings))
    weights = load_weights(weights_path(settings))
    return MatchStage(at.elastic, at.sender, at.clock, limits, weights)


def queue_stage(settings: Settings, at: Edges) -> Stage:
    rules = rules_of(settings)
    zone, registry = settings.zone, Registry(at.elastic, Station)
    return QueueStage(at.elastic, at.sender, at.clock, rules, zone, registry, at.recovery)


def rules_of(settings: Settings) -> Rules:
    """By what the queue stage judges. Raises Invalid when the learned weights cannot be used."""
    weights = load_weights(weights_path(settings))
    return Rules(settings.least_score, capacity(settings), weights, targets(settings))


def targets(settings: Settings) -> Targets:
    """Until when people are to act on a match."""
    return Targets(
        timedelta(minutes=settings.first_contact_target_minutes),
        timedelta(minutes=settings.follow_up_minutes),
        settings.zone,
    )


def notify_stage(settings: Settings, at: Edges) -> Stage:
    zone, waiting = settings.zone, timedelta(minutes=settings.waiting_alert_minutes)
    return NotifyStage(at.elastic, at.sender, at.clock, gazetteer(), zone, waiting)


def deliver_stage(settings: Settings, at: Edges) -> Stage:
    urls = {kind: url.get_secret_value() for kind, url in settings.channel_urls.items()}
    key = county_key(settings)
    rules = DeliveryRules(
        county_of(settings),
        settings.delivery_attempts,
        timedelta(minutes=settings.unread_after_minutes),
        frozenset(settings.park_ambiguous),
    )
    return DeliverStage(
        at.elastic,
        Ledger(at.elastic, at.sender, at.clock, brokers_of(settings)),
        at.clock,
        sinks(urls, outbox_of(settings)),
        WebhookSink(Found(at.elastic), key, may_be_private=settings.webhooks_may_be_private),
        Words(settings.public_url, key, settings.templates),
        rules,
        settings.channel_rate_per_minute,
    )


STAGES: dict[str, Callable[[Settings, Edges], Stage]] = {
    "index": index_stage,
    "match": match_stage,
    "queue": queue_stage,
    "notify": notify_stage,
    "deliver": deliver_stage,
}


def credentials(brokers: Brokers) -> faust.types.auth.CredentialsT | None:
    """What Faust shows the brokers; None for those without security."""
    context = brokers.tls()
    if not brokers.signs_in:
        return faust.SSLCredentials(context) if context is not None else None
    return faust.SASLCredentials(
        username=brokers.username,
        password=brokers.password.get_secret_value(),
        ssl_context=context,
        mechanism=brokers.mechanism.value,
    )


def build_app(name: str, settings: Settings) -> faust.App:
    """The Faust app of a stage. Nothing connects before it is started."""
    servers = brokers_of(settings)
    app = faust.App(
        group_of(name),
        broker=f"kafka://{settings.bootstrap_servers}",
        broker_credentials=credentials(servers),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        processing_guarantee="at_least_once",
        value_serializer="raw",
        key_serializer="raw",
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=5_000,
        broker_session_timeout=8.0,
        broker_heartbeat_interval=2.0,
        broker_commit_interval=1.0,
        broker_max_poll_records=settings.stage_batch,
        stream_buffer_maxsize=settings.stage_batch * 2,
        stream_wait_empty=False,
        datadir=str(settings.data / "faust" / name),
    )
    at_most = min(settings.stage_batch, HEAVY.get(name, settings.stage_batch))
    names = [topic.name for topic in READS[name]]
    source = app.topic(*names, value_serializer="raw", key_serializer="raw")

    @app.agent(source, name=name, concurrency=1)
    async def run(stream: Any) -> None:
        try:
            async with edges(settings) as at:
                progress = Progress()
                app.on_partitions_revoked.connect(_forgetter(at.recovery, progress), weak=False)
                stage = STAGES[name](settings, at)
                guard = Guard(stage, at.sender, at.clock)
                keep_loaded()
                _log.info("stage_started", stage=name)
                if settings.started_mark:
                    settings.started_mark.touch()
                watched = _watched(app, name, progress)
                async with _beside(stage), watching(servers, watched, settings.standstill_s):
                    async for events in _batches(stream, at_most):
                        progress.busy = True
                        await guard.process([_incoming(event) for event in events])
                        for event in events:
                            await stream.ack(event)
                            progress.acknowledged(event.message.tp, event.message.offset)
                        progress.busy = False
        except Exception:  # noqa: BLE001  Faust would acknowledge and go on: end instead
            traceback.print_exc(limit=-5, file=sys.stderr)
            sys.stderr.flush()
            os._exit(CRASHED)

    return app


@asynccontextmanager
async def _beside(stage: Stage) -> AsyncIterator[None]:
    """What a stage has to do beside its stream: all the time, or from time to time."""
    if isinstance(stage, RunsBeside):
        async with stage.running():
            yield
        return
    if not isinstance(stage, KeepsHouse):
        yield
        return

    async def again_and_again() -> None:
        while True:
            await stage.housekeeping()
            await asyncio.sleep(stage.housekeeping_s)

    async with asyncio.TaskGroup() as tasks:
        beside = tasks.create_task(again_and_again(), name="housekeeping")
        yield
        beside.cancel()


async def _batches(stream: Any, at_most: int) -> AsyncIterator[list[Any]]:
    """What has arrived so far, unacknowledged: at once when little has, more while we are busy.

    Faust's own `noack_take` waits for a fuller batch and wakes up all the time to look.
    """
    batch: list[Any] = []
    async for event in stream.noack().events():
        batch.append(event)
        if len(batch) == at_most or stream.channel.queue.empty():
            yield batch
            batch = []


def _incoming(event: Any) -> Any:
    return incoming_of(topic_named(event.message.topic), event.message)


def _watched(app: faust.App, name: str, progress: Progress) -> Watched:
    """Faust's consumer as the watchdog asks it."""

    def assigned() -> set[Partition]:
        if app.rebalancing:
            return set()
        return {(each.topic, each.partition) for each in app.consumer.assignment()}

    async def position(of: Partition) -> int | None:
        return await app.consumer.position(TP(*of))

    return Watched(group_of(name), progress, assigned, position)


def _forgetter(recovery: MatchRecovery, progress: Progress) -> Callable[..., Any]:
    async def forget(app: Any, revoked: Any, **_: Any) -> None:
        progress.forget((each.topic, each.partition) for each in revoked)
        recovery.forget(each.partition for each in revoked if each.topic in _QUEUE_TOPICS)

    return forget


_QUEUE_TOPICS = {topic.name for topic in READS["queue"]}


def run_worker(name: str, settings: Settings) -> None:
    """Runs a stage until SIGTERM or Ctrl-C; ends the process. Raises RoostError when its metrics
    cannot be given where the settings say.
    """
    if settings.metrics_port:
        give_metrics(settings.api_host, settings.metrics_port)
    app = build_app(name, settings)
    Path(app.conf.datadir).mkdir(parents=True, exist_ok=True)
    worker = faust.Worker(
        app,
        loglevel="WARN",
        redirect_stdouts=False,
        quiet=True,
    )
    # Its handler would have all libraries write records of every detail, which nobody reads.
    worker.spinner = None
    worker.execute_from_commandline()
