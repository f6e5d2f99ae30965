"""Account of a worker who signs in without a password: made at the first sign-in.

Its login is the worker's id, so that no two are made; it has no password. Nobody gets past a
decision about the worker's other accounts: a disabled one, or one with a second factor, refuses.
"""

from __future__ import annotations

from contextlib import suppress

from api.access.identity_changes import change, put_new
from api.access.refusals import NotSignedIn
from api.access.second_factors import has_second_factor
from api.ports.services import Services
from api.sign_in.telephone_people import TelephonePerson
from api.writes.erased_workers import not_erased
from producers import identity_facts as facts
from roost.errors import Conflict
from roost.events.account import Account, AccountRole, Holder
from roost.security.account_changes import altered


async def account_of_worker(given: Services, person: TelephonePerson) -> Account:
    """Return the worker's account without a password, making it if needed.

    Raises NotSignedIn if an account of the worker is disabled or has a second factor, Suppressed
    for an erased worker. Commits the record in `accounts` before it returns.
    """
    async with not_erased(given, person.id):
        _check_others(given, person.id)
        account = given.identities.accounts.get(facts.account_id(person.id))
        if account is None:
            account = await _made(given, person)
        return await _renamed(given, account, person.name)


def _check_others(given: Services, worker_id: str) -> None:
    own = [each for each in given.identities.accounts.values() if each.worker_id == worker_id]
    if any(each.disabled for each in own):
        raise NotSignedIn(
            "Your account is disabled; ask your station.", "您的账号已停用，请联系服务站。"
        )
    if any(has_second_factor(each) for each in own):
        raise NotSignedIn(
            "You have set up a second factor: sign in with your login and password, or a passkey.",
            "您已启用双重验证，请使用登录名和密码或通行密钥登录。",
        )


async def _made(given: Services, person: TelephonePerson) -> Account:
    at = given.clock.now()
    holder = Holder(role=AccountRole.WORKER, worker_id=person.id)
    account, record = facts.account_made(
        holder, person.id, person.name, None, at=at, language=person.language
    )
    taken = Conflict("The account exists.", "账号已存在。")
    with suppress(Conflict):  # another process made it first: that one counts
        await put_new(given.publisher, given.identities.accounts, record, at, taken)
    return given.identities.accounts.get(account.id) or account


async def _renamed(given: Services, account: Account, name: str) -> Account:
    """Return the account under the name that the profile has now."""
    if account.name == name:
        return account
    accounts, at = given.identities.accounts, given.clock.now()
    return await change(
        given.publisher, accounts, account.id, lambda current: altered(current, name=name), at
    )
