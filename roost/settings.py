"""Settings: environment variables that begin with `ROOST_`, each declared once with its meaning.

Only composition roots (the commands) read them; everything else is handed values.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ROOST_", extra="ignore")

    bootstrap_servers: str = Field("127.0.0.1:9092", description="Kafka's address")
    elasticsearch_url: str = Field("http://127.0.0.1:9200", description="Elasticsearch's address")
    api_host: str = Field("127.0.0.1", description="address the API binds to; loopback only")
    api_port: int = Field(8000, description="port the API binds to")
    data: Path = Field(Path("."), description="folder for logs, the outbox and the model")
    model_path: Path | None = Field(None, description="the similarity model; built when absent")
    time_zone: str = Field("Asia/Shanghai", description="where `today` is counted")
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
    body_limit: int = Field(1_000_000, description="largest request body in bytes")
    channel_urls: dict[str, SecretStr] = Field(
        default_factory=dict,
        description=(
            "Apprise URL per kind of channel, with {address} where the recipient's goes, "
            'e.g. {"email": "mailtos://user:pass@mail.example.cn/?to={address}"}; '
            "a kind without one is written to the outbox file"
        ),
    )
    started_mark: Path | None = Field(
        None, description="a file that a stage makes once it runs; the supervisor waits for it"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="how people reach the API")
