"""Changes of sessions: opened, ended, and the sessions of an account that are active."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from api.access import sessions
from api.access.identity_changes import change, put
from api.access.sessions import OpenedSession
from api.ports.services import Services
from producers import identity_facts as facts
from roost.events.account import Account
from roost.events.session import Session

ERASED_AT_ONCE = 5
"""Number of expired sessions erased whenever one is opened, so that they never pile up."""


async def open_session(given: Services, account: Account, step: int | None = None) -> OpenedSession:
    """Open a session for a person who has proved their identity."""
    now = given.clock.now()
    opened = sessions.new_session(account, now, given.settings, step)
    record = facts.session_put(opened.session, at=now)
    await put(given.publisher, given.identities.sessions, record)
    await _erase_expired(given, now)
    return opened


async def end_session(given: Services, id: str) -> None:
    """End a session in every process; in this one before it returns. Raises NotFound."""
    now = given.clock.now()
    await change(given.publisher, given.identities.sessions, id, sessions.ended_session, now)


def active_sessions(given: Services, account: Account) -> list[Session]:
    """Return the active sessions of an account, the most recently used first."""
    now = given.clock.now()
    active = [
        each
        for each in given.identities.sessions.values()
        if sessions.is_active(each, account, now, given.settings)
    ]
    return sorted(active, key=lambda each: each.seen_at, reverse=True)


def used_code_steps(given: Services, account: Account) -> set[int | None]:
    """Return the time steps of one-time codes that have opened a session of the account.

    Each code opens one session, and is remembered for as long as that session.
    """
    return {
        each.totp_step
        for each in given.identities.sessions.values()
        if each.account_id == account.id
    }


async def _erase_expired(given: Services, now: datetime) -> None:
    expired = (each for each in given.identities.sessions.values() if each.expires_at < now)
    for each in list(islice(expired, ERASED_AT_ONCE)):
        await given.publisher.publish([facts.session_forgotten(each.id, at=now)])
