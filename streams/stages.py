"""The list of stages: the topics that each one reads and writes, and its construction."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from roost.events.station import Station
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.places.gazetteer import gazetteer
from roost.security.county_key import county_key
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings
from roost.time.clock import Clock, SystemClock
from roost.time.urgency import Targets
from roost.topics import (
    CONVERSATIONS,
    DELIVERIES,
    MATCH_ACTIONS,
    MATCHES,
    NOTES,
    NOTIFICATIONS,
    OUTAGES,
    PROPOSALS,
    SAVED_SEARCHES,
    SEARCHABLE,
    SLOTS,
    Topic,
)
from roost.views.elastic import Elastic
from streams.alert.alert_stage import AlertStage
from streams.alert.decided_matches import DecidedMatches
from streams.deliver.configured_sinks import build_sinks
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.ledger import Ledger
from streams.deliver.message_costs import cost_rules
from streams.deliver.message_texts import MessageWriter
from streams.deliver.outages import Outages
from streams.deliver.outbox import Outbox
from streams.deliver.timing import county_defaults
from streams.deliver.webhooks import WebhookLookup, WebhookSink
from streams.index.entity_projection import EntityProjectionCache
from streams.index.index_stage import IndexStage
from streams.kernel.stage_protocols import Stage
from streams.match.match_stage import MatchLimits, MatchStage
from streams.notify import notify_stage
from streams.notify.notify_stage import NotifyStage
from streams.queue import batch
from streams.queue.batch_evidence import QueueRules
from streams.queue.match_projection import project_matches
from streams.queue.queue_stage import QueueStage
from streams.views.foreign_records import ForeignRecords
from streams.views.model_files import installed_model, installed_weights, load_model
from streams.views.notification_projection import project_notifications
from streams.views.registry import Registry
from streams.views.remembered_entities import EntityMemory
from streams.views.tail_replay import TailReplay

READS: dict[str, tuple[Topic, ...]] = {
    "index": IndexStage.topics,
    "match": (SEARCHABLE,),
    "queue": (PROPOSALS, MATCH_ACTIONS, SLOTS),
    "alert": AlertStage.topics,
    "notify": NotifyStage.topics,
    "deliver": DeliverStage.topics,
}
"""The topics that each stage reads; stages in the order of the flow."""
WRITES: dict[str, tuple[Topic, ...]] = {
    "index": (SEARCHABLE, CONVERSATIONS, NOTES, SAVED_SEARCHES),
    "match": (PROPOSALS,),
    "queue": (MATCHES, SEARCHABLE),
    "alert": (NOTIFICATIONS,),
    "notify": (NOTIFICATIONS,),
    "deliver": (DELIVERIES, OUTAGES),
}
"""The topics that each stage writes, apart from `dead-letters` and `stage-stops`."""
BATCH_LIMITS = {"match": 32, "queue": 32, "alert": 32}
"""Largest batches of the stages where one event costs a search or twenty matches. With larger ones
the stages downstream would wait for the last event of many."""


@dataclass(frozen=True, slots=True)
class Connections:
    """The open clients that stages are built with."""

    elastic: Elastic
    sender: Sender
    clock: Clock
    memory: EntityMemory = field(default_factory=EntityMemory)
    """The features that the stages of this process have read."""


@asynccontextmanager
async def open_connections(
    settings: Settings, memory: EntityMemory | None = None
) -> AsyncIterator[Connections]:
    """Open the clients of a stage, and close them at the end."""
    elastic = Elastic(node_of(settings))
    try:
        async with Sender(brokers_of(settings)) as sender:
            yield Connections(elastic, sender, SystemClock(), memory or EntityMemory())
    finally:
        await elastic.close()


def group_of(stage: str) -> str:
    """Return the consumer group of a stage."""
    return f"roost-{stage}"


def batch_size(stage: str, settings: Settings) -> int:
    """Return the most events that a stage takes at once."""
    return min(settings.stage_batch, BATCH_LIMITS.get(stage, settings.stage_batch))


def outbox_path(settings: Settings) -> Path:
    """Return the file that messages of unconfigured channels are written to."""
    return settings.data / "outbox" / "messages.jsonl"


def action_targets(settings: Settings) -> Targets:
    """Return the times within which staff are to act on a match."""
    return Targets(
        timedelta(minutes=settings.first_contact_target_minutes),
        timedelta(minutes=settings.follow_up_minutes),
    )


def queue_rules(settings: Settings) -> QueueRules:
    """Return the rules of the queue stage.

    Raises Invalid when the learned weights or precedents are unusable, and CalendarError.
    """
    return QueueRules(
        settings.least_score,
        settings.capacity,
        installed_weights(settings),
        action_targets(settings),
        settings.read_county_hours(),
        settings.reserve_opens,
    )


def _build_index(settings: Settings, at: Connections) -> Stage:
    load = functools.partial(load_model, settings)
    projections = EntityProjectionCache(installed_model(settings), load, gazetteer())
    return IndexStage(at.elastic, at.sender, at.clock, projections)


def _build_match(settings: Settings, at: Connections) -> Stage:
    limits = MatchLimits(
        settings.least_score, settings.zone, settings.capacity, settings.reserve_opens
    )
    weights = installed_weights(settings)
    return MatchStage(at.elastic, at.sender, at.clock, limits, weights, memory=at.memory)


def _build_queue(settings: Settings, at: Connections) -> Stage:
    return QueueStage(
        at.elastic,
        at.sender,
        at.clock,
        queue_rules(settings),
        settings.zone,
        Registry(at.elastic, Station),
        TailReplay(at.elastic, brokers_of(settings), MATCHES, project_matches, last=20_000),
        at.memory,
    )


def _build_alert(settings: Settings, at: Connections) -> Stage:
    reader = KafkaReader(brokers_of(settings))
    return AlertStage(
        at.elastic,
        at.sender,
        at.clock,
        settings.zone,
        TailReplay(
            at.elastic, brokers_of(settings), NOTIFICATIONS, project_notifications, last=2_000
        ),
        DecidedMatches(reader, group_of("match"), group_of("queue")),
    )


def _build_notify(settings: Settings, at: Connections) -> Stage:
    return NotifyStage(
        at.elastic,
        at.sender,
        at.clock,
        gazetteer(),
        settings.read_county_hours(),
        timedelta(minutes=settings.waiting_alert_minutes),
        Registry(at.elastic, Station),
        TailReplay(
            at.elastic, brokers_of(settings), NOTIFICATIONS, project_notifications, last=2_000
        ),
        ForeignRecords(at.elastic, MATCHES, batch.SOURCE, project_matches),
    )


def _build_deliver(settings: Settings, at: Connections) -> Stage:
    urls = {kind: url.get_secret_value() for kind, url in settings.channel_urls.items()}
    key, outbox = county_key(settings), Outbox(outbox_path(settings))
    rules = DeliveryRules(
        county_defaults(settings),
        settings.delivery_attempts,
        timedelta(minutes=settings.unread_after_minutes),
        frozenset(settings.park_ambiguous),
        cost_rules(settings, settings.zone),
    )
    return DeliverStage(
        at.elastic,
        Ledger(at.elastic, at.sender, at.clock, brokers_of(settings)),
        at.clock,
        build_sinks(urls, outbox, at.clock),
        WebhookSink(
            WebhookLookup(at.elastic), key, may_be_private=settings.webhooks_may_be_private
        ),
        MessageWriter(settings.public_url, key, settings.templates, settings.zone),
        rules,
        settings.channel_rate_per_minute,
        outbox,
        ForeignRecords(at.elastic, NOTIFICATIONS, notify_stage.SOURCE, project_notifications),
        Outages(at.elastic, at.sender, at.clock),
    )


STAGES: dict[str, Callable[[Settings, Connections], Stage]] = {
    "index": _build_index,
    "match": _build_match,
    "queue": _build_queue,
    "alert": _build_alert,
    "notify": _build_notify,
    "deliver": _build_deliver,
}
"""The construction of each stage."""
