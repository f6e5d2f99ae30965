"""One employer: whatever its keys, the spelling of its id, and the way in which it posts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from api.access.principal import Principal
from api.keys.schemas import NewKey
from api.openings.reach_budget import PreviewsSpent, check_reach_budget
from api.openings.service import import_rules
from api.ports.daily_budgets import DailyBudgets
from api.webhooks import trials
from api.webhooks.trials import TooManyCalls
from api.writes.quotas import QuotaReached
from producers import facts
from roost.errors import Conflict
from roost.events.account import AccountRole
from roost.events.opening import OpeningContent, Organization
from roost.events.webhook import WebhookContent
from roost.settings import Settings
from roost.text.references import common_employer_id
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.signed import headers_for
from tests.unit.api.test_posting_rules import Market
from tests.unit.api.test_posting_rules import market as market
from tests.unit.api.two_stations import HERE, opening

SETTLED = {
    "Ｅ-1": "E-1",
    "E－1": "E-1",
    "E-1 ": "E-1",
    " E-1": "E-1",
    "\u3000Ｅ－１\t": "E-1",
    "ｕｓｃｃ：91140200ＭＡ０ＧＴＨＢ７８Ａ": "uscc:91140200MA0GTHB78A",
}
OTHER_CASES = ["e-1", "ｅ-1", "e－1 "]


@pytest.mark.parametrize(("entered", "expected"), SETTLED.items())
def test_width_and_blanks_are_settled_wherever_an_id_is_entered(
    entered: str, expected: str
) -> None:
    assert Organization(id=entered, name="示例").id == expected
    key = NewKey.model_validate({"role": "employer", "employerId": entered, "name": "key"})
    assert key.employer_id == expected
    content = {"url": "https://example.cn/x", "employerId": entered}
    assert WebhookContent.model_validate(content).employer_id == expected
    assert common_employer_id(entered) == common_employer_id(expected)


@pytest.mark.parametrize("entered", ["E 1", "E\u200b-1", "E/1", "", "..", "Ｅ" * 65])
def test_an_id_with_anything_else_is_refused(entered: str) -> None:
    with pytest.raises(ValueError, match="id"):
        Organization(id=entered, name="示例")


def hook(employer: str, number: int) -> dict[str, str]:
    return {"url": f"https://hr.example.com/{number}", "employerId": employer}


def keys(market: Market, number: int) -> list[dict[str, str]]:
    """Return keys and so callers of one employer."""
    return [
        headers_for(market.topics, AccountRole.EMPLOYER, employer_id="known") for _ in range(number)
    ]


async def test_several_keys_of_an_employer_share_its_quota(market: Market) -> None:
    own = keys(market, 6)
    posted = [market.post(each, "known", f"n{number}") for number, each in enumerate(own)]
    statuses = [each.status_code for each in await asyncio.gather(*posted)]
    assert sorted(statuses) == [202] * 2 + [409] * 4, "one of three places was taken"


async def test_several_keys_of_a_new_employer_share_the_places_before_approval(
    market: Market,
) -> None:
    own = [headers_for(market.topics, AccountRole.EMPLOYER, employer_id="unseen") for _ in range(4)]
    posted = [market.post(each, "unseen", str(number)) for number, each in enumerate(own)]
    statuses = [each.status_code for each in await asyncio.gather(*posted)]
    assert sorted(statuses) == [202] * 2 + [409] * 2


async def test_several_keys_of_an_employer_share_the_quota_of_webhooks(market: Market) -> None:
    registered = [
        market.client.post("/v1/webhooks", json=hook("known", number), headers=each)
        for number, each in enumerate(keys(market, 5))
    ]
    statuses = [each.status_code for each in await asyncio.gather(*registered)]
    assert sorted(statuses) == [202] * 2 + [409] * 3


def callers(number: int) -> list[Principal]:
    return [
        Principal(f"k-{each}", AccountRole.EMPLOYER, "key", employer_id="known")
        for each in range(number)
    ]


def budgets(**limits: Any) -> Any:
    return SimpleNamespace(
        webhook_calls=DailyBudgets(),
        reach_previews=DailyBudgets(),
        today=NOW.date(),
        clock=FixedClock(NOW),
        settings=Settings(**limits),
    )


@pytest.mark.parametrize(
    ("count", "of_webhook", "of_owner"),
    [
        (trials.count_call, trials.CALLS_PER_WEBHOOK, trials.CALLS_PER_CALLER),
        (trials.count_resend, trials.RESENDS_PER_WEBHOOK, trials.RESENDS_PER_CALLER),
    ],
)
def test_keys_of_an_employer_share_its_calls_of_webhooks(
    count: Any, of_webhook: int, of_owner: int
) -> None:
    given, who = budgets(), callers(of_owner // of_webhook + 2)
    for number in range(of_owner):
        count(given, who[number % len(who)], f"h-{number // of_webhook}")
    for each in who:
        with pytest.raises(TooManyCalls):
            count(given, each, "h-another")
    count(given, Principal("k-x", AccountRole.EMPLOYER, "key", employer_id="other"), "h-another")


def test_test_calls_use_up_no_resends() -> None:
    given, [who] = budgets(), callers(1)
    for _ in range(trials.CALLS_PER_WEBHOOK):
        trials.count_call(given, who, "h")
    trials.count_resend(given, who, "h")


def test_keys_of_an_employer_share_its_previews() -> None:
    given, who = budgets(reach_previews_per_employer_day=5), callers(3)

    def preview(number: int) -> None:
        content = OpeningContent.model_validate(opening(HERE, identifier=f"r{number}"))
        check_reach_budget(given, who[number % 3], content, {"n": number})

    for number in range(5):
        preview(number)
    with pytest.raises(PreviewsSpent):
        preview(5)


@pytest.mark.parametrize("other", OTHER_CASES)
async def test_an_employer_has_no_second_spelling_in_openings(market: Market, other: str) -> None:
    assert (await market.post(market.clerk, "E-1", "1")).status_code == 202
    market.views.catch_up()
    refused = await market.post(market.clerk, other, "2")
    assert refused.status_code == 409
    assert "hiringOrganization.id" in refused.json()["detail"]
    assert "E-1" in refused.json()["detail"]
    assert (await market.post(market.clerk, "Ｅ-1 ", "3")).status_code == 202, "the same employer"
    assert (await market.post(market.clerk, "E-10", "4")).status_code == 202


@pytest.mark.parametrize("other", OTHER_CASES)
async def test_an_employer_has_no_second_spelling_in_accounts_keys_and_webhooks(
    market: Market, other: str
) -> None:
    admin = headers_for(market.topics, AccountRole.ADMIN)
    made = {"role": "employer", "employerId": "E-1", "name": "key"}
    first = await market.client.post("/v1/keys", json=made, headers=admin)
    assert first.status_code == 201, first.text
    again = await market.client.post("/v1/keys", json=made, headers=admin)
    assert again.status_code == 201, "a second key of the same employer"
    account = {"login": "e1", "role": "employer", "employerId": other, "name": "账号"}
    sent = [
        ("/v1/keys", made | {"employerId": other}),
        ("/v1/accounts", account),
        ("/v1/webhooks", hook(other, 1)),
        ("/v1/openings", opening(HERE, hiringOrganization={"id": other, "name": "示例"})),
    ]
    for path, body in sent:
        refused = await market.client.post(path, json=body, headers=admin)
        assert refused.status_code == 409, (path, refused.text)
        assert "E-1" in refused.json()["detail"]
    for path, body in (
        (f"/v1/employers/{common_employer_id(other)}/contact", {"channels": [{"kind": "inbox"}]}),
        (f"/v1/employers/{common_employer_id(other)}/contact/stop", {}),
    ):
        refused = await market.client.put(path, json=body, headers=admin)
        assert refused.status_code == 409, (path, refused.text)
    zh = await market.client.post(
        "/v1/keys", json=sent[0][1], headers=admin | {"accept-language": "zh"}
    )
    assert "请使用相同写法" in zh.json()["detail"]


async def test_an_employer_that_earlier_releases_stored_in_two_spellings_goes_on(
    market: Market,
) -> None:
    for each in ("E-1", "e-1"):
        headers_for(market.topics, AccountRole.EMPLOYER, employer_id=each)
        assert (await market.post(market.clerk, each)).status_code == 202


async def test_rows_of_an_import_are_refused_like_postings(market: Market) -> None:
    await market.post(market.clerk, "E-1", "1")
    market.views.catch_up()
    clerk = Principal("k-clerk", AccountRole.ASSOCIATION, "key")
    for dry_run in (True, False):
        rules = await import_rules(market.given, clerk, dry_run=dry_run)
        assert await asyncio.to_thread(refused_rows, rules, ["E-1", "e-1", "E-2", "e-1"]) == [
            "e-1",
            "e-1",
        ]


async def test_concurrent_imports_by_several_keys_count_each_of_their_openings(
    market: Market,
) -> None:
    """Three files with five openings each fill the two places that are left, together."""
    rules = [await import_rules(market.given, each, dry_run=False) for each in callers(3)]
    reading = [
        asyncio.to_thread(accepted_rows, each, f"file{number}") for number, each in enumerate(rules)
    ]
    assert sum(await asyncio.gather(*reading)) == 2
    assert (await market.post(market.known, "known", "later")).status_code == 409


def accepted_rows(rules: Any, file: str) -> int:
    accepted = 0
    for number in range(5):
        try:
            rules.complete_row(None, *row_of("known", f"{file}-{number}"), NOW)
        except QuotaReached:
            continue
        accepted += 1
    return accepted


def row_of(employer: str, reference: str) -> Any:
    named = {"id": employer, "name": "示例"}
    content = OpeningContent.model_validate(
        opening(HERE, identifier=reference, hiringOrganization=named)
    )
    return facts.opening_posted(content, at=NOW, today=NOW.date())


def refused_rows(rules: Any, employers: Sequence[str]) -> list[str]:
    refused = []
    for number, each in enumerate(employers):
        try:
            rules.complete_row(None, *row_of(each, f"row{number}"), NOW)
        except Conflict:
            refused.append(each)
    return refused
