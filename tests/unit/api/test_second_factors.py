"""Second factors: required by role, enrolled with the password, used once; ends of sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from api.access import totp
from api.access.session_changes import use_once
from producers import identity_facts as facts
from roost.events.account import AccountRole, Holder
from roost.security.account_changes import ENDS_SESSIONS, altered
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.signed import KEY, Topics, headers_for
from tests.unit.api.test_signing_in import HASH, PASSWORD, Here, enrolled

STATION = "s-" + "a" * 26


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here()
    yield made
    await made.client.aclose()


@pytest.fixture
async def strict() -> AsyncIterator[Here]:
    """The API with the usual setting."""
    made = Here(second_factor_roles=Settings().second_factor_roles)
    yield made
    await made.client.aclose()


async def status(here: Here, token: str) -> int:
    async with here.browser() as browser:
        answer = await browser.get("/v1/me", headers={"cookie": f"roost={token}"})
        return answer.status_code


def test_the_setting_requires_it_of_those_who_see_everything() -> None:
    assert set(Settings().second_factor_roles) == {"admin", "auditor", "association"}


def test_the_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOST_SECOND_FACTOR_ROLES", '["chief"]')
    assert Settings().second_factor_roles == [AccountRole.CHIEF]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/accounts", 403),
        ("/v1/audit", 403),
        ("/v1/profiles/w-" + "a" * 26 + "/audit", 403),
        ("/v1/stations", 403),
        ("/metrics", 403),
        ("/v1/me", 200),
    ],
)
async def test_an_administrator_without_a_second_factor_can_only_enrol_one(
    strict: Here, path: str, status: int
) -> None:
    strict.account()
    signed_in = await strict.sign_in()
    assert signed_in.json()["mustEnrolSecondFactor"] is True
    answer = await strict.client.get(path)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["type"] == "/problems/second-factor-to-enrol"


async def test_an_initial_password_is_changed_first_and_reads_nothing(strict: Here) -> None:
    strict.account(must_change_password=True)
    await strict.sign_in()
    for path in ("/v1/accounts", "/v1/profiles/w-" + "a" * 26 + "/audit"):
        assert (await strict.client.get(path)).json()["type"] == "/problems/password-to-change"


CONFINED: dict[AccountRole, dict[str, Any]] = {
    AccountRole.EMPLOYER: {"employer_id": "jianzhu"},
    AccountRole.WORKER: {"worker_id": "w-" + "a" * 26},
    AccountRole.CLERK: {"station_ids": (STATION,)},
    AccountRole.CHIEF: {"station_ids": (STATION,)},
}


@pytest.mark.parametrize("role", list(AccountRole))
@pytest.mark.parametrize("must_change", [True, False])
async def test_every_role_reaches_the_page_of_its_first_step(
    role: AccountRole, must_change: bool
) -> None:
    here = Here(second_factor_roles=list(AccountRole))
    here.account(role=role, must_change_password=must_change, **CONFINED.get(role, {}))
    await here.sign_in()
    me = (await here.client.get("/v1/me")).json()
    assert (me["mustChangePassword"], me["mustEnrolSecondFactor"]) == (must_change, True)
    page = await here.client.get("/", follow_redirects=True)
    assert page.status_code == 200
    first = "/console/password" if must_change else "/console/account/second-factor"
    assert page.url.path == first
    await here.client.aclose()


async def test_after_enrolling_everything_is_open_and_the_next_sign_in_needs_a_code(
    strict: Here,
) -> None:
    strict.account()
    await strict.sign_in()
    secret = await enrolled(strict)
    assert (await strict.client.get("/v1/accounts")).status_code == 200
    strict.clock.moment = NOW + timedelta(minutes=5)
    assert (await strict.sign_in()).json()["type"] == "/problems/code-needed"
    code = pyotp.TOTP(secret).at(strict.clock.now())
    answer = await strict.sign_in(code=code)
    assert answer.json()["mustEnrolSecondFactor"] is False


async def test_a_clerk_and_a_key_need_no_second_factor(strict: Here) -> None:
    clerk, _ = facts.account_made(
        Holder(role=AccountRole.CLERK, station_ids=(STATION,)),
        "fang",
        "王芳",
        HASH,
        at=NOW,
        must_change=False,
    )
    strict.topics.put(facts.account_put(clerk, at=NOW))
    assert (await strict.sign_in("fang")).json()["mustEnrolSecondFactor"] is False
    key = headers_for(strict.topics)
    assert (await strict.browser().get("/v1/accounts", headers=key)).status_code == 200


async def test_a_page_leads_to_the_enrolment_and_from_there_back(strict: Here) -> None:
    strict.account()
    async with strict.browser() as browser:
        browser.headers["accept"] = "text/html"
        sent = {"login": "li", "password": PASSWORD, "next": "/console/admin/accounts"}
        answer = await browser.post("/console/sign-in", data=sent)
        enrolment = "/console/account/second-factor?next=/console/admin/accounts"
        assert answer.headers["location"] == enrolment
        page = await browser.get(enrolment)
        assert page.status_code == 200
        assert "双重验证" in page.text
        assert "/console/admin/accounts" in page.text
        refused = await browser.get("/console/admin/accounts")
        assert refused.headers["location"] == enrolment


@pytest.mark.parametrize("body", [{}, {"password": "wrong password"}])
async def test_enrolling_needs_the_password(here: Here, body: dict[str, str]) -> None:
    here.account()
    await here.sign_in()
    csrf = await here.csrf()
    answer = await here.client.post("/v1/me/authenticator", json=body, headers=csrf)
    assert answer.status_code in {401, 422}
    assert "secret" not in answer.text


@pytest.mark.parametrize("enrolment", ["A" * 32, "A" * 104, "JBSWY3DPEHPK3PXP" * 2])
async def test_a_secret_of_ones_own_making_is_not_enrolled(here: Here, enrolment: str) -> None:
    """Not even if the enrolment is the secret itself, without a seal."""
    account = here.account()
    await here.sign_in()
    secret = enrolment
    code = pyotp.TOTP(secret).at(NOW)
    for body in ({"secret": secret, "code": code}, {"enrolment": enrolment, "code": code}):
        answer = await here.client.post(
            "/v1/me/authenticator/confirm", json=body, headers=await here.csrf()
        )
        assert answer.status_code == 422
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    assert standing.totp_secret is None


async def test_an_enrolment_ends_with_time_and_with_the_password(here: Here) -> None:
    here.account()
    await here.sign_in()

    async def begun() -> dict[str, str]:
        body = {"password": PASSWORD}
        answer = await here.client.post(
            "/v1/me/authenticator", json=body, headers=await here.csrf()
        )
        return dict(answer.json())

    async def confirmed(enrolment: dict[str, str]) -> int:
        """Confirm with the code of this moment."""
        code = pyotp.TOTP(enrolment["secret"]).at(here.clock.now())
        said = {"enrolment": enrolment["enrolment"], "code": code}
        confirm = "/v1/me/authenticator/confirm"
        return (await here.client.post(confirm, json=said, headers=await here.csrf())).status_code

    late = await begun()
    here.clock.moment = NOW + timedelta(minutes=11)
    assert await confirmed(late) == 422
    before = await begun()
    said = {"former": PASSWORD, "password": "four other words here"}
    await here.client.post("/v1/me/password", json=said, headers=await here.csrf())
    assert await confirmed(before) == 422


async def test_enrolling_and_disabling_end_other_sessions_but_not_this_browsers(
    here: Here,
) -> None:
    here.account()
    await here.sign_in()
    other = here.client.cookies["roost"]
    await here.sign_in()
    mine = here.client.cookies["roost"]
    await enrolled(here)
    assert await status(here, other) == 401
    assert await status(here, mine) == 401, "its token is replaced too"
    assert (await here.client.get("/v1/me")).status_code == 200
    enrolled_token = here.client.cookies["roost"]
    disable = "/v1/me/authenticator/disable"
    body = {"password": PASSWORD}
    await here.client.post(disable, json=body, headers=await here.csrf())
    assert await status(here, enrolled_token) == 401
    assert (await here.client.get("/v1/me")).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        ({"disabled": True}, {"disabled": False}),
        ({"role": "auditor"}, {"role": "admin"}),
        ({"role": "clerk", "stationIds": [STATION]}, {"role": "admin"}),
    ],
)
async def test_no_change_of_an_account_revives_its_former_sessions(
    here: Here, changes: tuple[dict[str, Any], ...]
) -> None:
    here.account("other")
    account = here.account("fang")
    await here.sign_in("fang")
    token = here.client.cookies["roost"]
    assert await status(here, token) == 200
    key = headers_for(here.topics)
    async with here.browser() as browser:
        for change in changes:
            body = {"name": "王芳", "role": "admin"} | change
            answer = await browser.put(f"/v1/accounts/{account.id}", json=body, headers=key)
            assert answer.status_code == 200, answer.text
            assert await status(here, token) == 401
    assert await status(here, token) == 401


async def test_a_change_of_the_name_or_language_ends_no_session(here: Here) -> None:
    account = here.account("fang")
    await here.sign_in("fang")
    token = here.client.cookies["roost"]
    async with here.browser() as browser:
        body = {"name": "王小芳", "role": "admin", "language": "en"}
        await browser.put(f"/v1/accounts/{account.id}", json=body, headers=headers_for(here.topics))
    assert await status(here, token) == 200


def test_every_field_that_decides_access_ends_sessions() -> None:
    account, _ = facts.account_made(Holder(role=AccountRole.ADMIN), "li", "李", HASH, at=NOW)
    other = {
        "role": AccountRole.AUDITOR,
        "employer_id": "e-1",
        "worker_id": "w-" + "a" * 26,
        "station_ids": (STATION,),
        "disabled": True,
        "totp_secret": "sealed",
    }
    assert set(other) <= set(ENDS_SESSIONS)
    for name, value in other.items():
        assert altered(account, **{name: value}).generation == account.generation + 1, name
    assert altered(account, name="another").generation == account.generation


async def test_an_administrator_who_removes_an_authenticator_ends_the_sessions(
    here: Here,
) -> None:
    account = here.account("fang")
    await here.sign_in("fang")
    token = here.client.cookies["roost"]
    async with here.browser() as browser:
        path = f"/v1/accounts/{account.id}/authenticator/disable"
        await browser.post(path, headers=headers_for(here.topics))
    assert await status(here, token) == 401


async def test_of_two_processes_that_take_one_code_at_once_one_succeeds(here: Here) -> None:
    """Another process writes the code's mark between this one's look and its own record."""
    account = here.account()

    def another_process_is_first() -> None:
        [mark] = [each for each in probe.records if each.topic.name == "sessions"]
        here.topics.put(mark)

    probe = Topics()
    probed = here.given.__class__(
        **{name: getattr(here.given, name) for name in here.given.__dataclass_fields__}
        | {"publisher": probe, "identities": probe.identities}
    )
    assert await use_once(probed, account, "totp", "1")
    here.topics.between.append(another_process_is_first)
    assert not await use_once(here.given, account, "totp", "1")
    assert await use_once(here.given, account, "totp", "2")


async def test_of_many_requests_with_one_code_at_once_one_signs_in(here: Here) -> None:
    account = here.account()
    secret = totp.new_secret()
    sealed = totp.seal_secret(KEY, account.id, secret)
    here.account(totp_secret=sealed)
    code = pyotp.TOTP(secret).at(NOW)
    browsers = [here.browser(f"203.0.113.{number}") for number in range(4)]
    answers = await asyncio.gather(
        *(here.sign_in(client=browser, code=code) for browser in browsers)
    )
    assert sorted(each.status_code for each in answers) == [200, 401, 401, 401]


async def test_a_known_browser_signs_in_while_strangers_guess_the_login(here: Here) -> None:
    here.account()
    await here.sign_in()
    for number in range(40):
        host = f"198.51.100.{number}"
        async with here.given.passwords.attempt("li", host) as attempt:
            attempt.failed()
    for _ in range(3):
        assert (await here.sign_in(password="wrong password")).status_code == 401
    assert (await here.sign_in()).status_code == 200
    stranger = here.browser("203.0.113.9")
    assert (await here.sign_in(client=stranger)).status_code == 200, "one try is left to anybody"


async def test_the_mark_of_a_browser_is_of_one_account_and_ends_with_its_generation(
    here: Here,
) -> None:
    account = here.account()
    await here.sign_in()
    (name,) = [each for each in here.client.cookies if "-known-" in each]
    mark = here.client.cookies[name]
    other = here.account("wang")
    from api.access.client_address import Origin
    from api.access.known_browsers import known_browser

    def known(holder: Any, cookies: dict[str, str]) -> bool:
        return known_browser(here.given, holder, Origin(cookies=cookies)) is not None

    assert known(account, {name: mark})
    assert not known(account, {name: mark[:-4] + "AAAA"})
    assert not known(other, {name: mark})
    assert not known(other, {name.replace(account.id[2:14], other.id[2:14]): mark})
    assert not known(altered(account, disabled=True), {name: mark})
    here.clock.moment = NOW + timedelta(days=181)
    assert not known(account, {name: mark})


async def test_a_session_of_another_account_makes_no_browser_known(here: Here) -> None:
    """A person with any account could otherwise guess at another from ever new sessions."""
    from api.access.client_address import Origin
    from api.access.known_browsers import known_browser

    admin = here.account("admin")
    here.account()
    await here.sign_in()
    (session,) = [each for each in here.topics.identities.sessions.values() if not each.ended]
    origin = Origin(host="203.0.113.7", session_id=session.id)
    assert known_browser(here.given, admin, origin) is None
    for _ in range(5):
        assert (await here.sign_in("admin", "wrong password")).status_code == 401
    assert (await here.sign_in("admin", "wrong password")).status_code == 429
    await here.sign_in()
    answer = await here.sign_in("admin", "wrong password")
    assert answer.status_code == 429, "a new session changes nothing"
