"""Use cases of signing in and out; endpoints and console pages call them.

opened = await sign_in(given, login, password, code, address)
sessions.set_session_cookie(response, opened.token, given.settings)
"""

from __future__ import annotations

from api.access import totp
from api.access.identity_changes import change
from api.access.refusals import CodeNeeded, NotSignedIn
from api.access.session_changes import end_session, open_session, used_code_steps
from api.access.sessions import OpenedSession
from api.ports.services import Services, SignInAttempt
from producers import identity_facts as facts
from roost.events.account import Account
from roost.events.session import Session
from roost.security import passwords


async def sign_in(
    given: Services, login: str, password: str, code: str | None, address: str
) -> OpenedSession:
    """Check a login and open a session; an earlier session of the browser is left to expire.

    Raises NotSignedIn, CodeNeeded (the password is right, the one-time code is missing), or
    TooManyTries.
    """
    name = login.strip().lower()
    account = given.identities.accounts.get(facts.account_id(name))
    async with given.passwords.attempt(name, address) as attempt:
        right = await attempt.verified(account.password_hash if account else None, password)
        if account is None or not right or account.disabled:
            attempt.failed()
            raise _wrong()
        step = _second_factor(given, account, code, attempt)
        opened = await open_session(given, account, step)
        attempt.succeeded()
    await _rehash(given, account, password)
    return opened


def must_change_password(given: Services, session: Session) -> bool:
    """Return whether the person who has signed in still has an initial password."""
    account = given.identities.accounts.get(session.account_id)
    return account is not None and account.must_change_password


async def sign_out(given: Services, session: Session | None) -> None:
    """End the session in every process; in this one before it returns. A key has no session."""
    if session is not None:
        await end_session(given, session.id)


def _second_factor(
    given: Services, account: Account, code: str | None, attempt: SignInAttempt
) -> int | None:
    """Return the time step of the code; None for an account without a second factor."""
    if account.totp_secret is None:
        return None
    if not code:
        raise CodeNeeded(
            "code: send the six digits that your authenticator shows.",
            "code：请输入身份验证器显示的六位动态码。",
        )
    secret = totp.unseal_secret(given.key, account.id, account.totp_secret)
    step = totp.step_of(secret, code, given.clock.now())
    if step is None or step in used_code_steps(given, account):
        attempt.failed()
        raise _wrong()
    return step


async def _rehash(given: Services, account: Account, password: str) -> None:
    """Replace a hash made with weaker parameters, while the password is available."""
    former = account.password_hash
    if former is None or not passwords.outdated(former):
        return
    hash = await given.passwords.hashed(password)

    def renewed(current: Account) -> Account:
        if current.password_hash != former:
            return current
        return current.model_copy(update={"password_hash": hash})

    accounts = given.identities.accounts
    await change(given.publisher, accounts, account.id, renewed, given.clock.now())


def _wrong() -> NotSignedIn:
    return NotSignedIn(
        "The login, the password or the code is wrong; ask your administrator for a new one.",
        "账号、密码或动态码不正确；如忘记密码请联系管理员。",
    )
