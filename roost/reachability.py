"""A check before a process starts: does a server refuse our credentials or certificates?

The clients themselves would retry until a timeout that names no reason. A server that is only
away is no error here: its clients wait for it.
"""

from __future__ import annotations

import ssl

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from roost.errors import NotLetIn, Transient
from roost.servers.connections import Brokers, Node, brokers_of, node_of
from roost.settings import Settings
from roost.views.elastic import Elastic

TIMEOUT_MS = 5_000
_REFUSALS = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    IllegalSaslStateError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)


async def check_access(settings: Settings) -> None:
    """Raise NotLetIn if Kafka or Elasticsearch refuses the settings' credentials."""
    await check_kafka_access(brokers_of(settings))
    await check_elasticsearch_access(node_of(settings))


async def check_kafka_access(at: Brokers) -> None:
    """Raise NotLetIn if a broker refuses to let us sign in, or its certificate is not trusted."""
    arguments = at.arguments()
    for address in arguments.pop("bootstrap_servers").split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            connection = await create_conn(
                host, int(port), request_timeout_ms=TIMEOUT_MS, **arguments
            )
        except _REFUSALS as error:
            raise NotLetIn(
                f"Kafka at {at} refuses the user {at.username!r}; look at "
                "ROOST_KAFKA_SASL_USERNAME, _PASSWORD and _MECHANISM.",
                f"Kafka（{at}）拒绝用户 {at.username!r} 登录，请检查 ROOST_KAFKA_SASL_* 设置。",
            ) from error
        except ssl.SSLError as error:
            raise NotLetIn(
                f"Kafka at {at} cannot be trusted ({error.reason}); look at ROOST_KAFKA_CA and at "
                "the name in its certificate.",
                f"Kafka（{at}）的证书不可信，请检查 ROOST_KAFKA_CA。",
            ) from error
        except (KafkaError, OSError):
            continue
        connection.close()


async def check_elasticsearch_access(at: Node) -> None:
    """Raise NotLetIn if Elasticsearch refuses us, or its certificate is not trusted."""
    elastic = Elastic(at, timeout_s=TIMEOUT_MS / 1000)
    try:
        await elastic.check()
    except Transient:
        return
    finally:
        await elastic.close()
