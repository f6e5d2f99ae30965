"""Every route as every role, over the real API: generated from the routes and the policy.

The views are filled first and the index stage is stopped, so that no request affects the next one.
Each walk has its own API, since a process knows its own writes, and its own keys, since erasing a
worker revokes theirs.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.access.policy import GRANTS, Reach
from api.guards.open_paths import is_open
from producers.importing.employer_name_facts import COMMAND_LINE, COUNTY, employer_name_decided
from producers.importing.recognition import IdentityDecision
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole as R
from roost.events.account import Permission as P
from roost.events.interview_slot import InterviewSlot
from roost.events.match import About, Actor
from roost.events.notification import NotificationKind
from roost.events.preferences import ChannelKind
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import SLOTS
from roost.views.elastic import Elastic, Write
from streams.queue.match_projection import match_write
from tests.made import a_match
from tests.stack.serving import Serving, headers_for, served
from tests.stack.stages import running
from tests.stack.told import WAIT, put
from tests.stack.waiting import until
from tests.unit.api.builders import NOW, delivery, notification
from tests.unit.api.walk import allowed, known, routes

pytestmark = pytest.mark.stack
HOSTILE = (
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    '"}},{"match_all":{}}',
    "*",
    "../../../../etc/passwd",
    "{{7*7}}",
    "employer_id:*",
)
OWNED_BY: dict[str, frozenset[Reach]] = {
    "openings": frozenset({Reach.EMPLOYER, Reach.STATIONS, Reach.SELF}),
    "profiles": frozenset({Reach.STATIONS, Reach.SELF}),
    "matches": frozenset({Reach.EMPLOYER, Reach.STATIONS, Reach.SELF}),
    "notes": frozenset({Reach.STATIONS}),
    "saved-replies": frozenset({Reach.STATIONS}),
    "slots": frozenset({Reach.EMPLOYER, Reach.STATIONS, Reach.SELF}),
    "saved-searches": frozenset({Reach.STATIONS, Reach.SELF}),
    "stations": frozenset({Reach.STATIONS}),
    "employers": frozenset({Reach.EMPLOYER, Reach.STATIONS}),
    "webhooks": frozenset({Reach.EMPLOYER}),
    "notices": frozenset({Reach.STATIONS}),
    "notifications": frozenset({Reach.STATIONS}),
    "imports": frozenset(),
    "employer-names": frozenset(),
    "sources": frozenset(),
    "accounts": frozenset(),
    "keys": frozenset(),
}
"""Reaches that can own an entity of each kind; `Reach.ALL` covers everything."""
REPLY = {"title": "面试材料", "text": "请带身份证。"}
CONTACT = {"channels": [{"kind": "sms", "address": "13800138000"}]}
EVERYBODYS = {"/v1/stations/{id}", "/v1/templates/{kind}"}
"""Kinds with an id and without an owner: the registry and the message templates."""
ADMINISTERING = {P.ACCOUNTS_READ, P.ACCOUNTS_WRITE}
NOT_FOR: dict[str, frozenset[Reach]] = {
    "/v1/openings/{id}/shortlist": frozenset({Reach.SELF}),
    "/console/employer/openings/{id}": frozenset({Reach.SELF}),  # it shows the shortlist
    "/console/employer/slots/{id}": frozenset({Reach.SELF}),  # the form that edits it
}
READ_BY_WORKERS = frozenset({"/v1/openings/{id}/slots", "/v1/slots/{id}"})
"""Paths that a worker reads and does not change, with one permission for both."""
FOR_CHIEFS = frozenset({"/v1/stations/{id}/workload"})
"""Routes that answer a station's chief and not its clerks."""
OF_AUTHORS = frozenset({("PUT", "/v1/notes/{id}"), ("DELETE", "/v1/notes/{id}")})
"""Changes for the author of a text and for chiefs; here an administrator wrote it."""
FOR_STAFF = frozenset({"/v1/search", "/console/search"})
"""Routes without an entity for callers with a reach over stations or everything."""


@dataclass(frozen=True, slots=True)
class Side:
    """One employer, one worker, one station, and the entities that belong to them."""

    name: str
    place: str
    things: dict[str, str] = field(default_factory=dict)

    @property
    def employer(self) -> str:
        return f"roles-{self.name}"

    @property
    def station(self) -> str:
        return ids.station_id(f"roles-{self.name}")

    def opening(self) -> dict[str, Any]:
        return {
            "identifier": f"roles-{self.name}",
            "hiringOrganization": {"id": self.employer, "name": self.name},
            "title": "电焊工",
            "jobLocation": {"name": self.place},
        }

    def worker(self) -> dict[str, Any]:
        return {
            "identifier": f"roles-{self.name}",
            "name": f"人员{self.name}",
            "home": {"name": self.place},
            "location": {"name": self.place},
        }


OWN, OTHER = Side("own", "大同市"), Side("other", "长治市")


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings


@pytest.fixture(scope="module")
def serving(settings: Settings) -> Iterator[Serving]:
    with running(settings, "index") as stages, served(settings) as serving:
        with httpx.Client(base_url=serving.url, headers=serving.headers, timeout=60) as admin:
            for side in (OWN, OTHER):
                _filled(admin, side)
        stages["index"].stop()
        yield serving


def _filled(admin: httpx.Client, side: Side) -> None:
    station = {
        "identifier": f"roles-{side.name}",
        "name": side.name,
        "place": {"name": side.place},
        "serves": [side.place],
    }
    _ok(admin.put(f"/v1/stations/{side.station}", json=station, headers=WAIT))
    said: dict[str, dict[str, Any]] = {
        "openings": side.opening(),
        "profiles": side.worker(),
        "webhooks": {"url": f"https://{side.name}.example.com/", "employerId": side.employer},
        "notices": {
            "kind": "policy_news",
            "zh": {"title": side.name, "body": "正文"},
            "audience": {"stationIds": [side.station]},
        },
    }
    for kind, content in said.items():
        made = _ok(admin.post(f"/v1/{kind}", json=content, headers=WAIT))
        side.things[kind] = made["id"]
    sent = admin.post("/v1/imports", json=[side.opening()])
    assert sent.status_code == 202, sent.text
    side.things["imports"] = sent.json()["id"]
    side.things["stations"] = side.station
    where = f"/v1/employers/{side.employer}/contact"
    _ok(admin.put(where, json=CONTACT, headers=WAIT))
    side.things["employers"] = side.employer
    noted = admin.post(
        f"/v1/openings/{side.things['openings']}/notes", json={"text": "备注"}, headers=WAIT
    )
    side.things["notes"] = _ok(noted)["id"]
    where = f"/v1/openings/{side.things['openings']}/candidate-request"
    _ok(admin.post(where, json=_asked(), headers=WAIT))
    searches = f"/v1/profiles/{side.things['profiles']}/saved-searches"
    kept = admin.post(searches, json={"words": "电焊"}, headers=WAIT)
    side.things["saved-searches"] = _ok(kept)["id"]
    side.things["matches"] = ids.match_id(side.things["openings"], side.things["profiles"])


def _asked() -> dict[str, Any]:
    """Return the content of a request for candidates."""
    return {"wanted": 1, "neededBy": (SystemClock().now() + timedelta(days=3)).date().isoformat()}


def _ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def filled(serving: Serving, settings: Settings) -> None:
    """Write a match and its notifications, as the stages do."""
    asyncio.run(_told(settings))


async def _told(settings: Settings) -> None:
    elastic = Elastic(settings.elasticsearch_url)
    for side in (OWN, OTHER):
        match = a_match(
            side.things["openings"],
            side.things["profiles"],
            NOW,
            id=side.things["matches"],
            station_id=side.station,
            about=About(title="电焊工", employer_id=side.employer),
        )
        slot = _slot(side)
        writes = [match_write(match, match.to_json(), 1), slot]
        refused = await elastic.write(writes, refresh=True)
        side.things["slots"] = slot.id
        assert refused == []
        told = notification(side.name, side.things["profiles"], kind=NotificationKind.NEW_MATCH)
        to_station = notification(f"s-{side.name}", side.station)
        await put(elastic, delivery(told), delivery(to_station))
        side.things["notifications"] = told.id
        side.things["notifications of stations"] = to_station.id
        to_hook = notification(f"h-{side.name}", side.things["webhooks"])
        await put(elastic, delivery(to_hook, channel=ChannelKind.WEBHOOK))
        side.things["notifications of webhooks"] = to_hook.id
    await elastic.close()


def _slot(side: Side) -> Write:
    """Return the document of an interview slot of a side's opening."""
    opening = side.things["openings"]
    at = SystemClock().now() + timedelta(days=2)
    slot = InterviewSlot(
        id=ids.slot_id(opening, side.employer, "1"),
        opening_id=opening,
        at=at,
        arranged_at=NOW,
        changed_by=Actor(id="u-1"),
    )
    document = {"at": at.isoformat(), "opening_id": opening, "fact": slot.to_dict()}
    return Write(SLOTS.name, slot.id, 1, {"id": slot.id, "version": 1, **document})


@pytest.fixture
def keys(settings: Settings, serving: Serving) -> dict[R, dict[str, str]]:
    """Publish a key of each role for the first side; return their headers."""
    confined: dict[R, dict[str, Any]] = {
        R.EMPLOYER: {"employer_id": OWN.employer},
        R.WORKER: {"worker_id": OWN.things["profiles"]},
        R.CLERK: {"station_ids": (OWN.station,)},
        R.CHIEF: {"station_ids": (OWN.station,)},
    }
    return {role: headers_for(settings, role, **confined.get(role, {})) for role in R}


@pytest.fixture
async def api(serving: Serving, filled: None) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=serving.url, timeout=60) as client:
        yield client


@pytest.fixture
async def walked(
    settings: Settings, serving: Serving, filled: None
) -> AsyncIterator[httpx.AsyncClient]:
    """An API through which nothing has been changed, with sources and names nobody has removed."""
    with Publisher(brokers_of(settings)) as publisher:
        for side in (OWN, OTHER):
            decision = IdentityDecision(side.employer)
            name, decided = employer_name_decided(
                COUNTY, side.name, decision, by=COMMAND_LINE, at=NOW
            )
            publisher.publish([decided])
            side.things["employer-names"] = name.id
    with served(settings) as restarted:
        async with httpx.AsyncClient(
            base_url=restarted.url, headers=serving.headers, timeout=60
        ) as admin:
            for side in (OWN, OTHER):
                content = {"name": side.name, "url": f"https://{side.name}.example.com/jobs.csv"}
                side.things["sources"] = _ok(await admin.post("/v1/sources", json=content))["id"]
                where = f"/v1/stations/{side.station}/saved-replies"
                reply = REPLY | {"title": secrets.token_hex(4)}
                side.things["saved-replies"] = _ok(await admin.post(where, json=reply))["id"]
        async with httpx.AsyncClient(base_url=restarted.url, timeout=60) as client:
            yield client


ROUTES = [route for route in routes() if not is_open(route.path)]
ERASES = "/v1/profiles/{id}"
CASES = sorted(
    ((route, method) for route in ROUTES for method in sorted(route.methods)),
    key=lambda case: (case[1] == "DELETE", case[1] == "DELETE" and case[0].path == ERASES),
)
"""Deleting routes come last, and erasing a worker after all, since it revokes the key."""


def _name(each: object) -> str:
    return each.path if isinstance(each, APIRoute) else str(each)


def kind_of(route: APIRoute) -> str | None:
    """Return the kind of the route's id; None for a route without one."""
    if "{" not in route.path or route.path in EVERYBODYS or known(route):
        return None
    if "{whose}" in route.path:
        return "profiles"
    found = re.search(r"/([a-z-]+)/{", route.path)
    assert found, f"{route.path}: say to whom it belongs"
    if is_page(route):
        return found[1] if found[1] in OWNED_BY else None
    assert found[1] in OWNED_BY, f"{route.path}: say whose {found[1]} can be, in OWNED_BY"
    return found[1]


def is_page(route: APIRoute) -> bool:
    return not route.path.startswith(("/v1/", "/metrics"))


def judged(route: APIRoute, method: str, is_expected: str) -> bool:
    """Return whether the status alone shows the decision.

    A page's form reports errors inside the page, and pages of the own person carry no id: for these
    only a refusal shows."""
    if is_expected == "forbidden" or not is_page(route):
        return True
    ids_of = re.findall(r"{(\w+)}", route.path)
    return method == "GET" and ids_of == ["id"] and not route.path.startswith("/console/me/")


def expected(route: APIRoute, method: str, role: R, side: Side) -> str:
    """`in`, `forbidden` or `hidden`, after the policy."""
    how_far, permissions = GRANTS[role]
    asked = allowed(route)
    if any(each.permission not in permissions for each in asked):
        return "forbidden"
    if how_far is Reach.ALL:
        return "in"
    if any(each.everywhere for each in asked):
        return "forbidden"
    if route.path in FOR_STAFF and how_far is not Reach.STATIONS:
        return "forbidden"
    if role is R.CLERK and route.path in FOR_CHIEFS:
        return "forbidden"
    kind = kind_of(route)
    if kind is None:
        return "in"
    if role is R.CLERK and side is OWN and (method, route.path) in OF_AUTHORS:
        return "forbidden"
    theirs = how_far in OWNED_BY[kind] - NOT_FOR.get(route.path, frozenset())
    if how_far is Reach.SELF and method != "GET" and route.path in READ_BY_WORKERS:
        theirs = False
    return "in" if theirs and side is OWN else "hidden"


def path_of(route: APIRoute, side: Side) -> str:
    kind = kind_of(route)
    values = {
        "whose": "profiles",
        "id": side.things.get(kind or "", OWN.station),
        "notification": side.things["notifications"],
        "kind": "claim" if "matches" in route.path else "read",
        "verb": "pause",
        "enabled": "true",
    }
    if "/webhooks/" in route.path:
        values["notification"] = side.things["notifications of webhooks"]
    if "/channels/" in route.path:
        values["kind"] = "sms"
    if route.path.startswith("/v1/templates"):
        values["kind"] = "new_match"
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], route.path)


def body_of(route: APIRoute, side: Side) -> Any:
    """Return a body that the route accepts, if one is known here."""
    if route.body_field is None:
        return None
    if route.path.endswith("/conversation") or "/notes" in route.path:
        return {"text": "您好"}
    if "/saved-replies" in route.path:
        return REPLY
    if route.path.endswith("/refuse"):
        return {"reasons": ["duplicate"]}
    if route.path.endswith("/appeal"):
        return {"text": "不同意"}
    if route.path.endswith("/candidate-request"):
        return _asked()
    if route.path.endswith("/candidate-request/answer"):
        return {"declinedBecause": "terms"}
    if route.path in READ_BY_WORKERS:
        return {"at": (SystemClock().now() + timedelta(days=2)).isoformat()}
    if route.path.startswith("/v1/openings"):
        return side.opening() if "PATCH" not in route.methods else {"totalJobOpenings": 2}
    if route.path == "/v1/search":
        return {"q": "电焊工"}
    if route.path == "/v1/matches/actions":
        return {"items": [{"matchId": side.things["matches"], "kind": "claim"}]}
    if route.path in {"/v1/profiles", "/v1/profiles/{id}"}:
        return side.worker()
    if route.path.endswith("/channels/{kind}/confirm"):
        return {"code": "000000"}
    if route.path == "/v1/employers/{id}/contact":
        return CONTACT
    if route.path.startswith("/v1/webhooks"):
        if "PATCH" in route.methods:
            return {"enabled": True}
        if route.path.endswith("/private"):
            return {"url": None}
        return {"url": "https://x.example.com/", "employerId": side.employer}
    if route.path.startswith("/v1/notices"):
        return {
            "kind": "policy_news",
            "zh": {"title": "标题", "body": "正文"},
            "audience": {"stationIds": [side.station]},
        }
    return {}


async def status_of(
    api: httpx.AsyncClient, method: str, path: str, body: Any, headers: dict[str, str]
) -> tuple[int, str]:
    """Return the status without reading the body: an event stream never ends."""
    english = headers | {"accept-language": "en"}
    async with api.stream(method, path, json=body, headers=english) as answer:
        kind = answer.headers.get("content-type", "")
        said = "" if "event-stream" in kind else (await answer.aread()).decode("utf-8", "replace")
    return answer.status_code, said


@pytest.mark.parametrize("role", list(R))
async def test_each_route_answers_each_role_as_the_policy_says(
    walked: httpx.AsyncClient, keys: dict[R, dict[str, str]], role: R
) -> None:
    await _known(walked, keys[role])
    wrong = []
    for route, method in CASES:
        kind = kind_of(route)
        if kind in {"accounts", "keys"} or not allowed(route):
            continue  # administrators' only, or the own account: below
        for side in (OTHER, OWN):
            is_expected = expected(route, method, role, side)
            if not judged(route, method, is_expected):
                continue
            path = path_of(route, side)
            status, said = await status_of(walked, method, path, body_of(route, side), keys[role])
            posts = kind is None and body_of(route, side)
            if posts and side is OTHER and is_expected == "in" and status == 403:
                continue  # a new entity outside their reach
            seen = {403: "forbidden", 404: "hidden", 401: "unknown"}.get(status, "in")
            if "unknown route" in said or seen != is_expected or status >= 500:
                wrong.append(f"{method} {path} ({side.name}): {status}, not {is_expected}: {said}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [each for each in R if each is not R.ADMIN])
async def test_accounts_and_keys_are_the_administrators_alone(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]], role: R
) -> None:
    await _known(api, keys[role])
    for route, method in CASES:
        administers = not ADMINISTERING.isdisjoint(each.permission for each in allowed(route))
        if (
            administers
            or route.path.startswith(("/v1/accounts", "/v1/keys"))
            or kind_of(route) in {"accounts", "keys"}
        ):
            path = re.sub(r"{\w+}", "u-" + "a" * 26, route.path)
            status, _ = await status_of(api, method, path, {}, keys[role])
            assert status == 403, f"{method} {path}: {status}"


@pytest.mark.parametrize("role", list(R))
async def test_whoever_is_known_may_ask_who_they_are(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]], role: R
) -> None:
    await _known(api, keys[role])
    me = (await api.get("/v1/me", headers=keys[role])).json()
    assert me["role"] == role
    assert set(me["permissions"]) == GRANTS[role][1]
    for route, method in CASES:
        if known(route):
            status, said = await status_of(api, method, route.path, {}, keys[role])
            own = "A key has no account" in said or status in {200, 204, 303, 422}
            assert own, f"{method} {route.path}: {status} {said}"


async def test_lists_hold_what_is_theirs_and_nothing_else(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]]
) -> None:
    for role in (R.EMPLOYER, R.CLERK, R.WORKER):
        found = (await api.get("/v1/openings", headers=keys[role])).json()["items"]
        assert {each["id"] for each in found} == {OWN.things["openings"]}, role
    hooks = (await api.get("/v1/webhooks", headers=keys[R.EMPLOYER])).json()["items"]
    assert [each["id"] for each in hooks] == [OWN.things["webhooks"]]
    asked = {"employer": OTHER.employer}
    for path in ("/v1/openings", "/v1/webhooks"):
        theirs = await api.get(path, headers=keys[R.EMPLOYER], params=asked)
        assert theirs.json()["items"] == [], "a filter widens nothing"


async def test_a_lookup_a_search_and_a_batch_stay_within_reach(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]]
) -> None:
    for role in (R.EMPLOYER, R.CLERK):
        for side, found in ((OWN, [OWN.things["openings"]]), (OTHER, [])):
            asked = {"identifier": f"roles-{side.name}", "employer": side.employer, "total": "true"}
            answer = await api.get("/v1/openings", headers=keys[role], params=asked)
            assert [each["id"] for each in answer.json()["items"]] == found
            assert answer.json()["total"] == (0 if role is R.EMPLOYER else len(found))
    for side, found in ((OWN, [OWN.things["profiles"]]), (OTHER, [])):
        asked = {"identifier": f"roles-{side.name}"}
        answer = await api.get("/v1/profiles", headers=keys[R.CLERK], params=asked)
        assert [each["id"] for each in answer.json()["items"]] == found
    for role in (R.EMPLOYER, R.CLERK, R.WORKER):
        for sort in ("-score", "-changedAt", "createdAt"):
            asked = {"q": "电焊", "sort": sort, "changedSince": "2020-01-01T00:00:00Z"}
            answer = await api.get("/v1/matches", headers=keys[role], params=asked)
            assert [each["id"] for each in answer.json()["items"]] == [OWN.things["matches"]]
    items = [{"matchId": side.things["matches"], "kind": "claim"} for side in (OWN, OTHER)]
    answer = await api.post("/v1/matches/actions", json={"items": items}, headers=keys[R.CLERK])
    assert [each["status"] for each in answer.json()["items"]] == [202, 404]


async def test_a_search_finds_what_the_lists_of_the_role_show_and_discloses_no_other_number(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]]
) -> None:
    own, both = {OWN.name}, {OWN.name, OTHER.name}
    seen: dict[R, tuple[set[str] | None, set[str]]] = {
        R.CLERK: (own, own),
        R.CHIEF: (own, own),
        R.ASSOCIATION: (both, both),
        R.DEPARTMENT: (None, both),
        R.ADMIN: (both, both),
    }
    for role, (workers, openings) in seen.items():
        people = (await _searched(api, keys[role], "renyuan"))["workers"]
        jobs = await _searched(api, keys[role], "电焊")
        if P.PROFILES_READ not in GRANTS[role][1]:
            workers = None
        found = people and {each["name"].removeprefix("人员") for each in people["items"]}
        assert found == (workers or None), role
        assert people is None or not people["more"], role
        assert {each["employer"] for each in jobs["openings"]["items"]} & both == openings, role
        for side in both:
            named = await _searched(api, keys[role], f"roles-{side}")
            ids_found = {each["id"] for each in named["employers"]["items"]}
            assert ids_found == ({f"roles-{side}"} if side in openings else set()), role
    for role in (R.AUDITOR, R.EMPLOYER, R.WORKER):
        refused = await api.post("/v1/search", json={"q": "电焊"}, headers=keys[role])
        assert refused.status_code == 403, role
    few = await _searched(api, keys[R.ASSOCIATION], "人员", limit=1)
    assert len(few["workers"]["items"]) == 1
    for text in HOSTILE:
        assert (await _searched(api, keys[R.CLERK], text))["workers"] == {
            "items": [],
            "more": False,
        }


async def _searched(
    api: httpx.AsyncClient, headers: dict[str, str], typed: str, limit: int = 10
) -> dict[str, Any]:
    answer = await api.post("/v1/search", json={"q": typed, "limit": limit}, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_is_out_of_reach_reads_like_what_is_not_there(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]]
) -> None:
    for kind, nobodys in (
        ("openings", ids.opening_id("none", "1")),
        ("profiles", ids.worker_id("none", "1")),
    ):
        role = R.EMPLOYER if kind == "openings" else R.CLERK
        theirs = OTHER.things[kind]
        there = (await api.get(f"/v1/{kind}/{theirs}", headers=keys[role])).json()
        absent = (await api.get(f"/v1/{kind}/{nobodys}", headers=keys[role])).json()
        assert there["detail"].replace(theirs, "") == absent["detail"].replace(nobodys, "")
        assert set(there) == set(absent)


async def test_an_employer_posts_for_nobody_else(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]]
) -> None:
    for path, body in (
        ("/v1/openings", OTHER.opening()),
        ("/v1/webhooks", {"url": "https://x.example.com/", "employerId": OTHER.employer}),
        ("/v1/webhooks", {"url": "https://x.example.com/"}),
    ):
        answer = await api.post(path, json=body, headers=keys[R.EMPLOYER])
        assert answer.status_code == 403, answer.text
    moved = await api.patch(
        f"/v1/openings/{OWN.things['openings']}",
        json={"hiringOrganization": {"id": OTHER.employer, "name": "x"}},
        headers=keys[R.EMPLOYER],
    )
    assert moved.status_code in {403, 409}


async def test_an_employer_sees_a_worker_without_name_and_household(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]]
) -> None:
    where = f"/v1/openings/{OWN.things['openings']}"
    for path in (f"{where}/shortlist", f"{where}/matches", f"/v1/matches/{OWN.things['matches']}"):
        text = (await api.get(path, headers=keys[R.EMPLOYER])).text
        assert OWN.things["matches"] in text
        assert "人员own" not in text
        assert "registeredHousehold" not in text


async def test_a_scope_narrows_a_role_and_never_widens_it(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    narrow = headers_for(settings, R.EMPLOYER, (P.OPENINGS_READ, P.AUDIT_READ), employer_id="e")
    await _known(api, narrow)
    assert (await api.get("/v1/openings", headers=narrow)).status_code == 200
    assert (await api.post("/v1/openings", json={}, headers=narrow)).status_code == 403
    assert (await api.get("/v1/webhooks", headers=narrow)).status_code == 403
    me = (await api.get("/v1/me", headers=narrow)).json()
    assert me["permissions"] == ["openings:read"]


async def _known(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    async def answers() -> bool:
        return (await api.get("/v1/me", headers=headers)).status_code == 200

    await until("the key is known", answers)


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_payload_is_a_value_and_never_a_query(
    api: httpx.AsyncClient, keys: dict[R, dict[str, str]], text: str
) -> None:
    for path in ("/v1/openings", "/v1/webhooks"):
        found = await api.get(path, params={"employer": text[:64]}, headers=keys[R.EMPLOYER])
        assert found.json().get("items", []) == []
    queue = f"/v1/stations/{OWN.station}/queue"
    found = await api.get(queue, params={"assigned_to": text[:64]}, headers=keys[R.CLERK])
    assert found.json().get("items", []) == []
    bad = await api.get(queue, params={"state": text}, headers=keys[R.CLERK])
    assert bad.status_code == 422
    assert bad.headers["content-type"] == "application/problem+json"
    assert "<script>" not in bad.text
    written = OWN.opening() | {"description": text, "identifier": f"hostile {text}"}
    posted = await api.post("/v1/openings", json=written, headers=keys[R.EMPLOYER])
    assert posted.status_code in {202, 422}
