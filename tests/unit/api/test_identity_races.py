"""Changes of accounts that cross each other: none revives, replaces or outlives another one."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pyotp
import pytest

from api.access import totp
from api.access.identity_changes import change, put_new
from api.access.session_changes import use_mark_once
from api.ports import topic_table
from api.sign_in import by_passkey
from producers import identity_facts as facts
from roost.errors import Conflict, Transient
from roost.events.account import Account, AccountRole, Holder
from roost.security.account_changes import altered, with_password
from tests.unit.api.builders import NOW
from tests.unit.api.signed import Topics
from tests.unit.api.soft_authenticator import SoftAuthenticator
from tests.unit.api.test_passkeys import SIGN_IN, begun, enrolled, registers
from tests.unit.api.test_signing_in import PASSWORD, Here

ADMIN = Holder(role=AccountRole.ADMIN)
OTHER_PASSWORD = "another long password 7"


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    made = Here("https://test")
    yield made
    await made.client.aclose()


def current(here: Here, account: Account) -> Account:
    found = here.topics.identities.accounts.get(account.id)
    assert found is not None
    return found


def meanwhile(here: Here, account: Account, alter: Callable[[Account], Account]) -> None:
    """Let another process change an account just before this one's next record."""

    def theirs() -> None:
        here.topics.put(facts.account_put(alter(current(here, account)), at=NOW))

    here.topics.between.append(theirs)


async def test_a_change_that_is_refused_after_all_leaves_the_others_value() -> None:
    topics = Topics()
    account, record = facts.account_made(ADMIN, "li", "李", None, at=NOW)
    topics.put(record)
    closed = altered(account, disabled=True)
    topics.between.append(lambda: topics.put(facts.account_put(closed, at=NOW)) and None)

    def only_open(found: Account) -> Account:
        if found.disabled:
            raise Conflict("closed", "已停用")
        return altered(found, name="王")

    accounts = topics.identities.accounts
    with pytest.raises(Conflict):
        await change(cast(Any, topics), accounts, account.id, only_open, NOW)
    assert accounts.get(account.id) == closed


@pytest.mark.parametrize("write", ["change", "put_new"])
async def test_a_replaced_value_that_is_forgotten_erases_nothing(
    monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """A batch of more records than are remembered arrives together with the record."""
    monkeypatch.setattr(topic_table, "REMEMBERED", 5)
    topics = Crowded()
    account, record = facts.account_made(ADMIN, "li", "李", None, at=NOW)
    accounts = topics.identities.accounts
    if write == "change":
        topics.put(record)
    with pytest.raises(Transient):
        await {
            "change": lambda: change(
                cast(Any, topics), accounts, account.id, lambda each: altered(each, name="王"), NOW
            ),
            "put_new": lambda: put_new(cast(Any, topics), accounts, record, NOW, Conflict("taken")),
        }[write]()
    kept = accounts.get(account.id)
    assert kept is not None
    assert kept.name == ("王" if write == "change" else "李")


class Crowded(Topics):
    """Topics in which many records follow each published one before anybody can look."""

    async def publish(self, records: Any) -> Any:
        positions = [self.put(each) for each in records]
        for number in range(10):
            self.put(facts.account_made(ADMIN, f"p{number}", "p", None, at=NOW)[1])
        return positions


async def test_an_enrolment_does_not_outlive_a_password_changed_at_the_same_time(
    here: Here,
) -> None:
    """A thief who knows the former password registers a passkey while it is being changed."""
    account, key = here.account(), SoftAuthenticator()
    await here.sign_in()
    csrf = await here.csrf()
    path = "/v1/me/passkeys"
    options = await here.client.post(f"{path}/options", json={"password": PASSWORD}, headers=csrf)
    said = {
        "enrolment": options.json()["enrolment"],
        "name": "mine",
        "credential": key.created(options.json()["options"]),
    }
    meanwhile(here, account, lambda found: with_password(found, "new hash"))
    answer = await here.client.post(path, json=said, headers=csrf)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    kept = current(here, account)
    assert (kept.passkeys, kept.password_hash) == ((), "new hash")


async def test_an_authenticator_does_not_replace_one_enrolled_at_the_same_time(here: Here) -> None:
    account = here.account()
    await here.sign_in()
    csrf = await here.csrf()
    path = "/v1/me/authenticator"
    begun = (await here.client.post(path, json={"password": PASSWORD}, headers=csrf)).json()
    code = pyotp.TOTP(begun["secret"]).at(NOW)
    theirs = totp.seal_secret(here.given.key, account.id, totp.new_secret())
    here.topics.between.append(lambda: None)  # the mark of the code is written first
    meanwhile(here, account, lambda found: altered(found, totp_secret=theirs))
    here.topics.between.reverse()
    said = {"enrolment": begun["enrolment"], "code": code}
    answer = await here.client.post(f"{path}/confirm", json=said, headers=csrf)
    assert answer.status_code == 409
    assert current(here, account).totp_secret == theirs


async def test_a_thief_who_knows_the_former_password_does_not_win_a_race_for_the_new_one(
    here: Here,
) -> None:
    account = here.account()
    await here.sign_in()
    csrf = await here.csrf()
    meanwhile(here, account, lambda found: with_password(found, "the owner's hash"))
    said = {"former": PASSWORD, "password": OTHER_PASSWORD}
    answer = await here.client.post("/v1/me/password", json=said, headers=csrf)
    assert answer.status_code == 409, answer.text
    assert current(here, account).password_hash == "the owner's hash"


async def test_a_second_factor_enrolled_at_the_same_time_is_not_removed(here: Here) -> None:
    account, _ = await enrolled(here)
    secret = totp.seal_secret(here.given.key, account.id, totp.new_secret())
    listed = (await here.client.get("/v1/me/passkeys")).json()["items"]
    meanwhile(here, account, lambda found: altered(found, totp_secret=secret))
    answer = await here.client.post(
        f"/v1/me/passkeys/{listed[0]['id']}/remove",
        json={"password": PASSWORD},
        headers=await here.csrf(),
    )
    assert answer.status_code == 409
    assert current(here, account).totp_secret == secret


async def test_a_challenge_is_answered_once_whatever_the_accounts(here: Here) -> None:
    _, first = await enrolled(here)
    here.account("wang")
    await here.sign_in("wang")
    second = SoftAuthenticator()
    await registers(here, second)
    request = await begun(here)
    statuses = [
        (
            await here.browser().post(
                SIGN_IN,
                json={
                    "ceremony": request["ceremony"],
                    "credential": key.signed(request["options"]),
                },
            )
        ).status_code
        for key in (first, second)
    ]
    assert statuses == [200, 401]


async def test_of_a_passkey_and_its_copy_at_once_one_signs_in(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both answers are checked before the counter of either is stored."""
    together = asyncio.Barrier(2)

    async def used_together(*of: Any) -> bool:
        is_first = await use_mark_once(*of)
        await together.wait()
        return is_first

    _, key = await enrolled(here)
    monkeypatch.setattr(by_passkey, "use_mark_once", used_together)
    copied = copy.copy(key)
    requests = [await begun(here), await begun(here)]
    answers = await asyncio.gather(
        *(
            here.browser().post(
                SIGN_IN,
                json={"ceremony": each["ceremony"], "credential": used.signed(each["options"])},
            )
            for each, used in zip(requests, (key, copied), strict=True)
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 401]


@pytest.mark.parametrize("how", ["close", "demote", "erase"])
async def test_two_administrators_who_end_each_other_leave_one(here: Here, how: str) -> None:
    one, two = here.account("one"), here.account("two")
    first, second = here.browser(), here.browser()
    await here.sign_in("one", client=first)
    await here.sign_in("two", client=second)

    async def ends(browser: Any, other: Account) -> int:
        csrf = {"X-CSRF-Token": (await browser.get("/v1/me")).json()["csrf"]}
        path = f"/v1/accounts/{other.id}"
        if how == "erase":
            return int((await browser.delete(path, headers=csrf)).status_code)
        said = {"name": "A", "role": "admin", "disabled": True}
        if how == "demote":
            said = {"name": "A", "role": "auditor"}
        return int((await browser.put(path, json=said, headers=csrf)).status_code)

    def theirs() -> None:
        """End this administrator in another process, between the look and the record."""
        gone = facts.account_erased(one.id, at=NOW)
        closed = facts.account_put(altered(current(here, one), disabled=True), at=NOW)
        here.topics.put(gone if how == "erase" else closed)

    here.topics.between.append(theirs)
    assert await ends(first, two) == 409
    kept = current(here, two)
    assert (kept.role, kept.disabled) == (AccountRole.ADMIN, False)
