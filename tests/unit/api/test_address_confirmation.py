"""Confirmation of self-entered addresses: at the API in memory, with two processes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from producers import message_facts
from roost.contact.address_codes import address_code
from roost.events.account import AccountRole
from roost.events.envelope import decode, value_of
from roost.events.notification import Notification, NotificationKind
from roost.events.preferences import ChannelKind, StoppedBy
from roost.events.profile import Channel, Profile
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import NOTIFICATIONS, PROFILES
from tests.unit.api.builders import NOW
from tests.unit.api.signed import KEY, Topics, given_to, headers_for
from tests.unit.api.two_stations import HERE, MINE, Log, Views, stored_worker, worker

OLD, NEW, THIRD = "+8613800138000", "+8613900139000", "+8613700137000"
PHONE = ChannelKind.SMS


class Own:
    """A worker and a clerk of their station, each at one of two API processes."""

    def __init__(self) -> None:
        self.log, self.views, self.clock = Log(), Views(), FixedClock(NOW)
        self.topics = Topics(self.log)
        stored = stored_worker(HERE, channels=[{"kind": "sms", "address": OLD}])
        self.views.store(stored)
        self.id = stored.key
        self.headers = headers_for(self.topics, AccountRole.WORKER, worker_id=self.id)
        self.clerk = headers_for(self.topics, AccountRole.CLERK, station_ids=(MINE,))
        self.clients = [self._process(), self._process()]

    def _process(self) -> httpx.AsyncClient:
        app = create_app(Settings())
        given_to(app, self.topics, elastic=self.views, clock=self.clock)
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")

    async def send(
        self, method: str, path: str = "", body: Any = None, at: int = 0, **headers: str
    ) -> httpx.Response:
        answer = await self.clients[at].request(
            method, f"/v1/profiles/{self.id}{path}", json=body, headers=headers or self.headers
        )
        for record in self.log.records:
            if record.topic is PROFILES:
                document = self.views.documents[PROFILES.name, record.key]
                self.views.store(record)
                self.views.documents[PROFILES.name, record.key]["version"] = document["version"] + 1
        self.said = [each for each in self.log.records if each.topic is NOTIFICATIONS]
        return answer

    async def enter(self, *addresses: str, **headers: str) -> httpx.Response:
        channels = [{"kind": "sms", "address": each} for each in addresses]
        body = worker(HERE, channels=channels)
        body.pop("identifier")
        return await self.send("PUT", "", body, **headers)

    @property
    def channels(self) -> list[tuple[str, bool]]:
        fact = self.views.documents[PROFILES.name, self.id]["fact"]
        return [(each.address, each.confirmed) for each in Profile.from_stored(fact).channels]

    def asked(self) -> Notification:
        return decode(Notification, value_of(self.said[-1]))

    def code(self, address: str = NEW) -> str:
        channel = Channel(kind=PHONE, address=address, confirmed=False)
        return address_code(KEY, self.id, channel, self.asked().caused_at)

    async def ask(self, at: int = 0) -> httpx.Response:
        return await self.send("POST", "/channels/sms/code", at=at)

    async def confirm(self, code: str, at: int = 0) -> httpx.Response:
        return await self.send("POST", "/channels/sms/confirm", {"code": code}, at=at)


@pytest.fixture
async def own() -> AsyncIterator[Own]:
    made = Own()
    yield made
    for each in made.clients:
        await each.aclose()


async def test_an_address_is_used_once_its_code_is_repeated_and_the_old_one_until_then(
    own: Own,
) -> None:
    assert (await own.enter(NEW)).status_code == 202
    assert own.channels == [(OLD, True), (NEW, False)]
    sent = await own.ask()
    assert sent.status_code == 202, sent.text
    assert sent.json()["address"] == NEW
    asked = own.asked()
    assert (asked.kind, asked.channel) == (NotificationKind.ADDRESS_CODE, PHONE)
    answer = await own.confirm(own.code())
    assert answer.status_code == 202, answer.text
    assert own.channels == [(NEW, True)]


async def test_neither_the_topic_nor_the_answer_shows_the_code_or_the_topic_the_address(
    own: Own,
) -> None:
    await own.enter(NEW)
    sent = await own.ask()
    value = value_of(own.said[-1]).decode()
    assert own.code() not in value + sent.text
    assert NEW.removeprefix("+86") not in value


async def test_a_request_cannot_say_that_an_address_is_confirmed(own: Own) -> None:
    channels = [{"kind": "sms", "address": NEW, "confirmed": True}]
    body = worker(HERE, channels=channels)
    body.pop("identifier")
    assert (await own.send("PUT", "", body)).status_code == 202
    assert (NEW, False) in own.channels


async def test_what_staff_enter_is_confirmed_and_what_they_repeat_keeps_its_state(
    own: Own,
) -> None:
    await own.enter(NEW)
    await own.enter(NEW, **own.clerk)
    assert own.channels == [(OLD, True), (NEW, False)]
    await own.enter(THIRD, **own.clerk)
    assert own.channels == [(THIRD, True)]


async def test_the_worker_can_return_to_the_old_address_or_remove_both(own: Own) -> None:
    await own.enter(NEW)
    await own.enter(OLD)
    assert own.channels == [(OLD, True)]
    await own.enter(NEW)
    await own.enter()
    assert own.channels == []


async def test_a_wrong_code_confirms_nothing_and_five_tries_end_it_in_both_processes(
    own: Own,
) -> None:
    await own.enter(NEW)
    await own.ask()
    wrong = f"{(int(own.code()) + 1) % 10**6:06d}"
    for number in range(5):
        answer = await own.confirm(wrong, at=number % 2)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "code")
    last = await own.confirm(own.code(), at=1)
    assert last.status_code == 422
    assert (NEW, False) in own.channels
    await own.ask()
    assert (await own.confirm(own.code())).status_code == 202


async def test_a_code_is_valid_for_ten_minutes(own: Own) -> None:
    await own.enter(NEW)
    await own.ask()
    own.clock.moment = NOW + timedelta(minutes=10)
    assert (await own.confirm(own.code())).status_code == 422
    own.clock.moment = NOW + timedelta(minutes=9, seconds=59)
    assert (await own.confirm(own.code())).status_code == 202


async def test_three_codes_an_hour_are_sent_over_both_processes(own: Own) -> None:
    await own.enter(NEW)
    own.clock.moment = NOW + timedelta(minutes=58)
    for number in range(3):
        assert (await own.ask(at=number % 2)).status_code == 202
    own.clock.moment += timedelta(minutes=59)  # in the next hour of the clock
    refused = await own.ask(at=1)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "61")
    own.clock.moment += timedelta(minutes=1, seconds=1)
    assert (await own.ask()).status_code == 202


async def test_a_code_of_one_address_confirms_no_other(own: Own) -> None:
    await own.enter(NEW)
    await own.ask()
    of_new = own.code()
    await own.enter(THIRD)
    for guess in (of_new, own.code(THIRD)):
        assert (await own.confirm(guess)).status_code == 422
    assert own.channels == [(OLD, True), (THIRD, False)]


async def test_nothing_is_sent_for_an_address_that_needs_no_code_or_after_a_stop(
    own: Own,
) -> None:
    assert (await own.ask()).status_code == 409
    assert (await own.confirm("123456")).status_code == 409
    await own.enter(NEW)
    own.views.store(message_facts.stop_said(own.id, StoppedBy.LINK, at=NOW)[1])
    assert (await own.ask()).status_code == 409
    assert not own.said


async def test_another_worker_and_another_station_are_not_let_in(own: Own) -> None:
    await own.enter(NEW)
    other = headers_for(own.topics, AccountRole.WORKER, worker_id="w-" + "a" * 26)
    for path, body in (("code", None), ("confirm", {"code": "123456"})):
        answer = await own.send("POST", f"/channels/sms/{path}", body, **other)
        assert answer.status_code == 404
    assert not own.said
