"""Replies and answers while the API and the stages are killed (row 24)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from roost.events.conversation import Author, ConversationMessage
from roost.topics import CONVERSATIONS, PROFILES
from tests.faults.rows.process_rows import back_to_normal
from tests.faults.scenario import FaultRow, Run

POINTS = (
    ("index", "elastic.write"),
    ("notify", "sender.publish"),
    ("deliver", "sender.publish"),
)
"""Effects after which a stage is killed, before it can commit."""
TRIES = 600
"""Attempts of one request, 0.3 s apart: far longer than a restart takes."""


async def replies_and_answers(run: Run) -> None:
    """Forward each reply twice and answer it, and kill the API and the stages meanwhile.

    Every reply is one message, settled by one answer, and each worker sees that answer once.
    """
    load = run.load(30 if run.full else 8, changes=False, channels=("sms",))
    workers = load.workers
    async with run.kept_up():
        await run.publish(load.first)
        for each in workers:
            await run.wait_in_view(PROFILES.name, each.id)
        await run.settle()
        for stage, point in POINTS:
            trap = {
                "point": point,
                "action": "kill",
                "when": "after",
                "skip": run.dice.randint(1, 3),
            }
            run.cluster.stop(stage)
            run.cluster.start(stage, plan={"traps": [trap]})
        for number, when in enumerate(("before", "after")):
            trap = {
                "point": "publisher.publish",
                "action": "kill",
                "when": when,
                "skip": run.dice.randint(0, 3),
            }
            run.cluster.restart_api(plan={"traps": [trap]})
            async with run.cluster.api_client() as api:
                for worker in workers[number::2]:
                    await _talk(api, run.tenant, worker.id, worker.channels[0].address)
            run.injections += run.cluster.fired("api")
        run.injections += sum(run.cluster.fired(stage) for stage, _ in POINTS)
        run.cluster.restart_api()
        run.mended()
        await run.settle()
    await back_to_normal(run, {stage for stage, _ in POINTS})
    await _expect_one_of_each(run, {each.id for each in workers})


async def _talk(api: httpx.AsyncClient, tenant: str, worker: str, number: str) -> None:
    """Forward a worker's reply twice, wait until it is shown, and answer it."""
    reply = {
        "channel": "sms",
        "address": number,
        "text": "明天几点面试？",
        "messageId": f"{tenant}-{worker}",
    }
    for _ in range(2):
        await _until_accepted(api, "POST", "/v1/replies", reply)
    where = f"/v1/profiles/{worker}/conversation"
    for _ in range(TRIES):
        shown = (await _until_accepted(api, "GET", where)).json()["items"]
        if shown:
            break
        await asyncio.sleep(0.3)
    content = {"text": "上午九点。", "through": shown[0]["id"]}
    await _until_accepted(api, "POST", where, content, key=f"answer-{tenant}-{worker}")


async def _until_accepted(
    api: httpx.AsyncClient, method: str, path: str, body: Any = None, key: str = ""
) -> httpx.Response:
    headers = {"idempotency-key": key} if key else {}
    for _ in range(TRIES):
        try:
            answer = await api.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.3)
            continue
        if answer.is_success:
            return answer
        assert answer.status_code >= 500 or answer.status_code in {409, 429}, answer.text
        await asyncio.sleep(0.3)
    raise AssertionError(f"{method} {path} was not accepted in {TRIES} tries")


async def _expect_one_of_each(run: Run, workers: set[str]) -> None:
    """Expect one settled reply and one answer of every worker, seen once at the sink."""
    await run.elastic.refresh(CONVERSATIONS.name)
    messages = [
        ConversationMessage.from_stored(document["fact"])
        async for _, _, document in run.elastic.scan(CONVERSATIONS.name)
        if document.get("worker_id") in workers
    ]
    for author in Author:
        theirs = [each.worker_id for each in messages if each.author is author]
        run.expect(
            sorted(theirs) == sorted(workers),
            f"{len(theirs)} messages of a {author.value} for {len(workers)} workers",
        )
    left = [each for each in messages if each.is_open]
    run.expect(not left, f"{len(left)} answered replies are still open")
    run.notes["messages"] = len(messages)


ROWS = (
    FaultRow(
        24,
        "replies and answers while the API and the stages are killed",
        replies_and_answers,
        needs=frozenset({"index", "notify", "deliver"}),
    ),
)
