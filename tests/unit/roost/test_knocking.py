"""A server that refuses us is told of at once; one that is away is no matter."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.local import certificates
from roost.errors import NotLetIn
from roost.reachability import knock_at_elasticsearch, knock_at_kafka
from roost.servers.connections import Brokers, Node
from roost.settings import KafkaProtocol


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Where something speaks TLS with a certificate of an authority of its own."""
    certificates.make(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "node.crt", tmp_path / "node.key")

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(port: int) -> None:
    with pytest.raises(NotLetIn, match="ROOST_ELASTICSEARCH_CA"):
        await knock_at_elasticsearch(Node(f"https://127.0.0.1:{port}", api_key=SecretStr("a2V5")))
    with pytest.raises(NotLetIn, match="ROOST_KAFKA_CA"):
        await knock_at_kafka(Brokers(f"127.0.0.1:{port}", KafkaProtocol.SSL))


async def test_a_server_that_is_only_away_is_no_matter(port: int, tmp_path: Path) -> None:
    trusted = Brokers(f"127.0.0.1:{port}", KafkaProtocol.SSL, ca=tmp_path / "ca.crt")
    await knock_at_kafka(trusted)  # it hangs up at the first word
    await knock_at_kafka(Brokers("127.0.0.1:9"))
    await knock_at_elasticsearch(Node(f"https://127.0.0.1:{port}", ca=tmp_path / "ca.crt"))
