"""Events that are bad, large, repeated, or late (rows 10 to 14)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from kafka import KafkaAdminClient, KafkaProducer
from kafka.structs import OffsetAndMetadata, TopicPartition

from producers import facts
from roost.errors import Conflict, TooLarge
from roost.events.envelope import Record
from roost.events.opening import OpeningStatus
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.time.clock import SystemClock
from roost.topics import OPENINGS, PROFILES, Topic
from roost.views.elastic import Write
from roost.views.mappings import VIEWS
from streams.kernel import crash
from streams.kernel.dead_letter_limit import LEAST_EVENTS
from streams.kernel.stage_stops import find_stops
from streams.maintenance import dead_letters
from streams.stages import READS, group_of
from tests.faults.cluster import wait_ended
from tests.faults.evidence import TopicRecord
from tests.faults.launcher import chosen
from tests.faults.rows.process_rows import back_to_normal
from tests.faults.scenario import FaultRow, Run
from tests.faults.workload import now
from tests.made import POISON

UNREADABLE = (*POISON, b"")


async def poisoned(run: Run) -> None:
    """Publish unreadable records among good ones, then kill the reader."""
    load = run.load(100 if run.full else 30)
    records = load.records
    raw = KafkaProducer(bootstrap_servers=run.cluster.own.bootstrap_servers)
    try:
        async with run.kept_up():
            for number, start in enumerate(range(0, len(records), 6)):
                await run.publish(records[start : start + 6])
                topic = run.dice.choice((PROFILES, OPENINGS))
                _poison(run, raw, topic, UNREADABLE[number % len(UNREADABLE)])
                if number == 3:
                    run.cluster.kill("index")
                    run.injected()
    finally:
        raw.close()


def _poison(run: Run, raw: KafkaProducer, topic: Topic, value: bytes) -> None:
    partition = run.dice.randrange(topic.partitions)
    at = raw.send(topic.name, key=b"poison", value=value, partition=partition).get(20)
    run.poison.add((topic.name, at.partition, at.offset))
    run.injected()


async def oversized(run: Run) -> None:
    """Publish records over the limit: refused before sending, without a delay for the next."""
    load = run.load(10, changes=False)
    large = load.first[0]
    for _ in range(3):
        try:
            await run.publish([Record(PROFILES, large.key, b"x" * 2_000_000, large.headers)])
            run.expect(False, "a record of 2 MB was taken")
        except TooLarge:
            run.injected()
        began = time.monotonic()
        await run.publish(load.first[:1])
        run.expect(time.monotonic() - began < 1.0, "the event after it took over 1 s")
    await run.publish(load.first)
    await run.settle()
    await _oversized_at_the_api(run)


async def _oversized_at_the_api(run: Run) -> None:
    async with run.cluster.api_client() as api:
        answer = await api.post(
            "/v1/openings", content=b"x" * 2_000_000, headers={"content-type": "application/json"}
        )
        run.injected()
        run.expect(answer.status_code == 413, f"the API answered {answer.status_code}, not 413")
        began = time.monotonic()
        alive = await api.get("/health/live")
        run.expect(alive.status_code == 200, "the API does not answer after an oversized body")
        run.expect(time.monotonic() - began < 1.0, "the request after it took over 1 s")


async def repeated(run: Run) -> None:
    """Publish every event three times, then reset every group's offsets to 0: nobody is notified.

    Only the current state is repeated: an old state published again would be a real change back.
    """
    load = run.load(80 if run.full else 25)
    for records in (load.first, load.changes):
        await run.publish(records)
        await run.settle()
        before = await _notified(run)
        for _ in range(2):
            await run.publish(records)
            run.injected(len(records))
        await run.settle()
        await _none_new(run, before, "events published three times")
    first = await _notified(run)
    run.notes["told"] = len(first)
    await asyncio.to_thread(_set_back, run)
    run.cluster.start(*run.cluster.stages)
    run.injected(len(run.cluster.stages))
    await run.settle()
    await _none_new(run, first, "offsets set back to 0")


async def _notified(run: Run) -> set[str]:
    evidence = await run.evidence(0.0)
    visible = {f"{each.address}/{each.id}" for each in evidence.attempts if each.visible}
    return visible | evidence.notifications.keys()


async def _none_new(run: Run, before: set[str], what: str) -> None:
    new = await _notified(run) - before
    run.expect(not new, f"{what}: {len(new)} new notifications, such as {sorted(new)[:2]}")


def _set_back(run: Run) -> None:
    """Stop the stages and reset their groups to the beginning."""
    names = run.cluster.stages
    for name in names:
        run.cluster.worker(name).stop()
    client = KafkaAdminClient(bootstrap_servers=run.cluster.own.bootstrap_servers)
    try:
        for name in names:
            offsets = {
                TopicPartition(topic.name, each): OffsetAndMetadata(0, "", -1)
                for topic in READS[name]
                for each in range(topic.partitions)
            }
            client.alter_group_offsets(group_of(name), offsets)
    finally:
        client.close()


async def shuffled(run: Run) -> None:
    """Write old events late: repeats of old versions, and an update after a deletion.

    By then Elasticsearch has forgotten the deletion (`index.gc_deletes`, 60 s by default). Nothing
    comes back, and nobody is notified of a closed opening.
    """
    load = run.load(60 if run.full else 20, changes=False)
    await run.publish(load.first)
    await run.settle()
    cells = [cell for cell in load.cells if cell.openings and cell.workers]
    closed = [cell.openings[0] for cell in cells[::2]]
    erased = [cell.workers[0] for cell in cells[1::2]]
    await run.publish(
        [facts.opening_status_set(each, OpeningStatus.CLOSED, at=now())[1] for each in closed]
        + [facts.profile_erased(each.id, at=now()) for each in erased]
    )
    await run.settle()
    before = await _notified(run)
    with forgetting(run, None if run.full else "1s") as forgotten_s:
        await asyncio.sleep(forgotten_s)
        await _write_old_versions(run)
    await run.settle()
    new = await run.evidence(0.0)
    for each in closed:
        _, document = new.view(OPENINGS.name)[each.id]
        run.expect(document.get("fact", {}).get("status") == "closed", f"{each.id} is open again")
    for person in erased:
        _, document = new.view(PROFILES.name)[person.id]
        run.expect(bool(document.get("erased")), f"{person.id} has come back")
    await _none_new(run, before, "old versions written late")


@contextmanager
def forgetting(run: Run, after: str | None) -> Iterator[float]:
    """Yield the seconds until Elasticsearch forgets a deletion; None keeps its default of 60."""
    where = f"{','.join(VIEWS)}/_settings"
    run.set_at_elasticsearch(where, {"index.gc_deletes": after})
    try:
        yield 65.0 if after is None else 3.0
    finally:
        run.set_at_elasticsearch(where, {"index.gc_deletes": None})


async def _write_old_versions(run: Run) -> None:
    """Write shuffled old versions, as a stage would after a long freeze."""
    olden = [each for each in run.accepted if each.value is not None]
    run.dice.shuffle(olden)
    writes = [
        Write(each.topic, each.key, each.version, {"id": each.key, "version": each.version})
        for each in olden
        if _superseded(run, each)
    ]
    await run.elastic.write(writes)
    run.injected(len(writes))


def _superseded(run: Run, record: TopicRecord) -> bool:
    return any(each.key == record.key and each.offset > record.offset for each in run.accepted)


FAILING = {"while": 0.05, "good": 0.03}
"""Share of the events that fail for a while, and permanently."""


async def failing_handlers(run: Run) -> None:
    """Fail a share of events for a while, and a smaller one permanently.

    After a restart, the dead letters of the latter are retried with the normal outcome. Twice,
    before and after a write, an error escapes that nothing handles, and the process ends.
    """
    run.cluster.stop("index")
    run.cluster.start("index", plan=_failing_plan(run))
    load = run.load(300 if run.full else 50)
    async with run.kept_up():
        await run.publish(load.records)
        await run.settle()
    _count_failing(run)
    ended = run.cluster.fired("index")
    run.injections += ended
    run.expect(ended == 2, f"{ended} of 2 errors escaped")
    letters = (await run.evidence(0.0)).letters
    reasons = {str(letter["reason"]) for letter in letters.values()}
    run.expect(reasons == {"ArithmeticError"}, f"the dead letters give the reasons {reasons}")
    await back_to_normal(run, {"index"})
    async with run.kept_up():
        await _retry(run, [str(letter["id"]) for letter in letters.values()])
        run.expect(run.notes["retried"] > 0, "no dead letter was retried")
        await run.settle()
    views = (await run.evidence(0.0)).views
    absent = [each.key for each in run.accepted if each.key not in views[each.topic]]
    run.expect(not absent, f"{len(absent)} retried events are in no view: {absent[:2]}")


def _failing_plan(run: Run) -> dict[str, object]:
    until = time.time() + (60 if run.full else 12)
    errors: dict[str, dict[str, object]] = {
        "while": {"error": "transient", "until": until},
        "good": {"error": "good"},
    }
    return {
        "failing": [
            {"salt": f"{run.tenant}/{kind}", "share": share, **errors[kind]}
            for kind, share in FAILING.items()
        ],
        "traps": [
            {
                "point": "elastic.write",
                "action": "end",
                "when": when,
                "skip": run.dice.randint(0, 3),
            }
            for when in ("before", "after")
        ],
    }


def _count_failing(run: Run) -> None:
    """Count the failing events as injections; those that fail permanently are poison."""
    for each in run.accepted:
        fails = {
            kind: chosen(each.key, f"{run.tenant}/{kind}", share) for kind, share in FAILING.items()
        }
        if fails["good"]:
            run.poison.add(each.place)
        run.injections += any(fails.values())


async def failing_stage(run: Run) -> None:
    """Let the index stage fail at every event, as after a wrong release, and restart it meanwhile.

    Before its limit it may park a few events; every restart stops and parks nothing more. The right
    release processes all the others, and the parked ones are retried.
    """
    before = await _parked(run)
    run.cluster.stop("index")
    run.cluster.start("index", plan={"failing": [{"salt": "", "share": 1.0, "error": "good"}]})
    load = run.load(60 if run.full else 20)
    await run.publish(load.records)
    for _ in range(4):
        await _ended_by_limit(run)
        run.cluster.look()
    await _repair(run, before)


async def failing_stage_restarted(run: Run) -> None:
    """Let the index stage fail at half of its events, and kill it after every few of them.

    A restart grants no new allowance of dead letters: it stops as one that runs through.
    """
    before = await _parked(run)
    plan = {"failing": [{"salt": "", "share": 0.5, "error": "good"}]}
    run.cluster.stop("index")
    load = run.load(60 if run.full else 30)
    for start in range(0, len(load.records), 10):
        run.cluster.start("index", plan=plan)
        await run.publish(load.records[start : start + 10])
        if await _ended_while_parking(run):
            break
        run.cluster.kill("index", stay_down=True)
        run.injected()
    run.cluster.let_restart("index")
    await _ended_by_limit(run)
    await run.publish(load.records[start + 10 :])
    await _repair(run, before)


async def _ended_while_parking(run: Run) -> bool:
    """Wait until all failing events are parked, or the stage has ended; return whether it has."""
    failing = {each.place for each in run.accepted if chosen(each.key, "", 0.5)}
    deadline = time.monotonic() + 60
    while run.cluster.alive("index"):
        if failing <= (await _parked(run)).keys():
            return False
        if time.monotonic() > deadline:
            run.expect(False, "failing events are neither parked nor stop the stage")
            return True
        await asyncio.sleep(0.2)
    return True


async def _ended_by_limit(run: Run) -> None:
    status = await asyncio.to_thread(wait_ended, run.cluster.worker("index"), 60.0)
    run.injected()
    run.expect(status == crash.STOPPED, f"the stage ended with the status {status}")


async def _parked(run: Run) -> dict[tuple[str, int, int], str]:
    """Return the ids of the pending dead letters of the index stage, by record."""
    letters = await dead_letters.find_dead_letters(run.cluster.own.bootstrap_servers)
    return {each.place: each.id for each in letters if each.stage == "index"}


async def _repair(run: Run, before: Mapping[tuple[str, int, int], str]) -> None:
    """Run the right release, and retry what was parked meanwhile, which is within the limit."""
    reader = KafkaReader(run.cluster.own.bootstrap_servers)
    run.expect("index" in await find_stops(reader), "the stop was not recorded")
    letters = {place: id for place, id in (await _parked(run)).items() if place not in before}
    run.expect(len(letters) <= LEAST_EVENTS / 5, f"{len(letters)} events were parked")
    run.notes["parked_before_the_stop"] = len(letters)
    mine = {each.place for each in run.accepted} & letters.keys()
    run.poison |= mine
    await back_to_normal(run, {"index"})
    run.mended()
    await run.settle()
    if letters:
        await _retry(run, [letters[each] for each in sorted(letters)])
        in_order = sorted(run.accepted, key=lambda each: each.place)
        newest = {(each.topic, each.key): each.place for each in in_order}
        if mine & set(newest.values()):
            run.expect(run.notes["retried"] > 0, "no dead letter of a newest event was retried")
        await run.settle()
    run.expect("index" not in await find_stops(reader), "the stop did not end after the fix")


async def _retry(run: Run, letters: Sequence[str]) -> None:
    """Retry as `roost dead-letters retry` does; only the newest letter of a key still applies."""
    servers = run.cluster.own.bootstrap_servers
    retried = 0
    async with Sender(servers) as sender:
        for id in letters:
            with suppress(Conflict):
                await dead_letters.retry_dead_letter(
                    servers, run.elastic, sender, SystemClock(), id
                )
                retried += 1
    run.notes["retried"] = retried


ROWS = (
    FaultRow(10, "handlers fail, for a while and for good", failing_handlers),
    FaultRow(110, "a stage fails at every event", failing_stage, quick=True),
    FaultRow(120, "a failing stage, killed after every few events", failing_stage_restarted),
    FaultRow(11, "poison among good events, then kill -9", poisoned, quick=True),
    FaultRow(12, "oversized records and bodies", oversized, quick=True),
    FaultRow(13, "every event three times; offsets set back to 0", repeated),
    FaultRow(14, "old versions late, after close and erasure", shuffled, quick=True),
)
