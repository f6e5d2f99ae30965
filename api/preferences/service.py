"""Use cases of notification preferences: read, choose, snooze, return to the profile's.

Every write is authorised as a change of the worker's profile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from api.access import belonging
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected, digest_of
from api.lists.documents import existing_document
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.preferences.effective_preferences import effective, read_effective
from api.preferences.schemas import EffectivePreferences
from api.writes.editing import PREFERENCE, PROFILE
from api.writes.publishing import Written, write_fact
from producers import message_facts
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.preferences import Preferences


async def find_preferences(given: Services, who: Principal, id: str) -> EffectivePreferences:
    """Return a worker's preferences in force. Raises NotFound."""
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    return await read_effective(given.elastic, id)


async def choose_preferences(
    given: Services, who: Principal, id: str, content: Preferences, expected: Expected = ANYTHING
) -> Written:
    """Set a worker's own preferences, which override the profile's and outlast roster imports.

    Raises NotFound, PreconditionFailed if other preferences are in force than `expected`, and
    Invalid for an unknown kind of notification.
    """

    def change(current: EffectivePreferences) -> Record:
        return message_facts.preferences_chosen(content, id, at=given.clock.now())[1]

    return await _write(given, who, id, change, expected)


async def snooze_notifications(given: Services, who: Principal, id: str, hours: float) -> Written:
    """Hold notifications that are not urgent for some hours; 0 ends a snooze. Raises NotFound.

    The preferences in force become the worker's own, with the end of the snooze.
    """
    now = given.clock.now()
    until = now + timedelta(hours=hours) if hours else None

    def change(current: EffectivePreferences) -> Record:
        content = current.preferences.model_copy(update={"snoozed_until": until})
        return message_facts.preferences_chosen(content, id, at=now)[1]

    return await _write(given, who, id, change)


async def remove_preferences(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Return to the profile's preferences. Raises NotFound and PreconditionFailed."""

    def change(current: EffectivePreferences) -> Record:
        return message_facts.preferences_erased(id, at=given.clock.now())

    return await _write(given, who, id, change, expected)


async def _write(
    given: Services,
    who: Principal,
    id: str,
    change: Callable[[EffectivePreferences], Record],
    expected: Expected = ANYTHING,
) -> Written:
    """Derive and publish a worker's own preferences from those in force.

    `expected` holds digests of the preferences in force, not versions of the worker's own.
    """

    async def authorise(current: CurrentFact) -> None:
        await belonging.profile(given, who, Permission.PROFILES_WRITE, id)

    async def derive(current: CurrentFact) -> Record:
        profile = await existing_document(
            given.elastic, PROFILE.view, id, PROFILE.what, PROFILE.what_zh
        )
        in_force = effective(profile, current)
        expected.check(digest_of(in_force))
        return change(in_force)

    written = await write_fact(given, PREFERENCE, id, authorise, derive)
    return replace(written, created=False)  # every worker has preferences already
