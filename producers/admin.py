"""Administration of Kafka: declaring topics, granting access, and reading progress.

Uses kafka-python's admin client; its functions block, and may be called in an event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import stamina
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourceType,
)
from kafka.errors import BrokerResponseError, KafkaError, NoError
from kafka.structs import OffsetAndMetadata, TopicPartition

from roost.errors import Conflict, Invalid, NotLetIn, Transient
from roost.kafka.ports import TopicReader, partitions_of
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers, kafka
from roost.topics import TOPICS, Topic

T = TypeVar("T")


@contextmanager
def _admin(bootstrap_servers: Servers, timeout_ms: int = 15_000) -> Iterator[KafkaAdminClient]:
    try:
        with closing(
            KafkaAdminClient(
                **kafka(bootstrap_servers),
                request_timeout_ms=timeout_ms,
                bootstrap_timeout_ms=timeout_ms,
            )
        ) as client:
            yield client
    except (KafkaError, OSError) as error:
        raise Transient(
            f"Kafka does not answer at {bootstrap_servers}: {type(error).__name__}"
        ) from error


def broker_answers(bootstrap_servers: Servers, timeout_ms: int = 1_500) -> bool:
    """Return whether a broker answers with its metadata (not just an open port)."""
    try:
        with _admin(bootstrap_servers, timeout_ms) as client:
            return bool(client.describe_cluster()["brokers"])
    except Transient:
        return False


def declare_topics(bootstrap_servers: Servers, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """Create missing topics and correct differing settings; return a line for every change.

    Returns when all topics are usable. Raises Invalid if a topic has another number of partitions
    than declared: its events would change partitions, so an operator has to migrate it.
    """
    changes: list[str] = []
    with _admin(bootstrap_servers) as client:
        existing = {each["name"]: len(each["partitions"]) for each in client.describe_topics()}
        missing = [topic for topic in topics if topic.name not in existing]
        if missing:
            client.create_topics(
                {
                    topic.name: {
                        "num_partitions": topic.partitions,
                        "replication_factor": -1,
                        "configs": topic.config(),
                    }
                    for topic in missing
                }
            )
            changes += [f"created {topic.name}" for topic in missing]
        for topic in topics:
            partitions = existing.get(topic.name, topic.partitions)
            if partitions != topic.partitions:
                raise Invalid(
                    f"The topic {topic.name} has {partitions} partitions and {topic.partitions} "
                    "are declared; start with a new data folder, or move its records first."
                )
        changes += _correct_settings(client, [each for each in topics if each.name in existing])
        client.wait_for_topics([topic.name for topic in topics], timeout_ms=30_000)
    return changes


def _correct_settings(client: KafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    """Set the topics' settings that differ from the declaration."""
    if not topics:
        return []
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    answer = client.describe_configs(resources, config_filter="all")["topic"]
    changes = {}
    for topic in topics:
        current = {name: entry["value"] for name, entry in answer[topic.name].items()}
        differing = {
            name: value for name, value in topic.config().items() if current.get(name) != value
        }
        if differing:
            changes[topic.name] = differing
    if changes:
        client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, each) for name, each in changes.items()]
        )
    return [f"changed {', '.join(each)} of {name}" for name, each in changes.items()]


GROUPS = "roost-"
"""Prefix of the names of Roost's consumer groups."""
_ON_TOPICS = ("READ", "WRITE", "CREATE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
_ON_GROUPS = ("READ", "DESCRIBE")


def grant(servers: Servers, user: str, topics: Sequence[Topic] = TOPICS) -> int:
    """Grant a user the permissions that Roost needs, and no others; return the number of ACLs.

    Connect as an administrator of the brokers. Idempotent.
    """
    prefixed = ACLResourcePatternType.PREFIXED
    patterns: list[tuple[Any, tuple[str, ...]]] = [
        *((ResourcePattern(ResourceType.TOPIC, each.name), _ON_TOPICS) for each in topics),
        (ResourcePattern(ResourceType.GROUP, GROUPS, prefixed), _ON_GROUPS),
        (ResourcePattern(ResourceType.CLUSTER, "kafka-cluster"), ("DESCRIBE",)),
    ]
    acls = [
        ACL(f"User:{user}", "*", ACLOperation[operation], ACLPermissionType.ALLOW, pattern)
        for pattern, operations in patterns
        for operation in operations
    ]
    with _admin(servers) as client:
        failed = client.create_acls(acls)["failed"]
    if failed:
        raise Transient(f"Kafka did not take {len(failed)} of {len(acls)} ACLs; try again.")
    return len(acls)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Progress of a consumer group in a topic: committed offsets and end offsets, summed."""

    group: str
    topic: str
    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Events that are not committed yet."""
        return self.end - self.committed


def end_offsets(bootstrap_servers: Servers, topics: Sequence[Topic]) -> dict[str, dict[int, int]]:
    """Return the end offset of every partition of every topic. Raises Transient."""
    reader = KafkaReader(bootstrap_servers)
    offsets: dict[str, dict[int, int]] = {topic.name: {} for topic in topics}
    for partition, offset in _run(reader.end_offsets(partitions_of(topics))).items():
        offsets[partition.topic][partition.partition] = offset
    return offsets


def current_values(bootstrap_servers: Servers, topic: Topic) -> dict[str, bytes]:
    """Return the newest value of every key of a small compacted topic, without erased keys.

    Raises Transient if the broker does not answer, or stops answering meanwhile.
    """
    return _run(_current_values(KafkaReader(bootstrap_servers), topic))


async def _current_values(reader: TopicReader, topic: Topic) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    async for batch in reader.read_to_end(topic):
        for each in batch:
            key = (each.key or b"").decode()
            if each.value is None:
                values.pop(key, None)
            else:
                values[key] = each.value
    return values


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a new thread, so that callers inside an event loop may block on it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def backlogs(bootstrap_servers: Servers, groups: Mapping[str, Sequence[Topic]]) -> list[Backlog]:
    """Return the backlog of every group in each of its topics.

    Raises Transient if the broker does not answer. A group coordinator that is starting or moving
    is queried again for up to 15 seconds.
    """
    every = {topic for topics in groups.values() for topic in topics}
    ends = end_offsets(bootstrap_servers, sorted(every, key=lambda topic: topic.name))
    found = []
    committed = _committed(bootstrap_servers, groups)
    for group, topics in groups.items():
        for topic in topics:
            by_partition = {
                partition.partition: each.offset
                for partition, each in committed.get(group, {}).items()
                if partition.topic == topic.name and each.offset >= 0
            }
            total = sum(ends[topic.name].values())
            found.append(Backlog(group, topic.name, sum(by_partition.values()), total))
    return found


@stamina.retry(on=Transient, attempts=8, timeout=15)
def _committed(bootstrap_servers: Servers, groups: Mapping[str, Sequence[Topic]]) -> Any:
    with _admin(bootstrap_servers) as client:
        return client.list_group_offsets(dict.fromkeys(groups))


def running_groups(bootstrap_servers: Servers, groups: Sequence[str]) -> list[str]:
    """Return the groups that have members: their stages run. Raises Transient."""
    with _admin(bootstrap_servers) as client:
        found = client.describe_groups(list(groups))
    return [group for group in groups if found[group]["members"]]


@stamina.retry(on=Transient, attempts=8, timeout=15)
def skip_to_end(bootstrap_servers: Servers, groups: Mapping[str, Sequence[Topic]]) -> None:
    """Commit the end of its topics for every group.

    Raises Conflict if a group has members, and Transient if Kafka is away. A group coordinator that
    is starting or moving is queried again for up to 15 seconds.
    """
    every = {topic for topics in groups.values() for topic in topics}
    ends = end_offsets(bootstrap_servers, sorted(every, key=lambda topic: topic.name))
    with _admin(bootstrap_servers) as client:
        for group, topics in groups.items():
            offsets = {
                TopicPartition(topic.name, partition): OffsetAndMetadata(end, "", -1)
                for topic in topics
                for partition, end in ends[topic.name].items()
            }
            refused = [
                each
                for each in client.alter_group_offsets(group, offsets).values()
                if each is not NoError
            ]
            if refused:
                raise Conflict(
                    f"Kafka did not move the group {group} ({refused[0].__name__}); stop all "
                    "stages and run the command again.",
                    f"消费组 {group} 未能移动，请停止全部阶段后重试。",
                )


def delete_before(bootstrap_servers: Servers, offsets: Mapping[Topic, Mapping[int, int]]) -> None:
    """Delete the records before the given offset of every partition, also of compacted topics.

    A compacted topic is declared deletable meanwhile; it deletes nothing for its age or size. An
    interruption leaves it so; `declare_topics` declares it compacted again. Raises NotLetIn if
    the user may not delete records, and Transient.
    """
    compacted = [topic for topic in offsets if topic.compacted]
    with _admin(bootstrap_servers) as client:
        _set_config(client, compacted, _DELETABLE)
        try:
            client.delete_records(
                {
                    TopicPartition(topic.name, partition): offset
                    for topic, by_partition in offsets.items()
                    for partition, offset in by_partition.items()
                }
            )
        except BrokerResponseError as error:
            # Several refusals arrive as one error that only names them.
            if "AuthorizationFailed" not in f"{type(error).__name__} {error}":
                raise
            raise NotLetIn(
                "Kafka does not let this user delete records; name an administrator of the "
                "brokers in ROOST_KAFKA_SASL_USERNAME for this command.",
                "该 Kafka 用户无权删除记录，请以管理员身份运行本命令。",
            ) from error
        for topic in compacted:
            _set_config(client, [topic], {"cleanup.policy": "compact"})
        if compacted:
            client.reset_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, topic.name, list(_KEEP_ALL))
                    for topic in compacted
                ]
            )


_KEEP_ALL = {"retention.ms": "-1", "retention.bytes": "-1"}
_DELETABLE = {"cleanup.policy": "compact,delete", **_KEEP_ALL}


def _set_config(
    client: KafkaAdminClient, topics: Sequence[Topic], config: Mapping[str, str]
) -> None:
    if topics:
        client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(config)) for topic in topics]
        )


def all_done(before: Sequence[Backlog], after: Sequence[Backlog]) -> bool:
    """Return whether two consecutive measurements prove that no stage has work left.

    In the first, every group was at the end of its topics; by the second, no end had moved. So no
    stage was between reading one event and writing the next.
    """
    return (
        bool(before)
        and all(each.lag == 0 for each in before)
        and [each.end for each in before] == [each.end for each in after]
    )
