"""The migration of ids: every record is copied once, whatever interrupts it, and no id is lost."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.totp import seal_secret, unseal_secret
from deploy.id_migration.copying import copy_topic, existing_copies
from deploy.id_migration.local_files import forget_mark, local_files, rewrite_file
from deploy.id_migration.plan import COPIED, DROPPED
from deploy.id_migration.respelling import respelled_ids
from deploy.id_migration.rewriting import KINDS, Rewriter, origin_of
from producers.identity_facts import account_id
from roost import ids
from roost.errors import Transient
from roost.events.envelope import Record, content_id
from roost.ids import UNKEYED
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, Position, TopicReader
from roost.security.county_key import id_key
from roost.topics import (
    ACCOUNTS,
    AUDIT,
    COUNTY,
    DEAD_LETTERS,
    MATCHES,
    OPENINGS,
    PROFILES,
    TOPICS,
    Topic,
)
from tests.event_examples import examples_of
from tests.unit.api.builders import NOW

COUNTY_KEY = b"the county's own key, long enough"
KEY = id_key(COUNTY_KEY)
REWRITER = Rewriter(COUNTY_KEY)


@dataclass
class InMemoryKafka:
    """Logs of topics; `fail_after` records the producer fails, as if it were killed."""

    logs: dict[tuple[str, int], list[Incoming]] = field(default_factory=dict)
    fail_after: int | None = None

    def append(self, record: Record) -> Position:
        at = (record.topic.name, record.partition)
        log = self.logs.setdefault(at, [])
        log.append(
            Incoming(
                record.topic,
                record.partition,
                len(log),
                record.key.encode(),
                record.value,
                NOW,
                tuple(record.headers),
                record.timestamp_ms or 1_000,
            )
        )
        return Position(*at, len(log) - 1)

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        found = []
        for each in records:
            if self.fail_after == 0:
                raise Transient("killed")
            if self.fail_after is not None:
                self.fail_after -= 1
            found.append(self.append(each))
        return found

    def ends(self, topic: Topic) -> dict[int, int]:
        every = range(topic.partitions)
        return {each: len(self.logs.get((topic.name, each), [])) for each in every}

    async def end_offsets(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return {each: len(self.logs.get(each, [])) for each in partitions}

    async def read_to_end(
        self,
        topic: Topic,
        *,
        partitions: Iterable[int] | None = None,
        last: int | None = None,
        start: Mapping[int, int] | None = None,
    ) -> AsyncIterator[list[Incoming]]:
        for each in range(topic.partitions):
            log = list(self.logs.get((topic.name, each), []))
            yield log[(start or {}).get(each, 0) :]

    def behind(self, topic: Topic, cut: Mapping[int, int]) -> list[Incoming]:
        every = range(topic.partitions)
        return [one for each in every for one in self.logs.get((topic.name, each), [])[cut[each] :]]


def reader_of(kafka: InMemoryKafka) -> TopicReader:
    return kafka  # type: ignore[return-value]


def old(kind: str, *parts: str) -> str:
    with ids.installed(UNKEYED):
        return ids.derive(kind, *parts)


def new(kind: str, *parts: str) -> str:
    with ids.installed(KEY):
        return ids.derive(kind, *parts)


def fact(topic: Topic, key: str, value: bytes | None = b"{}", **more: object) -> Record:
    headers = [("ce_id", content_id(topic.name, key, value).encode())]
    return Record(topic, key, value, headers, **more)  # type: ignore[arg-type]


@given(st.sampled_from(KINDS.decode()), st.lists(st.text(), min_size=1, max_size=3))
def test_the_migrated_id_is_the_one_that_an_import_derives_from_now_on(
    kind: str, parts: list[str]
) -> None:
    assert ids.successor(old(kind, *parts), KEY) == new(kind, *parts)
    assert REWRITER.rewrite(old(kind, *parts).encode()).decode() == new(kind, *parts)


def worker_fact(source: str, reference: str) -> Record:
    """Return a profile's record as an earlier release wrote it, with the reference as written."""
    value = orjson.dumps({"source": source, "identifier": reference, "name": "张三"})
    return fact(PROFILES, old("w", source, reference), value)


@pytest.mark.parametrize("reference", ["a-1", "Ａ-1", "A-1\u200b", "'A-1", "a–1", "7", "A-1"])
async def test_a_worker_gets_the_id_of_the_next_import_whatever_the_spelling(
    reference: str,
) -> None:
    kafka = InMemoryKafka()
    kafka.append(worker_fact("r", reference))
    erasable = ids.match_id(old("o", "e", "1"), old("w", "r", reference))

    for _ in range(2):  # also from the copies, once the originals are deleted
        respelled = await respelled_ids(reader_of(kafka))
        rewriter = Rewriter(COUNTY_KEY, respelled.taken)
        with ids.installed(KEY):
            expected = ids.worker_id("r", reference)
            match = ids.match_id(new("o", "e", "1"), expected)
        migrated = rewriter.rewrite(old("w", "r", reference).encode()).decode()
        assert migrated == expected
        assert rewriter.rewrite(erasable.encode()).decode() == match
        assert respelled.kept == frozenset()
        cut = kafka.ends(PROFILES)
        await copy_topic(reader_of(kafka), kafka, PROFILES, cut, rewriter, {})
        kafka.logs = {at: log[cut[at[1]] :] for at, log in kafka.logs.items()}


async def test_an_opening_gets_the_id_of_the_next_import_whatever_the_spelling() -> None:
    kafka = InMemoryKafka()
    value = {"source": "api", "hiringOrganization": {"id": "e"}, "identifier": "岗（１）"}
    kafka.append(fact(OPENINGS, old("o", "api/e", "岗（１）"), orjson.dumps(value)))

    rewriter = Rewriter(COUNTY_KEY, (await respelled_ids(reader_of(kafka))).taken)

    migrated = rewriter.rewrite(old("o", "api/e", "岗（１）").encode()).decode()
    assert migrated == new("o", "api/e", "岗(1)")


@pytest.mark.parametrize("spellings", [["a-1", "A-1"], ["a-1", "Ａ-1", "A-1"], ["a-1", "Ａ-1"]])
async def test_of_two_workers_with_spellings_of_one_number_none_replaces_the_other(
    spellings: list[str],
) -> None:
    kafka = InMemoryKafka()
    for each in spellings:
        kafka.append(worker_fact("r", each))

    respelled = await respelled_ids(reader_of(kafka))

    rewriter = Rewriter(COUNTY_KEY, respelled.taken)
    migrated = {rewriter.rewrite(old("w", "r", each).encode()) for each in spellings}
    assert len(migrated) == len(spellings)
    assert new("w", "r", "A-1").encode() in migrated
    assert len(respelled.kept) == len(spellings) - 1


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'"x"', b'{"source":"r"}',
                                   b'{"source":"r","identifier":7}'])  # fmt: skip
async def test_a_fact_without_a_readable_reference_keeps_its_id(value: bytes) -> None:
    kafka = InMemoryKafka()
    kafka.append(fact(PROFILES, old("w", "r", "7"), value))
    assert (await respelled_ids(reader_of(kafka))).taken == {}


def test_a_match_id_is_made_of_the_new_ids_of_its_opening_and_worker() -> None:
    match = ids.match_id(old("o", "api/e", "1"), old("w", "roster", "7"))

    migrated = REWRITER.rewrite(match.encode()).decode()

    assert migrated == ids.match_id(new("o", "api/e", "1"), new("w", "roster", "7"))


def test_the_id_of_an_interview_slot_keeps_its_opening() -> None:
    opening, slot = old("o", "api/e", "1"), old("v", "boss", "1")

    migrated = REWRITER.rewrite(f"v-{opening[2:]}.{slot[2:]}".encode()).decode()

    assert migrated == f"v-{new('o', 'api/e', '1')[2:]}.{new('v', 'boss', '1')[2:]}"


@pytest.mark.parametrize(
    "around", ['{{"id":"{}"}}', "/v1/profiles/{}/export", "{}.sms", "deliveries/{}/3@deliver"]
)
def test_an_id_is_replaced_within_other_text(around: str) -> None:
    text = around.format(old("n", "x"))

    assert REWRITER.rewrite(text.encode()).decode() == around.format(new("n", "x"))


@pytest.mark.parametrize("kind", ["s", "h", "k", "i"])
def test_ids_with_public_or_random_parts_stay(kind: str) -> None:
    text = old(kind, "x").encode()

    assert REWRITER.rewrite(text) == text


@pytest.mark.parametrize("text", ["w-abc", "w-" + "a" * 27, "now-" + "a" * 26, "w-" + "A" * 26])
def test_other_text_stays(text: str) -> None:
    assert REWRITER.rewrite(text.encode()) == text.encode()


@pytest.mark.parametrize("topic", COPIED, ids=lambda topic: topic.name)
def test_a_migrated_event_is_read_and_keyed_as_before(topic: Topic) -> None:
    for example in examples_of(topic):
        event = topic.event.model_validate(example)
        key = str(getattr(event, "id", "key"))
        value = event.model_dump_json(by_alias=True, exclude_none=True).encode()
        original = Incoming(topic, 0, 5, key.encode(), value, NOW)
        if topic == ACCOUNTS:
            value = orjson.dumps({**orjson.loads(value), "totpSecret": None})
            original = Incoming(topic, 0, 5, key.encode(), value, NOW)

        copy = REWRITER.copy_of(original, key, {})

        migrated = topic.event.model_validate_json(copy.value or b"")
        assert str(getattr(migrated, "id", "key")) == copy.key
        assert len(copy.value or b"") == len(original.value or b"")


def test_every_topic_is_copied_or_dropped_but_the_claim() -> None:
    assert {*COPIED, *DROPPED, COUNTY} == set(TOPICS)


async def test_of_a_compacted_topic_only_the_newest_record_of_a_key_is_copied() -> None:
    kafka = InMemoryKafka()
    kept, erased = old("w", "r", "1"), old("w", "r", "2")
    for key, value in ((kept, b"1"), (erased, b"name"), (kept, b"2"), (erased, None)):
        kafka.append(fact(PROFILES, key, value))
    cut = kafka.ends(PROFILES)

    await copy_topic(reader_of(kafka), kafka, PROFILES, cut, REWRITER, {})

    copies = {each.key: each.value for each in kafka.behind(PROFILES, cut)}
    assert copies == {new("w", "r", "1").encode(): b"2", new("w", "r", "2").encode(): None}


async def test_a_copy_keeps_its_timestamp_and_gets_the_content_id_of_its_content() -> None:
    kafka = InMemoryKafka()
    kafka.append(fact(AUDIT, old("t", "1"), b'{"who":"%s"}' % old("u", "li").encode()))
    kafka.append(fact(AUDIT, old("t", "2"), b"{}", timestamp_ms=77))
    cut = kafka.ends(AUDIT)

    await copy_topic(reader_of(kafka), kafka, AUDIT, cut, REWRITER, {})

    first, second = sorted(kafka.behind(AUDIT, cut), key=lambda each: -each.timestamp_ms)
    assert (first.timestamp_ms, second.timestamp_ms) == (1_000, 77)
    assert first.value == b'{"who":"%s"}' % new("u", "li").encode()
    key = (first.key or b"").decode()
    assert dict(first.headers)["ce_id"] == content_id(AUDIT.name, key, first.value).encode()


@pytest.mark.parametrize("topic", [AUDIT, MATCHES], ids=lambda topic: topic.name)
@pytest.mark.parametrize("killed_after", range(0, 40, 3))
async def test_an_interrupted_copy_continues_and_copies_every_record_once(
    topic: Topic, killed_after: int
) -> None:
    kafka = InMemoryKafka()
    keys = [
        ids.match_id(old("o", "e", str(number)), old("w", "r", str(number % 7)))
        if topic == MATCHES
        else old("t", str(number))
        for number in range(40)
    ]
    for key in keys:
        kafka.append(fact(topic, key, key.encode()))
    cut = kafka.ends(topic)
    kafka.fail_after = killed_after
    with pytest.raises(Transient):
        await copy_topic(reader_of(kafka), kafka, topic, cut, REWRITER, {})
    kafka.fail_after = None

    await copy_topic(reader_of(kafka), kafka, topic, cut, REWRITER, {})
    again = await copy_topic(reader_of(kafka), kafka, topic, cut, REWRITER, {})

    assert again == 0
    copied = [each.value for each in kafka.behind(topic, cut)]
    assert sorted(copied) == sorted(REWRITER.rewrite(key.encode()) for key in keys)  # type: ignore[type-var]


async def test_a_record_that_another_process_writes_meanwhile_is_noticed() -> None:
    kafka = InMemoryKafka()
    kafka.append(fact(AUDIT, old("t", "1")))
    cut = kafka.ends(AUDIT)
    await copy_topic(reader_of(kafka), kafka, AUDIT, cut, REWRITER, {})
    assert (await existing_copies(reader_of(kafka), AUDIT, cut)).foreign == 0

    kafka.append(fact(AUDIT, old("t", "2")))

    assert (await existing_copies(reader_of(kafka), AUDIT, cut)).foreign == 1


async def test_behind_new_cuts_copies_keep_their_ids_and_other_records_are_migrated() -> None:
    kafka = InMemoryKafka()
    kafka.append(fact(AUDIT, old("t", "1")))
    await copy_topic(reader_of(kafka), kafka, AUDIT, kafka.ends(AUDIT), REWRITER, {})
    first_cut = kafka.ends(AUDIT)
    kafka.append(fact(AUDIT, old("t", "2")))
    cut = kafka.ends(AUDIT)
    assert cut != first_cut

    await copy_topic(reader_of(kafka), kafka, AUDIT, cut, REWRITER, {})

    keys = {each.key for each in kafka.behind(AUDIT, cut)}
    assert {new("t", "1").encode(), new("t", "2").encode()} <= keys


def test_an_authenticator_still_opens_under_the_accounts_new_id() -> None:
    before, after = old("u", "li"), new("u", "li")
    with ids.installed(KEY):
        assert account_id("li") == after
    value = orjson.dumps({"id": before, "totpSecret": seal_secret(COUNTY_KEY, before, "ABC")})

    copy = REWRITER.copy_of(Incoming(ACCOUNTS, 0, 0, before.encode(), value, NOW), before, {})

    migrated = orjson.loads(copy.value or b"")
    assert migrated["id"] == copy.key == after
    assert unseal_secret(COUNTY_KEY, after, migrated["totpSecret"]) == "ABC"


def test_an_authenticator_of_another_county_key_does_not_stop_the_migration() -> None:
    before = old("u", "li")
    value = orjson.dumps({"id": before, "totpSecret": seal_secret(b"other" * 8, before, "ABC")})

    copy = REWRITER.copy_of(Incoming(ACCOUNTS, 0, 0, before.encode(), value, NOW), before, {})

    assert copy.key == new("u", "li")


def test_a_dead_letter_points_to_the_new_place_of_its_record() -> None:
    letter = examples_of(DEAD_LETTERS)[0]
    value, key = orjson.dumps(letter), letter["id"]
    original = Incoming(DEAD_LETTERS, 0, 0, key.encode(), value, NOW)

    copy = REWRITER.copy_of(original, key, {("openings", 3, 40): (5, 91)})

    migrated = orjson.loads(copy.value or b"")
    assert copy.key == migrated["id"] == "openings/5/91@index"
    assert (migrated["partition"], migrated["offset"]) == (5, 91)
    assert origin_of(Incoming(DEAD_LETTERS, 0, 9, b"k", b"", NOW, tuple(copy.headers))) == (0, 0)


def test_the_outbox_is_rewritten_once_also_after_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text(f'{{"to":"{old("w", "r", "1")}"}}\n{{"to":"{old("w", "r", "2")}"}}\n')
    expected = f'{{"to":"{new("w", "r", "1")}"}}\n{{"to":"{new("w", "r", "2")}"}}\n'

    assert rewrite_file(path, REWRITER)
    assert not rewrite_file(path, REWRITER)
    assert path.read_text() == expected

    forget_mark(path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_rewritten_file_stays_private_and_expires_as_before(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv.rejects.jsonl"
    path.write_text(f'{{"worker":"{old("w", "r", "1")}"}}\n')
    path.chmod(0o600)
    os.utime(path, (1_000, 1_000))

    assert local_files(tmp_path / "messages.jsonl", tmp_path)[1:] == [path]
    assert rewrite_file(path, REWRITER)

    assert path.read_text() == f'{{"worker":"{new("w", "r", "1")}"}}\n'
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime) == (0o600, 1_000)


def test_an_outbox_whose_mark_was_written_before_a_kill_is_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    before = f'{{"to":"{old("w", "r", "1")}"}}\n'
    path.write_text(before)
    rewrite_file(path, REWRITER)
    after = path.read_text()
    path.write_text(before)  # the kill came before the new file took its place

    assert rewrite_file(path, REWRITER)
    assert path.read_text() == after


DERIVED = re.compile(r'derive\(\s*"([a-z])"')
NOT_GUESSABLE = {"c", "f", "g", "h", "i", "k", "l", "q"}
"""Kinds of ids from random or keyed values (f, h, i, k, q), of search keys, which only views hold
(c), and of saved mappings (g) and employers' names (l), which tell nothing about people."""


def test_every_kind_of_id_is_migrated_or_known_to_need_none() -> None:
    root = Path(__file__).parents[3]
    kinds = {
        kind
        for package in ("api", "producers", "roost", "streams")
        for path in (root / package).rglob("*.py")
        for kind in DERIVED.findall(path.read_text("utf-8"))
    }
    assert {"w", "d", "n"} <= kinds
    assert kinds - NOT_GUESSABLE == set(KINDS.decode())
