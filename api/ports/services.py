"""Ports that endpoints, pages and services receive, and the container that carries them.

The composition root (`api.app`) fills the container. Nothing here connects to a server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol

from fastapi import Depends, Request

from api.ports.daily_budgets import DailyBudgets
from api.ports.identity_tables import Identities
from api.ports.latest_writes import LatestWrites
from api.ports.live_messages import FeedChange, LiveChange
from api.ports.recent_creations import RecentCreations
from api.ports.sign_in_provider import ProviderDocuments
from api.ports.stopped_stages import no_stops
from api.ports.topic_table import MemoryTable
from matcher.weights import STATED, Weights
from roost.events.account import AccountRole
from roost.events.audit import AuditEntry, SecurityEventKind, Touched
from roost.events.employer_name import EmployerName
from roost.events.import_job import ImportJob, RowError
from roost.events.import_mapping import ImportKind, SavedMapping
from roost.events.request import Answered
from roost.events.saved_reply import SavedReply
from roost.events.source import Source, SourceState
from roost.events.stage_stop import StageStop
from roost.kafka.ports import Partition, Producer
from roost.settings import Settings
from roost.time.clock import Clock, day_of
from roost.views.elastic import Elastic
from roost.webhooks.posting import WebhookPoster


class LiveHub(Protocol):
    """Live changes of stations' queues and recipients' inboxes, by channel."""

    async def position(self, ago_s: float = 0.0) -> str:
        """Return the stream position now, or `ago_s` seconds ago."""
        ...

    async def resumed(self, last_id: str | None) -> str:
        """Return a position that this service has issued; for any other text the current one."""
        ...

    def watch(
        self, channels: Collection[str], since: str, still: Callable[[], bool] = ...
    ) -> AsyncIterator[LiveChange]:
        """Yield the changes of some channels after a position, until `still` returns False."""
        ...

    async def missed(self, channels: Collection[str], since: str) -> tuple[list[LiveChange], str]:
        """Return the changes after a position and the position to continue from."""
        ...


class StreamCount(Protocol):
    """Number of open live streams, limited for each caller and for this process."""

    def one(self, owner: str) -> AbstractContextManager[None]:
        """Hold one stream open. Raises TooManyStreams."""
        ...


class AuditTrail(Protocol):
    """Log of who read and changed what."""

    async def note(self, entry: AuditEntry) -> None:
        """Record a read. Raises Transient if the log is full: then nothing may be shown."""
        ...

    async def keep(self, entry: AuditEntry) -> None:
        """Record a change; return once Kafka has acknowledged it. Raises Transient."""
        ...

    def note_failed(self, entry: AuditEntry) -> None:
        """Record a failed request without waiting."""
        ...


class AuditedItem(NamedTuple):
    """Item of a batch for the audit trail: its entity, the worker concerned, and its status."""

    entity: Touched
    worker_id: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """An event of authentication; equal events within a window are summed up in one entry."""

    kind: SecurityEventKind
    cause: str
    network: str
    login: str | None = None
    """Login as typed; only its keyed hash is stored."""
    who: str | None = None
    """Id of the account or key that the caller has proved to be, or of the key that is refused."""
    role: AccountRole | None = None
    method: str = "POST"
    path: str = "/v1/sign-in"
    status: int = 401
    objects: tuple[Touched, ...] = ()


class SecurityLog(Protocol):
    """Log of the events of authentication, in the audit trail."""

    def note(self, event: SecurityEvent) -> None:
        """Record an event. Never waits and never fails, so that no flood blocks a sign-in."""
        ...

    def login_hash(self, login: str) -> str:
        """Return the keyed hash of a login."""
        ...


class SignInAttempt(Protocol):
    """One attempt to sign in, counted against its login and its address."""

    async def verified(self, hash: str | None, password: str) -> bool:
        """Return whether the password matches the hash."""
        ...

    def failed(self) -> None:
        """Count a failure."""
        ...

    def check_factor(self) -> None:
        """Raise TooManyTries after too many wrong second factors."""
        ...

    def factor_failed(self) -> None:
        """Count a wrong second factor."""
        ...

    def succeeded(self) -> None:
        """Reset the failures of this login from this origin."""
        ...


class PasswordChecks(Protocol):
    """Password hashing with bounded concurrency and throttled failures."""

    async def hashed(self, password: str) -> str:
        """Return the hash to store."""
        ...

    async def verified(self, hash: str | None, password: str) -> bool:
        """Return whether the password matches the hash."""
        ...

    def attempt(
        self, login: str, host: str, known: str | None = None
    ) -> AbstractAsyncContextManager[SignInAttempt]:
        """Begin an attempt to sign in, from a known browser or not. Raises TooManyTries."""
        ...


class AnswerBook(Protocol):
    """Answers of the last day by idempotency key."""

    def get(self, key: str, asked: str, now: datetime) -> Answered | None:
        """Return the kept answer. Raises KeyReused if the key was used for another request."""
        ...

    def put(self, answered: Answered, now: datetime) -> None:
        """Keep an answer; the first one under a key wins."""
        ...

    def working_on(self, key: str) -> AbstractContextManager[None]:
        """Hold the key while its request runs. Raises RequestInFlight if it is held already."""
        ...


class KeptRequests(Protocol):
    """Answers to writes that carried an Idempotency-Key, shared by all API processes."""

    @property
    def secret(self) -> bytes:
        """Key for hashing requests."""
        ...

    @property
    def answers(self) -> AnswerBook:
        """Answers known to this process."""
        ...

    async def caught_up(self) -> None:
        """Return once the answers of the last day are loaded. Raises Transient."""
        ...

    async def keep(self, answered: Answered) -> None:
        """Keep an answer for every process."""
        ...


class ImportJobs(Protocol):
    """Import jobs of the last days, as this process knows them."""

    def get(self, id: str, now: datetime) -> ImportJob | None:
        """Return a job, or None if it is unknown."""
        ...

    def newest(self, now: datetime) -> list[ImportJob]:
        """Return the jobs, newest first."""
        ...

    def errors(self, id: str, after: int, most: int) -> Sequence[RowError]:
        """Return at most `most` rejected rows from number `after`."""
        ...

    def kept_errors(self, id: str) -> int:
        """Return the number of rejected rows that are kept of a job."""
        ...


class PendingPlaces(Protocol):
    """Places in the queue of imports."""

    def reserve(self, owner: str) -> None:
        """Reserve a place. Raises TooManyImports."""
        ...

    def reserved(self, owner: str) -> AbstractContextManager[None]:
        """Reserve a place, and release it if the block fails. Raises TooManyImports."""
        ...

    def release(self, owner: str) -> None:
        """Release a place."""
        ...


class DraftSampling(Protocol):
    """Samples of files that wait for the choice of their columns."""

    async def sample(self, draft_id: str, path: Path, kind: ImportKind) -> Any:
        """Return the sample of a file's columns and the suggestions for them. Raises Invalid."""
        ...

    def __len__(self) -> int: ...

    def drop_removed(self) -> None:
        """Drop the samples of files that no longer exist."""
        ...


class ImportQueue(Protocol):
    """Bulk imports: queued, run one at a time."""

    @property
    def folder(self) -> Path:
        """Folder for uploads in progress."""
        ...

    @property
    def jobs(self) -> ImportJobs:
        """Known jobs."""
        ...

    @property
    def pending(self) -> PendingPlaces:
        """Places of uploads and imports that have not ended."""
        ...

    @property
    def samples(self) -> DraftSampling:
        """Samples of the drafts' files."""
        ...

    @property
    def workbooks(self) -> AbstractAsyncContextManager[Any]:
        """Turn to make a workbook of rejected rows."""
        ...

    async def caught_up(self) -> None:
        """Return once earlier jobs are loaded. Raises Transient."""
        ...

    async def begin(self, work: Any) -> ImportJob:
        """Queue an import whose place is reserved. Raises Transient."""
        ...


class ChangeFeed(Protocol):
    """Changes of all entities in order, resumable from a position."""

    async def now(self) -> dict[Partition, int]:
        """Return the current position. Raises Transient while starting."""
        ...

    async def page(
        self, positions: Mapping[Partition, int], places: Collection[Partition], most: int = 500
    ) -> tuple[list[FeedChange], dict[Partition, int]]:
        """Return at most `most` changes after a position, and the position after them."""
        ...

    async def come(self, within_s: float) -> bool:
        """Return whether a change arrives within `within_s` seconds."""
        ...


class Health(Protocol):
    """State of the servers, and metrics, computed once for all callers at a time."""

    async def servers(self) -> Mapping[str, bool]:
        """Return whether each server answers."""
        ...

    async def metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format. Raises Transient."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a request needs from outside, filled by the composition root."""

    settings: Settings
    publisher: Producer
    elastic: Elastic
    live: LiveHub
    """Changes of queues and inboxes, by channel."""
    streams: StreamCount
    clock: Clock
    key: bytes
    """County key; link signatures and request hashes are derived from it."""
    identities: Identities
    trail: AuditTrail
    security: SecurityLog
    passwords: PasswordChecks
    requests: KeptRequests
    imports: ImportQueue
    feed: ChangeFeed
    health: Health
    latest: LatestWrites = field(default_factory=LatestWrites)
    """Facts published by this process that the views may not show yet."""
    creations: RecentCreations = field(default_factory=RecentCreations)
    """Entities that this process created lately, for quotas."""
    provider: ProviderDocuments | None = None
    """Documents of the OpenID Connect provider, if one is set."""
    webhook_poster: WebhookPoster | None = None
    """Sender of test calls to webhooks."""
    webhook_calls: DailyBudgets = field(default_factory=DailyBudgets)
    """Test calls to webhooks, and messages sent to them again, of today."""
    reach_previews: DailyBudgets = field(default_factory=DailyBudgets)
    """Previews of the reach of openings that were counted today."""
    sources: MemoryTable[Source] = field(default_factory=lambda: MemoryTable(Source))
    """Sources of openings."""
    source_states: MemoryTable[SourceState] = field(
        default_factory=lambda: MemoryTable(SourceState)
    )
    """States of the sources after their last runs."""
    import_mappings: MemoryTable[SavedMapping] = field(
        default_factory=lambda: MemoryTable(SavedMapping)
    )
    """Mappings of columns that people have saved."""
    saved_replies: MemoryTable[SavedReply] = field(default_factory=lambda: MemoryTable(SavedReply))
    """Texts that clerks send again and again."""
    employer_names: MemoryTable[EmployerName] = field(
        default_factory=lambda: MemoryTable(EmployerName)
    )
    """Decisions on employers' names in files."""
    stage_stops: MemoryTable[StageStop] = field(default_factory=no_stops)
    """Stages that have stopped at too many dead letters."""
    weights: Weights = STATED
    """Weights of the score, the same as in the stages once they were started after a training."""

    @property
    def today(self) -> date:
        """Date in the county's time zone."""
        return day_of(self.clock.now(), self.settings.zone)


async def services_of(request: Request) -> Services:
    """Return the services of the running application."""
    found: Services = request.app.state.services
    return found


Given = Annotated[Services, Depends(services_of)]
