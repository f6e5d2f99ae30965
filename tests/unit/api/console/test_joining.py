"""A sign-up by the person: confirmed by code, disclosing nothing, one profile for one person."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.joining import service
from api.sign_in.worker_accounts import is_unproved
from roost.contact.address_codes import address_code
from roost.contact.sign_in_codes import sign_in_code
from roost.events.account import AccountRole
from roost.events.audit import SecurityEventKind as Kind
from roost.events.notification import NotificationKind
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, Profile, ProfileStatus
from roost.events.suppression import ConsentBasis, Suppression
from roost.topics import PROFILES, SUPPRESSIONS
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed
from tests.unit.api.console.visiting import Browser, Visitors, hidden
from tests.unit.api.signed import KEY
from tests.unit.api.two_stations import ELSEWHERE, HERE, MINE, Log, Views, stored_worker

JOIN = f"/console/join/{MINE}"
PHONE = "+8613800138000"
TYPED = {
    "name": "王秀英",
    "channels.sms": "138 0013 8000",
    "home.name": HERE.key,
    "location.name": HERE.key,
    "occupationsWanted": "焊工",
    "wageWanted.minValue": "5000",
    "ofAge": "yes",
    "consent": "yes",
}


class Station(Visitors):
    """A station with a poster."""

    def __init__(self, *workers: Any) -> None:
        super().__init__(*workers)
        fact = {"id": MINE, "name": "太原服务站"}
        self.views.documents["stations", MINE] |= {"id": MINE, "fact": fact}

    def profiles(self) -> dict[str, Profile]:
        """Return the newest profile of each worker that was written; None is an erasure."""
        newest = {each.key: each for each in self.log.records if each.topic is PROFILES}
        return {
            id: Profile.model_validate_json(each.value)
            for id, each in newest.items()
            if each.value is not None
        }

    def code(self) -> str:
        told = self.told()[-1]
        channel = Channel(kind=ChannelKind.SMS, address=PHONE, confirmed=False)
        return address_code(KEY, told.recipient.id, channel, told.caused_at)


async def signed_up(browser: Browser, **changes: str) -> httpx.Response:
    return await browser.send(JOIN, **(TYPED | changes))


async def entered(browser: Browser, page: httpx.Response, code: str) -> httpx.Response:
    shown = await browser.get(page.headers["location"])
    return await browser.send(f"{JOIN}/code", begun=hidden(shown.text, "begun"), code=code)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_person_signs_up_with_a_code_and_is_matched_from_then_on(language: str) -> None:
    at = Station()
    browser = at.browser(language=language)
    assert "太原服务站" in (await browser.get(JOIN)).text
    page = await signed_up(browser)
    assert page.status_code == 303, page.text
    [(id, before)] = at.profiles().items()
    assert (before.status, before.source) == (ProfileStatus.PAUSED, "self")
    sms = [(each.address, each.confirmed) for each in before.channels if each.address]
    assert sms == [(PHONE, False)]
    assert at.told()[-1].kind is NotificationKind.ADDRESS_CODE
    assert (await entered(browser, page, "000000")).status_code == 422
    assert browser.account is None
    done = await entered(browser, page, at.code())
    assert done.headers["location"] == "/console/me/profile?done=joined"
    after = at.profiles()[id]
    assert (after.status, after.name) == (ProfileStatus.ACTIVE, "王秀英")
    assert after.preferences.language == language
    assert "name" in {each.field for each in after.own_changes}
    account = browser.account
    assert account is not None
    assert (account.role, account.worker_id) == (AccountRole.WORKER, id)
    assert not account.disabled
    [consent] = [each for each in at.log.records if each.topic is SUPPRESSIONS]
    said = Suppression.model_validate_json(consent.value or b"")
    assert (said.basis, said.suppressed, said.by) == (ConsentBasis.ONLINE, False, account.id)
    assert at.events()[-1] == (Kind.SIGNED_IN, "join")
    again = await entered(at.browser(), page, at.code())
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"channels.sms": ""}, "channels.sms"),
        ({"channels.sms": "12"}, "channels.sms"),
        ({"home.name": "没有这个地方"}, "home.name"),
        ({"home.name": ELSEWHERE.key, "location.name": ELSEWHERE.key}, "location.name"),
        ({"wageWanted.minValue": "much"}, "wageWanted.minValue"),
        ({"consent": ""}, "consent"),
        ({"ofAge": ""}, "ofAge"),
    ],
)
async def test_a_fault_is_named_at_its_field_and_nothing_is_stored(
    changes: dict[str, str], field: str
) -> None:
    at = Station()
    answer = await signed_up(at.browser(), **changes)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert at.log.records == []


async def test_nobody_learns_who_is_registered_before_the_telephone_is_proved() -> None:
    stored = stored_worker(
        HERE, identifier="A-1", name="王秀英", channels=[{"kind": "sms", "address": PHONE}]
    )
    shown = []
    for at in (Station(), Station(stored)):
        browser = at.browser()
        page = await signed_up(browser)
        code_page = await browser.get(page.headers["location"])
        shown.append(re.sub(r'(begun=|"begun" value=")[^"]*', r"\1", code_page.text))
        assert at.views.searches == 0
    assert shown[0] == shown[1]


async def test_a_person_who_is_stored_with_name_and_telephone_gets_no_second_profile() -> None:
    stored = stored_worker(
        HERE, identifier="A-1", name="王秀英", channels=[{"kind": "sms", "address": PHONE}]
    )
    at = Station(stored)
    browser = at.browser()
    page = await signed_up(browser, occupationsWanted="别的工作")
    done = await entered(browser, page, at.code())
    assert done.headers["location"] == "/console/me/profile?done=known"
    assert browser.account is not None
    assert browser.account.worker_id == stored.key
    assert at.profiles() == {}, "the second profile is erased, the first is unchanged"


async def test_somebody_else_with_the_telephone_gets_a_profile_of_their_own() -> None:
    stored = stored_worker(
        HERE, identifier="A-1", name="李建国", channels=[{"kind": "sms", "address": PHONE}]
    )
    at = Station(stored)
    browser = at.browser()
    await entered(browser, await signed_up(browser), at.code())
    assert browser.account is not None
    assert browser.account.worker_id not in {None, stored.key}


async def test_what_is_not_confirmed_within_a_day_is_erased_with_its_account() -> None:
    at = Station()
    await signed_up(at.browser())
    [id] = at.profiles()
    at.clock.moment = NOW + timedelta(days=1, seconds=1)
    await service.erase_unproved(at.given)
    assert at.profiles() == {}
    assert not [each for each in at.given.identities.accounts.values() if each.worker_id == id]


async def test_a_number_has_three_codes_an_hour_and_a_network_thirty_sign_ups() -> None:
    at = Station()
    for place in range(3):
        assert (await signed_up(at.browser(f"203.0.113.{place}"))).status_code == 303
    refused = await signed_up(at.browser("198.51.100.1"))
    assert (refused.status_code, len(at.profiles())) == (429, 3)
    for place in range(30):
        answer = await signed_up(at.browser("192.0.2.9"), **{"channels.sms": f"137{place:08d}"})
        assert answer.status_code == 303
    refused = await signed_up(at.browser("192.0.2.9"), **{"channels.sms": "13600000000"})
    assert (refused.status_code, len(at.profiles())) == (429, 33)
    assert at.events()[-1] == (Kind.SIGN_IN_THROTTLED, "join-network")


async def test_an_unconfirmed_sign_up_cannot_sign_in_with_its_telephone() -> None:
    at = Station()
    await signed_up(at.browser())
    browser = at.browser()
    asked = await browser.send("/console/sign-in/telephone", telephone=PHONE)
    page = await browser.get(asked.headers["location"])
    await browser.send(
        "/console/sign-in/telephone/code",
        asked=hidden(page.text, "asked"),
        code=sign_in_code(KEY, PHONE, NOW),
    )
    assert browser.account is None
    [account] = at.given.identities.accounts.values()
    assert is_unproved(account)


async def test_an_unknown_station_has_no_form() -> None:
    assert (await Station().browser().get("/console/join/s-" + "z" * 26)).status_code == 404


def signed(role: AccountRole, **confined: Any) -> tuple[Signed, Views]:
    views = Views()
    fact = {"id": MINE, "name": "太原服务站"}
    views.documents["stations", MINE] |= {"id": MINE, "fact": fact}
    return Signed(role, elastic=views, others=Log(), **confined), views


@pytest.mark.parametrize(
    ("role", "station", "status"),
    [
        (AccountRole.CHIEF, MINE, 200),
        (AccountRole.CLERK, MINE, 200),
        (AccountRole.CHIEF, "s-" + "z" * 26, 404),
    ],
)
async def test_a_stations_staff_print_its_poster(
    role: AccountRole, station: str, status: int
) -> None:
    browser, _ = signed(role, station_ids=(MINE,))
    shown = await browser.get(f"/console/today/stations/{station}/poster")
    assert shown.status_code == status
    if status == 200:
        assert "<svg" in shown.text
        assert JOIN in shown.text
