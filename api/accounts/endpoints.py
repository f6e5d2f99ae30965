"""Endpoints of people's accounts, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from api.access.requirements import ManagesAccounts, ReadsAccounts
from api.accounts import service
from api.accounts.schemas import (
    EXAMPLES,
    AccountContent,
    AccountDetails,
    Accounts,
    AccountWithPassword,
    NewAccount,
    account_details,
    account_with_password,
)
from api.guards.security_headers import mark_shown_once
from api.lists.answer_schemas import located_answer
from api.ports.services import Given
from roost.events.account import AccountId, AccountRole

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])


@router.post("", status_code=201, summary="Create an account", responses=located_answer(201))
async def create_account(
    who: ManagesAccounts,
    asked: Annotated[NewAccount, Body(openapi_examples=EXAMPLES)],
    given: Given,
    response: Response,
) -> AccountWithPassword:
    """Return the account with a password for the first sign-in, which is shown once."""
    account, password = await service.create_account(given, who, asked)
    response.headers["location"] = f"/v1/accounts/{account.id}"
    mark_shown_once(response)
    return account_with_password(account, password)


@router.get("", summary="List accounts, by login")
async def list_accounts(
    who: ReadsAccounts,
    given: Given,
    role: AccountRole | None = None,
    login: Annotated[str | None, Query(max_length=254, description="its beginning")] = None,
) -> Accounts:
    """Return every account, or those of a role or whose login begins with a text."""
    found = service.list_accounts(given, who, role, login)
    return Accounts(items=tuple(account_details(each) for each in found))


@router.get("/{id}", summary="Read an account")
async def read_account(id: AccountId, who: ReadsAccounts, given: Given) -> AccountDetails:
    """Return an account, without secrets."""
    return account_details(service.find_account(given, who, id))


@router.put("/{id}", summary="Edit an account: name, role, reach, state")
async def edit_account(
    id: AccountId, who: ManagesAccounts, asked: AccountContent, given: Given
) -> AccountDetails:
    """Replace the account's fields, in effect at once for its sessions too."""
    return account_details(await service.edit_account(given, who, id, asked))


@router.post("/{id}/password", summary="Give an account a new password, and end its sessions")
async def reset_password(
    id: AccountId, who: ManagesAccounts, given: Given, response: Response
) -> AccountWithPassword:
    """Return the password, which is shown once and must be changed at the first sign-in."""
    account, password = await service.reset_password(given, who, id)
    mark_shown_once(response)
    return account_with_password(account, password)


@router.post("/{id}/authenticator/disable", summary="Remove a lost authenticator from an account")
async def disable_authenticator(
    id: AccountId, who: ManagesAccounts, given: Given
) -> AccountDetails:
    """Let the person sign in without a code, and end every session of the account."""
    return account_details(await service.disable_authenticator(given, who, id))


@router.delete("/{id}/sessions", summary="End all sessions of an account, at once")
async def end_sessions(id: AccountId, who: ManagesAccounts, given: Given) -> AccountDetails:
    """Sign the person out of every browser; the password stays."""
    return account_details(await service.end_sessions(given, who, id))


@router.delete("/{id}", status_code=204, summary="Erase an account")
async def erase_account(id: AccountId, who: ManagesAccounts, given: Given) -> None:
    """Erase the account; the person can no longer sign in, and compaction removes every trace."""
    await service.erase_account(given, who, id)
