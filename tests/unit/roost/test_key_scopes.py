"""Scopes of keys from before `replies:forward`: gateways go on, and write as a station no more."""

from __future__ import annotations

from typing import Any

import pytest

from producers import identity_facts
from roost.events.account import AccountRole as R
from roost.events.account import ApiKey, Holder
from roost.events.account import Permission as P
from roost.rules.key_scopes import scopes_in_force
from tests.unit.api.builders import NOW

STATION = "s-" + "a" * 26


def made(role: R, *scopes: P, **confined: Any) -> ApiKey:
    return identity_facts.key_made(Holder(role=role, **confined), "gateway", scopes, at=NOW)[0]


def former(key: ApiKey) -> ApiKey:
    """Return the key as an earlier release has stored it."""
    stored = {name: value for name, value in key.to_dict().items() if name != "namesForwarding"}
    return ApiKey.from_stored(stored)


@pytest.mark.parametrize(
    ("key", "in_force"),
    [
        (made(R.ASSOCIATION, P.INBOX_WRITE), {P.REPLIES_FORWARD}),
        (made(R.ADMIN, P.INBOX_WRITE), {P.REPLIES_FORWARD}),
        (
            made(R.ADMIN, P.INBOX_WRITE, P.INBOX_READ),
            {P.INBOX_WRITE, P.INBOX_READ, P.REPLIES_FORWARD},
        ),
        (made(R.ADMIN, P.OPENINGS_READ), {P.OPENINGS_READ}),
        (made(R.ADMIN), set()),
        (made(R.CLERK, P.INBOX_WRITE, station_ids=(STATION,)), {P.INBOX_WRITE}),
    ],
)
def test_a_gateways_key_of_an_earlier_release_forwards_replies(
    key: ApiKey, in_force: set[P]
) -> None:
    assert set(scopes_in_force(former(key))) == in_force


@pytest.mark.parametrize(
    "scopes", [(P.INBOX_WRITE,), (P.REPLIES_FORWARD,), (P.INBOX_WRITE, P.INBOX_READ)]
)
def test_a_new_key_has_the_scopes_that_it_names(scopes: tuple[P, ...]) -> None:
    assert set(scopes_in_force(made(R.ADMIN, *scopes))) == set(scopes)


def test_a_rotation_keeps_the_scopes_in_force() -> None:
    key = former(made(R.ADMIN, P.INBOX_WRITE))
    rotated, _, _ = identity_facts.key_rotated(key, at=NOW, days=1, grace=NOW - NOW)
    assert scopes_in_force(rotated) == scopes_in_force(key)
