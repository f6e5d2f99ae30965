"""The sessions of an account that are in force: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from api.ports.services import Services
from roost.events.account import Account
from roost.events.session import Session


def mine(all: Iterable[Session], account: Account, given: Services) -> list[Session]:
    """Those that a browser could go on with, the last used first."""
    now, idle = given.clock.now(), timedelta(minutes=given.settings.session_idle_minutes)
    open_ones = [
        each
        for each in all
        if each.account_id == account.id
        and not each.ended
        and each.generation == account.generation
        and now < each.expires_at
        and now < each.seen_at + idle
    ]
    return sorted(open_ones, key=lambda each: each.seen_at, reverse=True)
