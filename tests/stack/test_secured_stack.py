"""Roost on secured servers: TLS, credentials, ACLs, an API key."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaAdminClient
from kafka.errors import TopicAuthorizationFailedError
from pydantic import SecretStr

from deploy.environment import AT_ANY_HOUR, environment_of, settings_for
from deploy.local.processes import Process
from deploy.local.stack import Stack, secured_stack
from deploy.up import prepare, roost_command
from producers.admin import broker_answers
from roost.errors import NotLetIn
from roost.reachability import check_access
from roost.server_settings import KafkaProtocol
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings
from roost.views.elastic import Elastic
from tests.stack.serving import served
from tests.stack.stages import running
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
WAIT = {"Prefer": "wait=20"}
OPENING: dict[str, Any] = {
    "identifier": "S-1",
    "title": "电焊工",
    "hiringOrganization": {"id": "e-secured", "name": "示例机械厂"},
    "jobLocation": {"name": "北京市丰台区"},
    "skills": ["焊接"],
    "baseSalary": {"currency": "CNY", "minValue": 7000, "maxValue": 9000, "unitText": "MONTH"},
    "totalJobOpenings": 2,
}
PROFILE: dict[str, Any] = {
    "identifier": "S-2",
    "name": "张三",
    "skills": ["焊接"],
    "occupationsWanted": ["电焊工"],
    "wageWanted": {"currency": "CNY", "minValue": 6000, "unitText": "MONTH"},
    "home": {"name": "大同市"},
    "location": {"name": "北京市丰台区"},
    "willing": {"radiusKm": 20},
    "channels": [{"kind": "inbox"}, {"kind": "sms", "address": "+8613800000000"}],
}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Stack]:
    with secured_stack() as running:
        yield running


@pytest.fixture(scope="module")
def inside(guarded: Stack) -> Settings:
    """Settings with valid credentials, with topics, views and model in place."""
    made = settings_for(guarded.data, guarded.ports).model_copy(update=AT_ANY_HOUR)
    prepare(made)
    return made


@pytest.fixture
def running_stages(inside: Settings) -> Iterator[list[Process]]:
    with running(inside) as processes:
        yield list(processes.values())


def worker(settings: Settings) -> subprocess.CompletedProcess[str]:
    """Run a stage with these settings and return its result."""
    return subprocess.run(
        roost_command("worker", "index"),
        env={**_environment(), **environment_of(settings)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _environment() -> dict[str, str]:
    return dict(os.environ)


def changed(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update=changes)


async def test_an_opening_and_a_worker_come_to_a_notification(
    inside: Settings, running_stages: list[Process]
) -> None:
    with served(inside) as serving:
        async with httpx.AsyncClient(
            base_url=serving.url, headers=serving.headers, timeout=60
        ) as api:
            for path, content in (("/v1/openings", OPENING), ("/v1/profiles", PROFILE)):
                answer = await api.post(path, json=content, headers=WAIT)
                assert answer.status_code == 201, answer.text
            outbox = inside.data / "outbox" / "messages.jsonl"
            await until(
                "a message to the worker", lambda: asyncio.to_thread(_contains, outbox, "电焊工")
            )
            ready = await api.get("/health/ready")
            assert ready.json()["parts"] == {
                "kafka": True,
                "elasticsearch": True,
                "identities": True,
            }


def _contains(outbox: Path, word: str) -> bool:
    return outbox.exists() and word in outbox.read_text(encoding="utf-8")


async def test_a_wrong_password_for_kafka_is_refused_in_one_sentence(inside: Settings) -> None:
    wrong = changed(inside, kafka_sasl_password=SecretStr("not-the-password"))
    with pytest.raises(NotLetIn, match="refuses the user 'roost'"):
        await check_access(wrong)
    ended = await asyncio.to_thread(worker, wrong)
    assert ended.returncode == 1
    assert ended.stderr.startswith("roost: Kafka at 127.0.0.1:")
    assert "ROOST_KAFKA_SASL_USERNAME" in ended.stderr
    assert "not-the-password" not in ended.stderr


async def test_a_wrong_key_for_elasticsearch_is_refused_in_one_sentence(inside: Settings) -> None:
    wrong = changed(inside, elasticsearch_api_key=SecretStr("bm90OmFrZXk="))
    with pytest.raises(NotLetIn, match="ROOST_ELASTICSEARCH_API_KEY"):
        await check_access(wrong)
    ended = await asyncio.to_thread(worker, wrong)
    assert ended.returncode == 1
    assert ended.stderr.startswith("roost: Elasticsearch refuses access")


@pytest.mark.parametrize("setting", ["kafka_ca", "elasticsearch_ca"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    inside: Settings, setting: str
) -> None:
    with pytest.raises(NotLetIn, match="cannot be trusted"):
        await check_access(changed(inside, **{setting: None}))


async def test_nobody_comes_in_without_tls(inside: Settings) -> None:
    plain = changed(inside, kafka_security_protocol=KafkaProtocol.PLAINTEXT)
    assert not await asyncio.to_thread(broker_answers, brokers_of(plain))
    async with httpx.AsyncClient(timeout=10) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(inside.elasticsearch_url.replace("https", "http"))


async def test_nobody_comes_in_without_a_name(inside: Settings) -> None:
    nameless = changed(inside, kafka_security_protocol=KafkaProtocol.SSL)
    assert not await asyncio.to_thread(broker_answers, brokers_of(nameless))
    elastic = Elastic(node_of(changed(inside, elasticsearch_api_key=None)))
    try:
        with pytest.raises(NotLetIn):
            await elastic.check()
    finally:
        await elastic.close()


def test_in_kafka_roost_may_touch_its_own_topics_only(inside: Settings) -> None:
    client = KafkaAdminClient(**brokers_of(inside).arguments())
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            client.create_topics({"foreign": {"num_partitions": 1, "replication_factor": 1}})
    finally:
        client.close()


async def test_in_elasticsearch_roost_may_touch_its_own_views_only(inside: Settings) -> None:
    elastic = Elastic(node_of(inside))
    try:
        with pytest.raises(NotLetIn):
            await elastic.create_index("foreign", {})
        with pytest.raises(NotLetIn):
            await elastic.count(".security")
    finally:
        await elastic.close()


def test_secrets_of_the_stack_are_readable_by_their_owner_alone(guarded: Stack) -> None:
    secret = ("passwords.json", "node.key", "elasticsearch-api.key")
    files = [guarded.data / "keys" / "stack" / name for name in secret]
    files.append(guarded.data / "kafka" / "server.properties")
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    for log in (guarded.data / "logs").iterdir():
        text = log.read_text(encoding="utf-8", errors="replace")
        for password in _passwords(guarded):
            assert password not in text, log.name


def _passwords(guarded: Stack) -> list[str]:
    kept = (guarded.data / "keys" / "stack" / "passwords.json").read_text(encoding="utf-8")
    return list(json.loads(kept).values())
