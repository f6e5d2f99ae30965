"""Addresses and credentials of Kafka and Elasticsearch, as plain values.

The one place where settings become arguments of a client library.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from roost.errors import RoostError
from roost.server_settings import KafkaProtocol, SaslMechanism
from roost.settings import Settings

NOTHING = SecretStr("")


@dataclass(frozen=True, slots=True)
class Brokers:
    """Address of Kafka, its protocol, and our credentials."""

    address: str
    protocol: KafkaProtocol = KafkaProtocol.PLAINTEXT
    ca: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512
    username: str = ""
    password: SecretStr = NOTHING

    def __str__(self) -> str:
        return self.address

    @property
    def signs_in(self) -> bool:
        """Whether clients sign in with a name and a password (SASL)."""
        return self.protocol is KafkaProtocol.SASL_SSL

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context, or None without TLS.

        Raises RoostError if a certificate cannot be read.
        """
        if self.protocol is KafkaProtocol.PLAINTEXT:
            return None
        try:
            context = ssl.create_default_context(cafile=_text(self.ca))
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.certificate_key)
        except (OSError, ssl.SSLError) as error:
            raise RoostError(
                f"The certificates for Kafka cannot be read ({error}); look at ROOST_KAFKA_CA, "
                "ROOST_KAFKA_CERTIFICATE and ROOST_KAFKA_CERTIFICATE_KEY.",
                "无法读取 Kafka 证书，请检查 ROOST_KAFKA_CA 等设置。",
            ) from error
        return context

    def arguments(self) -> dict[str, Any]:
        """Return the connection arguments, which kafka-python and aiokafka share."""
        given: dict[str, Any] = {"bootstrap_servers": self.address}
        if (context := self.tls()) is not None:
            given |= {"security_protocol": self.protocol.value, "ssl_context": context}
        if self.signs_in:
            given |= {
                "sasl_mechanism": self.mechanism.value,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password.get_secret_value(),
            }
        return given


Servers = Brokers | str
"""An address alone means a broker without security."""


def kafka(servers: Servers) -> dict[str, Any]:
    """Return the connection arguments of a kafka-python or aiokafka client."""
    return brokers(servers).arguments()


def brokers(servers: Servers) -> Brokers:
    """Return the servers as a value with an address and credentials."""
    return Brokers(servers) if isinstance(servers, str) else servers


def brokers_of(settings: Settings) -> Brokers:
    """Return the brokers of the settings.

    Raises RoostError if SASL is on and the name or the password is missing.
    """
    password = settings.kafka_sasl_password or NOTHING
    signs_in = settings.kafka_security_protocol is KafkaProtocol.SASL_SSL
    if signs_in and not (settings.kafka_sasl_username and password.get_secret_value()):
        raise RoostError(
            "ROOST_KAFKA_SECURITY_PROTOCOL is SASL_SSL: give ROOST_KAFKA_SASL_USERNAME and "
            "ROOST_KAFKA_SASL_PASSWORD as well.",
            "使用 SASL_SSL 时请同时设置 ROOST_KAFKA_SASL_USERNAME 和 ROOST_KAFKA_SASL_PASSWORD。",
        )
    return Brokers(
        address=settings.bootstrap_servers,
        protocol=settings.kafka_security_protocol,
        ca=settings.kafka_ca,
        certificate=settings.kafka_certificate,
        certificate_key=settings.kafka_certificate_key,
        mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_sasl_username,
        password=password,
    )


@dataclass(frozen=True, slots=True)
class Node:
    """Address of Elasticsearch and our credentials; an API key takes precedence over a password."""

    url: str
    ca: Path | None = None
    username: str = ""
    password: SecretStr = NOTHING
    api_key: SecretStr = NOTHING

    def __str__(self) -> str:
        return self.url

    def arguments(self) -> dict[str, Any]:
        """Return the connection arguments of its client, without the address."""
        given: dict[str, Any] = {}
        if self.ca is not None:
            given["ca_certs"] = str(self.ca)
        if self.api_key.get_secret_value():
            given["api_key"] = self.api_key.get_secret_value()
        elif self.username:
            given["basic_auth"] = (self.username, self.password.get_secret_value())
        return given


def node(where: Node | str) -> Node:
    """Return a node; an address alone means one without credentials."""
    return Node(where) if isinstance(where, str) else where


def node_of(settings: Settings) -> Node:
    """Return the Elasticsearch node of the settings.

    Raises RoostError if a secret would be sent unencrypted, or the CA file does not exist.
    """
    secrets = settings.elasticsearch_api_key or settings.elasticsearch_username
    if secrets and not settings.elasticsearch_url.startswith("https://"):
        raise RoostError(
            "ROOST_ELASTICSEARCH_URL has to begin with https:// when a password or an API key is "
            "sent to it.",
            "使用密码或 API 密钥时，ROOST_ELASTICSEARCH_URL 必须以 https:// 开头。",
        )
    if settings.elasticsearch_ca is not None and not settings.elasticsearch_ca.is_file():
        raise RoostError(
            f"ROOST_ELASTICSEARCH_CA: there is no file {settings.elasticsearch_ca}.",
            "ROOST_ELASTICSEARCH_CA 指定的文件不存在。",
        )
    return Node(
        url=settings.elasticsearch_url,
        ca=settings.elasticsearch_ca,
        username=settings.elasticsearch_username,
        password=settings.elasticsearch_password or NOTHING,
        api_key=settings.elasticsearch_api_key or NOTHING,
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
