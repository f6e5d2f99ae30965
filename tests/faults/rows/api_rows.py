"""Faults of the API: kills around the acknowledgement, no broker, hostile input."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import httpx

from roost import ids
from roost.events.account import AccountRole, Permission
from roost.topics import OPENINGS, PROFILES
from tests.faults.client import SOURCE, Client
from tests.faults.scenario import FaultRow, Run
from tests.faults.workload import Workload, workload
from tests.stack.serving import headers_for, wait_known


def api_load(run: Run, cells: int) -> Workload:
    """Create facts for the API; it is their source, so their references name the run."""
    made = workload(
        SOURCE, run.seed, cells, changes=False, prefix=f"{run.tenant}.{len(run.loads)}-"
    )
    run.claim(made)
    return made


async def killed_around_the_acknowledgement(run: Run) -> None:
    """Kill the API before or after the broker's acknowledgement, before its answer.

    The client posts again with the same reference. One reference gives one event: every record of
    its key has the same content and CloudEvents id, and its outcome appears once.
    """
    load = api_load(run, 60 if run.full else 15)
    client = Client(run.cluster.settings.public_url, run.cluster.headers)
    try:
        async with run.kept_up():
            for number, when in enumerate(("before", "after") * (5 if run.full else 2)):
                skip = run.dice.randint(0, 5)
                trap = {
                    "point": "publisher.publish",
                    "action": "kill",
                    "when": when,
                    "skip": skip,
                }
                run.cluster.restart_api(plan={"traps": [trap]})
                part = load.cells[number :: (10 if run.full else 4)]
                await client.post_all(Workload(SOURCE, list(part)))
                run.injections += run.cluster.fired("api")
        run.expect(run.injections == (10 if run.full else 4), f"{run.injections} kills came about")
    finally:
        run.cluster.restart_api()
        await client.close()
    run.mended()
    run.accepted += client.accepted
    run.notes["answers"] = dict(client.answers)
    await run.settle()
    evidence = await run.evidence(0.0)
    values_by_key: dict[str, set[bytes | None]] = defaultdict(set)
    for topic in (OPENINGS, PROFILES):
        for each in evidence.records(topic.name):
            values_by_key[each.key].add(each.value)
    expected = {each.id for each in load.entities}
    run.expect(set(values_by_key) == expected, "the topics hold other keys than were posted")
    many = [key for key, values in values_by_key.items() if len(values) != 1]
    run.expect(not many, f"{len(many)} references have become several events: {many[:2]}")


HOSTILE = (
    '=HYPERLINK("http://127.0.0.1:9/")',
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "' OR 1=1 --",
    '"}},{"match_all":{}}',
    "../../../../etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "+1+cmd|' /C calc'!A0",
)


async def hostile(run: Run) -> None:
    """Post payloads that are code to a spreadsheet, a browser, a query or a template.

    They stay plain text. Invalid ids and cursors are refused. Another employer's key, and a key
    with another scope, get nothing.
    """
    load = api_load(run, len(HOSTILE))
    async with run.cluster.api_client() as api:
        for cell, text in zip(load.cells, HOSTILE, strict=True):
            opening = cell.openings[0]
            body = opening.to_dict() | {"description": text}
            for own in ("id", "status", "source"):
                body.pop(own)
            answer = await api.post("/v1/openings", json=body, headers={"prefer": "wait=20"})
            run.injected()
            run.expect(answer.status_code in {201, 422}, f"{text!r}: {answer.status_code}")
            if answer.status_code == 201:
                read = await api.get(f"/v1/openings/{opening.id}")
                run.expect(read.json()["description"] == text, f"{text!r} was changed")
                kind = read.headers["content-type"]
                run.expect(kind.startswith("application/json"), f"{text!r} came as {kind}")
        for text in HOSTILE:
            for path, parameters in (
                ("/v1/openings/x", {}),
                ("/v1/openings", {"cursor": text}),
                ("/v1/openings", {"status": text}),
            ):
                answer = await api.get(path, params=parameters)
                run.injected()
                good = answer.status_code == 422
                run.expect(good, f"{path} {parameters}: {answer.status_code}")
            other = await api.get("/v1/openings", params={"employer": text[:64]})
            run.expect(not other.json().get("items"), f"employer {text!r} found something")
        stranger = ids.worker_id("somebody", "else")
        answer = await api.get(f"/v1/profiles/{stranger}")
        run.expect(answer.status_code == 404, f"a stranger's id: {answer.status_code}")
        await _strangers(run, api, load.openings[0].id)
    run.loads.remove(load)  # the posted facts differ from the load, so do not judge its outcome


async def _strangers(run: Run, api: httpx.AsyncClient, opening: str) -> None:
    """Try keys of another tenant, of another scope, and none at all."""
    own = run.cluster.own
    other = headers_for(own, AccountRole.EMPLOYER, employer_id="somebody-else")
    narrow = headers_for(own, scopes=(Permission.STATIONS_READ,))
    await asyncio.to_thread(wait_known, str(api.base_url), narrow)
    where = f"/v1/openings/{opening}"
    for headers, expected in ((other, 404), (narrow, 403), ({"Authorization": "Bearer x"}, 401)):
        for method, path, body in (
            ("GET", where, None),
            ("PATCH", where, {"totalJobOpenings": 9}),
            ("POST", f"{where}/close", None),
        ):
            answer = await api.request(method, path, json=body, headers=headers)
            run.injected()
            run.expect(
                answer.status_code == expected,
                f"{method} {path}: {answer.status_code} instead of {expected}",
            )


async def without_a_broker(run: Run) -> None:
    """Stop the broker: the API answers 503 in time, and never a false 202.

    Events accepted before and after are processed.
    """
    load = api_load(run, 30 if run.full else 12)
    client = Client(run.cluster.settings.public_url, run.cluster.headers)
    down_s = 75.0 if run.full else 8.0
    try:
        async with run.kept_up():
            posting = asyncio.create_task(client.post_all(load, pause_s=0.3))
            await asyncio.sleep(2)
            before = client.answers.copy()
            run.cluster.stack.kill("kafka")
            run.injected()
            began = asyncio.get_running_loop().time()
            probe = Client(run.cluster.settings.public_url, run.cluster.headers)
            false = 0
            while asyncio.get_running_loop().time() - began < down_s:
                status = await probe.post(load.openings[0])
                false += status in {200, 201, 202}
            run.expect(not false, f"{false} events were accepted without a broker")
            run.expect(probe.answers["503"] > 0, f"no 503: {dict(probe.answers)}")
            run.expect(probe.slowest_s < 25, f"an answer took {probe.slowest_s:.0f} s")
            await probe.close()
            await run.cluster.start_server("kafka")
            run.mended()
            await posting
    finally:
        await client.close()
    run.accepted += client.accepted
    run.notes["answers"] = {
        "before": dict(before),
        "without": dict(probe.answers),
        "all": dict(client.answers),
    }
    run.notes["slowest_503_s"] = round(probe.slowest_s, 1)


ROWS = (
    FaultRow(
        1,
        "kill -9 of the API before and after the acknowledgement",
        killed_around_the_acknowledgement,
    ),
    FaultRow(22, "hostile texts, ids and cursors", hostile),
    FaultRow(206, "the API without a broker", without_a_broker),
)
