"""Signing in with a telephone: one answer for every number, bounded tries, one session a code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from producers import identity_facts, message_facts
from roost.contact.sign_in_codes import sign_in_code, sign_in_link
from roost.events.account import AccountRole
from roost.events.audit import SecurityEventKind as Kind
from roost.events.envelope import Record
from roost.events.notification import NotificationKind
from roost.events.preferences import StoppedBy
from roost.security.account_changes import altered
from tests.unit.api.builders import NOW
from tests.unit.api.console.visiting import Browser, Visitors, hidden
from tests.unit.api.signed import KEY
from tests.unit.api.two_stations import HERE, stored_worker

PHONE, UNKNOWN = "+8613800138000", "+8613900139000"
PAGE = "/console/sign-in/telephone"


def person(number: str = "A-1001", name: str = "王秀英", **changes: Any) -> Record:
    changes = {"channels": [{"kind": "sms", "address": PHONE}]} | changes
    return stored_worker(HERE, identifier=number, name=name, **changes)


def code(number: str = PHONE, ago: timedelta = timedelta()) -> str:
    return sign_in_code(KEY, number, NOW - ago)


async def asked(browser: Browser, number: str = PHONE) -> str:
    """Ask for a code; return the path of the page that takes it."""
    answer = await browser.send(PAGE, telephone=number)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def entered(browser: Browser, at: str, typed: str) -> httpx.Response:
    shown = await browser.get(at)
    return await browser.send(f"{PAGE}/code", asked=hidden(shown.text, "asked"), code=typed)


async def test_a_worker_signs_in_with_the_code_and_gets_an_account_without_a_password() -> None:
    worker = person()
    at = Visitors(worker)
    browser = at.browser()
    page = await asked(browser)
    [told] = at.told()
    assert (told.kind, told.recipient.id) == (NotificationKind.SIGN_IN_CODE, worker.key)
    answer = await entered(browser, page, code())
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    account = browser.account
    assert account is not None
    assert (account.role, account.worker_id) == (AccountRole.WORKER, worker.key)
    assert account.password_hash is None
    assert account.name == "王秀英"
    assert at.events() == [(Kind.SIGN_IN_CODE_ASKED, "telephone"), (Kind.SIGNED_IN, "telephone")]


async def test_a_known_number_and_an_unknown_one_have_the_same_answers() -> None:
    at = Visitors(person())
    shown: list[str] = []
    for number in (PHONE, UNKNOWN):
        browser = at.browser()
        page = await browser.get(await asked(browser, number))
        wrong = await browser.send(
            f"{PAGE}/code", asked=hidden(page.text, "asked"), code=f"{(int(code()) + 1):06d}"
        )
        assert (page.status_code, wrong.status_code) == (200, 422)
        sealed = hidden(page.text, "asked")
        for answer in (page, wrong):
            shown.append(answer.text.replace(number, "N").replace(sealed, "S"))
    assert shown[:2] == shown[2:]
    assert len(at.told()) == 1


async def test_the_number_is_looked_up_after_the_answer_only() -> None:
    at = Visitors(person())
    started: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(at.views.searches)

    async def body() -> Any:
        return {"type": "http.request", "body": f"telephone={PHONE[3:]}".encode()}

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"127.0.0.1")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": PAGE,
        "raw_path": PAGE.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("203.0.113.7", 1),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": "1.1",
    }
    await at.app(scope, body, send)
    assert started == [0]
    assert at.views.searches == 1


@pytest.mark.parametrize("typed", ["", "abc", "12", "13800138000,13900139000"])
async def test_what_is_no_number_is_named_at_its_field(typed: str) -> None:
    answer = await Visitors().browser().send(PAGE, telephone=typed)
    assert answer.status_code == 422
    assert 'id="telephone-error"' in answer.text


async def test_a_number_has_three_codes_an_hour_and_a_network_sixty() -> None:
    at = Visitors(person())
    for number in (PHONE, UNKNOWN):
        for place in range(3):
            await asked(at.browser(f"203.0.113.{place}"), number)
        refused = await at.browser("198.51.100.1").send(PAGE, telephone=number)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) == 3_601
    assert len(at.told()) == 3
    for place in range(60):
        await asked(at.browser("192.0.2.1"), f"+86137{place:08d}")
    refused = await at.browser("192.0.2.1").send(PAGE, telephone="+8613600000000")
    assert refused.status_code == 429
    assert at.events()[-1] == (Kind.SIGN_IN_THROTTLED, "sign-in-network")


async def test_five_codes_may_be_typed_then_the_right_one_fails_too() -> None:
    at = Visitors(person())
    browser = at.browser()
    page = await asked(browser)
    for wrong in range(5):
        answer = await entered(browser, page, f"{(int(code()) + 1 + wrong) % 10**6:06d}")
        assert answer.status_code == 422
        assert 'id="code-error"' in answer.text
    assert (await entered(browser, page, code())).status_code == 422
    assert browser.account is None


async def test_a_code_ends_after_ten_minutes_after_its_use_and_with_a_newer_one() -> None:
    at = Visitors(person())
    first = at.browser()
    page = await asked(first)
    at.clock.moment = NOW + timedelta(minutes=10)
    assert (await entered(first, page, code())).status_code == 422
    at.clock.moment = NOW + timedelta(minutes=1)
    page = await asked(first)
    newer = sign_in_code(KEY, PHONE, NOW + timedelta(minutes=1))
    assert newer != code()
    assert (await entered(first, page, code())).status_code == 422
    assert (await entered(first, page, newer)).status_code == 303
    second = at.browser()
    assert (await entered(second, page, newer)).status_code == 422
    assert second.account is None


async def test_another_telephone_ends_the_open_code() -> None:
    worker = person()
    at = Visitors(worker)
    browser = at.browser()
    page = await asked(browser)
    at.views.store(person(channels=[{"kind": "sms", "address": UNKNOWN}]))
    assert (await entered(browser, page, code())).status_code == 422
    assert browser.account is None


@pytest.mark.parametrize(
    "channels",
    [
        [{"kind": "sms", "address": PHONE, "confirmed": False}],
        [{"kind": "sms", "address": UNKNOWN}, {"kind": "sms", "address": PHONE}],
        [{"kind": "email", "address": "a@example.org"}],
    ],
)
async def test_only_the_first_confirmed_telephone_signs_in(channels: list[Any]) -> None:
    worker = person()
    at = Visitors(worker)
    document = at.views.documents["profiles", worker.key]
    document["fact"]["channels"] = channels
    browser = at.browser()
    page = await asked(browser)
    assert at.told() == []
    assert (await entered(browser, page, code())).status_code == 422


async def test_whoever_has_stopped_all_messages_gets_no_code() -> None:
    worker = person()
    at = Visitors(worker)
    stop = message_facts.stop_said(worker.key, StoppedBy.LINK, at=NOW)[1]
    at.views.store(stop)
    await asked(at.browser())
    assert at.told() == []


async def test_of_several_with_one_telephone_the_name_chooses_and_none_is_shown() -> None:
    names = {"A-1001": "王秀英", "A-1002": "王建国", "A-1003": "李建国"}
    at = Visitors(*(person(number, name) for number, name in names.items()))
    browser = at.browser(language="zh")
    question = await entered(browser, await asked(browser), code())
    assert question.status_code == 200
    assert not any(each in question.text for each in (*names, *names.values()))
    proof = hidden(question.text, "proof")
    for typed in ("", "国", "张", "100", "王秀英"):
        answer = await browser.send(f"{PAGE}/person", proof=proof, person=typed)
        assert answer.status_code == 422, typed
        assert 'id="person-error"' in answer.text
    assert browser.account is None
    refused = await browser.send(f"{PAGE}/person", proof=proof, person="英")
    assert refused.status_code == 422, "the sixth try"


@pytest.mark.parametrize(("typed", "name"), [("英", "王秀英"), (" 1003", "李建国")])
async def test_a_name_or_a_roster_number_chooses_one_person(typed: str, name: str) -> None:
    at = Visitors(person(), person("A-1002", "王建国"), person("A-1003", "李建国"))
    browser = at.browser()
    question = await entered(browser, await asked(browser), code())
    proof = hidden(question.text, "proof")
    answer = await browser.send(f"{PAGE}/person", proof=proof, person=typed)
    assert answer.status_code == 303
    assert browser.account is not None
    assert browser.account.name == name
    again = at.browser()
    await again.send(f"{PAGE}/person", proof=proof, person="国")
    assert again.account is None


async def test_a_number_of_an_office_signs_in_nobody() -> None:
    at = Visitors(*(person(f"A-20{place:02d}") for place in range(9)))
    browser = at.browser()
    page = await asked(browser)
    assert at.told() == []
    assert (await entered(browser, page, code())).status_code == 422


async def test_the_link_of_the_message_signs_in_once_and_only_when_its_button_is_pressed() -> None:
    at = Visitors(person())
    await asked(at.browser())
    link = sign_in_link("", KEY, PHONE, NOW)
    browser = at.browser()
    assert PHONE[3:] not in link
    assert "<button" in (await browser.get(link)).text
    assert browser.account is None
    assert (await browser.send(link)).status_code == 303
    assert browser.account is not None
    assert (await at.browser().send(link)).status_code == 422
    for wrong in (link[:-1], f"{link}A", link.rpartition("/")[0] + "/x"):
        assert (await at.browser().send(wrong)).status_code == 422
        assert 'role="alert"' in (await at.browser().get(wrong)).text


@pytest.mark.parametrize("change", [{"disabled": True}, {"totp_secret": "sealed"}])
async def test_a_decision_about_the_account_is_not_passed_by(change: dict[str, Any]) -> None:
    at = Visitors(person())
    browser = at.browser()
    await entered(browser, await asked(browser), code())
    assert browser.account is not None
    changed = altered(browser.account, **change)
    at.topics.put(identity_facts.account_put(changed, at=NOW))
    at.clock.moment = NOW + timedelta(minutes=11)
    other = at.browser()
    page = await asked(other)
    typed = sign_in_code(KEY, PHONE, NOW + timedelta(minutes=11))
    assert (await entered(other, page, typed)).status_code == 422
    assert other.account is None
    assert at.events()[-1] == (Kind.SIGN_IN_FAILED, "telephone-account")


async def test_the_session_has_the_rights_of_the_worker_alone() -> None:
    at = Visitors(person(), person("A-9", channels=[]))
    browser = at.browser()
    await entered(browser, await asked(browser), code())
    for path in ("/console/queue", "/v1/accounts", "/v1/stations"):
        assert (await browser.get(path)).status_code == 403, path
    assert browser.account is not None
    others = [
        id
        for view, id in at.views.documents
        if view == "profiles" and id != browser.account.worker_id
    ]
    assert (await browser.get(f"/v1/profiles/{others[0]}")).status_code == 404


async def test_a_form_of_another_site_asks_for_nothing() -> None:
    browser = Visitors(person()).browser()
    answer = await browser.client.post(
        PAGE, data={"telephone": PHONE}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
