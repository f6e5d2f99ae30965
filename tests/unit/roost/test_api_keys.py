from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producers import identity_facts as facts
from roost.errors import Invalid
from roost.events.account import AccountRole, Holder, Permission
from roost.events.envelope import value_of
from roost.security import api_keys

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ADMIN = Holder(role=AccountRole.ADMIN)


def test_a_key_is_parsed_into_its_id_and_the_hash_of_its_secret() -> None:
    key, record, text = facts.key_made(ADMIN, "ops", at=NOW)
    assert api_keys.parse_key(text) == (key.id, key.secret_hash)
    secret = text.rsplit("_", 1)[-1] if text.count("_") == 2 else text[30:]
    assert secret.encode() not in value_of(record)
    assert len(text) == len("rk_") + 26 + 1 + 43


@pytest.mark.parametrize("text", ["", "rk_", "rk_abc_def", "x" * 5_000, "rk_" + "a" * 70, "令牌"])
def test_what_is_no_key_is_none(text: str) -> None:
    assert api_keys.parse_key(text) is None


def test_a_key_is_in_force_until_it_expires_and_for_its_own_secret_only() -> None:
    key, _, _ = facts.key_made(ADMIN, "ops", at=NOW, days=30)
    assert api_keys.in_force(key, key.secret_hash, NOW + timedelta(days=29))
    assert not api_keys.in_force(key, key.secret_hash, NOW + timedelta(days=30))
    assert not api_keys.in_force(key, api_keys.hash_of("another"), NOW)


def test_after_a_rotation_the_former_secret_has_its_grace() -> None:
    key, _, _ = facts.key_made(ADMIN, "ops", at=NOW)
    turned, _, text = facts.key_rotated(key, at=NOW, days=90, grace=timedelta(hours=2))
    former = key.secret_hash
    assert api_keys.parse_key(text) == (key.id, turned.secret_hash)
    assert api_keys.in_force(turned, turned.secret_hash, NOW)
    assert api_keys.in_force(turned, former, NOW + timedelta(hours=1))
    assert not api_keys.in_force(turned, former, NOW + timedelta(hours=2))


def test_a_rotation_does_not_bring_an_expired_secret_back() -> None:
    key, _, _ = facts.key_made(ADMIN, "ops", at=NOW, days=1)
    late = NOW + timedelta(days=2)
    turned, _, _ = facts.key_rotated(key, at=late, days=90, grace=timedelta(days=7))
    assert not api_keys.in_force(turned, key.secret_hash, late)


@pytest.mark.parametrize("days", [0, 366])
def test_a_key_lives_a_year_at_most(days: int) -> None:
    with pytest.raises(Invalid, match="days"):
        facts.key_made(ADMIN, "ops", at=NOW, days=days)


def test_scopes_are_kept() -> None:
    key, _, _ = facts.key_made(ADMIN, "ops", [Permission.OPENINGS_READ], at=NOW)
    assert key.scopes == (Permission.OPENINGS_READ,)
