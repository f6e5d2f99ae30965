"""Validity of a session: the one rule for authentication and for the list of sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.access import sessions
from producers import identity_facts as facts
from roost.events.account import AccountRole, Holder
from roost.security.account_changes import with_password, with_sessions_ended
from roost.settings import Settings
from tests.unit.api.builders import NOW

SETTINGS = Settings()
ACCOUNT, _ = facts.account_made(Holder(role=AccountRole.ADMIN), "li", "Li", None, at=NOW)
OPENED = sessions.new_session(ACCOUNT, NOW, SETTINGS)


def test_a_new_session_is_active_and_has_its_token_only() -> None:
    assert sessions.is_active(OPENED.session, ACCOUNT, NOW, SETTINGS)
    assert sessions.has_token(OPENED.session, OPENED.token)
    assert not sessions.has_token(OPENED.session, OPENED.token + "x")


@pytest.mark.parametrize(
    "changed",
    [
        {"disabled": True},
        {"generation": 1},
        {"id": facts.account_id("wang")},
        {"created_at": NOW + timedelta(seconds=1)},
    ],
)
def test_a_session_ends_with_its_account(changed: dict[str, Any]) -> None:
    account = ACCOUNT.model_copy(update=changed)
    assert not sessions.is_active(OPENED.session, account, NOW, SETTINGS)


@pytest.mark.parametrize(
    "later",
    [
        timedelta(minutes=SETTINGS.session_idle_minutes),
        timedelta(hours=SETTINGS.session_hours),
    ],
)
def test_a_session_ends_when_it_idles_or_expires(later: timedelta) -> None:
    assert not sessions.is_active(OPENED.session, ACCOUNT, NOW + later, SETTINGS)


def test_an_ended_session_stays_ended_when_it_is_used() -> None:
    ended = sessions.ended_session(OPENED.session)
    used = sessions.touched_session(ended, NOW + timedelta(hours=1))
    assert used == ended
    assert not sessions.is_active(used, ACCOUNT, NOW, SETTINGS)


def test_a_new_password_ends_the_sessions_of_its_account() -> None:
    for account in (with_password(ACCOUNT, "hash"), with_sessions_ended(ACCOUNT)):
        assert not sessions.is_active(OPENED.session, account, NOW, SETTINGS)
