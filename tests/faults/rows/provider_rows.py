"""Killed deliverers around a provider's acceptance of a text message (row 204, a variant of 4)."""

from __future__ import annotations

import json
from collections import Counter
from threading import Thread
from urllib.parse import quote

from deploy.simulators.aliyun_server import AliyunSmsServer
from deploy.simulators.provider_server import ProviderServer
from deploy.simulators.tencent_server import TencentSmsServer
from roost.topics import DELIVERIES
from tests.faults.rows.channel_rows import DELIVERS, SETTLES_S
from tests.faults.scenario import FaultRow, Run

KILLS = (
    ("channel.send", "before"),
    ("channel.send", "after"),
    ("channel.send", "after"),
    ("sender.publish", "after"),
)
SECRET = "fault matrix"
PROVIDERS: tuple[tuple[type[ProviderServer], str], ...] = (
    (AliyunSmsServer, "sign=sign"),
    (TencentSmsServer, "app=1400006666&sign=sign"),
)


async def killed_around_acceptance(run: Run) -> None:
    """Kill the deliverer before and after a provider has accepted a message.

    Aliyun is asked by the message's id before a repeat, so every message is accepted once. Tencent
    Cloud cannot be asked: its ambiguous messages are parked, since the setting says so.
    """
    for kind, options in PROVIDERS:
        with kind(0, "key", SECRET) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            try:
                await _killed_while_sending(run, server, options)
            finally:
                server.shutdown()
    run.cluster.stop("deliver")
    run.cluster.start("deliver")


async def _killed_while_sending(run: Run, server: ProviderServer, options: str) -> None:
    templates = run.cluster.stack.data / "templates.json"
    text = {"id": "SMS_1", "text": "${title}"}
    templates.write_text(json.dumps({"other": {"zh": text, "en": text}}), encoding="utf-8")
    url = (
        f"{server.provider}-sms://key:{quote(SECRET)}@127.0.0.1:{server.server_port}/?{options}"
        f"&templates={quote(str(templates))}&plain=yes"
    )
    environment = {
        "ROOST_CHANNEL_URLS": json.dumps({"sms": url}),
        "ROOST_PARK_AMBIGUOUS": json.dumps(["sms"]),
    }
    traps = [
        {"point": point, "when": when, "action": "kill", "skip": run.dice.randint(1, 3)}
        for point, when in KILLS
    ]
    run.cluster.stop("deliver")
    run.cluster.start("deliver", plan={"traps": traps}, environment=environment)
    load = run.load(200 if run.full else 40, changes=False)
    async with run.kept_up():
        await run.publish_steadily(load.first, 20.0)
        run.mended_by_the_last_trap()
        await run.settle()
    fired = run.cluster.fired("deliver")
    run.expect(fired == len(KILLS), f"only {fired} of {len(KILLS)} kills came about")
    run.injections += fired
    await _judge(run, server, {worker.id for worker in load.workers})


async def _judge(run: Run, server: ProviderServer, workers: set[str]) -> None:
    """Expect each message once at the provider, and parked ones only where it cannot be asked."""
    evidence = await run.evidence(0.0)
    documents = [document for _, document in evidence.view(DELIVERIES.name).values()]
    mine = [each for each in documents if each["recipient_id"] in workers]
    status = Counter(str(each["status"]) for each in mine if each["channel"] == "sms")
    accepted = Counter(message.out_id for message in server.messages)
    repeated = [id for id, times in accepted.items() if times > 1]
    run.notes[server.provider] = {"accepted": len(accepted), **status}
    run.expect(bool(accepted), f"{server.provider} accepted nothing")
    run.expect(not repeated, f"{server.provider} accepted {len(repeated)} messages twice")
    run.expect(not status["failed"], f"{status['failed']} messages failed")
    parks = server.provider == "tencent"
    run.expect(bool(status["parked"]) == parks, f"{status['parked']} messages are parked")


ROWS = (
    FaultRow(
        204,
        "kill -9 of the deliverer around a provider's acceptance of a text message",
        killed_around_acceptance,
        needs=DELIVERS,
        settle_s=SETTLES_S,
    ),
)
