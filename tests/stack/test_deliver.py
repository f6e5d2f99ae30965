"""The deliver stage on a Kafka and an Elasticsearch used by this module alone.

No stage runs as a process: two of them share one ledger and a clock that moves only when it is set.
Channels keep accepted messages and fail on request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.environment import environment_of
from roost import ids
from roost.errors import Conflict, Transient
from roost.events.dead_letter import DeadLetter
from roost.events.envelope import record
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Hold,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.receipt import Receipt, ReceiptKind
from roost.kafka.incoming import decode_fact
from roost.kafka.sender import Sender
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.topics import DELIVERIES
from roost.views.elastic import Elastic
from streams.deliver import rows
from streams.deliver.delivery_errors import DeliveryRefused
from streams.deliver.lane import BATCH
from streams.deliver.ledger import Ledger
from streams.deliver.retries import JITTER, SCHEDULES
from streams.index.entity_projection import EntityProjection
from streams.maintenance.dead_letters import find_dead_letter, find_dead_letters, retry_dead_letter
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.stack.delivering import (
    DAY,
    EMAIL,
    HOUR,
    INBOX,
    MINUTE,
    QUIET,
    SMS,
    Contended,
    World,
    facts,
)
from tests.stack.told import records_of
from tests.stack.waiting import until

pytestmark = pytest.mark.stack
WAITING, SENT, FAILED = DeliveryStatus.WAITING, DeliveryStatus.SENT, DeliveryStatus.FAILED
DAILY: dict[str, Any] = {"digest": {"pace": "daily", "at": "08:00"}}
SUPPRESSED, PARKED = DeliveryStatus.SUPPRESSED, DeliveryStatus.PARKED
CLOSED = NotificationKind.OPENING_CLOSED


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings


@pytest.fixture
async def world(settings: Settings, elastic: Elastic) -> AsyncIterator[World]:
    async with Sender(settings.bootstrap_servers) as sender:
        made = World(elastic, sender, settings)
        yield made
        await made.end_all()


def read_receipt(of: Notification, world: World) -> Receipt:
    return Receipt(
        id=ids.derive("r", of.id, "read"),
        notification_id=of.id,
        recipient=of.recipient,
        kind=ReceiptKind.READ,
        at=world.clock.now(),
    )


def states(found: list[Delivery]) -> list[DeliveryStatus]:
    return [row.status for row in found]


def said_by(*words: str) -> str:
    """Return the output of a `roost` command."""
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.stdout


async def truth(of: object) -> bool:
    return bool(of)


async def letters_of(world: World, of: Notification) -> list[DeadLetter]:
    """Return the pending dead letters of a notification's deliveries."""
    found = []
    for letter in await find_dead_letters(world.settings.bootstrap_servers):
        origin = (await find_dead_letter(world.settings.bootstrap_servers, letter.id)).origin
        if origin is not None and decode_fact(origin).required_event.notification.id == of.id:
            found.append(letter)
    return found


# --- once


async def test_a_notification_becomes_rows_and_is_sent_once_however_often_it_comes(
    world: World,
) -> None:
    worker = await world.worker("once")
    told = await world.news(worker, "砌筑工")
    async with world.stage() as stage:
        await stage.handle(facts(told))
        await world.quiet()
        assert (await world.row(told, INBOX)).status is SENT
        sent = await world.row(told)
        assert (sent.status, sent.message_id, sent.attempts) == (SENT, told.id, 1)
        assert [step.status.value for step in sent.history] == ["waiting", "sending", "sent"]
        said = len(records_of(world.settings, DELIVERIES, told.id))
        await stage.handle(facts(told, told))
        await stage.handle(facts(told))
        await world.look(stage)
    async with world.stage() as another:
        await another.handle(facts(told))
        await world.look(another)
    (message,) = world.channels[SMS].told(worker)
    assert message.id == told.id
    assert "砌筑工" in message.title + message.body
    assert world.channels[INBOX].tried == [], "an entry of the inbox is done by being recorded"
    assert len(records_of(world.settings, DELIVERIES, told.id)) == said


async def test_two_stages_on_one_ledger_send_everything_once(world: World) -> None:
    workers = [await world.worker(f"two-{n}") for n in range(20)]
    told = [await world.news(each) for each in workers]
    async with world.stage() as one, world.stage() as two:
        await one.handle(facts(*told))
        await two.handle(facts(*told))
        await world.look(one, two)
        await world.look(one, two)
    assert sorted(world.channels[SMS].tried) == sorted(each.id for each in told)
    assert set(states(await world.rows(*told))) == {SENT}


async def test_two_stages_that_come_to_a_digest_at_the_same_moment_send_one(world: World) -> None:
    people = [await world.worker(f"both-{n}", **DAILY) for n in range(8)]
    told = [await world.news(each, str(n)) for each in people for n in range(3)]
    meet = asyncio.Barrier(2)
    first, second = (Contended(world, meet, backwards=back) for back in (False, True))
    async with world.stage(ledger=first) as one, world.stage(ledger=second) as two:
        await one.handle(facts(*told))
        await two.handle(facts(*told))
        world.clock.moment += 20 * HOUR
        await world.look(one, two)
    for each in people:
        (message,) = world.channels[SMS].told(each)
        assert message.kind == "digest"
        assert message.title.startswith("3 ")
    assert set(states(await world.rows(*told))) == {SENT}


# --- when


async def test_quiet_hours_hold_a_message_until_they_are_over(world: World) -> None:
    worker = await world.worker("quiet")
    told = await world.news(worker)
    world.clock.moment += 11 * HOUR
    async with world.stage(quiet=QUIET) as stage:
        await stage.handle(facts(told))
        held = await world.row(told)
        assert (held.status, held.held_by) == (WAITING, Hold.QUIET)
        assert held.due_at == world.clock.now() + 8 * HOUR
        urgent = await world.news(worker, "urgent", kind=CLOSED)
        await stage.handle(facts(urgent))
        await world.quiet()
        assert [each.id for each in world.channels[SMS].told(worker)] == [urgent.id]
    async with world.stage(quiet=QUIET) as another:  # the ledger has it, not the process
        world.clock.moment += 8 * HOUR - MINUTE
        await world.look(another)
        assert (await world.row(told)).status is WAITING
        world.clock.moment += MINUTE
        await world.look(another)
    assert [each.id for each in world.channels[SMS].told(worker)] == [urgent.id, told.id]


async def test_a_daily_digest_gathers_three_matches_into_one_message_the_best_first(
    world: World,
) -> None:
    worker = await world.worker("digest", **DAILY)
    scores = {"焊工": 60.0, "瓦工": 90.0, "木工": 75.0}
    async with world.stage(gap=10 * MINUTE) as stage:
        told = []
        for title, score in scores.items():
            told.append(await world.news(worker, title, score))
            await stage.handle(facts(told[-1]))
            world.clock.moment += HOUR
            await world.look(stage)
        held = await world.rows(*told)
        assert {(row.status, row.held_by) for row in held} == {(WAITING, Hold.DIGEST)}
        (slot,) = {row.due_at for row in held}
        assert world.channels[SMS].tried == [], "none is sent alone"
        world.clock.moment = slot
        await world.look(stage)
    (digest,) = world.channels[SMS].told(worker)
    at = [digest.body.index(title) for title in ("瓦工", "木工", "焊工")]
    assert at == sorted(at)
    sent = await world.rows(*told)
    assert {(row.status, row.message_id) for row in sent} == {(SENT, digest.id)}
    assert digest.id not in {each.id for each in told}


async def test_a_digest_stays_one_message_however_many_are_due_at_the_same_moment(
    world: World,
) -> None:
    people = [await world.worker(f"many-{n}", **DAILY) for n in range(50)]
    told = [await world.news(each, str(n)) for n in range(3) for each in people]
    assert len(told) > BATCH
    async with world.stage() as stage:
        await stage.handle(facts(*told))
        world.clock.moment += 20 * HOUR
        await world.look(stage)
    assert [len(world.channels[SMS].told(each)) for each in people] == [1] * len(people)


async def test_what_comes_close_upon_a_message_waits_and_is_merged(world: World) -> None:
    worker = await world.worker("throttle")
    first, *close = [await world.news(worker, str(n)) for n in range(3)]
    async with world.stage(gap=10 * MINUTE) as stage:
        await stage.handle(facts(first))
        await world.quiet()
        await world.elastic.refresh("deliveries")
        world.clock.moment += MINUTE
    async with world.stage(gap=10 * MINUTE) as another:  # it holds nothing in memory
        await another.handle(facts(*close))
        await world.quiet()
        held = await world.rows(*close)
        assert {(row.status, row.held_by) for row in held} == {(WAITING, Hold.THROTTLE)}
        assert {row.due_at for row in held} == {world.clock.now() + 9 * MINUTE}
        world.clock.moment += 9 * MINUTE
        await world.look(another)
    one, merged = world.channels[SMS].told(worker)
    assert (one.id, merged.kind) == (first.id, "digest")
    assert {row.message_id for row in await world.rows(*close)} == {merged.id}


# --- failures, and further channels


async def test_a_failing_channel_is_tried_again_later_and_given_up_for_the_next_one(
    world: World,
) -> None:
    worker = await world.worker("fails", SMS, EMAIL)
    told = await world.news(worker)
    world.channels[SMS].failure = Transient("the gateway is away")
    async with world.stage(attempts=3) as stage:
        await stage.handle(facts(told))
        for attempt in (1, 2):
            await world.quiet()
            row = await world.row(told)
            assert (row.status, row.held_by, row.attempts) == (WAITING, Hold.RETRY, attempt)
            waits, planned = row.due_at - world.clock.now(), SCHEDULES[SMS][attempt - 1]
            assert planned <= waits <= planned * (1 + JITTER)
            await world.look(stage)
            assert len(world.channels[SMS].tried) == attempt, "not before it is due"
            world.clock.moment = row.due_at
            await world.look(stage)
        failed = await world.row(told)
        assert (failed.status, failed.detail) == (FAILED, "the gateway is away")
        (letter,) = await letters_of(world, told)
        assert (letter.reason, letter.attempts) == ("sms-failed", 3)
        await world.look(stage)
        assert (await world.row(told, EMAIL)).status is SENT
        await world.look(stage)
    assert world.channels[SMS].tried == [told.id] * 3
    assert [each.id for each in world.channels[EMAIL].told(worker)] == [told.id]


async def test_a_refusal_for_good_is_not_tried_again(world: World) -> None:
    worker = await world.worker("refused", SMS)
    told = await world.news(worker)
    world.channels[SMS].failure = DeliveryRefused("no such number")
    async with world.stage() as stage:
        await stage.handle(facts(told))
        await world.quiet()
        await world.look(stage)
    assert world.channels[SMS].tried == [told.id]
    assert (await world.row(told)).status is FAILED
    assert [each.reason for each in await letters_of(world, told)] == ["sms-failed"]


async def test_a_message_of_several_that_failed_is_tried_again_whole(world: World) -> None:
    worker = await world.worker("whole", **DAILY)
    told = [await world.news(worker, str(n)) for n in range(3)]
    sms = world.channels[SMS]
    sms.failure = Transient("the gateway is away")
    async with world.stage() as stage:
        await stage.handle(facts(*told))
        world.clock.moment += 20 * HOUR
        await world.look(stage)
        (due_at,) = {row.due_at for row in await world.rows(*told)}
        sms.failure, world.clock.moment = None, due_at
        await world.look(stage)
    (digest,) = sms.told(worker)
    assert sms.tried == [digest.id] * 2
    assert digest.title.startswith("3 ")


async def test_a_message_that_breaks_its_channel_fails_alone(world: World) -> None:
    people = [await world.worker(f"breaks-{n}") for n in range(5)]
    told = [await world.news(each) for each in people]
    sms = world.channels[SMS]
    sms.failure, sms.fails_for = RuntimeError("of the channel's own"), people[2]
    async with world.stage() as stage:
        await stage.handle(facts(*told))
        await world.quiet()
        world.clock.moment += 2 * MINUTE  # no row is left to be mistaken for an interrupted one
        await world.look(stage)
    assert sorted(sms.tried) == sorted(each.id for each in told)
    assert states(await world.rows(*told)) == [SENT, SENT, FAILED, SENT, SENT]
    assert (await world.row(told[2])).detail == "a fault of the stage: RuntimeError"


async def test_what_stays_unread_goes_to_the_next_channel_and_what_was_read_does_not(
    world: World,
) -> None:
    people = [await world.worker(f"unread-{n}", SMS, EMAIL) for n in range(2)]
    unread, seen = [await world.news(each) for each in people]
    async with world.stage() as stage:
        await stage.handle(facts(unread, seen))
        await world.quiet()
        further = await world.rows(unread, seen, channel=EMAIL)
        assert {(row.status, row.held_by) for row in further} == {(WAITING, Hold.UNREAD)}
        assert {row.due_at for row in further} == {world.clock.now() + DAY}
        await stage.handle(facts(read_receipt(seen, world)))
        assert (await world.row(seen, INBOX)).read_at is not None
        world.clock.moment += DAY
        await world.look(stage)
    assert states(await world.rows(unread, seen, channel=EMAIL)) == [SENT, SUPPRESSED]
    assert world.channels[EMAIL].tried == [unread.id]
    assert sorted(world.channels[SMS].tried) == sorted([unread.id, seen.id])


async def test_what_is_read_in_the_quiet_hours_goes_to_no_further_channel(world: World) -> None:
    worker = await world.worker("night", SMS, EMAIL)
    world.clock.moment += 9 * HOUR + 50 * MINUTE
    told = await world.news(worker)
    async with world.stage(quiet=QUIET) as stage:
        await stage.handle(facts(told))
        await world.quiet()
        world.clock.moment += DAY + 15 * MINUTE
        await world.look(stage)
        held = await world.row(told, EMAIL)
        assert (held.status, held.due_at) == (WAITING, world.clock.now() + 8 * HOUR + 55 * MINUTE)
        await stage.handle(facts(read_receipt(told, world)))
        world.clock.moment += 9 * HOUR
        await world.look(stage)
    assert (await world.row(told, EMAIL)).status is SUPPRESSED
    assert world.channels[EMAIL].tried == []


async def test_a_hanging_channel_delays_no_other(world: World) -> None:
    stuck = [await world.worker(f"hangs-{n}") for n in range(20)]
    by_mail = await world.worker("hangs-not", EMAIL)
    told = [await world.news(each) for each in stuck]
    sms, email = world.channels[SMS], world.channels[EMAIL]
    sms.open.clear()
    async with world.stage() as stage:
        await stage.handle(facts(*told))
        await until("hanging", lambda: truth(sms.tried))
        await stage.handle(facts(await world.news(by_mail)))
        await until("mailed", lambda: truth(email.told(by_mail)))
        assert sms.taken == [], "the others hang still"
        sms.open.set()
        await world.quiet()
    assert len(sms.taken) == len(stuck)


async def test_a_receipt_that_comes_amid_sending_repeats_nothing(world: World) -> None:
    worker = await world.worker("amid", SMS, EMAIL)
    told = await world.news(worker)
    sms = world.channels[SMS]
    sms.open.clear()
    async with world.stage() as stage:
        await stage.handle(facts(told))
        await until("trying", lambda: truth(sms.tried))
        await stage.handle(facts(read_receipt(told, world)))
        sms.open.set()
        await world.quiet()
        assert (await world.row(told)).status is SENT
        world.clock.moment += DAY
        await world.look(stage)
    assert sms.tried == [told.id]
    assert (await world.row(told, EMAIL)).status is SUPPRESSED


# --- recipients who want no messages


async def test_a_stop_ends_what_is_new_and_what_waits(world: World) -> None:
    worker = await world.worker("stops", SMS, EMAIL)
    sent, held, new = [await world.news(worker, str(n)) for n in range(3)]
    async with world.stage(quiet=QUIET) as stage:
        await stage.handle(facts(sent))
        await world.quiet()
        world.clock.moment += 11 * HOUR
        await stage.handle(facts(held))
        await world.put("stops", worker, {"workerId": worker, "stopped": True})
        await stage.handle(facts(new))
        assert (await world.row(new, INBOX)).status is SUPPRESSED
        world.clock.moment += 2 * DAY - 2 * HOUR
        await world.look(stage)
    assert world.channels[SMS].tried == [sent.id]
    assert world.channels[EMAIL].tried == [], "nor what went unread"
    ended = [await world.row(held), await world.row(sent, EMAIL)]
    assert {(row.status, row.detail) for row in ended} == {(SUPPRESSED, "stopped by the recipient")}


async def test_an_erased_worker_is_told_nothing_more(world: World) -> None:
    worker = await world.worker("erased")
    held, new = [await world.news(worker, str(n)) for n in range(2)]
    world.clock.moment += 11 * HOUR
    async with world.stage(quiet=QUIET) as stage:
        await stage.handle(facts(held))
        await world.put("profiles", worker, None)
        await stage.handle(facts(new))
        world.clock.moment += 8 * HOUR
        await world.look(stage)
    assert world.channels[SMS].tried == []
    assert (await world.row(held)).status is SUPPRESSED
    assert (await world.row(new, INBOX)).detail == "the recipient is erased"


# --- kills


async def test_what_a_kill_cut_off_amid_sending_goes_again_under_the_same_id(world: World) -> None:
    worker = await world.worker("cut")
    told = [await world.news(worker, str(n)) for n in range(2)]
    merged = ids.derive("n", "merged")
    await world.interrupted(*told, message_id=merged)
    world.clock.moment -= MINUTE
    async with world.stage(gap=10 * MINUTE) as another:
        await world.elastic.refresh("deliveries")
        await another.poll()
        assert world.channels[SMS].tried == [], "its sender may still come back"
        world.clock.moment += MINUTE
        await world.look(another)
        await world.look(another)
    assert world.channels[SMS].tried == [merged]
    sent = await world.rows(*told)
    assert {(row.status, row.message_id, row.attempts) for row in sent} == {(SENT, merged, 2)}


async def test_where_the_setting_says_so_it_is_parked_and_goes_again_when_a_person_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await world.worker("parks")
    told = await world.news(worker)
    world.channels[SMS].knows_ids = False
    await world.interrupted(told, message_id=told.id)
    servers, again = world.settings.bootstrap_servers, (world.elastic, world.sender, world.clock)
    async with world.stage(parks=frozenset({SMS})) as stage:
        await world.look(stage)
        await world.look(stage)
        assert (await world.row(told)).status is PARKED
        assert world.channels[SMS].tried == []
        (letter,) = await letters_of(world, told)

        await world.elastic.refresh("deliveries")
        for name, value in environment_of(world.settings).items():
            monkeypatch.setenv(name, value)
        listed = await asyncio.to_thread(said_by, "dead-letters", "list")
        assert f"{letter.id}  parked  sms parked: its sender was killed during the send" in listed
        parked = await asyncio.to_thread(said_by, "deliveries", "parked", "--channel", "sms")
        assert f"{told.id}.sms  new_match  sms  2026-11-23T" in parked
        none = await asyncio.to_thread(said_by, "deliveries", "failed", "--channel", "wecom")
        assert none == "There are no failed deliveries.\n"
        await retry_dead_letter(servers, *again, letter.id)
        assert (await world.row(told)).status is WAITING
        assert await letters_of(world, told) == []
        with pytest.raises(Conflict, match="neither failed nor parked"):
            await retry_dead_letter(servers, *again, letter.id)
        await world.look(stage)
    assert world.channels[SMS].tried == [told.id]
    assert (await world.row(told)).status is SENT


async def test_two_who_give_up_the_same_row_at_once_leave_one_letter(world: World) -> None:
    worker = await world.worker("given-up")
    told = await world.news(worker)
    (taken,) = await world.interrupted(told, message_id=told.id)
    parked = rows.ended(taken, PARKED, world.clock.now(), "its sender was killed during the send")
    kept = await asyncio.gather(*(Ledger(*world.connected).record([parked]) for _ in range(2)))
    assert sorted(map(len, kept)) == [0, 1]
    assert len(await letters_of(world, told)) == 1


async def test_a_kill_between_the_record_and_the_view_repeats_nothing(world: World) -> None:
    worker = await world.worker("between")
    told = await world.news(worker)
    (taken,) = await world.interrupted(told, message_id=told.id)
    done = rows.sent(taken, world.clock.now())
    await world.sender.publish([record(done, told.id, source="/test", at=done.at)])
    async with world.stage() as another:
        await world.look(another)
        await world.look(another)
    assert world.channels[SMS].tried == []
    assert await world.row(told) == done


async def test_a_kill_after_an_outcome_was_said_loses_no_further_channel(world: World) -> None:
    worker = await world.worker("further", SMS, EMAIL)
    told = await world.news(worker)
    with pytest.raises(BaseExceptionGroup):
        await world.killed_before_view(told)
    world.clock.moment += 2 * MINUTE
    async with world.stage() as another:
        await world.look(another)
        await world.look(another)
    assert world.channels[SMS].tried == [told.id]
    assert (await world.row(told)).status is SENT
    assert (await world.row(told, EMAIL)).held_by is Hold.UNREAD


async def test_a_kill_before_the_view_has_a_new_row_loses_and_repeats_nothing(
    world: World,
) -> None:
    worker = await world.worker("planned")
    told = await world.news(worker)
    now = world.clock.now()
    planned = rows.waiting(told, SMS, now, now)
    await world.sender.publish([record(planned, told.id, source="/test", at=now)])
    async with world.stage() as stage:
        await stage.handle(facts(told))  # it was not acknowledged
        await world.quiet()
    assert world.channels[SMS].tried == [told.id]


# --- last, for all of the above: the view equals the topic


async def test_a_rebuild_from_the_topic_gives_the_same_rows(world: World, elastic: Elastic) -> None:
    async def snapshot() -> dict[str, Any]:
        await elastic.refresh("deliveries")
        return {id: (version, doc) async for id, version, doc in elastic.scan("deliveries")}

    told = await world.news(await world.worker("rebuilt"))
    async with world.stage() as stage:
        await stage.handle(facts(told))
        await world.quiet()
    before = await snapshot()
    assert ids.delivery_id(told.id, "sms") in before
    project = EntityProjection(installed_model(world.settings), gazetteer())
    await rebuild(elastic, world.settings.bootstrap_servers, project, views=("deliveries",))
    assert await snapshot() == before


# --- fair to every receiver


async def test_600_rows_of_a_hook_that_does_not_answer_delay_no_other_hook(world: World) -> None:
    """Both hooks share one lane's worth of rows in the ledger; the dead one's are due first."""
    dead, well = (ids.derive("h", f"fair-{name}") for name in ("dead", "well"))
    for each in (dead, well):
        await world.put("webhooks", each, {"enabled": True, "kinds": []})
    opening = (await world.news(await world.worker("fair"), "fair")).model_copy()
    stuck = [hook_row(world, opening, dead, number, HOUR) for number in range(600)]
    (healthy,) = last = [hook_row(world, opening, well, 0, MINUTE)]
    await world.ledger.record([*stuck, *last])
    await world.elastic.refresh("deliveries")
    channel = world.channels[ChannelKind.WEBHOOK]
    channel.failure, channel.fails_for = Transient("no answer"), dead

    async def told() -> bool:
        return bool(channel.told(well))

    async with world.stage() as stage:
        await stage.poll()
        await until("a message to the healthy hook", told, 20)
    assert (await world.row(healthy.notification, ChannelKind.WEBHOOK)).status is SENT
    assert channel.told(dead) == []


def hook_row(
    world: World, like: Notification, hook: str, number: int, overdue: timedelta
) -> Delivery:
    """Return a row to a webhook that has been due for a while."""
    due = world.clock.now() - overdue
    told = like.model_copy(
        update={
            "id": ids.notification_id(hook, str(number), "new_match", 1),
            "recipient": Recipient(kind=RecipientKind.WEBHOOK, id=hook),
        }
    )
    return rows.waiting(told, ChannelKind.WEBHOOK, due, due)
