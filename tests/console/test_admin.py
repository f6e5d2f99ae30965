"""Administration in a real browser: accounts, keys, stations, the audit trail, the own account."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import expect

from roost.events.account import AccountRole
from tests.console.accounts import PASSWORD, SignsIn
from tests.console.conftest import Opens
from tests.console.county import STATION, County
from tests.console.holding import holds
from tests.stack.serving import Serving

PAGES = [
    "/console/admin/accounts",
    "/console/admin/accounts/new",
    "/console/admin/keys",
    "/console/admin/keys/new",
    "/console/admin/stations",
    "/console/admin/stations/new",
    f"/console/admin/stations/{STATION}",
    "/console/admin/audit",
    "/console/admin/operations",
    "/console/account",
]
SOON_MS = 20_000


@pytest.fixture(autouse=True, scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    signs_in.account("root", "管理员", AccountRole.ADMIN)
    signs_in.account("auditor", "审计员", AccountRole.AUDITOR)
    yield county
    county.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody_on_a_desk_and_a_phone(opens: Opens, path: str) -> None:
    holds(opens, "root", path)


def test_an_account_is_made_signs_in_with_the_password_shown_once_and_is_closed(
    opens: Opens,
) -> None:
    page = opens("root")
    page.goto("/console/admin/accounts/new")
    page.get_by_label("Login").fill("new.clerk")
    page.get_by_label("Name").fill("新同事")
    page.get_by_label("Role").select_option("employer")
    expect(page.get_by_label("Employer id")).to_be_visible()
    expect(page.get_by_role("group", name="Stations")).to_be_hidden()
    page.get_by_label("Role").select_option("clerk")
    page.get_by_label("岚岭县大同服务站").check()
    page.get_by_role("button", name="Create").click()
    password = page.locator(".secret").inner_text()

    hers = opens()
    hers.goto("/console")
    hers.get_by_label("Login").fill("new.clerk")
    hers.get_by_label("Password").fill(password)
    hers.get_by_role("button", name="Sign in").click()
    hers.wait_for_url("**/console/password**")

    page.get_by_label("Disabled").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    hers.goto("/console/account")
    expect(hers).to_have_url(re.compile("/console/sign-in"))


def test_a_key_is_shown_once_and_revoked(opens: Opens, serving: Serving) -> None:
    import httpx

    page = opens("root")
    page.goto("/console/admin/keys/new")
    page.get_by_label("Name").fill("人事系统")
    page.get_by_label("Role").select_option("employer")
    page.get_by_label("Employer id").fill("console-test")
    page.get_by_label("view openings").check()
    page.get_by_role("button", name="Create").click()
    key = page.locator(".secret").inner_text()
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{serving.url}/v1/openings", headers=headers).status_code == 200
    row = page.get_by_role("row").filter(has_text="人事系统")
    row.get_by_text("Revoke", exact=True).first.click()
    row.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("Revoked")
    assert httpx.get(f"{serving.url}/v1/openings", headers=headers).status_code == 401


def test_a_station_is_put_into_the_registry_and_a_place_nobody_knows_is_told(
    opens: Opens,
) -> None:
    page = opens("root")
    page.goto("/console/admin/stations/new")
    page.get_by_label("Code").fill("jinzhong")
    page.get_by_label("Name").fill("晋中服务站")
    page.get_by_label("Place", exact=True).fill("乌有镇乌有村")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[id='place.name-error']")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("晋中服务站")
    page.get_by_label("Place", exact=True).fill("晋中市")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="晋中服务站")).to_be_visible()


def test_an_auditor_finds_what_somebody_did(opens: Opens) -> None:
    page = opens("auditor")
    page.goto("/console/admin/audit")
    page.get_by_label("Actor (account or key)").fill("root")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody")).to_contain_text("Created accounts", timeout=SOON_MS)
    expect(page.locator("tbody")).not_to_contain_text("/console/")
    page.goto("/console/admin/accounts")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No permission")


def test_an_authenticator_is_switched_on_and_asked_for_at_the_next_sign_in(
    opens: Opens, signs_in: SignsIn
) -> None:
    signs_in.account("careful", "谨慎", AccountRole.AUDITOR)
    page = opens("careful")
    page.goto("/console/account")
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set up an authenticator app").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Six-digit code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("status")).to_contain_text("switched on")

    other = opens()
    other.goto("/console/sign-in")
    other.get_by_label("Login").fill("careful")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("textbox")).to_be_visible()
    assert "code" in other.content().lower()
