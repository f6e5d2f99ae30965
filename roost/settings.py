"""Settings: environment variables that begin with `ROOST_`, each declared once with its meaning.

Only composition roots (the commands) read them; everything else is handed values.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from roost.events.preferences import ChannelKind, TimeZone


class KafkaProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


class StageRunner(StrEnum):
    """The engines that can consume a stage's topics."""

    FAUST = "faust"
    AIOKAFKA = "aiokafka"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ROOST_", extra="ignore")

    bootstrap_servers: str = Field("127.0.0.1:9092", description="Kafka's address")
    elasticsearch_url: str = Field("http://127.0.0.1:9200", description="Elasticsearch's address")
    kafka_security_protocol: KafkaProtocol = Field(
        KafkaProtocol.PLAINTEXT,
        description="SSL for TLS; SASL_SSL for TLS and a sign-in by name and password",
    )
    kafka_ca: Path | None = Field(
        None, description="certificate (PEM) that signs the brokers'; else the system's are trusted"
    )
    kafka_certificate: Path | None = Field(None, description="our own certificate (PEM), if any")
    kafka_certificate_key: Path | None = Field(
        None, description="its key, when that stands in a file of its own"
    )
    kafka_sasl_mechanism: SaslMechanism = Field(
        SaslMechanism.SCRAM_SHA_512, description="how the name and the password are shown"
    )
    kafka_sasl_username: str = Field("", description="the name that Kafka knows Roost by")
    kafka_sasl_password: SecretStr | None = Field(None, description="its password")
    elasticsearch_ca: Path | None = Field(
        None, description="certificate (PEM) that signs Elasticsearch's; else the system's"
    )
    elasticsearch_username: str = Field("", description="the name Elasticsearch knows Roost by")
    elasticsearch_password: SecretStr | None = Field(None, description="its password")
    elasticsearch_api_key: SecretStr | None = Field(
        None, description="an API key (as `encoded`), instead of a name and a password"
    )
    api_host: str = Field(
        "127.0.0.1", description="address that the API and the stages' metrics bind to"
    )
    api_port: int = Field(8000, description="port the API binds to")
    metrics_port: int = Field(
        0,
        ge=0,
        le=65_530,
        description="port of a stage's own metrics; `roost up` counts on from it; 0 for none",
    )
    data: Path = Field(Path("."), description="folder for logs, the outbox and the model")
    model_path: Path | None = Field(None, description="the similarity model; built when absent")
    time_zone: TimeZone = Field("Asia/Shanghai", description="where days begin and end")
    matches_per_opening: int = Field(
        20, ge=1, le=500, description="most workers an opening is offered to at a time"
    )
    candidates_per_place: int = Field(
        3, ge=1, le=100, description="workers to whom each place of an opening is offered at a time"
    )
    matches_per_worker_day: int = Field(
        5, ge=1, le=500, description="new matches a worker is sent a day, in the time zone"
    )
    least_score: float = Field(35.0, ge=0, le=100, description="a match below it is not proposed")
    stage_batch: int = Field(200, ge=1, le=5_000, description="events a stage takes at once")
    stage_runner: StageRunner = Field(
        StageRunner.FAUST, description="engine that runs the stages: faust or aiokafka"
    )
    standstill_s: float = Field(
        60.0, ge=10, description="a stage that reads or commits nothing for so long is started anew"
    )
    request_timeout_s: float = Field(
        60.0, gt=0, description="longest that a request may take, its body and answer; SSE excepted"
    )
    rate_per_principal_per_minute: int = Field(
        6_000, ge=0, description="requests of one account or key a minute; 0 for no limit"
    )
    rate_per_address_per_minute: int = Field(
        12_000, ge=0, description="requests from one address a minute; 0 for no limit"
    )
    rate_open_per_minute: int = Field(
        600,
        ge=0,
        description="the same to sign-in and public pages; 0 for no limit",
    )
    body_limit: int = Field(1_000_000, description="largest request body in bytes")
    channel_urls: dict[str, SecretStr] = Field(
        default_factory=dict,
        description=(
            "Apprise URL per kind of channel, with {address} where the recipient's goes, or where "
            "it stands: env:NAME or file:/path, "
            'e.g. {"email": "mailtos://user:pass@mail.example.cn/?to={address}"}; '
            "a kind without one is written to the outbox file"
        ),
    )
    templates: Path | None = Field(
        None, description="a folder with the county's own templates of notifications"
    )
    quiet_hours: str = Field(
        "22:00-07:00",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description="workers' quiet hours unless they choose others; empty for none",
    )
    message_gap_minutes: float = Field(
        10.0,
        ge=0,
        le=10_080,
        description="least time between two messages to a worker on a channel; those between merge",
    )
    unread_after_minutes: float = Field(
        1_440.0, ge=1, description="a message that stays unread so long goes to the next channel"
    )
    channel_rate_per_minute: dict[str, float] = Field(
        default_factory=dict, description='most messages a minute per kind, e.g. {"sms": 600}'
    )
    delivery_attempts: int = Field(
        8, ge=1, le=30, description="tries on a channel, with back-off; then a dead letter"
    )
    park_ambiguous: list[ChannelKind] = Field(
        default_factory=list,
        description="channels that know no ids: a send cut off by a kill is parked, not repeated",
    )
    waiting_alert_minutes: float = Field(
        240.0, ge=1, description="a station is alerted of a match that waits longer unclaimed"
    )
    first_contact_target_minutes: float = Field(
        240.0, ge=1, description="a new match is to be called within it; the overview measures it"
    )
    follow_up_minutes: float = Field(
        1_440.0, ge=1, description="the next step about a match in hand is due after it"
    )
    webhook_key: SecretStr | None = Field(
        None,
        description=(
            "key that webhooks' secrets and stop links are derived from (32 bytes or more); "
            "without one it is made once in the data folder"
        ),
    )
    webhooks_may_be_private: bool = Field(
        False, description="lets webhooks reach private and loopback addresses: for tests only"
    )
    started_mark: Path | None = Field(
        None, description="a file that a stage makes once it runs; the supervisor waits for it"
    )
    idempotency_keys: int = Field(
        200_000,
        ge=1,
        description="answers kept in memory for a day under their Idempotency-Keys; the oldest go",
    )
    import_bytes: int = Field(
        50_000_000, ge=1_000, description="largest file that is taken by POST /v1/imports"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="how people reach the API; with https its cookies are sent by https only",
    )
    session_hours: float = Field(
        12.0, gt=0, le=720, description="a person signs in again after so long"
    )
    session_idle_minutes: float = Field(
        60.0, gt=0, description="a session ends when it is not used for so long"
    )
    docs_are_open: bool = Field(
        False, description="lets anybody read /docs and /openapi.json, not just who signs in"
    )
    oidc_issuer: str | None = Field(
        None, description="OpenID Connect provider that people may sign in with, by its issuer URL"
    )
    oidc_client_id: str = Field("roost", description="what the provider knows Roost as")
    oidc_client_secret: SecretStr | None = Field(
        None, description="the secret agreed with the provider"
    )

    @property
    def zone(self) -> ZoneInfo:
        """Where the county is."""
        return ZoneInfo(self.time_zone)
