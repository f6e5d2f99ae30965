"""Every request of the client is one that the API's own description knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.app import create_app
from roost.settings import Settings
from roost_client import (
    Contact,
    Note,
    Opening,
    Profile,
    Read,
    Roost,
    SavedSearch,
    Slot,
    Webhook,
)

ID = "a" * 26
OPENING_ID, WORKER, MATCH, HOOK, IMPORT, STATION = (f"{kind}-{ID}" for kind in "owmhis")
FIELDS = ("state", "version")
ANSWER = {
    "id": OPENING_ID,
    "version": 1,
    "searchable": True,
    "self": f"/v1/openings/{OPENING_ID}",
    "state": "done",
    "items": [],
    "next": None,
    "read": 0,
    "format": "csv",
    "createdAt": "2026-11-23T09:00:00Z",
    "updatedAt": "2026-11-23T09:00:00Z",
    "url": "https://example.com/",
    "closed": 0,
    "waiting": 0,
}
OPENING = Read(Opening(id=OPENING_ID), version=1, tag='"1"')
MESSAGE = f"t-{ID}"
CONTACT = Read(Contact(employer_id="mian-fen"), version=1, tag='"1"')
SEARCH = Read(SavedSearch(id=f"q-{ID}"), version=1, tag='"1"')
WEBHOOK = Read(Webhook(id=HOOK), version=1, tag='"1"')
NOTE = Read(Note(id=f"j-{ID}"), version=1, tag='"1"')
SLOT = Read(Slot(id=f"v-{ID}.{ID}"), version=1, tag='"1"')
SLOT_CONTENT = {"at": "2026-12-08T09:30:00+08:00", "places": 2}
CALLS: list[Callable[[Roost], Any]] = [
    lambda roost: roost.now(),
    lambda roost: roost.openings.get(OPENING_ID),
    lambda roost: list(roost.openings.list(fields=FIELDS)),
    lambda roost: roost.openings.post({"title": "电焊工"}),
    lambda roost: roost.openings.edit(OPENING, {"title": "电焊工"}),
    lambda roost: roost.openings.set_status(OPENING_ID, "close"),
    lambda roost: list(roost.openings.matches(OPENING_ID, fields=FIELDS)),
    lambda roost: roost.profiles.get(WORKER),
    lambda roost: list(roost.profiles.list(fields=FIELDS)),
    lambda roost: roost.profiles.put(Profile(identifier="1")),
    lambda roost: roost.profiles.erase(WORKER),
    lambda roost: roost.matches.get(MATCH),
    lambda roost: list(roost.matches.list(fields=FIELDS)),
    lambda roost: roost.matches.act(MATCH, "claim"),
    lambda roost: list(roost.saved_searches(WORKER).list()),
    lambda roost: roost.saved_searches(WORKER).get(f"q-{ID}"),
    lambda roost: roost.saved_searches(WORKER).save({"words": "缝纫"}),
    lambda roost: roost.saved_searches(WORKER).change(SEARCH, paused=True),
    lambda roost: roost.saved_searches(WORKER).remove(f"q-{ID}"),
    lambda roost: list(roost.saved_searches(WORKER).openings(f"q-{ID}")),
    lambda roost: roost.webhooks.get(HOOK),
    lambda roost: list(roost.webhooks.list(fields=FIELDS)),
    lambda roost: roost.webhooks.register({"url": "https://example.com/"}),
    lambda roost: roost.webhooks.edit(WEBHOOK, {"enabled": False}),
    lambda roost: roost.webhooks.rotate(HOOK),
    lambda roost: roost.webhooks.remove(HOOK),
    lambda roost: roost.imports.send(b"{}", "application/x-ndjson", mapping="m", dry_run=True),
    lambda roost: roost.imports.get(IMPORT),
    lambda roost: list(roost.imports.list()),
    lambda roost: list(roost.imports.errors(IMPORT)),
    lambda roost: list(roost.notes.of("matches", MATCH)),
    lambda roost: roost.notes.write("employers", "mian-fen", "每月 15 日发工资。"),
    lambda roost: roost.notes.get(f"j-{ID}"),
    lambda roost: roost.notes.edit(NOTE, "每月 10 日发工资。"),
    lambda roost: roost.notes.remove(f"j-{ID}"),
    lambda roost: roost.work_on(OPENING_ID).responsible(),
    lambda roost: roost.work_on(OPENING_ID).approve(tag='"1"'),
    lambda roost: roost.work_on(OPENING_ID).refuse(["duplicate"], confirm_ends=2),
    lambda roost: roost.work_on(OPENING_ID).appeal("费用由单位承担。"),
    lambda roost: roost.work_on(OPENING_ID).request(),
    lambda roost: roost.work_on(OPENING_ID).ask_candidates({"wanted": 3}),
    lambda roost: roost.work_on(OPENING_ID).answer_request({"declinedBecause": "terms"}),
    lambda roost: roost.work_on(OPENING_ID).withdraw_request(),
    lambda roost: roost.work_on(OPENING_ID).slots(),
    lambda roost: roost.work_on(OPENING_ID).offer_slot(SLOT_CONTENT),
    lambda roost: roost.slots.get(f"v-{ID}.{ID}"),
    lambda roost: roost.slots.edit(SLOT, SLOT_CONTENT),
    lambda roost: roost.slots.cancel(f"v-{ID}.{ID}"),
    lambda roost: roost.conversations.waiting(limit=5),
    lambda roost: roost.conversations.of(WORKER).state(),
    lambda roost: list(roost.conversations.of(WORKER).list()),
    lambda roost: roost.conversations.of(WORKER).write("请带身份证。", through=MESSAGE),
    lambda roost: roost.conversations.of(WORKER).close(through=MESSAGE),
    lambda roost: roost.contact("mian-fen").get(),
    lambda roost: roost.contact("mian-fen").put(Contact(language="zh"), of=CONTACT),
    lambda roost: roost.contact("mian-fen").erase(),
    lambda roost: roost.contact("mian-fen").send_code("email"),
    lambda roost: roost.contact("mian-fen").confirm("email", "123456"),
    lambda roost: roost.contact("mian-fen").stop_state(),
    lambda roost: roost.contact("mian-fen").stop(),
    lambda roost: roost.contact("mian-fen").resume(),
    lambda roost: list(roost.inbox(WORKER).list(unread=True, language="en")),
    lambda roost: roost.inbox(WORKER).mark("n-1"),
    lambda roost: roost.inbox(STATION).mark_all_read(),
]


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    return dict(create_app(Settings()).openapi()["paths"])


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_the_api_knows_every_request_and_its_parameters(number: int, paths: dict[str, Any]) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=ANSWER)

    CALLS[number](Roost("http://test", "rk_x", transport=httpx.MockTransport(answer)))
    assert asked
    for request in asked:
        operation = _operation(paths, request)
        known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
        assert set(request.url.params) <= known


def _operation(paths: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    """Return the operation of a request; one without a variable in its path comes first."""
    for path in sorted(paths, key=lambda each: each.count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        if re.fullmatch(pattern, request.url.path) and request.method.lower() in paths[path]:
            return dict(paths[path][request.method.lower()])
    raise AssertionError(f"{request.method} {request.url.path} is no operation")
