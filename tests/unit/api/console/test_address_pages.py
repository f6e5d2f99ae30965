"""The page of a worker's contacts, in both languages, with the API in memory."""

from __future__ import annotations

import pytest

from roost.contact.address_codes import address_code
from roost.events.account import AccountRole
from roost.events.envelope import decode, value_of
from roost.events.notification import Notification
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, Profile
from roost.topics import NOTIFICATIONS, PROFILES
from tests.unit.api.console.pages import Signed
from tests.unit.api.signed import KEY
from tests.unit.api.two_stations import HERE, Log, Views, stored_worker

OLD = "+8613800138000"
NEW = Channel(kind=ChannelKind.SMS, address="+8613900139000", confirmed=False)
PAGE = "/console/me/addresses"


def signed(language: str) -> tuple[Signed, Log, Views]:
    log, views = Log(), Views()
    stored = stored_worker(HERE, channels=[{"kind": "sms", "address": OLD}])
    views.store(stored)
    fact = views.documents[PROFILES.name, stored.key]["fact"]
    fact["channels"].append(NEW.to_dict())
    worker = AccountRole.WORKER
    browser = Signed(worker, elastic=views, others=log, language=language, worker_id=stored.key)
    return browser, log, views


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ("Send me a code", "Not confirmed")), ("zh", ("获取验证码", "待确认"))],
)
async def test_an_unconfirmed_address_is_shown_with_its_forms(
    language: str, texts: tuple[str, ...]
) -> None:
    browser, _, _ = signed(language)
    shown = (await browser.get(PAGE)).text
    for each in (*texts, NEW.address, OLD, 'autocomplete="one-time-code"', 'inputmode="numeric"'):
        assert each in shown
    assert "<script>" not in shown
    assert f'href="{PAGE}"' in (await browser.get("/console/me/profile")).text


async def test_the_code_is_asked_for_typed_and_confirms_the_address() -> None:
    browser, log, views = signed("en")
    sent = await browser.send(f"{PAGE}/sms/code")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}?done=code_sent")
    [record] = [each for each in log.records if each.topic is NOTIFICATIONS]
    issued_at = decode(Notification, value_of(record)).caused_at
    code = address_code(KEY, record.key, NEW, issued_at)
    for wrong in ("", "12", f"{(int(code) + 1) % 10**6:06d}"):
        refused = await browser.send(f"{PAGE}/sms/confirm", **{"code.sms": wrong})
        assert refused.status_code == 422
        assert 'id="code.sms-error"' in refused.text
    fact = views.documents[PROFILES.name, record.key]
    fact["version"] = 100  # so that the page does not wait for the view
    done = await browser.send(f"{PAGE}/sms/confirm", **{"code.sms": f"{code[:3]} {code[3:]}"})
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?done=confirmed")
    [written] = [each for each in log.records if each.topic is PROFILES]
    channels = decode(Profile, value_of(written)).channels
    assert [(each.address, each.confirmed) for each in channels] == [(NEW.address, True)]


async def test_a_fourth_code_is_refused_on_the_page() -> None:
    browser, _, _ = signed("zh")
    for _ in range(3):
        assert (await browser.send(f"{PAGE}/sms/code")).status_code == 303
    refused = await browser.send(f"{PAGE}/sms/code")
    assert refused.status_code == 429
    assert "每小时最多发送 3 次验证码" in refused.text
