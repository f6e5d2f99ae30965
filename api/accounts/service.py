"""Use cases of people's accounts: created, edited, given a new password, closed, erased.

Every function requires the permission to view or manage accounts for the whole county, and raises
Forbidden without it. Nobody can grant permissions that they lack; the last administrator stays.
"""

from __future__ import annotations

from collections.abc import Callable

from api.access import policy
from api.access.identity_changes import change, put_new
from api.access.principal import Principal
from api.accounts.schemas import AccountContent, NewAccount
from api.ports.services import Services
from api.ports.topic_table import put
from api.writes.employer_spelling import check_spelling
from api.writes.erased_workers import not_erased
from producers import identity_facts as facts
from roost.errors import Conflict, NotFound, conflicting_field
from roost.events.account import Account, AccountRole, Holder, Permission
from roost.security import passwords
from roost.security.account_changes import (
    altered,
    with_password,
    with_sessions_ended,
    without_second_factors,
)


async def create_account(
    given: Services, who: Principal, content: NewAccount
) -> tuple[Account, str | None]:
    """Create an account; return it with a one-time password, or None for sign-in by OpenID.

    Raises Forbidden if it would have permissions that the caller lacks, Conflict if the login is
    taken or its employer is known under another spelling, and Suppressed for an erased worker.
    """
    _check_manages(who)
    policy.check_may_give(who, content)
    await check_spelling(given, content.employer_id, "employerId")
    password = None if content.by_oidc else passwords.one_time()
    hash = await given.passwords.hashed(password) if password else None
    at = given.clock.now()
    account, record = facts.account_made(
        content, content.login, content.name, hash, at=at, language=content.language
    )
    async with not_erased(given, account.worker_id):
        await put_new(given.publisher, given.identities.accounts, record, at, _login_taken())
    return account, password


def list_accounts(
    given: Services,
    who: Principal,
    role: AccountRole | None = None,
    login: str | None = None,
) -> list[Account]:
    """Return accounts by login: those of a role, and those whose login begins with a text."""
    policy.everywhere(who, Permission.ACCOUNTS_READ)
    found = [
        each
        for each in given.identities.accounts.values()
        if role in (None, each.role) and each.login.startswith(login or "")
    ]
    return sorted(found, key=lambda each: each.login)


def find_account(given: Services, who: Principal, id: str) -> Account:
    """Return an account. Raises NotFound."""
    policy.everywhere(who, Permission.ACCOUNTS_READ)
    return _existing(given, id)


async def edit_account(
    given: Services, who: Principal, id: str, content: AccountContent
) -> Account:
    """Replace an account's name, role, reach and state; new role, reach or state ends its sessions.

    Raises NotFound, Forbidden, Conflict for the last administrator, and Suppressed for an erased
    worker.
    """
    stored = _manageable(given, who, id)
    policy.check_may_give(who, content)
    if content.employer_id != stored.employer_id:
        await check_spelling(given, content.employer_id, "employerId")
    ends_admin = content.disabled or content.role is not AccountRole.ADMIN
    if ends_admin:
        _check_not_last_admin(given, stored)
    names = (*Holder.model_fields, "name", "language", "disabled")
    update = {name: getattr(content, name) for name in names}
    async with not_erased(given, content.worker_id):
        changed = await _change(given, id, lambda current: altered(current, **update))
    if ends_admin:
        await _restore_last_admin(given, stored)
    return changed


async def reset_password(given: Services, who: Principal, id: str) -> tuple[Account, str]:
    """Give an account a one-time password and end its sessions. Raises NotFound, Forbidden."""
    _manageable(given, who, id)
    password = passwords.one_time()
    hash = await given.passwords.hashed(password)
    changed = await _change(
        given, id, lambda current: with_password(current, hash, must_change=True)
    )
    return changed, password


async def disable_authenticator(given: Services, who: Principal, id: str) -> Account:
    """Remove lost second factors from an account, and end its sessions.

    Raises NotFound, Forbidden.
    """
    _manageable(given, who, id)
    return await _change(given, id, without_second_factors)


async def end_sessions(given: Services, who: Principal, id: str) -> Account:
    """End all sessions of an account at once. Raises NotFound, Forbidden."""
    _manageable(given, who, id)
    return await _change(given, id, with_sessions_ended)


async def erase_account(given: Services, who: Principal, id: str) -> None:
    """Erase an account; compaction removes the last trace of it.

    Raises NotFound, Forbidden, and Conflict for the last administrator.
    """
    stored = _manageable(given, who, id)
    _check_not_last_admin(given, stored)
    record = facts.account_erased(id, at=given.clock.now())
    await put(given.publisher, given.identities.accounts, record)
    await _restore_last_admin(given, stored)


def _check_manages(who: Principal) -> None:
    """Raise Forbidden unless the caller manages accounts."""
    policy.everywhere(who, Permission.ACCOUNTS_WRITE)


def _existing(given: Services, id: str) -> Account:
    """Return an account. Raises NotFound."""
    account = given.identities.accounts.get(id)
    if account is None:
        raise NotFound(f"There is no account {id}.", f"没有该账号：{id}")
    return account


def _manageable(given: Services, who: Principal, id: str) -> Account:
    """Return an account that the caller may change.

    Raises NotFound, and Forbidden if the account has permissions that the caller lacks.
    """
    _check_manages(who)
    account = _existing(given, id)
    policy.check_may_give(who, account)
    return account


async def _change(given: Services, id: str, alter: Callable[[Account], Account]) -> Account:
    accounts = given.identities.accounts
    return await change(given.publisher, accounts, id, alter, given.clock.now())


def _check_not_last_admin(given: Services, account: Account) -> None:
    """Raise Conflict if no other account could create accounts."""
    if account.role is AccountRole.ADMIN and not _has_admin(given, without=account.id):
        raise _last_admin()


async def _restore_last_admin(given: Services, former: Account) -> None:
    """Put back an administrator who was ended while somebody else ended the others.

    Raises Conflict then. All processes read the accounts in one order, so the last of those who
    end administrators at the same time finds none.
    """
    if former.role is not AccountRole.ADMIN or former.disabled or _has_admin(given):
        return
    record = facts.account_put(with_sessions_ended(former), at=given.clock.now())
    await put(given.publisher, given.identities.accounts, record)
    raise _last_admin()


def _has_admin(given: Services, without: str = "") -> bool:
    return any(
        each.role is AccountRole.ADMIN and not each.disabled and each.id != without
        for each in given.identities.accounts.values()
    )


def _last_admin() -> Conflict:
    return Conflict(
        "This is the last administrator; create another one first.",
        "这是最后一名管理员，请先创建另一名。",
    )


def _login_taken() -> Conflict:
    return conflicting_field("login", "is taken; choose another", "已被使用，请另选")
