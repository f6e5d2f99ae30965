"""Contact channels of employers: at the API in memory, for the employer and for staff."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.employers.keepers import has_access
from producers import identity_facts
from roost import ids
from roost.contact import stop_links
from roost.contact.address_codes import address_code
from roost.events.account import AccountRole, Holder
from roost.events.audit import AuditEntry
from roost.events.envelope import decode, value_of
from roost.events.notification import Notification, RecipientKind
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import EMPLOYERS, NOTIFICATIONS, STOPS
from roost.views.answers import Hit, Page
from tests.unit.api.builders import NOW
from tests.unit.api.signed import KEY, Topics, given_to, headers_for
from tests.unit.api.two_stations import MINE, Log, Views

OWN, OTHER = "site-1", "site-2"
MAIL = "hr@example.com"
RECORD = ids.employer_key(OWN)


class Served(Views):
    """Views in which the caller's station serves one opening of the employer, or none."""

    served = True

    async def count(self, view: str, query: Any = None) -> int:
        return int(self.served and {"term": {"employer_id": OWN}} in query["bool"]["filter"])

    first_elsewhere = False
    """True if the employer's first opening is at a place of another station."""

    async def search(self, view: str, body: Any) -> Page:
        return Page((), 0)

    async def msearch(self, searches: Sequence[tuple[str, Any]]) -> list[Page]:
        """Return the employer's first opening, and the first one within reach."""
        found = []
        for _, body in searches:
            within = len(body["query"]["bool"]["filter"]) > 1
            id = "o-later" if within and self.first_elsewhere else "o-first"
            found.append(Page((Hit(id, None, {}),), 1))
        return found


class Contacts:
    """The API in memory, and one employer's contact."""

    def __init__(self) -> None:
        self.log, self.views, self.clock = Log(), Served(), FixedClock(NOW)
        self.topics = Topics(self.log)
        app = create_app(Settings())
        self.given = given_to(app, self.topics, elastic=self.views, clock=self.clock)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")
        self.clerk = headers_for(self.topics, AccountRole.CLERK, station_ids=(MINE,))
        self.admin = headers_for(self.topics, AccountRole.ADMIN)

    def employer(self, id: str = OWN) -> dict[str, str]:
        return headers_for(self.topics, AccountRole.EMPLOYER, employer_id=id)

    async def send(
        self, method: str, headers: dict[str, str], path: str = "", body: Any = None, of: str = OWN
    ) -> httpx.Response:
        where = f"/v1/employers/{of}/contact{path}"
        return await self.client.request(method, where, json=body, headers=headers)

    async def put(self, headers: dict[str, str], *addresses: str, **more: Any) -> httpx.Response:
        channels = [{"kind": "email", "address": each} for each in addresses]
        return await self.send("PUT", headers, "", {"channels": channels} | more)

    async def confirmed(self, headers: dict[str, str], address: str = MAIL) -> httpx.Response:
        sent = await self.send("POST", headers, "/channels/email/code")
        assert sent.status_code == 202, sent.text
        channel = Channel(kind=ChannelKind.EMAIL, address=address, confirmed=False)
        code = address_code(KEY, RECORD, channel, self.asked().caused_at)
        return await self.send("POST", headers, "/channels/email/confirm", {"code": code})

    def asked(self) -> Notification:
        said = [each for each in self.log.records if each.topic is NOTIFICATIONS]
        return decode(Notification, value_of(said[-1]))

    async def channels(self) -> list[tuple[str, bool]]:
        answer = await self.send("GET", self.admin)
        stored = answer.json().get("channels", [])
        return [(each["address"], each.get("confirmed", True)) for each in stored]


@pytest.fixture
async def contacts() -> AsyncIterator[Contacts]:
    made = Contacts()
    yield made
    await made.client.aclose()


async def test_an_employer_sets_a_channel_and_confirms_it_by_its_code(contacts: Contacts) -> None:
    own = contacts.employer()
    assert (await contacts.send("GET", own)).status_code == 404
    put = await contacts.put(own, MAIL, language="en")
    assert put.status_code == 202, put.text
    assert put.json()["id"] == OWN
    assert await contacts.channels() == [(MAIL, False)]
    assert (await contacts.confirmed(own)).status_code == 202
    assert contacts.asked().recipient.kind is RecipientKind.EMPLOYER
    assert contacts.asked().recipient.id == RECORD
    assert await contacts.channels() == [(MAIL, True)]
    read = (await contacts.send("GET", own)).json()
    assert (read["employerId"], read["language"]) == (OWN, "en")


async def test_the_address_in_use_stays_until_its_successor_is_confirmed(
    contacts: Contacts,
) -> None:
    own = contacts.employer()
    await contacts.put(own, MAIL)
    await contacts.confirmed(own)
    await contacts.put(own, "new@example.com")
    assert await contacts.channels() == [(MAIL, True), ("new@example.com", False)]
    await contacts.confirmed(own, "new@example.com")
    assert await contacts.channels() == [("new@example.com", True)]


async def test_staff_and_administrators_confirm_by_code_as_well(contacts: Contacts) -> None:
    for who in (contacts.clerk, contacts.admin):
        channels = [{"kind": "email", "address": MAIL, "confirmed": True}]
        put = await contacts.send("PUT", who, "", {"channels": channels})
        assert put.status_code in {200, 202}, put.text
        assert await contacts.channels() == [(MAIL, False)]
    assert (await contacts.confirmed(contacts.clerk)).status_code == 202
    assert await contacts.channels() == [(MAIL, True)]


async def test_another_employer_and_another_station_find_nothing(contacts: Contacts) -> None:
    await contacts.put(contacts.admin, MAIL)
    contacts.views.served = False
    unknown = "site-3"
    for who in (contacts.employer(OTHER), contacts.clerk):
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/stop", None),
            ("PUT", "", {"channels": []}),
            ("DELETE", "", None),
            ("PUT", "/stop", None),
            ("DELETE", "/stop", None),
            ("POST", "/channels/email/code", None),
            ("POST", "/channels/email/confirm", {"code": "123456"}),
        ):
            answer = await contacts.send(method, who, path, body)
            nobodys = await contacts.send(method, who, path, body, of=unknown)
            assert answer.status_code == nobodys.status_code == 404, f"{method} {path}"
            said = answer.json()["detail"].replace(OWN, unknown)
            assert said == nobodys.json()["detail"]
    assert await contacts.channels() == [(MAIL, False)]


async def test_staff_leave_it_to_an_employer_with_a_key_and_see_it_masked(
    contacts: Contacts,
) -> None:
    own = contacts.employer()
    await contacts.put(own, MAIL)
    for method, path, body in (
        ("PUT", "", {"channels": []}),
        ("DELETE", "", None),
        ("PUT", "/stop", None),
        ("POST", "/channels/email/code", None),
    ):
        answer = await contacts.send(method, contacts.clerk, path, body)
        assert answer.status_code == 409, f"{method} {path}: {answer.text}"
    shown = await contacts.send("GET", contacts.clerk)
    assert (shown.status_code, shown.json()["masked"]) == (200, True)
    assert [each["address"] for each in shown.json()["channels"]] == ["h***@example.com"]
    assert MAIL not in shown.text
    part = (await contacts.send("GET", contacts.clerk, "?fields=channels")).text
    assert MAIL not in part
    for who in (own, contacts.admin):
        assert (await contacts.send("GET", who)).json()["channels"][0]["address"] == MAIL
    assert (await contacts.put(contacts.admin, MAIL)).status_code in {200, 202}


async def test_staff_see_the_addresses_that_a_station_keeps(contacts: Contacts) -> None:
    await contacts.put(contacts.clerk, MAIL)
    shown = (await contacts.send("GET", contacts.clerk)).json()
    assert (shown["channels"][0]["address"], "masked" in shown) == (MAIL, False)


async def test_a_station_that_names_another_stations_employer_gets_no_contact(
    contacts: Contacts,
) -> None:
    """Its own opening brings the employer within reach; the first one decides who keeps it."""
    await contacts.put(contacts.clerk, MAIL)
    written = len(contacts.log.records)
    contacts.views.first_elsewhere = True
    for method, path, body in (
        ("PUT", "", {"channels": [{"kind": "email", "address": "thief@example.com"}]}),
        ("DELETE", "", None),
        ("PUT", "/stop", None),
        ("DELETE", "/stop", None),
        ("POST", "/channels/email/code", None),
        ("POST", "/channels/email/confirm", {"code": "123456"}),
    ):
        answer = await contacts.send(method, contacts.clerk, path, body)
        assert answer.status_code == 409, f"{method} {path}: {answer.text}"
        assert "ask that station or the association" in answer.json()["detail"]
    assert len(contacts.log.records) == written
    shown = await contacts.send("GET", contacts.clerk)
    assert (shown.json()["masked"], MAIL in shown.text) == (True, False)
    assert (await contacts.put(contacts.admin, MAIL)).status_code in {200, 202}
    contacts.views.first_elsewhere = False
    assert (await contacts.put(contacts.clerk, "new@example.com")).status_code == 202


async def test_every_read_of_an_employers_addresses_is_audited(contacts: Contacts) -> None:
    own = contacts.employer()
    await contacts.put(own, MAIL)
    audited: list[AuditEntry] = []

    class Trail:
        async def note(self, entry: AuditEntry) -> None:
            audited.append(entry)

        async def keep(self, entry: AuditEntry) -> None:
            audited.append(entry)

    object.__setattr__(contacts.given, "trail", Trail())
    for headers in (contacts.clerk, contacts.admin, own):
        await contacts.send("GET", headers)
    await contacts.send("GET", contacts.admin, "/stop")
    await contacts.send("GET", contacts.employer(OTHER), of=OTHER)
    assert [each.role for each in audited] == ["clerk", "admin", "employer"]
    assert {each.method for each in audited} == {"GET"}
    for each in audited:
        assert {touched.id for touched in each.objects} == {OWN, RECORD}
        assert each.persons == ()


def test_a_disabled_account_and_an_expired_key_give_no_access() -> None:
    contacts = Contacts()
    holder = Holder(role=AccountRole.EMPLOYER, employer_id=OWN)
    _, made, _ = identity_facts.key_made(holder, "hr", (), at=NOW, days=1)
    contacts.topics.put(made)
    assert has_access(contacts.given, OWN)
    assert not has_access(contacts.given, OTHER)
    contacts.clock.moment = NOW + timedelta(days=2)
    assert not has_access(contacts.given, OWN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": [{"kind": "inbox"}]},
        {"channels": [{"kind": "email", "address": "a@b.cn:c@d.cn"}]},
        {"channels": [{"kind": "sms", "address": "12"}]},
        {"channels": [{"kind": "wecom", "address": "../x"}]},
        {"preferences": {"mutedKinds": ["no_such_kind"]}},
        {"preferences": {"mutedKinds": ["opening_refused"]}},
        {"channels": [{"kind": "email", "address": f"a{n}@b.cn"} for n in range(6)]},
    ],
)
async def test_what_is_no_channel_of_an_employer_is_refused(
    contacts: Contacts, wrong: dict[str, Any]
) -> None:
    answer = await contacts.send("PUT", contacts.employer(), "", wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"], answer.text
    assert not [each for each in contacts.log.records if each.topic is EMPLOYERS]


async def test_a_contact_is_erased_and_then_unknown(contacts: Contacts) -> None:
    own = contacts.employer()
    await contacts.put(own, MAIL)
    assert (await contacts.send("DELETE", own)).status_code == 202
    assert contacts.log.records[-1].value is None
    assert (await contacts.send("GET", own)).status_code == 404
    assert (await contacts.send("DELETE", own)).status_code == 404


async def test_an_edit_of_an_older_version_is_refused(contacts: Contacts) -> None:
    own = contacts.employer()
    first = await contacts.put(own, MAIL)
    await contacts.put(own, "b@example.com")
    stale = await contacts.send("PUT", own | {"if-match": first.headers["etag"]}, "", {})
    assert stale.status_code == 412


async def test_messages_are_stopped_and_resumed_and_no_code_is_sent_meanwhile(
    contacts: Contacts,
) -> None:
    own = contacts.employer()
    await contacts.put(own, MAIL)
    assert (await contacts.send("GET", own, "/stop")).json()["stopped"] is False
    assert (await contacts.send("PUT", own, "/stop")).status_code == 202
    assert (await contacts.send("GET", own, "/stop")).json()["stopped"] is True
    assert (await contacts.send("POST", own, "/channels/email/code")).status_code == 409
    assert (await contacts.send("DELETE", own, "/stop")).status_code == 202
    assert (await contacts.send("POST", own, "/channels/email/code")).status_code == 202


async def test_a_stop_link_of_an_employer_stops_its_messages_and_nobody_elses(
    contacts: Contacts,
) -> None:
    await contacts.put(contacts.employer(), MAIL)
    contacts.views.store(next(each for each in contacts.log.records if each.topic is EMPLOYERS))
    token = stop_links.stop_token(KEY, RECORD)
    contacts.views.documents[STOPS.name, RECORD] = {"version": 99, "fact": {"stopped": False}}
    answer = await contacts.client.post(f"/v1/stop/{token}")
    assert answer.status_code in {200, 202}, answer.text
    assert "openings" not in answer.text or "profile" not in answer.text
    stops = [each for each in contacts.log.records if each.topic is STOPS]
    assert [each.key for each in stops] == [RECORD]
    for other in (f"w-{RECORD[2:]}", f"e-{'a' * 26}"):
        forged = stop_links.stop_token(b"o" * 32, other)
        assert (await contacts.client.post(f"/v1/stop/{forged}")).status_code == 404
