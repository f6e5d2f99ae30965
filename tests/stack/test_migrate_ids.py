"""The migration of ids on real servers: a small county keeps everything but its unkeyed ids."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from deploy.environment import AT_ANY_HOUR, environment_of, settings_for
from deploy.id_migration.plan import COPIED, GROUPS
from deploy.local.security import ADMIN, security_of
from deploy.local.stack import Stack, local_stack, secured_stack
from deploy.local.stack_ports import Ports
from deploy.up import prepare
from producers import facts, identity_facts, message_facts, simulator
from producers.admin import current_values, declare_topics, skip_to_end
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole, Holder
from roost.events.match import ActionKind, Actor, MatchAction
from roost.events.preferences import Preferences
from roost.kafka.incoming import Incoming
from roost.kafka.reader import KafkaReader
from roost.security.county_key import county_key, id_key
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings
from roost.topics import MATCH_ACTIONS, MATCHES, OPENINGS, PROFILES, TOPICS, Topic
from roost.views.elastic import Elastic
from roost.views.mappings import VIEWS
from tests.stack.serving import headers_for, served
from tests.stack.stages import running
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_200)]
SOURCE = "roster-2026"
WORKERS, OPENINGS_MADE = 30, 6
LOGIN = "li.example"
SPELLING = "ａ-77"
"""Number of a worker in another than the common spelling."""


@dataclass(frozen=True)
class County:
    """A county that an earlier release filled, and the unkeyed ids in its record."""

    settings: Settings
    unkeyed: set[str]
    counts: dict[str, int]
    states: Counter[str]


def now() -> datetime:
    return datetime.now(UTC)


def facts_of_the_county() -> list[Any]:
    people = [
        facts.profile_put(each, at=now(), source=SOURCE)[1]
        for each in simulator.profiles(WORKERS, seed=3)
    ]
    jobs = [
        facts.opening_posted(each, at=now(), today=now().date(), source=SOURCE)[1]
        for each in simulator.openings(OPENINGS_MADE, seed=3)
    ]
    worker = people[0].key
    chosen = message_facts.preferences_chosen(Preferences(language="en"), worker, at=now())[1]
    holder = Holder(role=AccountRole.WORKER, worker_id=worker)
    account = identity_facts.account_made(holder, LOGIN, "李示例", None, at=now())[1]
    erased = facts.profile_erased(people[1].key, at=now())
    return [*people, *jobs, chosen, account, erased]


@pytest.fixture(scope="module")
def county() -> Iterator[County]:
    """Fill a record as an earlier release did, and let the stages process it."""
    with local_stack(ports=Ports.free()) as stack, ids.installed(None):
        settings = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR)
        ids.install(ids.UNKEYED)
        made = facts_of_the_county()
        with Publisher(settings.bootstrap_servers) as publisher:
            prepare_unclaimed(settings, publisher, made)
            with running(settings):
                asyncio.run(all_processed(settings))
                act_on_a_match(settings, publisher)
                asyncio.run(all_processed(settings))
        yield County(
            settings,
            {each.key for each in made},
            asyncio.run(counts(settings)),
            asyncio.run(match_states(settings)),
        )


def prepare_unclaimed(settings: Settings, publisher: Publisher, made: list[Any]) -> None:
    """Create topics and views around a record that has no claim."""
    declare_topics(brokers_of(settings))
    publisher.publish(made)
    said: list[str] = []
    prepare(settings, said.append)
    assert any("roost migrate-ids" in each for each in said)


def act_on_a_match(settings: Settings, publisher: Publisher) -> None:
    match = sorted(current_values(settings.bootstrap_servers, MATCHES))[0]
    action = MatchAction(
        id=ids.derive("a", match, "1"),
        match_id=match,
        kind=ActionKind.CLAIM,
        actor=Actor(id=identity_facts.account_id(LOGIN)),
        at=now(),
    )
    publisher.publish([facts.match_action_taken(action)])


def roost(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deploy", *arguments],
        env=environment_of(settings) | {"PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


async def counts(settings: Settings) -> dict[str, int]:
    """Return the number of documents in every view."""
    elastic = Elastic(settings.elasticsearch_url)
    try:
        await elastic.refresh(*VIEWS)
        return {view: await elastic.count(view) for view in VIEWS}
    finally:
        await elastic.close()


async def match_states(settings: Settings) -> Counter[str]:
    values = await asyncio.to_thread(current_values, settings.bootstrap_servers, MATCHES)
    return Counter(re.findall(rb'"state":"(\w+)"', b" ".join(values.values())))  # type: ignore[arg-type]


async def records(settings: Settings, topic: Topic) -> list[Incoming]:
    reader = KafkaReader(brokers_of(settings))
    return [each async for batch in reader.read_to_end(topic) for each in batch]


async def test_a_county_is_migrated_and_loses_nothing_but_its_unkeyed_ids(county: County) -> None:
    settings = county.settings
    assert "profiles: 30 records to copy" in finished(roost(settings, "migrate-ids", "--dry-run"))

    await kill_migrations(settings)
    refused = roost(settings, "serve")
    said, _ = await asyncio.to_thread(refused.communicate, timeout=120)
    assert refused.returncode == 1
    assert "run `roost migrate-ids` again" in said

    await asyncio.to_thread(finished, roost(settings, "migrate-ids"))
    assert "Nothing to do" in await asyncio.to_thread(finished, roost(settings, "migrate-ids"))

    await no_unkeyed_id_is_left(county)
    assert await counts(settings) == county.counts
    assert await match_states(settings) == county.states
    assert len(await records(settings, MATCH_ACTIONS)) == 1
    await everybody_is_reachable_under_the_id_of_the_next_import(settings)


def test_a_county_on_secured_servers_is_migrated() -> None:
    """Without stages: their groups have processed everything. Roost's user may not delete."""
    with secured_stack() as stack, ids.installed(None):
        ids.install(ids.UNKEYED)
        ours = settings_for(stack.data, stack.ports)
        made = [*facts_of_the_county(), fact_of_another_spelling()]
        with Publisher(brokers_of(ours)) as publisher:
            prepare_unclaimed(ours, publisher, made)
        skip_to_end(brokers_of(ours), GROUPS)

        refused = roost(ours, "migrate-ids")
        said, _ = refused.communicate(timeout=300)
        assert refused.returncode == 1
        assert "name an administrator of the brokers" in said
        assert "Traceback" not in said

        finished(roost(ours.model_copy(update=admins_login(stack)), "migrate-ids"))

        asyncio.run(no_unkeyed_id_is_left(County(ours, {each.key for each in made}, {}, Counter())))
        with ids.installed(id_key(county_key(ours))):
            expected = {each.key for each in facts_of_the_county()}
            expected.add(ids.worker_id(SOURCE, SPELLING))
        keys = asyncio.run(keys_of(ours, PROFILES)) | asyncio.run(keys_of(ours, OPENINGS))
        assert keys <= expected
        assert len(keys) == WORKERS + 1 + OPENINGS_MADE


def fact_of_another_spelling() -> Any:
    """Return a profile whose id an earlier release derived from the number as written."""
    content = next(simulator.profiles(1, seed=3, start=WORKERS))
    content = content.model_copy(update={"identifier": SPELLING})
    id = ids.derive("w", SOURCE, SPELLING)
    return facts.profile_put(content, at=now(), source=SOURCE, id=id)[1]


async def keys_of(settings: Settings, topic: Topic) -> set[str]:
    return {(each.key or b"").decode() for each in await records(settings, topic)}


def admins_login(stack: Stack) -> dict[str, Any]:
    """Return the settings of the brokers' administrator."""
    security = security_of(stack.data)
    assert security is not None
    return {
        "kafka_sasl_username": ADMIN,
        "kafka_sasl_password": SecretStr(security.admin_password),
    }


async def kill_migrations(settings: Settings) -> None:
    """Kill the migration after its first, fourth and last topic."""
    for topic in (COPIED[0], COPIED[3], COPIED[-1]):
        process = roost(settings, "migrate-ids")
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(f"{topic.name}:"):
                break
        process.kill()
        process.wait()


async def no_unkeyed_id_is_left(county: County) -> None:
    digests = [each[2:].encode() for each in county.unkeyed]
    for topic in TOPICS:
        for each in await records(county.settings, topic):
            stored = (each.key or b"") + (each.value or b"")
            assert not any(digest in stored for digest in digests), topic.name
    elastic = Elastic(node_of(county.settings))
    try:
        for view in VIEWS:
            page = await elastic.search(view, {"size": 1_000})
            found = orjson.dumps([(hit.id, hit.source) for hit in page.hits])
            assert not any(digest in found for digest in digests), view
    finally:
        await elastic.close()


async def everybody_is_reachable_under_the_id_of_the_next_import(settings: Settings) -> None:
    """Derive the ids of the same people and openings again, and look all of them up."""
    with ids.installed(id_key(county_key(settings))):
        again = facts_of_the_county()
        headers = headers_for(settings)
        erased = again[1].key
        with running(settings), served(settings) as serving:
            async with httpx.AsyncClient(
                base_url=serving.url, headers=headers, timeout=60
            ) as client:
                for each in again[: WORKERS + OPENINGS_MADE]:
                    answer = await client.get(f"/v1/{each.topic.name}/{each.key}")
                    assert answer.status_code == (404 if each.key == erased else 200), each.key
                answer = await client.get("/v1/matches", params={"limit": 100})
            assert answer.status_code == 200
            await all_processed(settings)
    assert await match_states(settings)
