"""Settings of the connections to Kafka and Elasticsearch: addresses, encryption, sign-in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaProtocol(StrEnum):
    """Security protocol of the connection to Kafka."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """SASL mechanism of the sign-in to Kafka."""

    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


class ServerSettings(BaseSettings):
    """Settings that every process needs to reach the servers."""

    model_config = SettingsConfigDict(env_prefix="ROOST_", extra="ignore")

    bootstrap_servers: str = Field(
        "127.0.0.1:9092", description="Kafka's addresses, separated by commas"
    )
    elasticsearch_url: str = Field("http://127.0.0.1:9200", description="Elasticsearch's address")
    kafka_security_protocol: KafkaProtocol = Field(
        KafkaProtocol.PLAINTEXT,
        description="SSL for TLS; SASL_SSL for TLS and a sign-in by name and password",
    )
    kafka_ca: Path | None = Field(
        None,
        description="certificate (PEM) of the brokers' authority; else the system's are used",
    )
    kafka_certificate: Path | None = Field(
        None, description="client certificate (PEM), if the brokers require one"
    )
    kafka_certificate_key: Path | None = Field(
        None, description="key of the client certificate, if it is in a separate file"
    )
    kafka_sasl_mechanism: SaslMechanism = Field(
        SaslMechanism.SCRAM_SHA_512, description="SASL mechanism of the sign-in to Kafka"
    )
    kafka_sasl_username: str = Field("", description="Roost's user name in Kafka")
    kafka_sasl_password: SecretStr | None = Field(None, description="password of that user")
    elasticsearch_ca: Path | None = Field(
        None,
        description="certificate (PEM) of Elasticsearch's authority; else the system's are used",
    )
    elasticsearch_username: str = Field("", description="Roost's user name in Elasticsearch")
    elasticsearch_password: SecretStr | None = Field(None, description="password of that user")
    elasticsearch_api_key: SecretStr | None = Field(
        None, description="API key (as `encoded`); used instead of a user name and password"
    )
