"""Events of authentication in the audit log: which ones, what they hold, and their bound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.audit.schemas import requests_only
from api.guards.security_log import MOST_KINDS, WINDOW, AggregatedSecurityLog, route_family
from api.ports.services import SecurityEvent
from producers import identity_facts as facts
from roost.events.account import AccountRole
from roost.events.audit import AuditEntry, SecurityEventKind, Touched
from roost.security import api_keys
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.signed import KEY, headers_for
from tests.unit.api.test_signing_in import Here, enrolled

Kind = SecurityEventKind


class KeptEntries:
    """Trail that keeps its entries, and fails a test that waits for it."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def note(self, entry: AuditEntry) -> None:
        raise AssertionError("a security event waits for nothing")

    keep = note

    def note_failed(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here()
    yield made
    await made.client.aclose()


@pytest.fixture
def trail() -> KeptEntries:
    return KeptEntries()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def log(trail: KeptEntries, clock: FixedClock) -> AggregatedSecurityLog:
    return AggregatedSecurityLog(trail, clock, KEY)


def failed(login: str = "li", network: str = "203.0.113.7") -> SecurityEvent:
    return SecurityEvent(kind=Kind.SIGN_IN_FAILED, cause="password", network=network, login=login)


def found(here: Here) -> list[tuple[str, str, str | None]]:
    return [(each.kind, each.cause, each.who) for each in here.events]


async def test_sign_ins_good_and_bad_are_events_with_their_cause(here: Here) -> None:
    account = here.account()
    here.account("gone", disabled=True)
    await here.sign_in()
    await here.sign_in(password="wrong password")
    await here.sign_in("nobody")
    await here.sign_in("gone")
    assert found(here) == [
        ("signed-in", "password", account.id),
        ("sign-in-failed", "password", None),
        ("sign-in-failed", "login", None),
        ("sign-in-failed", "disabled", None),
    ]
    assert {each.network for each in here.events} == {"127.0.0.1"}
    assert [each.login for each in here.events] == ["li", "li", "nobody", "gone"]


async def test_wrong_codes_wrong_confirmations_and_waits_are_events(here: Here) -> None:
    here.account()
    await here.sign_in()
    await enrolled(here)
    here.events.clear()
    await here.sign_in()
    await here.sign_in(code="000000", client=here.browser("2001:db8:1:2::9"))
    said = {"password": "wrong password"}
    disable = "/v1/me/authenticator/disable"
    await here.client.post(disable, json=said, headers=await here.csrf())
    async with here.given.passwords.attempt("wang", "203.0.113.9") as attempt:
        for _ in range(5):
            attempt.failed()
    await here.sign_in("wang", client=here.browser("203.0.113.9"))
    assert found(here) == [
        ("second-factor-asked", "code", None),
        ("second-factor-failed", "code", None),
        ("password-check-failed", "password", None),
        ("sign-in-throttled", "login-and-network", None),
    ]
    assert here.events[1].network == "2001:db8:1:2::/64"


async def test_refused_keys_are_events_with_their_cause(here: Here) -> None:
    good = headers_for(here.topics)["Authorization"]
    key = next(iter(here.topics.identities.keys.values()))
    other = api_keys.new_secret(key.id).text
    unknown = api_keys.new_secret().text

    async def causes(*headers: str) -> list[tuple[str, str, str | None]]:
        here.events.clear()
        for header in headers:
            async with here.browser() as browser:
                answer = await browser.get("/v1/openings", headers={"Authorization": header})
                assert answer.status_code == 401
        return found(here)

    refused = "key-refused"
    assert await causes(f"Bearer {other}", f"Bearer {unknown}", "Bearer x", "Basic bGk6cA==") == [
        (refused, "secret", key.id),
        (refused, "id", None),
        (refused, "not-a-key", None),
        (refused, "not-a-key", None),
    ]
    here.clock.moment = key.expires_at
    assert await causes(good) == [(refused, "expired", key.id)]
    here.topics.put(facts.key_revoked(key.id, at=NOW))
    assert await causes(good) == [(refused, "revoked", key.id)]


async def test_a_request_without_a_key_is_no_event(here: Here) -> None:
    await here.client.get("/v1/openings")
    assert found(here) == []


@pytest.mark.parametrize(
    ("headers", "cause"),
    [({}, "token"), ({"Sec-Fetch-Site": "cross-site"}, "origin"), ({"Origin": "null"}, "origin")],
)
async def test_forged_writes_are_events(here: Here, headers: dict[str, str], cause: str) -> None:
    account = here.account()
    await here.sign_in()
    here.events.clear()
    await here.client.put("/v1/me/language", json={"language": "en"}, headers=headers)
    assert found(here) == [("forged-write", cause, account.id)]


@pytest.mark.parametrize("path", ["/v1/sign-in", "/console/sign-in"])
async def test_a_sign_in_from_another_sites_page_is_a_forged_write(here: Here, path: str) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = await here.client.post(path, json={"login": "li", "password": "x"}, headers=headers)
    assert answer.status_code == 403
    assert found(here) == [("forged-write", "origin", None)]


class Nothing:
    """Views without any document."""

    async def get(self, view: str, id: str) -> None:
        return None


async def test_a_read_of_an_id_out_of_reach_is_an_event_for_a_limited_reach_only(
    here: Here,
) -> None:
    object.__setattr__(here.given, "elastic", Nothing())
    worker, match = "w-" + "a" * 26, "m-" + "b" * 26 + "." + "a" * 26
    employer = headers_for(here.topics, AccountRole.EMPLOYER, employer_id="jianzhu")
    admin = headers_for(here.topics)
    async with here.browser() as browser:
        for headers in (employer, admin):
            answer = await browser.get(f"/v1/matches/{match}", headers=headers)
            assert answer.status_code == 404, answer.text
        await browser.get(f"/v1/nothing/{worker}", headers=employer)
    (event,) = here.events
    assert (event.kind, event.cause, event.role) == ("out-of-reach", "matches", "employer")
    assert event.objects == (Touched(kind="matches", id=match),)


async def test_no_flood_of_sign_ins_reaches_the_trail_as_requests(here: Here) -> None:
    noted: list[AuditEntry] = []

    class Trail(KeptEntries):
        async def note(self, entry: AuditEntry) -> None:
            noted.append(entry)

        keep = note

    object.__setattr__(here.given, "trail", Trail())
    here.account()
    async with here.browser() as browser:
        for path, body in (
            ("/v1/sign-in", {"login": "li", "password": "wrong password"}),
            ("/v1/sign-in", {}),
            ("/console/language", {}),
            ("/v1/stop/nonsense", {}),
        ):
            await browser.post(path, json=body)
    assert noted == []
    await here.sign_in()
    await here.client.put("/v1/me/language", json={"language": "en"}, headers=await here.csrf())
    assert [each.route for each in noted] == ["/v1/me/language"], "changes are recorded"


def test_an_entry_holds_the_logins_keyed_hash_and_not_the_login(
    log: AggregatedSecurityLog, trail: KeptEntries
) -> None:
    log.note(failed("my secret password"))
    (entry,) = trail.entries
    assert "my secret" not in entry.to_json().decode()
    assert entry.login_hash == log.login_hash(" My Secret Password ")
    assert entry.login_hash != AggregatedSecurityLog(trail, FixedClock(NOW), b"x").login_hash(
        "my secret password"
    )


def test_equal_events_are_counted_and_written_once_a_window(
    log: AggregatedSecurityLog, trail: KeptEntries, clock: FixedClock
) -> None:
    for _ in range(1_000):
        log.note(failed())
    assert [each.count for each in trail.entries] == [None]
    clock.moment = NOW + WINDOW
    log.note(failed())
    assert [each.count for each in trail.entries] == [None, 999, None]


async def test_closing_writes_the_counts(log: AggregatedSecurityLog, trail: KeptEntries) -> None:
    for _ in range(3):
        log.note(failed())
    await log.close()
    assert [each.count for each in trail.entries] == [None, 2]
    assert {each.at for each in trail.entries} == {NOW}


def test_a_flood_of_different_events_is_bounded_and_none_is_uncounted(
    log: AggregatedSecurityLog, trail: KeptEntries, clock: FixedClock
) -> None:
    sent = 20_000
    for number in range(sent):
        log.note(failed(f"login{number}", f"2001:db8:{number:x}::/64"))
    assert len(trail.entries) <= MOST_KINDS + len(Kind)
    clock.moment = NOW + WINDOW
    log.note(failed("afterwards"))
    assert len(trail.entries) <= 2 * (MOST_KINDS + len(Kind))
    counted = sum(each.count or 1 for each in trail.entries)
    assert counted == sent + 1


def test_a_count_names_the_objects_of_its_events(
    log: AggregatedSecurityLog, trail: KeptEntries, clock: FixedClock
) -> None:
    def event(number: int) -> SecurityEvent:
        object = Touched(kind="profiles", id=f"w-{number}")
        return SecurityEvent(
            kind=Kind.OUT_OF_REACH, cause="profiles", network="?", who="k-1", objects=(object,)
        )

    for number in range(40):
        log.note(event(number % 30))
    clock.moment = NOW + WINDOW
    log.note(event(0))
    assert [len(each.objects) for each in trail.entries] == [1, 20, 1]


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/v1/openings/o-1/x", "/v1/openings"),
        ("/v1/" + "a" * 5_000, "/v1/…"),
        ("/console/sign-in", "/console/sign-in"),
        ("/<script>/../x", "/…/…"),
        ("", "/…"),
    ],
)
def test_a_path_is_reduced_to_its_first_steps(path: str, family: str) -> None:
    assert route_family(path) == family


def test_a_workers_own_list_leaves_out_events_of_other_people() -> None:
    assert requests_only() == {"bool": {"must_not": [{"exists": {"field": "event"}}]}}


async def test_the_list_is_filtered_by_kind_login_and_network(here: Here) -> None:
    asked: list[Any] = []

    class Views:
        async def search(self, view: str, body: Any) -> Any:
            asked.append(body)
            raise AssertionError

    object.__setattr__(here.given, "elastic", Views())
    query = {"event": "sign-in-failed", "login": "LI", "network": "2001:db8:1:2::7"}
    async with here.browser() as browser:
        await browser.get("/v1/audit", params=query, headers=headers_for(here.topics))
    text = str(asked[0])
    assert "'event': 'sign-in-failed'" in text
    assert f"'login_hash': '{here.given.security.login_hash('LI')}'" in text
    assert "'network': '2001:db8:1:2::/64'" in text
