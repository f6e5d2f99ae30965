"""The console's form for an erased person: the reason, and the new consent."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.topics import PROFILES, SUPPRESSIONS
from tests.unit.api.console.pages import Signed
from tests.unit.api.two_stations import HERE, MINE, Log, Views, stored_worker

PAGE = "/console/profiles/new"
TYPED = {
    "identifier": "a-1",
    "name": "示例人员",
    "status": "active",
    "education": "none",
    "experienceYears": "3",
    "home.name": HERE.key,
    "location.name": HERE.key,
    "ofWorkingAge": "yes",
}
CONSENT = {
    "consent.given": "yes",
    "consent.basis": "written",
    "consent.consentedOn": "2026-10-01",
}


class IndexedLog(Log):
    """A log whose records are in the views at once."""

    def __init__(self, views: Views) -> None:
        super().__init__()
        self._views = views

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        positions = await super().publish(records)
        for each, position in zip(records, positions, strict=True):
            self._views.store(each)
            self._views.documents[each.topic.name, each.key]["version"] = position.version
        return positions


def signed(
    role: AccountRole = AccountRole.ASSOCIATION, language: str = "en"
) -> tuple[Signed, Log, str]:
    views = Views()
    log = IndexedLog(views)
    id = stored_worker(HERE).key
    views.documents[PROFILES.name, id] = {"erased": True, "version": 9}
    confined: dict[str, Any] = {}
    if role in {AccountRole.CLERK, AccountRole.CHIEF}:
        confined = {"station_ids": (MINE,)}
    return Signed(role, elastic=views, others=log, language=language, **confined), log, id


@pytest.mark.parametrize(
    ("language", "reason", "box"),
    [
        ("en", "only with their new consent", "The person has given new consent"),
        ("zh", "须经本人重新同意后方可再次登记", "本人已重新同意登记"),
    ],
)
async def test_an_erased_person_is_shown_with_the_reason_and_the_form_of_a_consent(
    language: str, reason: str, box: str
) -> None:
    browser, log, _ = signed(language=language)

    page = await browser.send(PAGE, **TYPED)

    text = html.unescape(page.text)
    assert page.status_code == 409
    assert reason in text
    assert box in text
    assert 'name="consent.basis"' in text
    assert 'value="示例人员"' in text
    assert "/v1/profiles/" not in text
    assert log.records == []


async def test_with_the_recorded_consent_the_person_returns() -> None:
    browser, log, id = signed()

    page = await browser.send(PAGE, **TYPED, **CONSENT)

    assert page.status_code == 303, page.text
    suppression, profile = log.records
    assert (suppression.topic, suppression.key) == (SUPPRESSIONS, id)
    lifted = orjson.loads(suppression.value or b"")
    assert lifted["suppressed"] is False
    assert (lifted["basis"], lifted["consentedOn"]) == ("written", "2026-10-01")
    assert (lifted["by"], "at" in lifted) == (browser.account.id, True)
    assert (profile.topic, profile.key) == (PROFILES, id)


@pytest.mark.parametrize(
    "changes",
    [
        {"consent.basis": ""},
        {"consent.basis": "said so"},
        {"consent.consentedOn": ""},
        {"consent.consentedOn": "2999-01-01"},
    ],
)
async def test_a_consent_without_its_form_or_day_changes_nothing(changes: dict[str, str]) -> None:
    browser, log, _ = signed()

    page = await browser.send(PAGE, **TYPED, **CONSENT | changes)

    assert page.status_code == 422
    assert f'id="{next(iter(changes))}-error"' in page.text
    assert 'name="consent.given" value="yes" checked' in page.text
    assert log.records == []


async def test_without_the_tick_no_consent_is_recorded() -> None:
    browser, log, _ = signed()
    page = await browser.send(PAGE, **TYPED, **CONSENT | {"consent.given": ""})
    assert (page.status_code, log.records) == (409, [])


@pytest.mark.parametrize("role", [AccountRole.CLERK, AccountRole.CHIEF])
async def test_a_station_sees_whom_to_ask_and_records_no_consent(role: AccountRole) -> None:
    browser, log, id = signed(role)

    page = await browser.send(PAGE, **TYPED)
    assert page.status_code == 409
    assert "Ask the association" in page.text
    assert id in page.text
    assert "consent.given" not in page.text

    forced = await browser.send(PAGE, **TYPED, **CONSENT)
    assert forced.status_code in {403, 422}
    assert log.records == []


async def test_a_form_with_faults_records_no_consent() -> None:
    browser, log, _ = signed()
    page = await browser.send(PAGE, **TYPED | {"experienceYears": "many"}, **CONSENT)
    assert (page.status_code, log.records) == (422, [])


async def test_a_person_who_was_not_erased_needs_no_consent() -> None:
    browser, log, _ = signed()
    page = await browser.send(PAGE, **TYPED | {"identifier": "B-2"}, **CONSENT)
    assert page.status_code == 303
    assert [each.topic for each in log.records] == [PROFILES]
