"""Sign-in, sessions and their cookies, one-time codes and forged requests, in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pyotp
import pytest

from api.app import create_app
from api.ports.services import SecurityEvent, Services
from producers import identity_facts as facts
from roost.events.account import Account, AccountRole, Holder
from roost.security import passwords
from roost.settings import Settings
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import KeptEvents
from tests.unit.api.signed import Topics, given_to, headers_for

PASSWORD = "correct horse battery"
HASH = passwords.hashed(PASSWORD)
ADMIN = Holder(role=AccountRole.ADMIN)


class Here:
    """The API, its topics and its clock; `client` keeps cookies as a browser does."""

    def __init__(
        self, url: str = "http://test", second_factor_roles: Sequence[AccountRole] = ()
    ) -> None:
        settings = Settings(public_url=url, second_factor_roles=list(second_factor_roles))
        self.app = create_app(settings)
        self.topics = Topics()
        self.clock = FixedClock(NOW)
        self.given: Services = given_to(self.app, self.topics, settings=settings, clock=self.clock)
        self.client = self.browser()

    def browser(self, host: str = "127.0.0.1") -> httpx.AsyncClient:
        """Return a browser without cookies at a network address."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(host, 1)),
            base_url=self.given.settings.public_url,
        )

    @property
    def events(self) -> list[SecurityEvent]:
        """Security events so far."""
        return cast(KeptEvents, self.given.security).events

    def account(self, login: str = "li", **changes: Any) -> Account:
        account, _ = facts.account_made(ADMIN, login, "李", HASH, at=NOW, must_change=False)
        account = account.model_copy(update=changes)
        self.topics.put(facts.account_put(account, at=NOW))
        return account

    async def sign_in(
        self,
        login: str = "li",
        password: str = PASSWORD,
        client: httpx.AsyncClient | None = None,
        **more: str,
    ) -> Any:
        said = {"login": login, "password": password, **more}
        return await (client or self.client).post("/v1/sign-in", json=said)

    async def csrf(self) -> dict[str, str]:
        return {"X-CSRF-Token": (await self.client.get("/v1/me")).json()["csrf"]}


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here()
    yield made
    await made.client.aclose()


async def test_who_signs_in_has_a_session_whose_token_stands_nowhere(here: Here) -> None:
    here.account()
    answer = await here.sign_in()
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    token = here.client.cookies["roost"]
    assert all(token.encode() not in (each.value or b"") for each in here.topics.records)
    me = (await here.client.get("/v1/me")).json()
    assert (me["login"], me["role"]) == ("li", "admin")
    assert "accounts:write" in me["permissions"]


async def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    here = Here("https://test")
    here.account()
    cookie = (await here.sign_in()).headers["set-cookie"]
    assert cookie.startswith("__Host-roost=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    await here.client.aclose()


@pytest.mark.parametrize(
    ("login", "password"), [("li", "wrong password"), ("nobody", PASSWORD), ("li\x00", PASSWORD)]
)
async def test_what_was_wrong_is_not_told(here: Here, login: str, password: str) -> None:
    here.account()
    answer = await here.sign_in(login, password)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/not-signed-in"
    assert "www-authenticate" in answer.headers
    assert "set-cookie" not in answer.headers


async def test_a_closed_account_does_not_sign_in(here: Here) -> None:
    here.account(disabled=True)
    assert (await here.sign_in()).status_code == 401


async def test_who_keeps_getting_it_wrong_has_to_wait_even_with_the_right_one(here: Here) -> None:
    here.account()
    for _ in range(5):
        assert (await here.sign_in(password="wrong password")).status_code == 401
    answer = await here.sign_in()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300
    here.account("wang")
    assert (await here.sign_in("wang")).status_code == 200, "others are not held up"


async def test_signing_out_ends_the_session_for_good(here: Here) -> None:
    here.account()
    await here.sign_in()
    token = here.client.cookies["roost"]
    assert (await here.client.post("/v1/sign-out", headers=await here.csrf())).status_code == 204
    assert "roost" not in here.client.cookies
    again = await here.client.get("/v1/me", headers={"cookie": f"roost={token}"})
    assert again.status_code == 401


async def test_a_session_ends_when_it_is_idle_or_old(here: Here) -> None:
    here.account()
    await here.sign_in()
    for _ in range(13):
        here.clock.moment = here.clock.now() + timedelta(minutes=50)
        status = (await here.client.get("/v1/me")).status_code
        await asyncio_settled(here)
        assert status == 200
    here.clock.moment = here.clock.now() + timedelta(minutes=61)
    assert (await here.client.get("/v1/me")).status_code == 401
    await here.sign_in()
    began = here.clock.now()
    while here.clock.now() < began + timedelta(hours=12):
        assert (await here.client.get("/v1/me")).status_code == 200
        await asyncio_settled(here)
        here.clock.moment = here.clock.now() + timedelta(minutes=50)
    assert (await here.client.get("/v1/me")).status_code == 401


async def asyncio_settled(here: Here) -> None:
    """Wait until the use of the session has been recorded."""
    import asyncio

    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_password_that_was_given_has_to_be_changed_first(here: Here) -> None:
    here.account(must_change_password=True)
    await here.sign_in()
    refused = await here.client.get("/v1/accounts")
    assert refused.json()["type"] == "/problems/password-to-change"
    csrf = await here.csrf()
    changed = await here.client.post(
        "/v1/me/password",
        json={"former": PASSWORD, "password": "four other words here"},
        headers=csrf,
    )
    assert changed.status_code == 200, changed.text
    assert (await here.client.get("/v1/accounts")).status_code == 200
    assert (await here.sign_in()).status_code == 401
    assert (await here.sign_in(password="four other words here")).status_code == 200


async def test_changing_the_password_ends_all_other_sessions(here: Here) -> None:
    here.account()
    await here.sign_in()
    other = here.client.cookies["roost"]
    await here.sign_in()
    said = {"former": PASSWORD, "password": "four other words here"}
    await here.client.post("/v1/me/password", json=said, headers=await here.csrf())
    assert (await here.client.get("/v1/me")).status_code == 200
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(here.app), base_url="http://test", cookies={"roost": other}
    ) as elsewhere:
        assert (await elsewhere.get("/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "nonsense"}, 403),
        ({"X-CSRF-Token": "right"}, 200),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "https://evil.example"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "null"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "http://test"}, 200),
    ],
)
async def test_a_write_by_cookie_needs_the_sessions_token_and_our_own_page(
    here: Here, headers: dict[str, str], status: int
) -> None:
    here.account()
    await here.sign_in()
    right = (await here.csrf())["X-CSRF-Token"]
    sent = {name: right if value == "right" else value for name, value in headers.items()}
    answer = await here.client.put("/v1/me/language", json={"language": "en"}, headers=sent)
    assert answer.status_code == status, answer.text


async def test_one_sessions_token_is_not_anothers(here: Here) -> None:
    here.account()
    await here.sign_in()
    former = await here.csrf()
    await here.sign_in()
    answer = await here.client.put("/v1/me/language", json={"language": "en"}, headers=former)
    assert answer.status_code == 403


async def test_signing_in_from_another_sites_page_is_refused(here: Here) -> None:
    here.account()
    answer = await here.client.post(
        "/v1/sign-in",
        json={"login": "li", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403


async def test_a_key_needs_no_token_and_no_cookie_helps_a_bad_key(here: Here) -> None:
    here.account()
    await here.sign_in()
    headers = headers_for(here.topics)
    assert (await here.client.post("/v1/sign-out", headers=headers)).status_code == 204
    bad = {"Authorization": headers["Authorization"][:-1] + "~"}
    assert (await here.client.get("/v1/me", headers=bad)).status_code == 401


async def test_a_page_asked_for_without_a_session_leads_to_the_sign_in_page(here: Here) -> None:
    answer = await here.client.get("/queue?x=1", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=/queue%3Fx%3D1"
    assert (await here.client.get("/v1/me", headers={"accept": "text/html"})).status_code == 401


async def test_before_the_tables_have_caught_up_nobody_is_let_in(here: Here) -> None:
    headers = headers_for(here.topics)
    here.given.identities.keys.caught_up = False
    answer = await here.client.get("/v1/me", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    here.given.identities.keys.caught_up = True
    assert (await here.client.get("/v1/me", headers=headers)).status_code == 200


async def enrolled(here: Here) -> str:
    """Enrol an authenticator and return its secret."""
    csrf = await here.csrf()
    confirmed = {"password": PASSWORD}
    begun = await here.client.post("/v1/me/authenticator", json=confirmed, headers=csrf)
    enrolment = begun.json()
    assert enrolment["uri"].startswith("otpauth://totp/Roost:li?")
    assert re.match("<svg", enrolment["qr"])
    code = pyotp.TOTP(enrolment["secret"]).at(here.clock.now())
    said = {"enrolment": enrolment["enrolment"], "code": code}
    wrong = said | {"code": f"{(int(code) + 1) % 1_000_000:06}"}
    refused = await here.client.post("/v1/me/authenticator/confirm", json=wrong, headers=csrf)
    assert refused.status_code == 422
    answer = await here.client.post("/v1/me/authenticator/confirm", json=said, headers=csrf)
    assert answer.json()["secondFactor"] is True
    return str(enrolment["secret"])


async def test_with_an_authenticator_a_code_is_needed_and_none_is_taken_twice(here: Here) -> None:
    here.account()
    await here.sign_in()
    secret = await enrolled(here)
    assert all(secret.encode() not in (each.value or b"") for each in here.topics.records)
    without = await here.sign_in()
    assert (without.status_code, without.json()["type"]) == (401, "/problems/code-needed")
    here.clock.moment = NOW + timedelta(minutes=5)
    code = pyotp.TOTP(secret).at(here.clock.now())
    assert (await here.sign_in(code=code)).status_code == 200
    assert (await here.sign_in(code=code)).status_code == 401
    await here.client.post("/v1/sign-out", headers=await here.csrf())
    assert (await here.sign_in(code=code)).status_code == 401
    here.clock.moment = NOW + timedelta(minutes=6)
    early = pyotp.TOTP(secret).at(here.clock.now() + timedelta(seconds=30))
    assert (await here.sign_in(code=early)).status_code == 200, "a clock that is ahead"
    late = pyotp.TOTP(secret).at(here.clock.now() - timedelta(minutes=2))
    assert (await here.sign_in(code=late)).status_code == 401


async def test_an_authenticator_is_disabled_with_the_password_only(here: Here) -> None:
    here.account()
    await here.sign_in()
    await enrolled(here)
    csrf = await here.csrf()
    where = "/v1/me/authenticator/disable"
    wrong = await here.client.post(where, json={"password": "wrong password"}, headers=csrf)
    assert wrong.status_code == 401
    right = await here.client.post(where, json={"password": PASSWORD}, headers=csrf)
    assert right.json()["secondFactor"] is False
    assert (await here.sign_in()).status_code == 200


async def test_a_hash_with_weaker_parameters_is_made_anew_at_the_next_sign_in(here: Here) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    account = here.account(password_hash=weak)
    assert (await here.sign_in()).status_code == 200
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    assert standing.password_hash is not None
    assert not passwords.outdated(standing.password_hash)
    assert (await here.client.get("/v1/me")).status_code == 200


async def test_an_account_made_anew_does_not_open_to_the_sessions_of_the_erased(here: Here) -> None:
    account = here.account()
    await here.sign_in()
    here.topics.put(facts.account_erased(account.id, at=NOW))
    later = datetime(2026, 11, 23, 9, 1, tzinfo=UTC)
    _, record = facts.account_made(ADMIN, "li", "李", HASH, at=later)
    here.topics.put(record)
    here.clock.moment = later + timedelta(minutes=1)
    assert (await here.client.get("/v1/me")).status_code == 401


async def test_sessions_that_are_over_are_erased_in_time(here: Here) -> None:
    here.account()
    for _ in range(3):
        await here.sign_in()
    here.clock.moment = NOW + timedelta(days=1)
    await here.sign_in()
    assert len(list(here.topics.identities.sessions.values())) == 1
