"""Settings: environment variables with the prefix `ROOST_`, each declared once with its meaning.

Only composition roots (the commands) read them; all other code is given values. A setting that
is a duration carries its unit in its name. `docs/operations.md` lists all of them.
"""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr

from roost.events.account import AccountRole
from roost.events.opening_hours import HoursText
from roost.events.preferences import ChannelKind, TimeZone
from roost.message_cost_settings import MessageCostSettings
from roost.rules.capacity import Capacity
from roost.time.public_holidays import CalendarName
from roost.time.station_hours import MOST_TARGET, CountyHours, county_hours

MOST_TARGET_MINUTES = MOST_TARGET.total_seconds() / 60


class StageRunner(StrEnum):
    """The engines that can consume a stage's topics."""

    FAUST = "faust"
    AIOKAFKA = "aiokafka"


class StageProcesses(StrEnum):
    """Spread of the stages over processes by `roost up` and `roost demo`."""

    AUTO = "auto"
    ONE = "one"
    EACH = "each"


class ServerCompiler(StrEnum):
    """Just-in-time compilation in the servers that `roost up` and `roost demo` start."""

    AUTO = "auto"
    QUICK = "quick"
    FULL = "full"


class Settings(MessageCostSettings):
    """Settings of every Roost process, read from the environment."""

    api_host: str = Field("127.0.0.1", description="address that the API binds to")
    api_port: int = Field(8000, description="port that the API binds to")
    metrics_host: str = Field(
        "127.0.0.1",
        description="address that the stages' metrics bind to; they ask for no key, so outside "
        "this machine only a private network should reach it",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65_530,
        description="port of a stage's metrics; `roost up` counts on from it; 0 turns them off",
    )
    data: Path = Field(Path("."), description="folder for logs, the outbox and the model")
    model_path: Path | None = Field(
        None, description="folder of the similarity model; built if absent"
    )
    time_zone: TimeZone = Field(
        "Asia/Shanghai", description="the county's time zone; days begin and end in it"
    )
    calendar: CalendarName = Field(
        "CN",
        description="country, or country/part such as US/NY, whose public holidays and make-up "
        "working days apply; none for no holidays",
    )
    calendar_file: Path | None = Field(
        None,
        description="CSV of the county's own holidays and make-up days; by default `calendar.csv` "
        "in the data folder, if it exists",
    )
    station_hours: HoursText = Field(
        "Mo-Fr 08:30-12:00,14:30-18:00",
        description="opening hours of stations that state none; deadlines and reminders run in "
        "them",
    )
    matches_per_opening: int = Field(
        20, ge=1, le=500, description="maximum number of workers an opening is offered to at a time"
    )
    candidates_per_place: int = Field(
        3, ge=1, le=100, description="workers offered each place of an opening at a time"
    )
    matches_per_worker_day: int = Field(
        5, ge=1, le=500, description="maximum number of new matches sent to a worker a day"
    )
    matches_per_worker_employer_day: int = Field(
        2,
        ge=1,
        le=500,
        description="maximum number of new matches with one employer sent to a worker a day",
    )
    matches_reserved_per_worker_day: int = Field(
        1,
        ge=0,
        le=500,
        description="of a worker's new matches a day, those kept for near-home work, and for any "
        "work from ROOST_MATCHES_RESERVED_UNTIL on",
    )
    matches_reserved_until: str = Field(
        "14:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="time of day from which the reserve is open to any work",
    )
    matches_per_employer_day: int = Field(
        200,
        ge=1,
        description="maximum number of new matches a day that an employer's openings share; "
        "openings of one content under further employers share it too, beyond 20 each",
    )
    least_score: float = Field(
        35.0, ge=0, le=100, description="matches with a lower score are not proposed"
    )
    stage_batch: int = Field(
        200, ge=1, le=5_000, description="maximum number of events in a batch of a stage"
    )
    stage_runner: StageRunner = Field(
        StageRunner.FAUST, description="engine that runs the stages: faust or aiokafka"
    )
    stage_processes: StageProcesses = Field(
        StageProcesses.AUTO,
        description="processes of the stages of `roost up`: one for all, one for each, or auto: "
        "one for all on up to four processors",
    )
    server_compiler: ServerCompiler = Field(
        ServerCompiler.AUTO,
        description="compilation in the servers of `roost up` and `roost demo`: quick, full, or "
        "auto: quick in the demo on up to four processors",
    )
    dead_letter_percent: int = Field(
        20,
        ge=1,
        le=100,
        description="a stage stops when a larger share of its newest events cannot be processed; "
        "100 for no limit",
    )
    dead_letter_window: int = Field(
        1_000,
        ge=10,
        le=1_000_000,
        description="number of newest events that this share is taken of",
    )
    dead_letters_in_a_row: int = Field(
        50, ge=1, description="a stage stops after more than this many bad events in a row"
    )
    standstill_s: float = Field(
        60.0,
        ge=10,
        description="a stage that has work but reads or commits nothing for this long is restarted",
    )
    request_timeout_s: float = Field(
        60.0,
        gt=0,
        description="maximum duration of a request with its body and answer; SSE excepted",
    )
    rate_per_principal_per_minute: int = Field(
        6_000,
        ge=0,
        description="maximum rate of requests of one account, or of all keys of one employer, "
        "station or worker; 0 for no limit",
    )
    rate_per_address_per_minute: int = Field(
        12_000, ge=0, description="maximum rate of requests from one address; 0 for no limit"
    )
    rate_open_per_minute: int = Field(
        600,
        ge=0,
        description="the same for public pages and links in messages; 0 for no limit",
    )
    rate_sign_in_per_minute: int = Field(
        600, ge=0, description="the same for sign-in; 0 for no limit"
    )
    rate_provider_sign_in_per_minute: int = Field(
        240,
        ge=0,
        description="the same for sign-in through the OpenID Connect provider, two requests each; "
        "0 for no limit",
    )
    rate_health_per_minute: int = Field(
        600, ge=0, description="the same for /health/live and /health/ready; 0 for no limit"
    )
    openings_per_employer: int = Field(
        500, ge=1, le=5_000, description="maximum number of an employer's open and paused openings"
    )
    openings_awaiting_approval: int = Field(
        5, ge=1, le=500, description="the same for a new employer, until an opening is approved"
    )
    webhooks_per_employer: int = Field(
        10, ge=1, le=100, description="maximum number of webhooks of one employer"
    )
    reach_previews_per_opening_day: int = Field(
        40, ge=0, description="maximum number of different previews of one opening's reach a day"
    )
    reach_previews_per_employer_day: int = Field(
        200, ge=0, description="the same for all openings of one employer, or of one account"
    )
    live_streams_per_principal: int = Field(
        20,
        ge=1,
        description="maximum number of open live streams of one account, or of all keys of one "
        "employer, station or worker",
    )
    live_streams: int = Field(
        2_000, ge=1, description="maximum number of open live streams of one API process"
    )
    body_limit: int = Field(
        1_000_000,
        description="maximum size of the body of any request, of any method; the file of an "
        "import has its own limit",
    )
    channel_urls: dict[str, SecretStr] = Field(
        default_factory=dict,
        description=(
            "Apprise URL for each kind of channel, as JSON, where {address} is replaced by the "
            "recipient's, or a provider's URL. env:NAME or file:/path reads the URL from there, "
            'e.g. {"email": "mailtos://user:pass@mail.example.cn/?to={address}"}; '
            "a kind without a URL is written to the outbox file"
        ),
    )
    templates: Path | None = Field(
        None, description="folder with the county's own notification templates"
    )
    quiet_hours: str = Field(
        "22:00-07:00",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description="quiet hours of workers who have set none; empty for none",
    )
    message_gap_minutes: float = Field(
        10.0,
        ge=0,
        le=10_080,
        description="minimum time between two messages to a worker on a channel; messages that "
        "fall due within it are merged",
    )
    unread_after_minutes: float = Field(
        1_440.0,
        ge=1,
        description="a message that stays unread for this long goes to the next channel",
    )
    channel_rate_per_minute: dict[str, float] = Field(
        default_factory=dict,
        description='maximum rate of messages by kind of channel, as JSON, e.g. {"sms": 600}',
    )
    delivery_attempts: int = Field(
        10,
        ge=1,
        le=30,
        description="maximum number of attempts on a channel; its schedule may end earlier",
    )
    park_ambiguous: list[ChannelKind] = Field(
        default_factory=list,
        description="channels, as JSON, that do not drop repeated ids: a send interrupted by a "
        "kill is parked, not repeated",
    )
    waiting_alert_minutes: float = Field(
        240.0,
        ge=1,
        le=MOST_TARGET_MINUTES,
        description="a station is alerted if a match stays unclaimed for more of its opening hours",
    )
    first_contact_target_minutes: float = Field(
        240.0,
        ge=1,
        le=MOST_TARGET_MINUTES,
        description="deadline for the first call about a new match, in opening hours; the overview "
        "measures it",
    )
    follow_up_minutes: float = Field(
        420.0,
        ge=1,
        le=MOST_TARGET_MINUTES,
        description="deadline for the next step about a claimed match, in opening hours",
    )
    sharing_answer_days: float = Field(
        3.0,
        ge=0.05,
        le=14,
        description="time for a worker's answer whether name and contact details may be shared",
    )
    webhook_key: SecretStr | None = Field(
        None,
        description=(
            "county key (32 bytes or more) from which ids, webhook secrets and stop links are "
            "derived; without it, one is created in the data folder; it never changes"
        ),
    )
    webhooks_may_be_private: bool = Field(
        False, description="lets webhooks reach private and loopback addresses; for tests only"
    )
    started_mark: Path | None = Field(
        None, description="file that a stage creates once it runs; the supervisor waits for it"
    )
    prepared_mark: Path | None = Field(
        None,
        description="file that the supervisor creates once the views are prepared; a stage waits "
        "for it before its first event",
    )
    idempotency_keys: int = Field(
        200_000,
        ge=1,
        description="maximum number of answers kept in memory, for a day, by Idempotency-Key; the "
        "oldest are evicted",
    )
    import_bytes: int = Field(
        50_000_000, ge=1_000, description="maximum size of a file sent to `POST /v1/imports`"
    )
    imports_per_owner: int = Field(
        3,
        ge=1,
        le=100,
        description="maximum number of pending imports of one account, or of all keys of one "
        "employer or station",
    )
    imports_pending: int = Field(
        30, ge=1, le=1_000, description="maximum number of pending imports of all callers"
    )
    sources_folder: Path | None = Field(
        None,
        description="folder that holds the folders of sources; by default `sources` in the data "
        "folder",
    )
    source_bytes: int = Field(
        50_000_000, ge=1_000, description="maximum size of a page or file of a source, unpacked"
    )
    source_timeout_s: float = Field(
        120.0, gt=0, le=3_600, description="maximum duration of the download of a source's page"
    )
    rejects_days: float = Field(
        30.0,
        gt=0,
        le=365,
        description="the rejected rows of an import, in `<data>/rejects`, are removed after this "
        "many days",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="URL at which people reach the API; with https, cookies are sent by https only",
    )
    session_hours: float = Field(
        12.0, gt=0, le=720, description="maximum duration of a session; then sign in again"
    )
    session_idle_minutes: float = Field(
        60.0, gt=0, description="a session that is not used for this long ends"
    )
    docs_are_open: bool = Field(
        False, description="shows /docs and /openapi.json without a sign-in"
    )
    second_factor_roles: list[AccountRole] = Field(
        [AccountRole.ADMIN, AccountRole.AUDITOR, AccountRole.ASSOCIATION],
        description="roles, as JSON, whose accounts must have a second factor; without one, they "
        "can only enrol it after a sign-in with a password; [] for none",
    )
    oidc_issuer: str | None = Field(
        None, description="issuer URL of the OpenID Connect provider for sign-in; none without it"
    )
    oidc_client_id: str = Field("roost", description="Roost's client id at that provider")
    oidc_client_secret: SecretStr | None = Field(
        None, description="client secret agreed with that provider"
    )

    @property
    def rejects_folder(self) -> Path:
        """Folder of the rejected rows of imports."""
        return self.data / "rejects"

    @property
    def folder_of_sources(self) -> Path:
        """Folder that holds the folders of sources."""
        return self.sources_folder or self.data / "sources"

    @property
    def folder_of_weights(self) -> Path:
        """Folder of the learned weights and precedents: that of the similarity model."""
        return self.model_path.parent if self.model_path else self.data / "model"

    @property
    def capacity(self) -> Capacity:
        """Limits on matches, the same for the match stage, the queue stage and the API."""
        return Capacity(
            per_place=self.candidates_per_place,
            most=self.matches_per_opening,
            worker_day=self.matches_per_worker_day,
            reserved=self.matches_reserved_per_worker_day,
            per_employer=self.matches_per_worker_employer_day,
            employer_day=self.matches_per_employer_day,
        )

    @property
    def reserve_opens(self) -> time:
        """Time of day from which the reserve of a worker's day is open to any work."""
        return time.fromisoformat(self.matches_reserved_until)

    @property
    def county_calendar(self) -> Path | None:
        """File of the county's own holidays and make-up days, if there is one."""
        usual = self.data / "calendar.csv"
        return self.calendar_file or (usual if usual.exists() else None)

    def read_county_hours(self) -> CountyHours:
        """Return the county's calendar and opening hours. Raises CalendarError."""
        return county_hours(self.calendar, self.county_calendar, self.station_hours, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        """The county's time zone."""
        return ZoneInfo(self.time_zone)
