"""Passkeys: registered with the password, listed, removed; signed in with, once, on our site."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from api.access.webauthn_ceremonies import (
    are_available,
    new_challenge,
    registered_passkey,
    sign_count_of,
)
from roost.events.account import Account
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.soft_authenticator import PRESENT, SoftAuthenticator
from tests.unit.api.test_signing_in import PASSWORD, Here

OPTIONS, SIGN_IN = "/v1/sign-in/passkey/options", "/v1/sign-in/passkey"


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here("https://test", second_factor_roles=Settings().second_factor_roles)
    yield made
    await made.client.aclose()


async def registers(here: Here, key: SoftAuthenticator, **changed: Any) -> Any:
    csrf = await here.csrf()
    begun = await here.client.post(
        "/v1/me/passkeys/options", json={"password": PASSWORD}, headers=csrf
    )
    said = {
        "enrolment": begun.json()["enrolment"],
        "name": "office",
        "credential": key.created(begun.json()["options"]),
    }
    return await here.client.post("/v1/me/passkeys", json=said | changed, headers=csrf)


async def enrolled(here: Here) -> tuple[Account, SoftAuthenticator]:
    account, key = here.account(), SoftAuthenticator()
    await here.sign_in()
    answer = await registers(here, key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["mustEnrolSecondFactor"] is False
    return account, key


async def begun(here: Here) -> dict[str, Any]:
    return dict((await here.browser().post(OPTIONS)).json())


async def signs_in(here: Here, key: SoftAuthenticator) -> Any:
    request = await begun(here)
    said = {"ceremony": request["ceremony"], "credential": key.signed(request["options"])}
    return await here.client.post(SIGN_IN, json=said)


async def test_a_passkey_is_registered_with_the_password_and_signs_in_alone(here: Here) -> None:
    account, key = await enrolled(here)
    assert (await here.client.get("/v1/accounts")).status_code == 200
    here.client.cookies.clear()
    answer = await signs_in(here, key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["accountId"] == account.id
    assert (await here.client.get("/v1/accounts")).status_code == 200
    event = here.events[-1]
    assert (event.kind, event.cause, event.who) == ("signed-in", "passkey", account.id)


async def test_with_a_passkey_the_password_alone_is_not_enough(here: Here) -> None:
    await enrolled(here)
    answer = await here.sign_in()
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/code-needed")
    assert "passkey" in answer.json()["detail"]


async def test_registering_needs_the_password(here: Here) -> None:
    here.account()
    await here.sign_in()
    csrf = await here.csrf()
    for body in ({}, {"password": "wrong password"}):
        path = "/v1/me/passkeys/options"
        answer = await here.client.post(path, json=body, headers=csrf)
        assert answer.status_code in {401, 422}
    said = {"enrolment": "x", "name": "office", "credential": {}}
    answer = await here.client.post("/v1/me/passkeys", json=said, headers=csrf)
    assert answer.status_code == 422


async def test_registering_and_removing_end_other_sessions_and_the_list_names_them(
    here: Here,
) -> None:
    _, key = await enrolled(here)
    assert (await signs_in(here, key)).status_code == 200
    former = here.client.cookies["__Host-roost"]
    await registers(here, SoftAuthenticator(), name="phone")
    listed = (await here.client.get("/v1/me/passkeys")).json()["items"]
    assert [each["name"] for each in listed] == ["office", "phone"]
    remove = f"/v1/me/passkeys/{listed[0]['id']}/remove"
    csrf = await here.csrf()
    wrong = await here.client.post(remove, json={"password": "wrong password"}, headers=csrf)
    assert wrong.status_code == 401
    right = await here.client.post(remove, json={"password": PASSWORD}, headers=csrf)
    assert right.status_code == 200
    headers = {"cookie": f"__Host-roost={former}"}
    assert (await here.browser().get("/v1/me", headers=headers)).status_code == 401
    assert (await signs_in(here, key)).status_code == 401, "a removed passkey"


async def test_one_answer_signs_in_once_even_at_once(here: Here) -> None:
    _, key = await enrolled(here)
    request = await begun(here)
    said = {"ceremony": request["ceremony"], "credential": key.signed(request["options"])}
    answers = await asyncio.gather(*(here.browser().post(SIGN_IN, json=said) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 401, 401]
    assert (await here.browser().post(SIGN_IN, json=said)).status_code == 401


async def test_a_copied_passkey_whose_counter_fell_back_is_refused(here: Here) -> None:
    _, key = await enrolled(here)
    copied = copy.copy(key)
    for _ in range(2):
        assert (await signs_in(here, key)).status_code == 200
    assert (await signs_in(here, copied)).status_code == 401


async def test_using_a_passkey_ends_no_session(here: Here) -> None:
    _, key = await enrolled(here)
    here.client.cookies.clear()
    await signs_in(here, key)
    first = here.client.cookies["__Host-roost"]
    await signs_in(here, key)
    headers = {"cookie": f"__Host-roost={first}"}
    assert (await here.browser().get("/v1/me", headers=headers)).status_code == 200


def elsewhere(key: SoftAuthenticator) -> None:
    key.origin = "https://evil.example"


def another_site(key: SoftAuthenticator) -> None:
    key.rp_id = "evil.example"


def unverified(key: SoftAuthenticator) -> None:
    key.flags = PRESENT


def absent(key: SoftAuthenticator) -> None:
    key.flags = 0


def unknown(key: SoftAuthenticator) -> None:
    key.id = b"another id"


def another_key(key: SoftAuthenticator) -> None:
    key.__dict__["_key"] = SoftAuthenticator().__dict__["_key"]


@pytest.mark.parametrize(
    "change", [elsewhere, another_site, unverified, absent, unknown, another_key]
)
async def test_an_answer_from_elsewhere_or_without_its_user_is_refused(
    here: Here, change: Callable[[SoftAuthenticator], None]
) -> None:
    _, key = await enrolled(here)
    change(key)
    assert (await signs_in(here, key)).status_code == 401


@pytest.mark.parametrize("change", [elsewhere, another_site, unverified, absent])
async def test_a_registration_from_elsewhere_or_without_its_user_is_refused(
    here: Here, change: Callable[[SoftAuthenticator], None]
) -> None:
    account, key = here.account(), SoftAuthenticator()
    await here.sign_in()
    change(key)
    assert (await registers(here, key)).status_code == 422
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    assert not standing.passkeys


async def test_a_late_or_foreign_ceremony_is_refused(here: Here) -> None:
    _, key = await enrolled(here)
    request = await begun(here)
    credential = key.signed(request["options"])
    foreign = {"ceremony": "x" * 40, "credential": credential}
    assert (await here.browser().post(SIGN_IN, json=foreign)).status_code == 401
    here.clock.moment = NOW + timedelta(minutes=6)
    late = {"ceremony": request["ceremony"], "credential": credential}
    assert (await here.browser().post(SIGN_IN, json=late)).status_code == 401


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 7},
        {"id": None, "response": []},
        {"id": "known"},
        {"id": "known", "rawId": "é", "type": "public-key", "response": {}},
        {"id": "known", "rawId": "known", "type": "x", "response": {"clientDataJSON": 1}},
        {"id": "known", "rawId": "known", "response": {"clientDataJSON": "e30", "signature": "A"}},
    ],
)
async def test_any_other_text_is_refused_and_not_an_error(
    here: Here, credential: dict[str, Any]
) -> None:
    account, _ = await enrolled(here)
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    known = standing.passkeys[0].id
    sent = {name: known if value == "known" else value for name, value in credential.items()}
    request = await begun(here)
    said = {"ceremony": request["ceremony"], "credential": sent}
    assert (await here.browser().post(SIGN_IN, json=said)).status_code == 401
    registered = await registers(here, SoftAuthenticator(), credential=sent)
    assert registered.status_code == 422


async def test_a_passkey_of_another_account_is_not_registered_again(here: Here) -> None:
    _, key = await enrolled(here)
    here.account("wang")
    await here.sign_in("wang")
    assert (await registers(here, key)).status_code == 409


async def test_a_disabled_account_is_not_opened_by_its_passkey(here: Here) -> None:
    account, key = await enrolled(here)
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    here.account(passkeys=standing.passkeys, disabled=True)
    assert (await signs_in(here, key)).status_code == 401


async def test_a_reset_password_removes_the_passkeys_that_its_thief_may_have_registered(
    here: Here,
) -> None:
    account, key = await enrolled(here)
    reset = f"/v1/accounts/{account.id}/password"
    answer = await here.client.post(reset, headers=await here.csrf())
    assert answer.status_code == 200, answer.text
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    assert standing.passkeys == ()
    assert (await signs_in(here, key)).status_code == 401


async def test_changing_ones_own_password_keeps_the_passkeys(here: Here) -> None:
    _, key = await enrolled(here)
    said = {"former": PASSWORD, "password": "a quite different sentence"}
    answer = await here.client.post("/v1/me/password", json=said, headers=await here.csrf())
    assert answer.status_code == 200, answer.text
    assert (await signs_in(here, key)).status_code == 200


@pytest.mark.parametrize(
    ("url", "origin", "rp_id"),
    [
        ("https://Test", "https://test", "test"),
        ("https://test:443/", "https://test", "test"),
        ("https://test:8443", "https://test:8443", "test"),
        ("https://招工.example", "https://xn--est63i.example", "xn--est63i.example"),
    ],
)
def test_the_public_url_is_compared_as_browsers_write_it(url: str, origin: str, rp_id: str) -> None:
    settings, challenge = Settings(public_url=url), new_challenge()
    key = SoftAuthenticator(origin, rp_id)
    options = {"user": {"id": "dQ"}, "challenge": challenge}
    passkey = registered_passkey(settings, key.created(options), challenge, "office", NOW)
    assert passkey is not None
    assert sign_count_of(settings, passkey, key.signed(options), challenge) == 1


async def test_pages_offer_passkeys_only_where_browsers_allow_them(here: Here) -> None:
    assert 'data-passkey="get"' in (await here.browser().get("/console/sign-in")).text
    plain = Here("http://127.0.0.1:8000")
    assert "data-passkey" not in (await plain.browser().get("/console/sign-in")).text


@pytest.mark.parametrize(
    ("url", "available"),
    [
        ("https://roost.example.cn", True),
        ("http://localhost:8000", True),
        ("http://roost.example.cn", False),
        ("http://127.0.0.1:8000", False),
        ("https://[2001:db8::1]", False),
        ("https://192.0.2.1", False),
    ],
)
def test_passkeys_need_a_name_and_https(url: str, available: bool) -> None:
    assert are_available(Settings(public_url=url)) is available
