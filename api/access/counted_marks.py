"""Counted uses of one thing, up to a limit: exact over all API processes.

A mark is an ended session without a token, in the one partition of `sessions`, as `use_once` makes
it. Its id is derived from the thing and the number of the use. Of several processes that take the
same number, the one whose record comes first has it, and the others take the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from api.access.identity_changes import put_new
from api.access.session_changes import NO_TOKEN, erase_expired
from api.ports.services import Services
from producers import identity_facts as facts
from roost import ids
from roost.errors import Conflict
from roost.events.session import Session

HOUR = timedelta(hours=1)
KEPT_FOR = 2 * HOUR
"""Time for which a mark is remembered: longer than any period that is counted."""


def uses(given: Services, *thing: str, most: int) -> list[Session]:
    """Return the marks of a thing that may be used `most` times."""
    found = (given.identities.sessions.get(_id(thing, number)) for number in range(most))
    return [each for each in found if each is not None]


def uses_of_last_hour(given: Services, *thing: str, most: int) -> list[Session]:
    """Return the marks of the last 60 minutes of a thing that may be used `most` times an hour."""
    now = given.clock.now()
    hours = (now - HOUR, now)
    marks = [each for at in hours for each in uses(given, *thing, _hour(at), most=most)]
    return [each for each in marks if each.began_at > now - HOUR]


def newest_of_last_hour(given: Services, *thing: str, most: int) -> Session | None:
    """Return the newest mark of the last 60 minutes; of one second, the last that was counted."""
    marks = uses_of_last_hour(given, *thing, most=most)
    return sorted(marks, key=lambda each: each.began_at)[-1] if marks else None


def wait_s(given: Services, *thing: str, most: int) -> int:
    """Return the whole seconds until a thing that is used up may be used again."""
    now = given.clock.now()
    marks = uses_of_last_hour(given, *thing, most=most)
    oldest = min((each.began_at for each in marks), default=now)
    return max(1, int((oldest + HOUR - now).total_seconds()) + 1)


async def use_in_hour(
    given: Services, account_id: str, *thing: str, most: int, bound_to: str = NO_TOKEN
) -> Session | None:
    """Count a use of a thing; return its mark, or None if it had `most` in the last 60 minutes."""
    now = given.clock.now()
    while len(uses_of_last_hour(given, *thing, most=most)) < most:
        mark = await use(given, account_id, *thing, _hour(now), most=most, bound_to=bound_to)
        if mark is not None:
            return mark
    return None


async def use(
    given: Services, account_id: str, *thing: str, most: int, bound_to: str = NO_TOKEN
) -> Session | None:
    """Count a use of a thing; return its mark, or None if it has been used `most` times.

    `bound_to` is a hash that the mark keeps, in 64 hexadecimal digits.
    """
    now = given.clock.now().replace(microsecond=0)
    await erase_expired(given, now)
    for number in range(most):
        mark = _mark(_id(thing, number), account_id, bound_to, now)
        record = facts.session_put(mark, at=now)
        try:
            await put_new(given.publisher, given.identities.sessions, record, now, _taken())
        except Conflict:
            continue
        return mark
    return None


def _mark(id: str, account_id: str, bound_to: str, now: datetime) -> Session:
    return Session(
        id=id,
        account_id=account_id,
        token_hash=bound_to,
        generation=0,
        began_at=now,
        seen_at=now,
        expires_at=now + KEPT_FOR,
        ended=True,
    )


def _id(thing: Sequence[str], number: int) -> str:
    return ids.derive("t", "counted", *thing, str(number))


def _hour(at: datetime) -> str:
    return str(int(at.timestamp() // HOUR.total_seconds()))


def _taken() -> Conflict:
    return Conflict("This number is taken.", "编号已被占用。")
