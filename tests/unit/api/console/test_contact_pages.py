"""The page of an employer's contact, in both languages, with the API in memory."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from api.console.employer.contact_form import form_values, wire_of
from roost import ids
from roost.contact.address_codes import address_code
from roost.events.account import AccountRole
from roost.events.employer import EMPLOYER_KINDS, Employer, EmployerContent
from roost.events.envelope import decode, value_of
from roost.events.notification import Notification
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.topics import EMPLOYERS, NOTIFICATIONS, STOPS
from tests.unit.api.console.pages import Signed
from tests.unit.api.signed import KEY, headers_for
from tests.unit.api.two_stations import MINE, Log, Views

OWN = "site-1"
RECORD = ids.employer_key(OWN)
PAGE = f"/console/employers/{OWN}/contact"
MAIL = "hr@example.com"


class Shown(Views):
    """Views that show what the log holds, and one opening that the station serves."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    async def get(self, view: str, id: str) -> Any:
        written = [each for each in self._log.records if (each.topic.name, each.key) == (view, id)]
        if not written:
            return None
        value = written[-1].value
        version = 1_000 + len(self._log.records)
        if value is None:
            return {"id": id, "version": version, "erased": True}
        return {"id": id, "version": version, "fact": orjson.loads(value)}

    async def count(self, view: str, query: Any = None) -> int:
        return 1


def signed(language: str = "en", role: AccountRole = AccountRole.EMPLOYER) -> tuple[Signed, Log]:
    log = Log()
    confined = {"employer_id": OWN} if role is AccountRole.EMPLOYER else {"station_ids": (MINE,)}
    browser = Signed(role, elastic=Shown(log), others=log, language=language, **confined)
    return browser, log


def contact(log: Log) -> Employer:
    written = [each for each in log.records if each.topic is EMPLOYERS]
    return decode(Employer, value_of(written[-1]))


def fields(**changes: Any) -> dict[str, Any]:
    return {"channels.email": MAIL, "language": "en", "kinds": "webhook_disabled"} | changes


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ("Contacts", "No contact is confirmed")), ("zh", ("联系方式", "暂无已确认"))],
)
async def test_an_employer_enters_a_contact_and_confirms_it(
    language: str, texts: tuple[str, ...]
) -> None:
    browser, log = signed(language)
    empty = (await browser.get(PAGE)).text
    for each in texts:
        assert each in empty
    assert "<script>" not in empty
    saved = await browser.send(PAGE, **fields())
    assert (saved.status_code, saved.headers["location"]) == (303, f"{PAGE}?done=saved")
    assert [(each.address, each.confirmed) for each in contact(log).channels] == [(MAIL, False)]
    shown = (await browser.get(PAGE)).text
    assert 'autocomplete="one-time-code"' in shown
    assert (await browser.send(f"{PAGE}/channels/email/code")).status_code == 303
    [asked] = [each for each in log.records if each.topic is NOTIFICATIONS]
    channel = Channel(kind=ChannelKind.EMAIL, address=MAIL, confirmed=False)
    code = address_code(KEY, RECORD, channel, decode(Notification, value_of(asked)).caused_at)
    wrong = await browser.send(f"{PAGE}/channels/email/confirm", **{"code.email": "12"})
    assert wrong.status_code == 422
    assert 'id="code.email-error"' in wrong.text
    done = await browser.send(f"{PAGE}/channels/email/confirm", **{"code.email": code})
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?done=confirmed")
    assert contact(log).channels[0].confirmed


async def test_a_wrong_address_is_told_at_its_field_and_kept() -> None:
    browser, log = signed()
    refused = await browser.send(PAGE, **fields(**{"channels.email": "a@b.cn:c@d.cn"}))
    assert refused.status_code == 422
    assert 'id="channels.email-error"' in refused.text
    assert "a@b.cn:c@d.cn" in refused.text
    assert not [each for each in log.records if each.topic is EMPLOYERS]


async def test_kinds_and_quiet_hours_are_chosen_and_messages_stopped_resumed_removed() -> None:
    browser, log = signed()
    hours = {"ownQuietHours": "yes", "quietHours.begins": "20:00", "quietHours.ends": "08:00"}
    await browser.send(PAGE, **fields(kinds=[], **hours))
    preferences = contact(log).preferences
    assert set(preferences.muted_kinds) == {kind.value for kind in EMPLOYER_KINDS}
    assert preferences.quiet_hours is not None
    for step, done in (("stop", "stopped"), ("resume", "resumed"), ("remove", "removed")):
        answer = await browser.send(f"{PAGE}/{step}")
        assert answer.headers["location"] == f"{PAGE}?done={done}"
    assert len([each for each in log.records if each.topic is STOPS]) == 2
    assert log.records[-1].value is None
    assert "No contact is confirmed" in (await browser.get(PAGE)).text


async def test_another_employers_page_does_not_exist_and_a_clerk_sees_a_served_one() -> None:
    browser, _ = signed()
    assert (await browser.get("/console/employers/site-2/contact")).status_code == 404
    clerk, log = signed(role=AccountRole.CLERK)
    page = await clerk.get(PAGE)
    assert page.status_code == 200
    assert 'name="channels.email"' in page.text
    assert (await clerk.send(PAGE, **fields())).status_code == 303
    assert not contact(log).channels[0].confirmed


async def test_staff_see_a_part_of_the_addresses_of_an_employer_with_a_key() -> None:
    clerk, log = signed(role=AccountRole.CLERK)
    await clerk.send(PAGE, **fields())
    assert MAIL in (await clerk.get(PAGE)).text
    headers_for(clerk.topics, AccountRole.EMPLOYER, employer_id=OWN)
    shown = (await clerk.get(PAGE)).text
    assert "h***@example.com" in shown
    assert MAIL not in shown
    written = len(log.records)
    refused = await clerk.send(PAGE, **fields(**{"channels.email": "b@example.com"}))
    assert refused.status_code == 409
    assert MAIL not in refused.text
    assert len(log.records) == written


def test_a_form_that_is_saved_unchanged_changes_nothing() -> None:
    stored = EmployerContent.model_validate(
        {
            "channels": [
                {"kind": "webhook", "address": "token"},
                {"kind": "sms", "address": "+8613800138000"},
                {"kind": "email", "address": MAIL},
            ],
            "preferences": {
                "mutedKinds": ["webhook_disabled", "policy_news"],
                "timeZone": "Asia/Urumqi",
                "quietHours": {"begins": "20:00", "ends": "08:00"},
            },
            "language": "en",
        }
    )
    wire = wire_of(form_values(stored.to_dict()), stored.to_dict())
    again = EmployerContent.model_validate(wire)
    assert [each.kind for each in again.channels] == ["webhook", "sms", "email"]
    assert set(again.preferences.muted_kinds) == set(stored.preferences.muted_kinds)
    assert again.preferences.quiet_hours == stored.preferences.quiet_hours
    assert (again.preferences.time_zone, again.language) == ("Asia/Urumqi", "en")
