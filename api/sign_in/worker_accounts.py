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
        return await _opened(given, account, person.name)


def is_unproved(account: Account) -> bool:
    """Return whether an account waits for the code of its sign-up; it is closed until then.

    An account that an administrator disables has a later generation.
    """
    return account.disabled and account.generation == 0 and account.login == account.worker_id


def _check_others(given: Services, worker_id: str) -> None:
    own = [each for each in given.identities.accounts.values() if each.worker_id == worker_id]
    if any(each.disabled and not is_unproved(each) for each in own):
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


async def _opened(given: Services, account: Account, name: str) -> Account:
    """Return the account under the name that the profile has now, open after a sign-up."""
    if account.name == name and not account.disabled:
        return account

    def alter(current: Account) -> Account:
        closed = current.disabled and not is_unproved(current)
        return altered(current, name=name, disabled=closed)

    accounts, at = given.identities.accounts, given.clock.now()
    return await change(given.publisher, accounts, account.id, alter, at)
