"""Accounts and keys as an administrator manages them, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from roost.events.account import AccountRole, Permission
from tests.unit.api.builders import NOW
from tests.unit.api.signed import headers_for
from tests.unit.api.test_signing_in import Here

STATION = "s-" + "a" * 26
CLERK = {"login": "li", "name": "李", "role": "clerk", "stationIds": [STATION]}


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here()
    made.client.headers.update(headers_for(made.topics))
    yield made
    await made.client.aclose()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def made_key(here: Here, **asked: Any) -> dict[str, Any]:
    answer = await here.client.post("/v1/keys", json={"name": "hr", "role": "admin"} | asked)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def test_a_key_is_shown_once_works_and_is_revoked_at_once(here: Here) -> None:
    made = await made_key(here, role="employer", employerId="jianzhu")
    assert (await here.client.get("/v1/me", headers=bearer(made["key"]))).json()["id"] == made["id"]
    for shown in (
        (await here.client.get("/v1/keys")).text,
        (await here.client.get(f"/v1/keys/{made['id']}")).text,
    ):
        assert made["id"] in shown
        assert made["key"] not in shown
        assert "hash" not in shown.lower()
    assert (await here.client.delete(f"/v1/keys/{made['id']}")).status_code == 204
    assert (await here.client.get("/v1/me", headers=bearer(made["key"]))).status_code == 401
    assert (await here.client.get(f"/v1/keys/{made['id']}")).status_code == 404


async def test_after_a_rotation_both_secrets_hold_for_the_grace(here: Here) -> None:
    made = await made_key(here)
    where = f"/v1/keys/{made['id']}/rotate"
    turned = (await here.client.post(where, json={"graceHours": 1})).json()
    assert turned["key"] != made["key"]
    for key in (made["key"], turned["key"]):
        assert (await here.client.get("/v1/me", headers=bearer(key))).status_code == 200
    here.clock.moment = NOW + timedelta(hours=1)
    assert (await here.client.get("/v1/me", headers=bearer(made["key"]))).status_code == 401
    assert (await here.client.get("/v1/me", headers=bearer(turned["key"]))).status_code == 200


async def test_nobody_makes_a_key_that_may_more_than_they(here: Here) -> None:
    scoped = headers_for(
        here.topics,
        AccountRole.ADMIN,
        (Permission.ACCOUNTS_WRITE, Permission.OPENINGS_READ, Permission.OPENINGS_WRITE),
    )
    more = {"name": "x", "role": "admin"}
    assert (await here.client.post("/v1/keys", json=more, headers=scoped)).status_code == 403
    less = {"name": "x", "role": "employer", "employerId": "e", "scopes": ["openings:read"]}
    assert (await here.client.post("/v1/keys", json=less, headers=scoped)).status_code == 201
    whole = await made_key(here)
    where = f"/v1/keys/{whole['id']}/rotate"
    assert (await here.client.post(where, json={}, headers=scoped)).status_code == 403


async def test_a_scoped_key_ends_nothing_that_may_more_than_it(here: Here) -> None:
    scopes = (Permission.ACCOUNTS_WRITE, Permission.OPENINGS_READ)
    scoped = headers_for(here.topics, AccountRole.ADMIN, scopes)
    whole = await made_key(here)
    admin = here.account("admin2")
    ends = (f"/v1/keys/{whole['id']}", f"/v1/accounts/{admin.id}/sessions")
    refused = [await here.client.delete(each, headers=scoped) for each in ends]
    assert [each.status_code for each in refused] == [403, 403]
    assert (await here.client.get("/v1/me", headers=bearer(whole["key"]))).status_code == 200
    less = {"role": "employer", "employerId": "e", "scopes": ["openings:read"]}
    own = await made_key(here, **less)
    answer = await here.client.delete(f"/v1/keys/{own['id']}", headers=scoped)
    assert answer.status_code == 204
    assert (await here.client.delete(ends[0])).status_code == 204
    assert (await here.client.delete(ends[1])).status_code == 200


async def test_a_key_may_only_what_its_scopes_say(here: Here) -> None:
    made = await made_key(here, scopes=["openings:read"])
    refused = await here.client.get("/v1/keys", headers=bearer(made["key"]))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")


@pytest.mark.parametrize(
    "asked", [{"role": "employer"}, {"role": "clerk"}, {"days": 400}, {"scopes": ["x"]}, {"a": 1}]
)
async def test_a_key_that_says_too_little_or_too_much_is_refused(
    here: Here, asked: dict[str, Any]
) -> None:
    answer = await here.client.post("/v1/keys", json={"name": "hr", "role": "admin"} | asked)
    assert answer.status_code == 422


async def test_an_account_gets_a_password_for_the_first_sign_in(here: Here) -> None:
    answer = await here.client.post("/v1/accounts", json=CLERK)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["mustChangePassword"] is True
    assert made["password"] not in (await here.client.get(answer.headers["location"])).text
    assert (await here.sign_in("li", made["password"])).status_code == 200
    again = await here.client.post("/v1/accounts", json=CLERK)
    assert again.status_code == 409
    assert again.json()["errors"][0]["field"] == "login"


async def signed_in_clerk(here: Here) -> tuple[str, dict[str, str]]:
    """Return a clerk's account id and the headers of their session."""
    made = (await here.client.post("/v1/accounts", json=CLERK)).json()
    await here.sign_in("li", made["password"])
    cookie = {"cookie": f"roost={here.client.cookies['roost']}"}
    here.client.cookies.clear()
    return made["id"], cookie


async def as_they_are(here: Here, cookie: dict[str, str]) -> int:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(here.app), base_url="http://test", headers=cookie
    ) as theirs:
        return (await theirs.get("/v1/me")).status_code


@pytest.mark.parametrize("how", ["disable", "reset", "end", "erase"])
async def test_what_an_administrator_does_is_in_force_for_who_is_signed_in(
    here: Here, how: str
) -> None:
    id, cookie = await signed_in_clerk(here)
    assert await as_they_are(here, cookie) == 200
    where = f"/v1/accounts/{id}"
    edited = {name: CLERK[name] for name in ("name", "role", "stationIds")} | {"disabled": True}
    answer = {
        "disable": lambda: here.client.put(where, json=edited),
        "reset": lambda: here.client.post(f"{where}/password"),
        "end": lambda: here.client.delete(f"{where}/sessions"),
        "erase": lambda: here.client.delete(where),
    }[how]
    assert (await answer()).status_code in {200, 204}
    assert await as_they_are(here, cookie) == 401


async def test_the_last_administrator_cannot_be_closed_or_erased(here: Here) -> None:
    admin = here.account("admin")
    where = f"/v1/accounts/{admin.id}"
    closed = await here.client.put(where, json={"name": "A", "role": "admin", "disabled": True})
    demoted = await here.client.put(where, json={"name": "A", "role": "auditor"})
    erased = await here.client.delete(where)
    assert [each.status_code for each in (closed, demoted, erased)] == [409, 409, 409]
    here.account("second")
    assert (await here.client.delete(where)).status_code == 204


@pytest.mark.parametrize("role", [AccountRole.AUDITOR, AccountRole.ASSOCIATION])
async def test_nobody_else_sees_accounts_or_keys(here: Here, role: AccountRole) -> None:
    headers = headers_for(here.topics, role)
    for path in ("/v1/accounts", "/v1/keys"):
        assert (await here.client.get(path, headers=headers)).status_code == 403
