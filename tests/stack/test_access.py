"""Keys, accounts and sessions on a real Kafka: two processes of the API, and the commands."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from deploy.environment import environment_of
from producers.admin import current_values
from producers.first_admin import FirstAdmin, create_first_admin, first_admin_message
from roost.settings import Settings
from roost.topics import ACCOUNTS, API_KEYS, SESSIONS
from tests.stack.serving import Serving, served, wait_known

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    """Servers without any account: the first administrator is created here."""
    return own_settings


@pytest.fixture(scope="module")
def first(settings: Settings) -> Iterator[Serving]:
    with served(settings) as running:
        yield running


@pytest.fixture(scope="module")
def second(settings: Settings) -> Iterator[Serving]:
    own = settings.model_copy(update={"data": settings.data / "second"})
    with served(own) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def admin(settings: Settings) -> FirstAdmin | None:
    """The first administrator, created before a test creates another account."""
    return create_first_admin(settings)


def roost(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy", *arguments],
        env=environment_of(settings) | {"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def seconds_until_refused(url: str, headers: dict[str, str]) -> float:
    began = time.monotonic()
    while httpx.get(f"{url}/v1/me", headers=headers, timeout=10).status_code != 401:
        assert time.monotonic() - began < 20, "it is still taken"
    return time.monotonic() - began


def test_a_revoked_key_is_refused_at_once_here_and_in_a_moment_elsewhere(
    first: Serving, second: Serving, settings: Settings
) -> None:
    made = httpx.post(
        f"{first.url}/v1/keys", json={"name": "x", "role": "auditor"}, headers=first.headers
    ).json()
    key = bearer(made["key"])
    assert httpx.get(f"{first.url}/v1/me", headers=key).status_code == 200
    wait_known(second.url, key)
    gone = httpx.delete(f"{first.url}/v1/keys/{made['id']}", headers=first.headers)
    assert gone.status_code == 204
    assert httpx.get(f"{first.url}/v1/me", headers=key).status_code == 401
    assert seconds_until_refused(second.url, key) < 5
    assert made["id"] not in current_values(settings.bootstrap_servers, API_KEYS)


def test_the_first_administrator_is_made_once_signs_in_and_has_a_session_everywhere(
    first: Serving, second: Serving, settings: Settings, admin: FirstAdmin | None
) -> None:
    assert admin is not None
    assert create_first_admin(settings) is None
    assert admin.password in first_admin_message(admin, settings, terminal=True)
    in_a_log = first_admin_message(admin, settings, terminal=False)
    assert admin.password not in in_a_log
    written = settings.data / "keys" / "first-admin"
    assert str(written) in in_a_log
    assert written.stat().st_mode & 0o777 == 0o600
    said = {"login": admin.login, "password": admin.password}
    with httpx.Client(base_url=first.url, timeout=30) as browser:
        deadline = time.monotonic() + 20
        while (answer := browser.post("/v1/sign-in", json=said)).status_code == 401:
            assert time.monotonic() < deadline, answer.text
        assert answer.json()["mustChangePassword"] is True
        token = browser.cookies["roost"]
        password = {"former": admin.password, "password": "four words of my own"}
        csrf = {"X-CSRF-Token": answer.json()["csrf"]}
        changed = browser.post("/v1/me/password", json=password, headers=csrf)
        assert changed.status_code == 200, changed.text
        now = {"cookie": f"roost={browser.cookies['roost']}"}
        wait_known(second.url, now)
        before = {"cookie": f"roost={token}"}
        assert seconds_until_refused(second.url, before) < 5
        csrf = {"X-CSRF-Token": changed.json()["csrf"]}
        assert browser.post("/v1/sign-out", headers=csrf).status_code == 204
        assert seconds_until_refused(second.url, now) < 5
    kept = b"".join(
        value
        for topic in (ACCOUNTS, SESSIONS)
        for value in current_values(settings.bootstrap_servers, topic).values()
    )
    for secret in (admin.password, token, "four words of my own"):
        assert secret.encode() not in kept
    for log in (settings.data / "logs").glob("*.log"):
        assert admin.password not in log.read_text("utf-8", "replace")


def test_the_commands_make_list_and_revoke_keys(first: Serving, settings: Settings) -> None:
    made = roost(settings, "keys", "create", "--role", "auditor", "--name", "by command")
    assert made.returncode == 0, made.stderr
    key = bearer(made.stdout.strip())
    wait_known(first.url, key)
    listed = roost(settings, "keys", "list").stdout
    (line,) = [each for each in listed.splitlines() if "by command" in each]
    assert made.stdout.strip() not in listed
    revoked = roost(settings, "keys", "revoke", line.split()[0])
    assert revoked.returncode == 0, revoked.stderr
    assert seconds_until_refused(first.url, key) < 5
    confined = roost(settings, "keys", "create", "--role", "employer", "--name", "x")
    assert confined.returncode == 1
    assert "employerId" in confined.stderr


def test_the_commands_make_reset_and_close_accounts(first: Serving, settings: Settings) -> None:
    made = roost(settings, "accounts", "create", "watch", "--role", "auditor", "--name", "看")
    assert made.returncode == 0, made.stderr
    again = roost(settings, "accounts", "create", "watch", "--role", "auditor")
    assert (again.returncode, again.stdout) == (1, "")
    reset = roost(settings, "accounts", "reset-password", "watch").stdout.strip()
    assert reset
    assert reset != made.stdout.strip()
    assert roost(settings, "accounts", "disable", "watch").returncode == 0
    assert "watch  auditor  看  disabled" in roost(settings, "accounts", "list").stdout
    said = {"login": "watch", "password": reset}
    answer = httpx.post(f"{first.url}/v1/sign-in", json=said, timeout=30)
    assert answer.status_code == 401
