"""Killed deliverers, and channels that misbehave (rows 4 and 16)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict
from datetime import datetime

from roost.topics import DELIVERIES
from tests.faults.scenario import HOOKS, FaultRow, Run
from tests.faults.sink import Attempt

LEAST_GAP_S = 0.9
DELIVERS = frozenset({"deliver"})
KILLS = (
    ("channel.send", "before"),
    ("channel.send", "after"),
    ("sender.publish", "after"),
    ("elastic.claim", "after"),
)


AMBIGUOUS = KILLS[1:2]
"""The kill after which nobody can know whether the message arrived."""
SETTLES_S = 300.0
"""Deadline in seconds.

An interrupted send is retried when its lease of 60 s ends; successive kills add up successive
leases.
"""


async def killed_deliverer(run: Run) -> None:
    """Kill the deliverer before and after a send, after a record, after a claim.

    A receiver that honours ids shows each message once. On a channel declared without ids, an
    interrupted message is parked, counted, and not sent again.
    """
    for knows_ids in (True, False):
        await _killed_while_sending(run, knows_ids)
    run.cluster.stop("deliver")
    run.cluster.start("deliver")


async def _killed_while_sending(run: Run, knows_ids: bool) -> None:
    kills = KILLS if knows_ids else AMBIGUOUS
    traps = [
        {"point": point, "when": when, "action": "kill", "skip": run.dice.randint(1, 3)}
        for point, when in kills
    ]
    park = {} if knows_ids else {"ROOST_PARK_AMBIGUOUS": json.dumps(["sms"])}
    run.cluster.stop("deliver")
    run.cluster.start("deliver", plan={"traps": traps}, environment=park)
    seen = len(run.cluster.attempts())
    load = run.load(200 if run.full else 40, changes=False)
    async with run.kept_up():
        await run.publish_steadily(load.first, 20.0)
        run.mended_by_the_last_trap()
        await run.settle()
    fired = run.cluster.fired("deliver")
    run.expect(fired == len(kills), f"only {fired} of {len(kills)} kills came about")
    run.injections += fired
    attempts = [(each.address, each.id) for each in run.cluster.attempts()[seen:]]
    repeated = len(attempts) - len(set(attempts))
    mine = {worker.id for worker in load.workers}
    rows = [row for row in await _rows(run) if row["recipient_id"] in mine]
    parked = [row for row in rows if row["status"] == "parked"]
    run.notes["knows ids" if knows_ids else "knows no ids"] = {
        "messages": len(set(attempts)),
        "sent again": repeated,
        "parked": len(parked),
    }
    if knows_ids:
        run.expect(not parked, f"{len(parked)} deliveries were parked for no reason")
    else:
        run.expect(not repeated, f"{repeated} ambiguous messages were sent again")
        run.expect(bool(parked), "nothing was parked, though sends were cut off")


async def _rows(run: Run) -> list[dict[str, object]]:
    evidence = await run.evidence(0.0)
    return [document for _, document in evidence.view(DELIVERIES.name).values()]


async def _all_final(run: Run, within_s: float = 240) -> None:
    """Wait for rows that end after their events are acknowledged: those awaiting a retry."""
    deadline = asyncio.get_running_loop().time() + within_s
    final = {"sent", "failed", "suppressed", "parked"}
    while any(row["status"] not in final for row in await _rows(run)):
        if asyncio.get_running_loop().time() > deadline:
            run.expect(False, f"deliveries still wait after {within_s:.0f} s")
            return
        await asyncio.sleep(1)


async def misbehaving_channels(run: Run) -> None:
    """Let channels answer 500 or 429, hang, accept in silence, or redirect.

    Other channels continue, retries are spaced out, a redirect is not followed, and in the end each
    message is seen once. Both kinds of channel are tested: Apprise's, and an employer's webhook.
    """
    seconds = 180.0 if run.full else 12.0
    for answer in ("500", "429", "hang", "taken_then_silence", "redirect"):
        seen = len(run.cluster.attempts())
        load = run.load(8, changes=False, channels=("sms",))
        await run.webhook(load)
        run.cluster.set_sink_behaviour(
            [{"answer": answer, "about": about} for about in ("/sms", HOOKS)]
        )
        other = run.load(8, changes=False, channels=("email",))
        async with run.kept_up():
            await run.publish([*load.first, *other.first])
            run.injected()
            await asyncio.sleep(seconds)
            attempts = run.cluster.attempts()[seen:]
            run.cluster.set_sink_behaviour([])
            run.mended()
            await run.settle()
            await _all_final(run)
        for channel in ("/sms", HOOKS):
            _spaced_out(run, answer, channel, attempts)
        late = await _late_elsewhere(run, {each.id for each in other.workers})
        run.expect(late < 15, f"{answer}: another channel waited {late:.0f} s")
    followed = [each for each in run.cluster.attempts() if each.id == "redirect followed"]
    run.expect(not followed, "a redirect to loopback was followed")


def _spaced_out(run: Run, answer: str, channel: str, attempts: list[Attempt]) -> None:
    """Expect retries with pauses, growing where the receiver sets no time."""
    tries = [each for each in attempts if each.target.startswith(channel)]
    gaps = _gaps(tries)
    run.expect(bool(tries), f"{answer}: nothing was tried at {channel}")
    run.notes[f"gaps_{answer}{channel}"] = [round(each, 1) for each in gaps[:4]]
    spaced = all(gap >= LEAST_GAP_S for gap in gaps)
    grow = channel == HOOKS or gaps[:1] <= gaps[-1:]  # a webhook's Retry-After is kept to
    run.expect(spaced and grow, f"{answer}: no back-off at {channel}: {gaps}")


def _gaps(attempts: list[Attempt]) -> list[float]:
    """Return the seconds between the attempts of the most often tried message."""
    tries: dict[str, list[datetime]] = defaultdict(list)
    for each in attempts:
        tries[each.id].append(datetime.fromisoformat(each.at))
    most = max(tries.values(), key=len, default=[])
    return [(later - before).total_seconds() for before, later in itertools.pairwise(most)]


async def _late_elsewhere(run: Run, workers: set[str]) -> float:
    waited = [
        float(str(row["posted_to_told_ms"])) / 1000
        for row in await _rows(run)
        if row["recipient_id"] in workers
        and row["channel"] in {"email", "inbox"}
        and row["status"] == "sent"
    ]
    run.expect(bool(waited), "no other channel sent a message")
    return max(waited, default=0.0)


ROWS = (
    FaultRow(
        4,
        "kill -9 of the deliverer around a send",
        killed_deliverer,
        needs=DELIVERS,
        settle_s=SETTLES_S,
    ),
    FaultRow(
        16,
        "a channel that misbehaves",
        misbehaving_channels,
        needs=DELIVERS,
        settle_s=SETTLES_S,
    ),
)
