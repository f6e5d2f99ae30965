"""The QR code that a clerk shows: one worker, one sign-in, ten minutes, with the clerk's name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from api.access import sessions
from api.access.principal import principal_of_account
from api.sign_in import by_station_code
from api.sign_in.by_station_code import PATH
from producers import identity_facts
from roost.events.account import AccountRole, Holder
from roost.events.audit import SecurityEventKind as Kind
from roost.security.account_changes import altered
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.visiting import Visitors
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, Log, Views, stored_worker

PHONE = "+8613800138000"


def the_worker(address: str = PHONE) -> Any:
    channels = [{"kind": "sms", "address": address}]
    return stored_worker(HERE, identifier="A-1", name="王秀英", channels=channels)


class Shown(Visitors):
    """A station with a clerk who shows codes of one worker."""

    def __init__(self) -> None:
        self.worker = the_worker()
        super().__init__(self.worker)
        holder = Holder(role=AccountRole.CLERK, station_ids=(MINE,))
        self.clerk, record = identity_facts.account_made(holder, "li", "李娜", None, at=NOW)
        self.topics.put(record)

    async def code(self) -> str:
        """Return the path of a new code."""
        who = principal_of_account(self.clerk)
        made = await by_station_code.issue_code(self.given, who, self.worker.key)
        return made.url.removeprefix(self.given.settings.public_url)


async def test_a_code_signs_the_worker_in_once_and_names_the_clerk_in_the_audit_log() -> None:
    at = Shown()
    path = await at.code()
    browser = at.browser()
    assert "<button" in (await browser.get(path)).text
    assert browser.account is None
    assert (await browser.send(path)).status_code == 303
    assert browser.account is not None
    assert (browser.account.worker_id, browser.account.role) == (at.worker.key, AccountRole.WORKER)
    event = at.security.events[-1]
    assert (event.kind, event.cause) == (Kind.SIGNED_IN, "station-code")
    assert [(each.kind, each.id) for each in event.objects] == [
        ("profiles", at.worker.key),
        ("accounts", at.clerk.id),
    ]
    second = at.browser()
    assert (await second.send(path)).status_code == 422
    assert second.account is None


async def test_a_code_ends_with_time_a_newer_one_the_clerk_and_the_telephone() -> None:
    at = Shown()
    first = await at.code()
    second = await at.code()
    for path in (first, second[:-1], f"{PATH}/x"):
        answer = await at.browser().send(path)
        assert answer.status_code == 422
        assert "ask the station for a new one" in answer.text
    at.clock.moment = NOW + timedelta(minutes=10)
    assert (await at.browser().send(second)).status_code == 422
    third = await at.code()
    at.views.store(the_worker("+8613900139000"))
    assert (await at.browser().send(third)).status_code == 422
    fourth = await at.code()
    disabled = altered(at.clerk, disabled=True)
    at.topics.put(identity_facts.account_put(disabled, at=NOW))
    assert (await at.browser().send(fourth)).status_code == 422


async def test_another_persons_session_of_a_shared_telephone_ends() -> None:
    at = Shown()
    browser = at.browser()
    holder = Holder(role=AccountRole.WORKER, worker_id="w-" + "a" * 26)
    other, record = identity_facts.account_made(holder, "other", "别人", None, at=NOW)
    at.topics.put(record)
    former = sessions.new_session(other, NOW, at.given.settings)
    at.topics.put(identity_facts.session_put(former.session, at=NOW))
    name = sessions.cookie_name(at.given.settings)
    browser.client.cookies.set(name, former.token, domain="127.0.0.1", path="/")
    assert (await browser.send(await at.code())).status_code == 303
    ended = at.given.identities.sessions.get(former.session.id)
    assert ended is not None
    assert ended.ended


def signed(role: AccountRole, place: Any = HERE, **confined: Any) -> tuple[Signed, str]:
    views, worker = Views(), stored_worker(place, name="王秀英")
    views.store(worker)
    browser = Signed(role, elastic=views, others=Log(), **confined)
    return browser, f"/console/profiles/{worker.key}/sign-in-code"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_clerk_shows_the_code_on_a_page_of_its_own(language: str) -> None:
    browser, path = signed(AccountRole.CLERK, language=language, station_ids=(MINE,))
    shown = await browser.send(path)
    assert shown.status_code == 200
    assert "<svg" in shown.text
    assert "王秀英" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    details = await browser.get(path.replace("sign-in-code", "details"))
    assert f'action="{path}"' in details.text


async def test_nobody_shows_a_code_for_a_worker_out_of_reach_and_no_worker_for_themselves() -> None:
    clerk, path = signed(AccountRole.CLERK, ELSEWHERE, station_ids=(MINE,))
    assert (await clerk.send(path)).status_code == 404
    found = re.search(r"w-[a-z2-7]{26}", path)
    assert found
    worker, path = signed(AccountRole.WORKER, worker_id=found[0])
    assert (await worker.send(path)).status_code == 403


async def test_a_worker_has_ten_codes_an_hour() -> None:
    browser, path = signed(AccountRole.CLERK, station_ids=(MINE,))
    answers = [(await browser.send(path)).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
