"""Killed stages around a message to an employer on its own channel (row 104, a variant of 4)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from producers import employer_facts
from roost import ids
from roost.events.employer import Employer, EmployerContent
from roost.events.envelope import decode, record, value_of
from roost.events.notification import Answer
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.events.webhook import Outage, OutageCause
from roost.topics import EMPLOYERS, OUTAGES
from tests.faults.rows.channel_rows import SETTLES_S
from tests.faults.scenario import FaultRow, Run
from tests.faults.workload import now

NOTIFY_KILLS = (
    ("sender.publish", "before"),
    ("sender.publish", "after"),
    ("elastic.write", "after"),
)
DELIVER_KILLS = (
    ("channel.send", "before"),
    ("channel.send", "after"),
    ("sender.publish", "after"),
)


async def killed_around_an_outage(run: Run) -> None:
    """Kill notify and deliver around the message about a disabled webhook.

    The outage is published twice, as the deliver stage does when two of its processes see it. The
    owner sees one message.
    """
    load = run.load(2, changes=False)
    webhook = await run.webhook(load)
    address = await _contact(run, load.tenant)
    async with run.kept_up():
        await run.publish(load.first)
        await run.settle()
    for stage, kills in (("notify", NOTIFY_KILLS), ("deliver", DELIVER_KILLS)):
        run.cluster.stop(stage)
        run.cluster.start(stage, plan={"traps": [_trap(*each) for each in kills]})
    at = now()
    outage = Outage(
        webhook_id=webhook.id,
        enabling=webhook.enabling,
        cause=OutageCause.GONE,
        since=at,
        at=at,
        last_answer=Answer(at=at, status=410),
    )
    made = record(outage, webhook.id, source="/streams/deliver", at=at)
    async with run.kept_up():
        await run.publish([made, made])
        await run.wait_in_view(OUTAGES.name, webhook.id)
        await _seen(run, address)
        run.mended_by_the_last_trap()
        await run.settle()
    for stage, kills in (("notify", NOTIFY_KILLS), ("deliver", DELIVER_KILLS)):
        fired = run.cluster.fired(stage)
        run.expect(fired == len(kills), f"only {fired} of {len(kills)} kills of {stage} came about")
        run.injections += fired
        run.cluster.stop(stage)
        run.cluster.start(stage)
    _judge(run, address)


def _trap(point: str, when: str) -> dict[str, Any]:
    return {"point": point, "when": when, "action": "kill"}


async def _contact(run: Run, employer: str) -> str:
    """Publish the confirmed contact of an employer; return its address."""
    address = f"+86138{run.dice.randrange(10**8):08d}"
    content = EmployerContent(channels=(Channel(kind=ChannelKind.SMS, address=address),))
    put, _ = employer_facts.employer_put(content, employer, None, at=now())
    confirmed = employer_facts.employer_channel_confirmed(put, put.channels[0], at=now())
    assert decode(Employer, value_of(confirmed)).channels[0].confirmed
    await run.publish([confirmed])
    await run.wait_in_view(EMPLOYERS.name, ids.employer_key(employer))
    return address


async def _seen(run: Run, address: str) -> None:
    """Wait until the owner sees a message, after all kills."""
    deadline = time.monotonic() + SETTLES_S
    while not any(each.address == address and each.visible for each in run.cluster.attempts()):
        if time.monotonic() > deadline:
            run.expect(False, "the owner of the webhook saw no message")
            return
        await asyncio.sleep(0.5)


def _judge(run: Run, address: str) -> None:
    attempts = [each for each in run.cluster.attempts() if each.address == address]
    shown = [each for each in attempts if each.visible]
    run.notes["attempts at the owner"] = len(attempts)
    run.expect(len(shown) == 1, f"the owner saw {len(shown)} messages")
    run.expect(len({each.id for each in attempts}) == 1, "the message had several ids")


ROWS = (
    FaultRow(
        104,
        "kill -9 of notify and deliver around a message to an employer",
        killed_around_an_outage,
        needs=frozenset({"notify", "deliver"}),
        settle_s=SETTLES_S,
    ),
)
