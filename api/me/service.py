"""What people do about their own account; a key has none, and is told so."""

from __future__ import annotations

from collections.abc import Callable

from api.access import totp
from api.access.identity_changes import change
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.access.refusals import NotSignedIn
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.sign_in.service import open_session
from roost.errors import Conflict, invalid_field
from roost.events.account import Account
from roost.security import passwords


def account_of(given: Services, who: Principal) -> Account:
    """Raises Forbidden for a key."""
    account = given.identities.accounts.get(who.id)
    if account is None:
        raise Forbidden(
            "A key has no account of its own; sign in as a person.",
            "密钥没有个人账号，请以个人身份登录。",
        )
    return account


async def change_password(
    given: Services, who: Principal, former: str, password: str, address: str
) -> OpenedSession:
    """The new password is in force, all sessions have ended, and a new one is opened.

    Raises NotSignedIn when the former password is wrong, Invalid for a bad new one.
    """
    account = account_of(given, who)
    await _check_password(given, account, former, address)
    if former == password:
        raise invalid_field(
            "password", "is the one that you have; choose another", "与原密码相同，请另选"
        )
    passwords.check_rules(password, account.login, account.name)
    made = await given.passwords.hashed(password)
    changed = await _change(given, account, lambda standing: with_password(standing, made))
    return await open_session(given, changed)


def with_password(account: Account, hash: str, *, must_change: bool = False) -> Account:
    """With another password; what was signed in with the former one is over."""
    return account.model_copy(
        update={
            "password_hash": hash,
            "must_change_password": must_change,
            "generation": account.generation + 1,
        }
    )


async def choose_language(given: Services, who: Principal, language: str) -> None:
    account = account_of(given, who)
    await _change(
        given, account, lambda standing: standing.model_copy(update={"language": language})
    )


async def confirm_authenticator(given: Services, who: Principal, secret: str, code: str) -> None:
    """From now on a code is needed. Raises Invalid when the code is not the secret's."""
    account = account_of(given, who)
    if account.totp_secret is not None:
        raise Conflict(
            "An authenticator is enrolled already; disable it first, with the password.",
            "已绑定身份验证器，请先凭密码停用。",
        )
    if totp.step_of(secret, code, given.clock.now()) is None:
        raise invalid_field(
            "code", "is not the code of now; wait for the next one", "动态码不正确，请重试"
        )
    kept = totp.seal_secret(given.key, account.id, secret)
    await _change(
        given, account, lambda standing: standing.model_copy(update={"totp_secret": kept})
    )


async def disable_authenticator(
    given: Services, who: Principal, password: str, address: str
) -> None:
    account = account_of(given, who)
    await _check_password(given, account, password, address)
    await _change(
        given, account, lambda standing: standing.model_copy(update={"totp_secret": None})
    )


async def _check_password(given: Services, account: Account, password: str, address: str) -> None:
    async with given.passwords.attempt(account.login, address) as attempt:
        if not await attempt.verified(account.password_hash, password):
            attempt.failed()
            raise NotSignedIn("The password is wrong.", "密码不正确。")


async def _change(
    given: Services, account: Account, alter: Callable[[Account], Account]
) -> Account:
    return await change(
        given.publisher,
        given.identities.accounts,
        account.id,
        alter,
        given.clock.now(),
    )
