"""Every topic, declared once: name, key, partitions, retention, event and meaning.

Partitioning is Kafka's own (murmur2 of the key) with one rule of ours: whatever is keyed by a
match id goes where its opening goes. So one queue worker sees the proposals of an opening, its
matches and what is done about them, in order, and nobody else writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel

from roost.events.account import Account, ApiKey
from roost.events.audit import AuditEntry
from roost.events.dead_letter import DeadLetter
from roost.events.import_job import ImportReport
from roost.events.match import Match, MatchAction, Proposals
from roost.events.notice import Notice
from roost.events.notification import Delivery, Notification
from roost.events.opening import Opening
from roost.events.preferences import OwnPreferences, Stop
from roost.events.profile import Profile
from roost.events.receipt import Receipt
from roost.events.request import AnsweredRequests
from roost.events.searchable import Searchable
from roost.events.session import Session
from roost.events.station import Station
from roost.events.webhook import Webhook
from roost.ids import split_match_id

PARTITIONS = 6
MAX_RECORD_BYTES = 1_000_000
"""Largest record, below what every topic is declared to take, so the broker never has to refuse."""
BROKER_TAKES_BYTES = 1_048_588
"""Largest batch that a topic takes, whatever the brokers' own setting says: Kafka's default."""
BATCH_BYTES = 128 * 1024
"""How much a producer puts into one batch; a record larger than this goes alone."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention` None keeps for ever; `compacted` keeps the newest of every key."""

    name: str
    event: type[BaseModel]
    event_type: str
    key: str
    meaning: str
    compacted: bool = False
    retention: timedelta | None = None
    partitions: int = PARTITIONS
    personal: bool = False

    def partition_of(self, key: str) -> int:
        return (murmur2(routing_key(key).encode()) & 0x7FFFFFFF) % self.partitions

    def config(self) -> dict[str, str]:
        """The broker's settings for it."""
        settings = {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "max.message.bytes": str(BROKER_TAKES_BYTES),
        }
        if self.compacted:
            settings |= {
                "max.compaction.lag.ms": _ms(timedelta(days=1)),
                "delete.retention.ms": _ms(timedelta(days=7)),
                "segment.ms": _ms(timedelta(days=1)),
            }
        else:
            settings["retention.ms"] = _ms(self.retention) if self.retention else "-1"
        return settings


def _ms(period: timedelta) -> str:
    return str(int(period.total_seconds() * 1000))


def routing_key(key: str) -> str:
    """What decides the partition: the opening for whatever a match id keys, else the key."""
    return split_match_id(key)[0] if key.startswith("m-") else key


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, seed 0x9747b28c: the hash of Kafka's default partitioner."""
    mask, multiplier = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        value = value * multiplier & mask ^ word
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * multiplier & mask
    value = (value ^ value >> 13) * multiplier & mask
    return value ^ value >> 15


PROFILES = Topic(
    "profiles",
    Profile,
    "roost.profile",
    "worker id",
    "a worker's profile as it is now; a tombstone erases it",
    compacted=True,
    personal=True,
)
OPENINGS = Topic(
    "openings",
    Opening,
    "roost.opening",
    "opening id",
    "an opening as it is now: open, paused, filled, closed",
    compacted=True,
)
STATIONS = Topic(
    "stations",
    Station,
    "roost.station",
    "station id",
    "the registry: association, departments, branch stations and the places they serve",
    compacted=True,
)
SEARCHABLE = Topic(
    "searchable",
    Searchable,
    "roost.searchable",
    "opening or worker id",
    "an opening or a profile can be found by a search and is to be matched (internal)",
    retention=timedelta(days=7),
)
PROPOSALS = Topic(
    "proposals",
    Proposals,
    "roost.proposals",
    "opening id",
    "pairs of an opening that have to be decided (internal)",
    retention=timedelta(days=7),
)
MATCHES = Topic(
    "matches",
    Match,
    "roost.match",
    "match id",
    "a match and its state; a tombstone erases it with its worker",
    compacted=True,
    personal=True,
)
MATCH_ACTIONS = Topic(
    "match-actions",
    MatchAction,
    "roost.match-action",
    "match id",
    "what a clerk, worker or employer did; the queue stage alone decides what it changes",
    retention=timedelta(days=3 * 365),
)
NOTIFICATIONS = Topic(
    "notifications",
    Notification,
    "roost.notification",
    "recipient id",
    "one message to one recipient",
    retention=timedelta(days=365),
)
DELIVERIES = Topic(
    "deliveries",
    Delivery,
    "roost.delivery",
    "notification id",
    "how far each channel is with it, and what it answered",
    retention=timedelta(days=365),
)
RECEIPTS = Topic(
    "receipts",
    Receipt,
    "roost.receipt",
    "notification id",
    "a recipient has read a notification, or answered it",
    retention=timedelta(days=365),
)
PREFERENCES = Topic(
    "preferences",
    OwnPreferences,
    "roost.preferences",
    "worker id",
    "how a worker chose to be told; holds over the profile's",
    compacted=True,
    personal=True,
)
STOPS = Topic(
    "stops",
    Stop,
    "roost.stop",
    "worker id",
    "a worker wants no notification any more",
    compacted=True,
    personal=True,
)
NOTICES = Topic(
    "notices",
    Notice,
    "roost.notice",
    "notice id",
    "what the service itself writes: news of a policy, the answer to a request",
    compacted=True,
    personal=True,
)
WEBHOOKS = Topic(
    "webhooks",
    Webhook,
    "roost.webhook",
    "webhook id",
    "where an employer or a partner is told, and of what",
    compacted=True,
)
REQUESTS = Topic(
    "requests",
    AnsweredRequests,
    "roost.requests",
    "process",
    "writes answered under an Idempotency-Key, hashed: what the same key is answered again",
    retention=timedelta(hours=26),
    partitions=1,
)
ACCOUNTS = Topic(
    "accounts",
    Account,
    "roost.account",
    "account id",
    "a person who signs in: login, hash of the password, role; a tombstone erases it",
    compacted=True,
    partitions=1,
    personal=True,
)
API_KEYS = Topic(
    "api-keys",
    ApiKey,
    "roost.api-key",
    "key id",
    "a machine's key: hash of its secret, role, scopes, expiry; a tombstone revokes it",
    compacted=True,
    partitions=1,
)
SESSIONS = Topic(
    "sessions",
    Session,
    "roost.session",
    "session id",
    "a signed-in browser: hash of its token, when it was last used",
    compacted=True,
    partitions=1,
    personal=True,
)
IMPORTS = Topic(
    "imports",
    ImportReport,
    "roost.import-report",
    "import id",
    "how far a bulk import has come, and which rows it refused",
    retention=timedelta(days=7),
    partitions=1,
)
AUDIT = Topic(
    "audit",
    AuditEntry,
    "roost.audit",
    "entry id",
    "who saw whose data, and who changed what; ids only",
    retention=timedelta(days=6 * 365),
)
IDENTITY = (ACCOUNTS, API_KEYS, SESSIONS)
"""Small, and read whole by every process of the API; one partition each, so that all agree on the
order of changes. They have no view."""
DEAD_LETTERS = Topic(
    "dead-letters",
    DeadLetter,
    "roost.dead-letter",
    "origin",
    "what could not be processed, and why",
    retention=timedelta(days=3 * 365),
)

TOPICS = (
    PROFILES,
    OPENINGS,
    STATIONS,
    SEARCHABLE,
    PROPOSALS,
    MATCHES,
    MATCH_ACTIONS,
    NOTIFICATIONS,
    DELIVERIES,
    RECEIPTS,
    PREFERENCES,
    STOPS,
    NOTICES,
    WEBHOOKS,
    REQUESTS,
    IMPORTS,
    *IDENTITY,
    AUDIT,
    DEAD_LETTERS,
)
_BY_EVENT = {topic.event: topic for topic in TOPICS}
_BY_NAME = {topic.name: topic for topic in TOPICS}


def topic_of(event: type[BaseModel]) -> Topic:
    return _BY_EVENT[event]


def topic_named(name: str) -> Topic:
    """Raises KeyError when no topic has that name."""
    return _BY_NAME[name]
