"""Use cases of the caller's own account: password, language, second factor, sessions.

Every function raises Forbidden for a key, which has no account.
"""

from __future__ import annotations

from collections.abc import Callable

from api.access import totp
from api.access.account_changes import with_password
from api.access.identity_changes import change
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.access.refusals import NotSignedIn
from api.access.session_changes import active_sessions, end_session, open_session
from api.access.sessions import OpenedSession
from api.ports.services import Services
from roost.errors import Conflict, NotFound, invalid_field
from roost.events.account import Account
from roost.events.session import Session
from roost.security import passwords


def own_account(given: Services, who: Principal) -> Account:
    """Return the caller's account. Raises Forbidden for a key."""
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
    """Change the password, end every session of the account and open a new one.

    Raises NotSignedIn if the former password is wrong, Invalid if the new one breaks a rule.
    """
    account = own_account(given, who)
    await _check_password(given, account, former, address)
    if former == password:
        raise invalid_field(
            "password", "is the same as your current one; choose another", "与原密码相同，请另选"
        )
    passwords.check_rules(password, account.login, account.name)
    hash = await given.passwords.hashed(password)
    changed = await _change(given, account, lambda current: with_password(current, hash))
    return await open_session(given, changed)


async def choose_language(given: Services, who: Principal, language: str) -> None:
    """Set the language of the caller's account."""
    await _change(
        given,
        own_account(given, who),
        lambda current: current.model_copy(update={"language": language}),
    )


def begin_enrolment(given: Services, who: Principal) -> str:
    """Return a secret for an authenticator; nothing changes until its first code confirms it."""
    own_account(given, who)
    return totp.new_secret()


async def confirm_authenticator(given: Services, who: Principal, secret: str, code: str) -> None:
    """Enrol an authenticator; every later sign-in needs a code.

    Raises Conflict if one is enrolled already, Invalid if the code is not the secret's.
    """
    account = own_account(given, who)
    if account.totp_secret is not None:
        raise Conflict(
            "An authenticator is enrolled already; disable it first, with the password.",
            "已绑定身份验证器，请先凭密码停用。",
        )
    if totp.step_of(secret, code, given.clock.now()) is None:
        raise invalid_field(
            "code", "is not the current code; wait for the next one", "动态码不正确，请重试"
        )
    sealed = totp.seal_secret(given.key, account.id, secret)
    await _change(given, account, lambda now: now.model_copy(update={"totp_secret": sealed}))


async def disable_authenticator(
    given: Services, who: Principal, password: str, address: str
) -> None:
    """Remove the authenticator. Raises NotSignedIn if the password is wrong."""
    account = own_account(given, who)
    await _check_password(given, account, password, address)
    await _change(given, account, lambda now: now.model_copy(update={"totp_secret": None}))


def own_sessions(given: Services, who: Principal) -> list[Session]:
    """Return the caller's active sessions, the most recently used first."""
    return active_sessions(given, own_account(given, who))


async def end_own_session(given: Services, who: Principal, id: str) -> None:
    """End one of the caller's sessions. Raises NotFound for any other session."""
    session = given.identities.sessions.get(id)
    if session is None or session.account_id != who.id:
        raise NotFound("There is no such session.", "没有该登录会话。")
    await end_session(given, id)


async def end_other_sessions(given: Services, who: Principal, current: Session) -> None:
    """End the caller's active sessions except the current one."""
    for each in own_sessions(given, who):
        if each.id != current.id:
            await end_session(given, each.id)


async def _check_password(given: Services, account: Account, password: str, address: str) -> None:
    async with given.passwords.attempt(account.login, address) as attempt:
        if not await attempt.verified(account.password_hash, password):
            attempt.failed()
            raise NotSignedIn("The password is wrong.", "密码不正确。")


async def _change(
    given: Services, account: Account, alter: Callable[[Account], Account]
) -> Account:
    accounts = given.identities.accounts
    return await change(given.publisher, accounts, account.id, alter, given.clock.now())
