"""A server that refuses access is an error at once; one that is away is not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.local import certificates
from roost.errors import NotLetIn
from roost.reachability import check_elasticsearch_access, check_kafka_access
from roost.server_settings import KafkaProtocol
from roost.servers.connections import Brokers, Node


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Port of a TLS server whose certificate comes from an unknown authority."""
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
        await check_elasticsearch_access(
            Node(f"https://127.0.0.1:{port}", api_key=SecretStr("a2V5"))
        )
    with pytest.raises(NotLetIn, match="ROOST_KAFKA_CA"):
        await check_kafka_access(Brokers(f"127.0.0.1:{port}", KafkaProtocol.SSL))


async def test_a_server_that_is_only_away_is_no_matter(port: int, tmp_path: Path) -> None:
    trusted = Brokers(f"127.0.0.1:{port}", KafkaProtocol.SSL, ca=tmp_path / "ca.crt")
    await check_kafka_access(trusted)  # it hangs up at the first word
    await check_kafka_access(Brokers("127.0.0.1:9"))
    await check_elasticsearch_access(Node(f"https://127.0.0.1:{port}", ca=tmp_path / "ca.crt"))
