"""People's accounts: made with a password shown once, edited, closed, erased; sessions ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from api.access import policy
from api.access.identity_changes import change, put, put_new
from api.access.principal import Principal
from api.access.requirements import allow
from api.accounts.schemas import (
    EXAMPLES,
    Accounts,
    Edited,
    NewAccount,
    Shown,
    WithPassword,
    shown,
    with_password,
)
from api.me import service
from api.ports.services import Given, Services
from producers import identity_facts as facts
from roost.errors import Conflict, FieldError, NotFound
from roost.events.account import Account, AccountId, AccountRole, Holder, Permission
from roost.security import passwords

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
Reads = Annotated[Principal, allow(Permission.ACCOUNTS_READ, everywhere=True)]
Writes = Annotated[Principal, allow(Permission.ACCOUNTS_WRITE, everywhere=True)]


@router.post("", status_code=201, summary="Make an account")
async def make(
    who: Writes,
    asked: Annotated[NewAccount, Body(openapi_examples=EXAMPLES)],
    given: Given,
    response: Response,
) -> WithPassword:
    """The answer holds a password for the first sign-in: it is shown this once."""
    policy.check_may_give(who, asked)
    password = None if asked.by_oidc else passwords.one_time()
    hash = await given.passwords.hashed(password) if password else None
    at = given.clock.now()
    account, record = facts.account_made(
        asked, asked.login, asked.name, hash, at=at, language=asked.language
    )
    await put_new(given.publisher, given.identities.accounts, record, at, _taken())
    response.headers["location"] = f"/v1/accounts/{account.id}"
    response.headers["cache-control"] = "no-store"
    return with_password(account, password)


@router.get("", summary="List accounts, by login")
async def list_accounts(
    who: Reads,
    given: Given,
    role: AccountRole | None = None,
    login: Annotated[str | None, Query(max_length=64, description="its beginning")] = None,
) -> Accounts:
    found = [
        each
        for each in given.identities.accounts.values()
        if role in (None, each.role) and each.login.startswith(login or "")
    ]
    return Accounts(items=tuple(shown(each) for each in sorted(found, key=lambda one: one.login)))


@router.get("/{id}", summary="Read an account")
async def read(id: AccountId, who: Reads, given: Given) -> Shown:
    return shown(_standing(given, id))


@router.put("/{id}", summary="Edit an account: name, role, reach, closed or open")
async def edit(id: AccountId, who: Writes, asked: Edited, given: Given) -> Shown:
    """In force at once, for those who are signed in as well."""
    standing = _standing(given, id)
    policy.check_may_give(who, standing)
    policy.check_may_give(who, asked)
    loses = asked.disabled or asked.role is not AccountRole.ADMIN
    if loses and standing.role is AccountRole.ADMIN:
        _check_not_the_last(given, id)
    said = {name: getattr(asked, name) for name in (*Holder.model_fields, "name", "language")}
    said["disabled"] = asked.disabled
    return shown(await _change(given, id, lambda now: now.model_copy(update=said)))


@router.post("/{id}/password", summary="Give an account a new password, and end its sessions")
async def reset_password(
    id: AccountId, who: Writes, given: Given, response: Response
) -> WithPassword:
    """The answer holds it: it is shown this once, and has to be changed at the first sign-in."""
    policy.check_may_give(who, _standing(given, id))
    password = passwords.one_time()
    hash = await given.passwords.hashed(password)
    changed = await _change(
        given, id, lambda now: service.with_password(now, hash, must_change=True)
    )
    response.headers["cache-control"] = "no-store"
    return with_password(changed, password)


@router.post("/{id}/authenticator/disable", summary="Take a lost authenticator from an account")
async def disable_authenticator(id: AccountId, who: Writes, given: Given) -> Shown:
    policy.check_may_give(who, _standing(given, id))
    return shown(await _change(given, id, lambda now: now.model_copy(update={"totp_secret": None})))


@router.delete("/{id}/sessions", summary="End all sessions of an account, at once")
async def end_sessions(id: AccountId, who: Writes, given: Given) -> Shown:
    _standing(given, id)
    return shown(
        await _change(
            given, id, lambda now: now.model_copy(update={"generation": now.generation + 1})
        )
    )


@router.delete("/{id}", status_code=204, summary="Erase an account")
async def erase(id: AccountId, who: Writes, given: Given) -> None:
    """The person cannot sign in any more, and after compaction nothing is left of the account."""
    standing = _standing(given, id)
    policy.check_may_give(who, standing)
    if standing.role is AccountRole.ADMIN:
        _check_not_the_last(given, id)
    record = facts.account_erased(id, at=given.clock.now())
    await put(given.publisher, given.identities.accounts, record)


async def _change(given: Services, id: str, alter: Callable[[Account], Account]) -> Account:
    accounts = given.identities.accounts
    return await change(given.publisher, accounts, id, alter, given.clock.now())


def _standing(given: Services, id: str) -> Account:
    account = given.identities.accounts.get(id)
    if account is None:
        raise NotFound(f"There is no account {id}.", f"没有该账号：{id}")
    return account


def _check_not_the_last(given: Services, id: str) -> None:
    """Raises Conflict when nobody would be left who may make accounts."""
    others = [
        each
        for each in given.identities.accounts.values()
        if each.role is AccountRole.ADMIN and not each.disabled and each.id != id
    ]
    if not others:
        raise Conflict(
            "This is the last administrator; make another one first.",
            "这是最后一名管理员，请先创建另一名。",
        )


def _taken() -> Conflict:
    message, message_zh = "is taken; choose another", "已被使用，请另选"
    return Conflict(
        f"login: {message}",
        f"login：{message_zh}",
        fields=(FieldError("login", message, message_zh),),
    )
