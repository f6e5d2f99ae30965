"""Topics, each declared once: name, key, partitions, retention, event and meaning.

Partitioning is Kafka's own (murmur2 of the key) with one additional rule: a record keyed by the id
of a match or an interview slot goes to the partition of its opening. So one queue worker processes
the proposals of an opening, its slots, its matches and the actions on them, in order, and is the
only writer of the matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel

from roost.events.account import Account, ApiKey
from roost.events.audit import AuditEntry
from roost.events.candidate_request import CandidateRequest
from roost.events.conversation import ConversationMessage
from roost.events.county import KeyClaim
from roost.events.dead_letter import DeadLetter
from roost.events.employer import Employer
from roost.events.employer_name import EmployerName
from roost.events.import_job import ImportReport
from roost.events.import_mapping import SavedMapping
from roost.events.interview_slot import InterviewSlot
from roost.events.match import Match, MatchAction, Proposals
from roost.events.note import Note
from roost.events.notice import Notice
from roost.events.notification import Delivery, Notification
from roost.events.opening import Opening
from roost.events.preferences import OwnPreferences, Stop
from roost.events.profile import Profile
from roost.events.receipt import Receipt
from roost.events.request import AnsweredRequests
from roost.events.saved_reply import SavedReply
from roost.events.saved_search import SavedSearch
from roost.events.searchable import Searchable
from roost.events.session import Session
from roost.events.source import Source, SourceEntry, SourceState
from roost.events.stage_stop import StageStop
from roost.events.station import Station
from roost.events.suppression import Suppression
from roost.events.webhook import Outage, Webhook
from roost.ids import opening_of_slot, split_match_id

PARTITIONS = 6
MAX_RECORD_BYTES = 1_000_000
"""Maximum size of a record, below the limit of every topic, so the broker never refuses one."""
BROKER_TAKES_BYTES = 1_048_588
"""Maximum size of a batch in every topic, regardless of the broker's setting: Kafka's default."""
BATCH_BYTES = 128 * 1024
"""Size of a producer's batches; a larger record is sent alone."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Declaration of a topic; without `retention` it is kept for ever, `compacted` by key."""

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
        """Return the partition of a key."""
        return (murmur2(routing_key(key).encode()) & 0x7FFFFFFF) % self.partitions

    def config(self) -> dict[str, str]:
        """Return the broker's settings for the topic."""
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
    """Return the text that decides the partition: the opening of a match or slot, else the key."""
    if key.startswith("v-"):
        return opening_of_slot(key)
    return split_match_id(key)[0] if key.startswith("m-") else key


def murmur2(data: bytes) -> int:
    """Return the MurmurHash2 (32 bits, seed 0x9747b28c) that Kafka's default partitioner uses."""
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
    "current profile of a worker; a tombstone erases it",
    compacted=True,
    personal=True,
)
OPENINGS = Topic(
    "openings",
    Opening,
    "roost.opening",
    "opening id",
    "current state of an opening: open, paused, filled, closed",
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
    "an opening or a profile is searchable and to be matched (internal)",
    retention=timedelta(days=7),
)
PROPOSALS = Topic(
    "proposals",
    Proposals,
    "roost.proposals",
    "opening id",
    "pairs of an opening for the queue stage to decide (internal)",
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
    "action of a clerk, worker or employer; the queue stage decides its effect",
    retention=timedelta(days=3 * 365),
)
SLOTS = Topic(
    "slots",
    InterviewSlot,
    "roost.interview-slot",
    "slot id",
    "time that is offered for interviews of an opening; a tombstone cancels it and erases its text",
    compacted=True,
    personal=True,
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
    "state of a notification on each channel, and the channel's answer",
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
    "preferences that a worker has set; they override the profile's",
    compacted=True,
    personal=True,
)
STOPS = Topic(
    "stops",
    Stop,
    "roost.stop",
    "recipient id",
    "a worker or an employer has stopped all messages, or resumed them",
    compacted=True,
    personal=True,
)
EMPLOYERS = Topic(
    "employers",
    Employer,
    "roost.employer",
    "derived id of the employer",
    "contact channels of an employer and the settings of its messages; a tombstone erases them",
    compacted=True,
    personal=True,
)
SUPPRESSIONS = Topic(
    "suppressions",
    Suppression,
    "roost.suppression",
    "worker id",
    "an erased worker must not return, or may again with new consent; ids only",
    compacted=True,
)
NOTICES = Topic(
    "notices",
    Notice,
    "roost.notice",
    "notice id",
    "text by the service itself: policy news, the answer to a request",
    compacted=True,
    personal=True,
)
CONVERSATIONS = Topic(
    "conversations",
    ConversationMessage,
    "roost.conversation-message",
    "message id",
    "message between a worker and the station; a tombstone erases it with its worker",
    compacted=True,
    personal=True,
)
NOTES = Topic(
    "notes",
    Note,
    "roost.note",
    "note id",
    "note, reason or interview details; a tombstone erases it with its worker",
    compacted=True,
    personal=True,
)
SAVED_REPLIES = Topic(
    "saved-replies",
    SavedReply,
    "roost.saved-reply",
    "saved reply id",
    "text that a station's clerks send again and again",
    compacted=True,
    partitions=1,
)
CANDIDATE_REQUESTS = Topic(
    "candidate-requests",
    CandidateRequest,
    "roost.candidate-request",
    "id derived from the opening",
    "newest request of an employer for candidates for an opening, and the station's answer",
    compacted=True,
    personal=True,
)
SAVED_SEARCHES = Topic(
    "saved-searches",
    SavedSearch,
    "roost.saved-search",
    "search id",
    "conditions under which a worker is notified of new openings; a tombstone erases it",
    compacted=True,
    personal=True,
)
WEBHOOKS = Topic(
    "webhooks",
    Webhook,
    "roost.webhook",
    "webhook id",
    "endpoint that an employer or a partner is notified at",
    compacted=True,
)
OUTAGES = Topic(
    "outages",
    Outage,
    "roost.outage",
    "webhook id",
    "a webhook was disabled: it failed for days, or asked for no more messages",
    compacted=True,
)
REQUESTS = Topic(
    "requests",
    AnsweredRequests,
    "roost.requests",
    "process",
    "answers to writes by hashed Idempotency-Key, for repeated requests",
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
    "a signed-in browser: hash of its token, time of last use",
    compacted=True,
    partitions=1,
    personal=True,
)
IMPORTS = Topic(
    "imports",
    ImportReport,
    "roost.import-report",
    "import id",
    "progress of a bulk import, and its refused rows",
    retention=timedelta(days=7),
    partitions=1,
)
SOURCES = Topic(
    "sources",
    Source,
    "roost.source",
    "source id",
    "a source of advertisements: URL or folder, schedule, mapping; a tombstone removes it",
    compacted=True,
    partitions=1,
)
SOURCE_RUNS = Topic(
    "source-runs",
    SourceState,
    "roost.source-state",
    "source id",
    "state of a source after its last run: validators, cursor, counts, next run",
    compacted=True,
    partitions=1,
)
SOURCE_ENTRIES = Topic(
    "source-entries",
    SourceEntry,
    "roost.source-entry",
    "source id and opening id",
    "an opening that a source lists, or has withdrawn",
    compacted=True,
    partitions=1,
)
IMPORT_MAPPINGS = Topic(
    "import-mappings",
    SavedMapping,
    "roost.import-mapping",
    "mapping id",
    "columns of a file and the fields they are read into, saved by those who import",
    compacted=True,
    partitions=1,
)
EMPLOYER_NAMES = Topic(
    "employer-names",
    EmployerName,
    "roost.employer-name",
    "derived id of owner and name",
    "decision whose employer a name in files is; a tombstone takes it back",
    compacted=True,
    partitions=1,
)
AUDIT = Topic(
    "audit",
    AuditEntry,
    "roost.audit",
    "entry id",
    "reads and changes of data, by actor; ids only",
    retention=timedelta(days=6 * 365),
)
IDENTITY = (ACCOUNTS, API_KEYS, SESSIONS)
"""Small topics that every process of the API reads completely. Each has one partition, so that all
processes agree on the order of changes. They have no view."""
COUNTY = Topic(
    "county",
    KeyClaim,
    "roost.key-claim",
    "key's fingerprint",
    "the county whose key the ids of this record are derived from; no key",
    compacted=True,
    partitions=1,
)
DEAD_LETTERS = Topic(
    "dead-letters",
    DeadLetter,
    "roost.dead-letter",
    "origin",
    "records that a stage could not process, with the reason",
    retention=timedelta(days=3 * 365),
)
STAGE_STOPS = Topic(
    "stage-stops",
    StageStop,
    "roost.stage-stop",
    "stage",
    "a stage has stopped at too many dead letters; a tombstone ends the stop",
    compacted=True,
    partitions=1,
)

TOPICS = (
    PROFILES,
    OPENINGS,
    STATIONS,
    SEARCHABLE,
    PROPOSALS,
    MATCHES,
    MATCH_ACTIONS,
    SLOTS,
    NOTIFICATIONS,
    DELIVERIES,
    RECEIPTS,
    PREFERENCES,
    STOPS,
    EMPLOYERS,
    SUPPRESSIONS,
    NOTICES,
    CONVERSATIONS,
    NOTES,
    SAVED_REPLIES,
    CANDIDATE_REQUESTS,
    SAVED_SEARCHES,
    WEBHOOKS,
    OUTAGES,
    REQUESTS,
    IMPORTS,
    SOURCES,
    SOURCE_RUNS,
    SOURCE_ENTRIES,
    IMPORT_MAPPINGS,
    EMPLOYER_NAMES,
    *IDENTITY,
    AUDIT,
    COUNTY,
    DEAD_LETTERS,
    STAGE_STOPS,
)
_BY_EVENT = {topic.event: topic for topic in TOPICS}
_BY_NAME = {topic.name: topic for topic in TOPICS}


def topic_of(event: type[BaseModel]) -> Topic:
    """Return the topic of an event's class. Raises KeyError if it has none."""
    return _BY_EVENT[event]


def topic_named(name: str) -> Topic:
    """Return the topic of that name. Raises KeyError if there is none."""
    return _BY_NAME[name]
