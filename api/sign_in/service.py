"""Signing in and out: what the API's endpoints and the console's pages both call.

opened = await sign_in(given, login, password, code, address)
sessions.keep(response, opened.token, given.settings)
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from starlette.requests import Request

from api.access import sessions, totp
from api.access.identity_changes import change, put
from api.access.refusals import CodeNeeded, NotSignedIn
from api.access.sessions import OpenedSession
from api.ports.services import Services, SignInAttempt
from producers import identity_facts as facts
from roost.events.account import Account
from roost.events.session import Session
from roost.security import passwords

FORGOTTEN_AT_ONCE = 5


def address_of(request: Request) -> str:
    """Where a request comes from, as failures are counted; behind a proxy it is uvicorn that
    takes it from `X-Forwarded-For` (FORWARDED_ALLOW_IPS).
    """
    return request.client.host if request.client else "?"


async def sign_in(
    given: Services, login: str, password: str, code: str | None, address: str
) -> OpenedSession:
    """A new session; a browser's former one is left to its end.

    Raises NotSignedIn, CodeNeeded (the password is right, a one-time code is missing), or
    TooManyTries.
    """
    named = login.strip().lower()
    account = given.identities.accounts.get(facts.account_id(named))
    async with given.passwords.attempt(named, address) as attempt:
        right = await attempt.verified(account.password_hash if account else None, password)
        if account is None or not right or account.disabled:
            attempt.failed()
            raise _wrong()
        step = _second_factor(given, account, code, attempt)
        opened = await open_session(given, account, step)
        attempt.succeeded()
    await _rehash(given, account, password)
    return opened


async def open_session(given: Services, account: Account, step: int | None = None) -> OpenedSession:
    """A session for somebody who has shown who they are."""
    now = given.clock.now()
    opened = sessions.new_session(account, now, given.settings, step)
    said = facts.session_put(opened.session, at=now)
    await put(given.publisher, given.identities.sessions, said)
    await _forget_some(given, now)
    return opened


async def _forget_some(given: Services, now: datetime) -> None:
    """Erases sessions that are over: a few whenever one is opened, so that they never pile up."""
    over = (each for each in given.identities.sessions.values() if each.expires_at < now)
    for each in list(islice(over, FORGOTTEN_AT_ONCE)):
        await given.publisher.apublish(facts.session_forgotten(each.id, at=now))


async def sign_out(given: Services, session: Session) -> None:
    """Ends it in every process; in this one when this returns."""
    await change(
        given.publisher,
        given.identities.sessions,
        session.id,
        sessions.ended_session,
        given.clock.now(),
    )


def _second_factor(
    given: Services, account: Account, code: str | None, attempt: SignInAttempt
) -> int | None:
    """The step of the code; None for an account without a second factor."""
    if account.totp_secret is None:
        return None
    if not code:
        raise CodeNeeded(
            "code: send the six digits that your authenticator shows.",
            "code：请输入身份验证器显示的六位动态码。",
        )
    secret = totp.unseal_secret(given.key, account.id, account.totp_secret)
    step = totp.step_of(secret, code, given.clock.now())
    if step is None or step in used_steps(given, account):
        attempt.failed()
        raise _wrong()
    return step


def used_steps(given: Services, account: Account) -> set[int | None]:
    """The codes that were taken: each opens one session, and is remembered as long as that."""
    mine = (each for each in given.identities.sessions.values() if each.account_id == account.id)
    return {each.totp_step for each in mine}


async def _rehash(given: Services, account: Account, password: str) -> None:
    """A hash made with weaker parameters is made anew while the password is at hand."""
    former = account.password_hash
    if former is None or not passwords.outdated(former):
        return
    made = await given.passwords.hashed(password)

    def renewed(standing: Account) -> Account:
        if standing.password_hash != former:
            return standing
        return standing.model_copy(update={"password_hash": made})

    accounts = given.identities.accounts
    await change(given.publisher, accounts, account.id, renewed, given.clock.now())


def _wrong() -> NotSignedIn:
    return NotSignedIn(
        "The login, the password or the code is wrong; ask your administrator for a new one.",
        "账号、密码或动态码不正确；如忘记密码请联系管理员。",
    )
