"""Pages of accounts, keys and one's own account in memory, as an administrator uses them."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest

from api.console.admin.admin_forms import ACCOUNT, holder_wire
from roost.events.account import AccountRole
from roost.security import passwords
from roost.views.answers import Page
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed

PASSWORD = "words of my own"
HASH = passwords.hashed(PASSWORD)
SECRET = re.compile(r'class="secret">([^<]+)<')


class NoViews:
    """Views of a county that has registered nothing yet."""

    async def search(self, view: str, body: Any) -> Page:
        return Page((), 0)


@pytest.fixture
def admin() -> Signed:
    return Signed(AccountRole.ADMIN, elastic=NoViews(), password_hash=HASH)


async def test_an_account_is_made_and_its_password_is_shown_this_once(admin: Signed) -> None:
    sent = {"login": "shen", "name": "审计", "role": "auditor", "language": "zh"}
    answer = await admin.send("/console/admin/accounts/new", **sent)
    (password,) = SECRET.findall(answer.text)
    account = next(
        each for each in admin.topics.identities.accounts.values() if each.login == "shen"
    )
    assert passwords.verified(account.password_hash, password)
    assert account.must_change_password
    assert answer.headers["cache-control"] == "no-store"
    listed = await admin.get("/console/admin/accounts")
    assert "shen" in listed.text
    assert password not in listed.text


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(admin: Signed) -> None:
    sent = {"login": "Shen Ji", "name": "审计", "role": "auditor", "language": "zh"}
    answer = await admin.send("/console/admin/accounts/new", **sent)
    assert answer.status_code == 422
    assert 'id="login-error"' in answer.text
    assert 'value="审计"' in answer.text


async def test_a_login_that_is_taken_is_told(admin: Signed) -> None:
    sent = {"login": admin.account.login, "name": "x", "role": "auditor", "language": "zh"}
    answer = await admin.send("/console/admin/accounts/new", **sent)
    assert answer.status_code == 422
    assert 'id="login-error"' in answer.text


async def test_the_last_administrator_stays(admin: Signed) -> None:
    answer = await admin.send(f"/console/admin/accounts/{admin.account.id}/erase")
    assert answer.status_code == 409
    assert "last administrator" in answer.text


def test_an_account_holds_only_what_its_role_is_confined_to() -> None:
    typed = ACCOUNT.shown({"login": "li", "name": "x", "language": "zh"}) | {
        "role": "employer",
        "employerId": "e",
        "workerId": "w-1",
        "stationIds": ("s-1",),
    }
    assert set(holder_wire(ACCOUNT, typed)) == {
        "login",
        "name",
        "language",
        "role",
        "employerId",
        "byOidc",
    }


async def test_a_key_is_made_rotated_and_revoked_and_each_secret_is_shown_once(
    admin: Signed,
) -> None:
    sent = {
        "name": "人事系统",
        "role": "employer",
        "employerId": "e",
        "days": "30",
        "scopes": "openings:read",
    }
    (first,) = SECRET.findall((await admin.send("/console/admin/keys/new", **sent)).text)
    (key,) = admin.topics.identities.keys.values()
    rotated = await admin.send(f"/console/admin/keys/{key.id}/rotate", days="30", graceHours="1")
    (second,) = SECRET.findall(rotated.text)
    assert first != second
    assert SECRET.findall((await admin.get("/console/admin/keys")).text) == []
    answer = await admin.send(f"/console/admin/keys/{key.id}/revoke")
    assert answer.headers["location"] == "/console/admin/keys?done=revoked"
    assert list(admin.topics.identities.keys.values()) == []


async def begun(admin: Signed) -> tuple[str, str]:
    """Begin an enrolment with the password; return the secret and the sealed enrolment."""
    shown = await admin.send("/console/account/authenticator", password=PASSWORD)
    assert "<svg" in shown.text
    (grouped,) = re.findall(r'class="secret">([A-Z2-7 ]+)<', shown.text)
    (enrolment,) = re.findall(r'name="enrolment" value="([^"]+)"', shown.text)
    return grouped.replace(" ", ""), enrolment


async def test_an_authenticator_is_switched_on_by_the_password_and_its_first_code(
    admin: Signed,
) -> None:
    refused = await admin.send("/console/account/authenticator", password="another")
    assert refused.status_code == 422
    assert "<svg" not in refused.text
    secret, enrolment = await begun(admin)
    confirm = "/console/account/authenticator/confirm"
    wrong = await admin.send(confirm, enrolment=enrolment, code="000000")
    assert wrong.status_code == 422
    assert 'id="code-error"' in wrong.text
    right = await admin.send(confirm, enrolment=enrolment, code=pyotp.TOTP(secret).at(NOW))
    assert right.headers["location"] == "/console/account?done=authenticator_on"
    assert (await admin.get("/console/account")).status_code == 200


@pytest.mark.parametrize("enrolment", ["", "A" * 32, "nonsense", "JBSWY3DPEHPK3PXP" * 2])
async def test_an_enrolment_that_the_password_did_not_begin_is_refused(
    admin: Signed, enrolment: str
) -> None:
    """Not even with the right code, if the enrolment is a secret without a seal."""
    secret = enrolment if len(enrolment) == 32 else pyotp.random_base32()
    code = pyotp.TOTP(secret).at(NOW)
    confirm = "/console/account/authenticator/confirm"
    answer = await admin.send(confirm, enrolment=enrolment, secret=secret, code=code)
    assert answer.status_code == 422
    account = admin.topics.identities.accounts.get(admin.account.id)
    assert account is not None
    assert account.totp_secret is None


async def test_an_authenticator_is_taken_off_with_the_password_only(admin: Signed) -> None:
    secret, enrolment = await begun(admin)
    code = pyotp.TOTP(secret).at(NOW)
    await admin.send("/console/account/authenticator/confirm", enrolment=enrolment, code=code)
    disable = "/console/account/authenticator/disable"
    wrong = await admin.send(disable, password="another")
    assert wrong.status_code == 422
    assert "The password is wrong." in wrong.text
    right = await admin.send(disable, password=PASSWORD)
    assert right.headers["location"] == "/console/account?done=authenticator_off"


async def test_ones_own_session_is_named_and_another_accounts_cannot_be_ended(
    admin: Signed,
) -> None:
    answer = await admin.get("/console/account")
    assert "this browser" in answer.text
    stranger = "t-" + "a" * 26
    assert (await admin.send(f"/console/account/sessions/{stranger}")).status_code == 404


async def test_whoever_is_no_administrator_sees_nothing_of_it() -> None:
    clerk = Signed(AccountRole.DEPARTMENT, elastic=NoViews(), password_hash=HASH)
    for path in ("accounts", "keys", "stations", "accounts/new"):
        assert (await clerk.get(f"/console/admin/{path}")).status_code == 403
