"""A worker's pages on a phone: the station's number, letters, installation, and clean-up."""

from __future__ import annotations

import re

import pytest

from api.console.shell.assets import assets
from api.guards.security_headers import POLICY
from producers import facts
from roost.errors import Invalid
from roost.events.account import AccountRole
from roost.events.station import StationContent
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.two_stations import HERE, Log, Views, stored_worker

SCRIPTS = ("service-worker.js", "offline.js")


def station(telephone: str | None) -> str | None:
    content = {"identifier": "x", "name": "x", "place": {"name": HERE.key}, "telephone": telephone}
    return facts.station_put(StationContent.model_validate(content), at=NOW)[0].telephone


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0352-5550101", "+863525550101"),
        ("13800138000", "+8613800138000"),
        ("0352-5550101-12", "+863525550101-12"),
        (None, None),
    ],
)
def test_a_stations_number_has_one_spelling(typed: str | None, stored: str | None) -> None:
    assert station(typed) == stored


@pytest.mark.parametrize("typed", ["12", "no number", "javascript:alert(1)"])
def test_what_is_no_number_is_refused_with_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        station(typed)
    assert [each.field for each in refused.value.fields] == ["telephone"]


def signed() -> Signed:
    views, worker = Views(), stored_worker(HERE)
    views.store(worker)
    return Signed(AccountRole.WORKER, elastic=views, others=Log(), worker_id=worker.key)


async def test_larger_letters_are_kept_with_the_account() -> None:
    browser = signed()
    page = "/console/me/profile"
    assert 'class="large"' not in (await browser.get(page)).text
    chosen = await browser.send("/console/me/large-text", large="yes", next=page)
    assert (chosen.status_code, chosen.headers["location"]) == (303, page)
    assert 'class="large"' in (await browser.get(page)).text
    await browser.send("/console/me/large-text", next=page)
    assert 'class="large"' not in (await browser.get(page)).text


async def test_a_worker_reaches_no_other_site_by_the_switch() -> None:
    chosen = await signed().send("/console/me/large-text", next="https://example.org/")
    assert chosen.headers["location"] == "/"


async def test_a_page_names_its_account_and_a_sign_out_clears_the_browser() -> None:
    browser = signed()
    shown = (await browser.get("/console/me/profile")).text
    assert f'<meta name="account" content="{browser.account.id}">' in shown
    out = await browser.send("/console/sign-out")
    assert out.headers["clear-site-data"] == '"storage"'


async def test_manifest_and_service_worker_need_no_sign_in_and_control_workers_pages_alone() -> (
    None
):
    browser = signed()
    browser.client.cookies.clear()
    manifest = await browser.get("/static/worker.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.json()["icons"][0]["src"] == assets()["mark.svg"].href
    script = await browser.get("/static/service-worker")
    assert script.headers["service-worker-allowed"] == "/console/me"
    assert script.headers["cache-control"] == "no-cache"


def test_the_policy_allows_a_worker_and_a_manifest_of_ours_and_no_inline_script() -> None:
    for each in ("worker-src 'self'", "manifest-src 'self'", "script-src 'self'"):
        assert each in POLICY
    assert "unsafe" not in POLICY


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_small_and_evaluate_no_text(name: str) -> None:
    text = assets()[name].body.decode()
    assert len(text) < 8_000
    assert not re.search(r"\beval\(|new Function|innerHTML|importScripts", text)


def test_profile_contacts_and_export_are_never_copied() -> None:
    text = assets()["service-worker.js"].body.decode()
    found = re.search(r"const READ = /(.*)/;", text)
    assert found
    kept = re.compile(found[1].replace("\\/", "/"))
    for path in ("", "/matches/m-1", "/inbox", "/conversation", "/training"):
        assert kept.match(f"/console/me{path}"), path
    for path in ("/profile", "/addresses", "/data", "/data/all", "/telling", "/inbox/count"):
        assert not kept.match(f"/console/me{path}"), path
