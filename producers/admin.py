"""Declaring the topics, and asking the broker how things stand (kafka-python's admin client)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import stamina
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
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
from kafka.errors import KafkaError

from roost.errors import Invalid, Transient
from roost.servers.connections import Servers, kafka
from roost.topics import TOPICS, Topic


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
    """Whether a broker answers with its metadata (not just an open port)."""
    try:
        with _admin(bootstrap_servers, timeout_ms) as client:
            return bool(client.describe_cluster()["brokers"])
    except Transient:
        return False


def declare_topics(bootstrap_servers: Servers, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """Creates the topics that are missing, mends settings that differ; returns what it did.

    Returns when all of them can be used. Raises Invalid when one has another number of partitions
    than declared: its events would change places, so it has to be moved with care.
    """
    done: list[str] = []
    with _admin(bootstrap_servers) as client:
        standing = {each["name"]: len(each["partitions"]) for each in client.describe_topics()}
        missing = [topic for topic in topics if topic.name not in standing]
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
            done += [f"created {topic.name}" for topic in missing]
        for topic in topics:
            partitions = standing.get(topic.name, topic.partitions)
            if partitions != topic.partitions:
                raise Invalid(
                    f"The topic {topic.name} has {partitions} partitions and {topic.partitions} "
                    "are declared; start with a new data folder, or move its records first."
                )
        done += _mend(client, [topic for topic in topics if topic.name in standing])
        client.wait_for_topics([topic.name for topic in topics], timeout_ms=30_000)
    return done


def _mend(client: KafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    """Sets what differs from the declaration."""
    if not topics:
        return []
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    answer = client.describe_configs(asked, config_filter="all")["topic"]
    changes = {}
    for topic in topics:
        now = {name: entry["value"] for name, entry in answer[topic.name].items()}
        differing = {
            name: value for name, value in topic.config().items() if now.get(name) != value
        }
        if differing:
            changes[topic.name] = differing
    if changes:
        client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, each) for name, each in changes.items()]
        )
    return [f"changed {', '.join(each)} of {name}" for name, each in changes.items()]


GROUPS = "roost-"
"""How the names of Roost's consumer groups begin."""
_ON_TOPICS = ("READ", "WRITE", "CREATE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS")
_ON_GROUPS = ("READ", "DESCRIBE")


def grant(servers: Servers, user: str, topics: Sequence[Topic] = TOPICS) -> int:
    """Lets a user do what Roost does, and nothing else; returns how many ACLs that takes.

    To be asked for as an administrator of the brokers. May be repeated.
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
    """How far a consumer group has come in a topic: events committed, and events there are."""

    group: str
    topic: str
    committed: int
    end: int

    @property
    def lag(self) -> int:
        return self.end - self.committed


def end_offsets(bootstrap_servers: Servers, topics: Sequence[Topic]) -> dict[str, dict[int, int]]:
    """For every topic and partition, the offset that the next record will get."""
    partitions = [
        TopicPartition(topic.name, each) for topic in topics for each in range(topic.partitions)
    ]
    try:
        with closing(KafkaConsumer(**kafka(bootstrap_servers))) as consumer:
            ends = consumer.end_offsets(partitions)
    except (KafkaError, OSError) as error:
        raise Transient(f"Kafka does not answer: {type(error).__name__}") from error
    offsets: dict[str, dict[int, int]] = {topic.name: {} for topic in topics}
    for partition, offset in ends.items():
        offsets[partition.topic][partition.partition] = offset
    return offsets


def standing(bootstrap_servers: Servers, topic: Topic) -> dict[str, bytes]:
    """What a small compacted topic holds now: the newest value of every key that is not erased.

    Raises Transient when the broker does not answer, or stops answering on the way.
    """
    values: dict[str, bytes] = {}
    partitions = [TopicPartition(topic.name, each) for each in range(topic.partitions)]
    try:
        with closing(KafkaConsumer(**kafka(bootstrap_servers))) as consumer:
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = consumer.end_offsets(partitions)
            while any(consumer.position(each) < ends[each] for each in partitions):
                for each in chain(*consumer.poll(timeout_ms=500).values()):
                    if each.value is None:
                        values.pop(each.key.decode(), None)
                    else:
                        values[each.key.decode()] = each.value
    except (KafkaError, OSError) as error:
        raise Transient(f"Kafka does not answer: {type(error).__name__}") from error
    return values


def backlogs(bootstrap_servers: Servers, groups: Mapping[str, Sequence[Topic]]) -> list[Backlog]:
    """The backlog of every group in each of its topics.

    Raises Transient when the broker does not answer. A coordinator that has just been started, or
    is moving, is asked again for a while.
    """
    every = {topic for topics in groups.values() for topic in topics}
    ends = end_offsets(bootstrap_servers, sorted(every, key=lambda topic: topic.name))
    found = []
    committed = _committed(bootstrap_servers, groups)
    for group, topics in groups.items():
        for topic in topics:
            so_far = {
                partition.partition: each.offset
                for partition, each in committed.get(group, {}).items()
                if partition.topic == topic.name and each.offset >= 0
            }
            total = sum(ends[topic.name].values())
            found.append(Backlog(group, topic.name, sum(so_far.values()), total))
    return found


@stamina.retry(on=Transient, attempts=8, timeout=15)
def _committed(bootstrap_servers: Servers, groups: Mapping[str, Sequence[Topic]]) -> Any:
    with _admin(bootstrap_servers) as client:
        return client.list_group_offsets(dict.fromkeys(groups))


def all_done(before: Sequence[Backlog], after: Sequence[Backlog]) -> bool:
    """Whether two looks, one after the other, prove that nothing is left anywhere.

    The first found every group at the end of its topics, and by the second no end had moved: so
    no stage was between reading one event and writing the next.
    """
    return (
        bool(before)
        and all(each.lag == 0 for each in before)
        and [each.end for each in before] == [each.end for each in after]
    )
