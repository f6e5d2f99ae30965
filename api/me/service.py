"""Use cases of the caller's own account: password, language, second factor, sessions.

Every function raises Forbidden for a key, which has no account.
"""

from __future__ import annotations

from collections.abc import Callable

from api.access import totp
from api.access.client_address import Origin
from api.access.enrolment import seal_enrolment, unseal_enrolment
from api.access.identity_changes import change
from api.access.known_browsers import known_browser
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.access.refusals import NotSignedIn, TooManyTries
from api.access.security_events import note_sign_in
from api.access.session_changes import active_sessions, end_session, open_session, use_once
from api.access.sessions import OpenedSession
from api.ports.services import Services
from roost.errors import Conflict, NotFound, invalid_field
from roost.events.account import Account, AccountRole
from roost.events.audit import SecurityEventKind as Kind
from roost.events.session import Session
from roost.security import passwords
from roost.security.account_changes import altered, with_password

AUTHENTICATOR = "authenticator"
STAFF = frozenset({AccountRole.CLERK, AccountRole.CHIEF, AccountRole.ASSOCIATION})
"""Roles whose public name employers see."""


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
    given: Services, who: Principal, former: str, password: str, origin: Origin
) -> OpenedSession:
    """Change the password, end every session of the account and open a new one.

    Raises NotSignedIn if the former password is wrong, Invalid if the new one breaks a rule.
    """
    account = own_account(given, who)
    await check_own_password(given, account, former, origin)
    if former == password:
        raise invalid_field(
            "password", "is the same as your current one; choose another", "与原密码相同，请另选"
        )
    passwords.check_rules(password, account.login, account.name)
    hash = await given.passwords.hashed(password)
    return await reopened(given, account, lambda current: with_password(current, hash), origin)


async def choose_language(given: Services, who: Principal, language: str) -> None:
    """Set the language of the caller's account."""
    await _change(
        given,
        own_account(given, who),
        lambda current: altered(current, language=language),
    )


async def choose_public_name(given: Services, who: Principal, name: str | None) -> None:
    """Set the name that employers see; None shows none. Raises Forbidden unless staff."""
    account = own_account(given, who)
    if account.role not in STAFF:
        raise Forbidden(
            "Employers see names of the staff of stations only.",
            "仅服务站工作人员可设置对单位显示的姓名。",
        )
    await _change(given, account, lambda current: altered(current, public_name=name))


async def choose_large_text(given: Services, who: Principal, large: bool) -> None:
    """Choose whether the pages of the caller's account are shown in larger letters."""
    await _change(
        given,
        own_account(given, who),
        lambda current: altered(current, large_text=large),
    )


async def begin_enrolment(
    given: Services, who: Principal, password: str, origin: Origin
) -> tuple[str, str]:
    """Return a secret for an authenticator, and the enrolment that its first code confirms.

    Nothing changes until then. Raises NotSignedIn if the password is wrong, Conflict for an account
    without a password and for one that has an authenticator.
    """
    account = own_account(given, who)
    _check_enrollable(account)
    await check_own_password(given, account, password, origin)
    secret = totp.new_secret()
    now = given.clock.now()
    return secret, seal_enrolment(given.key, account, AUTHENTICATOR, secret, now)


def secret_of_enrolment(given: Services, who: Principal, enrolment: str) -> str:
    """Return the secret of an enrolment in progress. Raises Invalid if it is over."""
    account = own_account(given, who)
    return unseal_enrolment(given.key, account, AUTHENTICATOR, enrolment, given.clock.now())


async def confirm_authenticator(
    given: Services, who: Principal, enrolment: str, code: str, origin: Origin
) -> OpenedSession:
    """Enrol an authenticator, end every session and open a new one; sign-ins need a code from now.

    Raises Conflict if one is enrolled already, Invalid if the code is not the secret's.
    """
    account = own_account(given, who)
    _check_enrollable(account)
    secret = secret_of_enrolment(given, who, enrolment)
    step = totp.step_of(secret, code, given.clock.now())
    if step is None or not await use_once(given, account, "totp", str(step)):
        raise invalid_field(
            "code", "is not the current code; wait for the next one", "动态码不正确，请重试"
        )
    sealed = totp.seal_secret(given.key, account.id, secret)

    def enrolled(current: Account) -> Account:
        _check_enrollable(current)
        return altered(current, totp_secret=sealed)

    return await reopened(given, account, enrolled, origin)


async def disable_authenticator(
    given: Services, who: Principal, password: str, origin: Origin
) -> OpenedSession:
    """Remove the authenticator, end every session and open a new one.

    Raises NotSignedIn if the password is wrong.
    """
    account = own_account(given, who)
    await check_own_password(given, account, password, origin)
    return await reopened(
        given, account, lambda current: altered(current, totp_secret=None), origin
    )


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


async def check_own_password(
    given: Services, account: Account, password: str, origin: Origin
) -> None:
    """Check the password again, for an action that an open browser alone must not allow.

    Raises NotSignedIn, TooManyTries.
    """
    known = known_browser(given, account, origin)
    try:
        async with given.passwords.attempt(account.login, origin.host, known) as attempt:
            if not await attempt.verified(account.password_hash, password):
                attempt.failed()
                note_sign_in(given, Kind.PASSWORD_CHECK_FAILED, "password", account.login, origin)
                raise NotSignedIn("The password is wrong.", "密码不正确。")
    except TooManyTries as error:
        kind = Kind.SIGN_IN_THROTTLED
        note_sign_in(given, kind, error.cause, account.login, origin, status=429)
        raise


def check_has_password(account: Account) -> None:
    """Raise Conflict for an account without a password: a factor here would protect nothing."""
    if account.password_hash is None:
        raise Conflict(
            "You sign in through your organisation's provider; its second factor counts.",
            "您通过单位统一身份登录，以其双重验证为准。",
        )


def _check_enrollable(account: Account) -> None:
    """Raise Conflict for an account without a password, and for one that has an authenticator."""
    check_has_password(account)
    if account.totp_secret is not None:
        raise Conflict(
            "An authenticator is enrolled already; disable it first, with the password.",
            "已绑定身份验证器，请先凭密码停用。",
        )


async def reopened(
    given: Services, account: Account, alter: Callable[[Account], Account], origin: Origin
) -> OpenedSession:
    """Change an account so that its sessions end, and open a new one for this browser.

    `account` is the one whose password or enrolment was checked. Raises Conflict if it has begun
    its next generation since: a thief who knows a former password must not win a race against the
    new one.
    """

    def checked(current: Account) -> Account:
        if current.generation != account.generation:
            raise Conflict(
                "Your account was changed at the same time; look again, and repeat it if needed.",
                "您的账号同时被修改，请重新查看，必要时再操作一次。",
            )
        return alter(current)

    session = given.identities.sessions.get(origin.session_id or "")
    changed = await _change(given, account, checked)
    by_provider = session is not None and session.by_provider
    return await open_session(given, changed, by_provider=by_provider)


async def _change(
    given: Services, account: Account, alter: Callable[[Account], Account]
) -> Account:
    accounts = given.identities.accounts
    return await change(given.publisher, accounts, account.id, alter, given.clock.now())
