"""Changes of sessions: opened, ended, and the sessions of an account that are active."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from api.access import sessions
from api.access.identity_changes import change, put_new
from api.access.sessions import OpenedSession
from api.ports.services import Services
from api.ports.topic_table import put
from producers import identity_facts as facts
from roost import ids
from roost.errors import Conflict
from roost.events.account import Account
from roost.events.session import Session

ERASED_AT_ONCE = 5
"""Number of expired sessions erased whenever one is opened, so that they never pile up."""
USED_FOR = timedelta(minutes=30)
"""Time for which a used code or challenge is remembered; each is valid for a shorter time."""
NO_TOKEN = "0" * 64
"""Hash that no token has."""


async def open_session(
    given: Services, account: Account, *, by_provider: bool = False
) -> OpenedSession:
    """Open a session for a person who has proved their identity."""
    now = given.clock.now()
    opened = sessions.new_session(account, now, given.settings, by_provider=by_provider)
    record = facts.session_put(opened.session, at=now)
    await put(given.publisher, given.identities.sessions, record)
    await erase_expired(given, now)
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


async def use_once(given: Services, account: Account, *what: str) -> bool:
    """Mark a one-time code of an account as used; return False if it was used."""
    return await use_mark_once(given, account, account.id, *what)


async def use_mark_once(given: Services, account: Account, *what: str) -> bool:
    """Mark a thing as used by an account; return False if it was used, by whichever account.

    The mark is a record in the one partition of `sessions`. Of several processes that write it at
    the same moment, the one whose record comes first succeeds; the others read that and fail.
    """
    now = given.clock.now()
    mark = Session(
        id=ids.derive("t", "used", *what),
        account_id=account.id,
        token_hash=NO_TOKEN,
        generation=account.generation,
        began_at=now,
        seen_at=now,
        expires_at=now + USED_FOR,
        ended=True,
    )
    record = facts.session_put(mark, at=now)
    try:
        await put_new(given.publisher, given.identities.sessions, record, now, _used())
    except Conflict:
        return False
    return True


def _used() -> Conflict:
    return Conflict(
        "This code has been used; wait for the next one.", "动态码已使用，请等待下一个。"
    )


async def erase_expired(given: Services, now: datetime) -> None:
    """Erase a few sessions and marks that have expired."""
    expired = (each for each in given.identities.sessions.values() if each.expires_at < now)
    for each in list(islice(expired, ERASED_AT_ONCE)):
        await given.publisher.publish([facts.session_forgotten(each.id, at=now)])
