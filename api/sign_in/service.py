"""Use cases of signing in and out; endpoints and console pages call them.

opened = await sign_in(given, login, password, code, origin)
sessions.set_session_cookie(response, opened.token, given.settings)
"""

from __future__ import annotations

from api.access import totp
from api.access.client_address import Origin
from api.access.identity_changes import change
from api.access.known_browsers import known_browser
from api.access.refusals import CodeNeeded, NotSignedIn, TooManyTries
from api.access.second_factors import has_second_factor, must_enrol
from api.access.security_events import note_sign_in
from api.access.session_changes import end_session, open_session, use_once
from api.access.sessions import OpenedSession
from api.ports.services import Services, SignInAttempt
from producers import identity_facts as facts
from roost.errors import at_field
from roost.events.account import Account
from roost.events.audit import SecurityEventKind as Kind
from roost.events.session import Session
from roost.security import passwords
from roost.security.account_changes import altered


async def sign_in(
    given: Services, login: str, password: str, code: str | None, origin: Origin
) -> OpenedSession:
    """Check a login and open a session; an earlier session of the browser is left to expire.

    Raises NotSignedIn, CodeNeeded (the password is right, the one-time code is missing), or
    TooManyTries. The outcome is in the audit log.
    """
    name = login.strip().lower()
    account = given.identities.accounts.get(facts.account_id(name))
    known = known_browser(given, account, origin)
    try:
        async with given.passwords.attempt(name, origin.host, known) as attempt:
            await _check_password(given, account, name, password, attempt, origin)
            assert account is not None
            used = await _check_second_factor(given, account, code, attempt, origin)
            opened = await open_session(given, account)
            attempt.succeeded()
    except TooManyTries as error:
        note_sign_in(given, Kind.SIGN_IN_THROTTLED, error.cause, name, origin, status=429)
        raise
    note_sign_in(given, Kind.SIGNED_IN, used, name, origin, account, status=200)
    await _rehash(given, account, password)
    return opened


def account_of(given: Services, opened: OpenedSession) -> Account:
    """Return the account of a session that was just opened. Raises NotSignedIn if it is gone."""
    account = given.identities.accounts.get(opened.session.account_id)
    if account is None:
        raise _wrong()
    return account


def has_authenticator(given: Services, login: str) -> bool:
    """Return whether a code can complete the sign-in of a person whose password is right."""
    account = given.identities.accounts.get(facts.account_id(login))
    return account is not None and account.totp_secret is not None


def must_change_password(given: Services, session: Session) -> bool:
    """Return whether the person who has signed in still has an initial password."""
    account = given.identities.accounts.get(session.account_id)
    return account is not None and account.must_change_password


def must_enrol_second_factor(given: Services, session: Session) -> bool:
    """Return whether the person who has signed in has to enrol a second factor first."""
    account = given.identities.accounts.get(session.account_id)
    return account is not None and must_enrol(account, session, given.settings)


async def sign_out(given: Services, session: Session | None) -> None:
    """End the session in every process; in this one before it returns. A key has no session."""
    if session is not None:
        await end_session(given, session.id)


async def _check_password(
    given: Services,
    account: Account | None,
    login: str,
    password: str,
    attempt: SignInAttempt,
    origin: Origin,
) -> None:
    """Raise NotSignedIn unless the password opens the account."""
    right = await attempt.verified(account.password_hash if account else None, password)
    if account is not None and right and not account.disabled:
        return
    attempt.failed()
    cause = "disabled" if account and right else "password" if account else "login"
    note_sign_in(given, Kind.SIGN_IN_FAILED, cause, login, origin)
    raise _wrong()


async def _check_second_factor(
    given: Services, account: Account, code: str | None, attempt: SignInAttempt, origin: Origin
) -> str:
    """Check the second factor of an account that has one; return how the person signs in."""
    if not has_second_factor(account):
        return "password"
    attempt.check_factor()
    if account.totp_secret is None or not code:
        cause = "code" if account.totp_secret is not None else "passkey"
        note_sign_in(given, Kind.SECOND_FACTOR_ASKED, cause, account.login, origin)
        raise _factor_needed(account)
    if not await _is_code(given, account, code):
        attempt.factor_failed()
        note_sign_in(given, Kind.SECOND_FACTOR_FAILED, "code", account.login, origin)
        raise _wrong()
    return "password-and-code"


def _factor_needed(account: Account) -> CodeNeeded:
    if account.totp_secret is None:
        return CodeNeeded(
            "Your second factor is a passkey: sign in with it at /v1/sign-in/passkey.",
            "您的双重验证方式为通行密钥，请使用通行密钥登录（/v1/sign-in/passkey）。",
        )
    return at_field(
        CodeNeeded,
        "code",
        "send the six digits that your authenticator shows.",
        "请输入身份验证器显示的六位动态码。",
    )


async def _is_code(given: Services, account: Account, code: str) -> bool:
    """Return whether the code is valid now and was not used before, in any process."""
    if account.totp_secret is None:
        return False
    secret = totp.unseal_secret(given.key, account.id, account.totp_secret)
    step = totp.step_of(secret, code, given.clock.now())
    return step is not None and await use_once(given, account, "totp", str(step))


async def _rehash(given: Services, account: Account, password: str) -> None:
    """Replace a hash made with weaker parameters, while the password is available."""
    former = account.password_hash
    if former is None or not passwords.outdated(former):
        return
    hash = await given.passwords.hashed(password)

    def renewed(current: Account) -> Account:
        if current.password_hash != former:
            return current
        return altered(current, password_hash=hash)

    accounts = given.identities.accounts
    await change(given.publisher, accounts, account.id, renewed, given.clock.now())


def _wrong() -> NotSignedIn:
    return NotSignedIn(
        "The login, the password or the code is wrong; ask your administrator for a new one.",
        "账号、密码或动态码不正确；如忘记密码请联系管理员。",
    )
