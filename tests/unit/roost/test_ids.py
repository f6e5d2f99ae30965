"""Ids are keyed with the county's key: a roster number cannot be found from an id."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mappings.rule_reading import identity_reference
from roost import ids
from roost.contact.addresses import address_key
from roost.events.preferences import ChannelKind
from roost.ids import IdKey, IdKeyError
from roost.security.county_key import id_key

ROOT = Path(__file__).parents[3]
COUNTY, OTHER = id_key(b"county" * 6), id_key(b"another county" * 3)
PARTS = st.lists(st.text(), min_size=1, max_size=3)


def unkeyed(*parts: str) -> str:
    """Return the digest that releases before keyed ids wrote, which anybody can compute."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


@given(st.sampled_from("woeubnarth"), PARTS)
def test_an_id_is_not_the_hash_of_its_parts(kind: str, parts: list[str]) -> None:
    with ids.installed(COUNTY):
        made = ids.derive(kind, *parts)

    assert re.fullmatch(f"{kind}-[a-z2-7]{{26}}", made)
    assert unkeyed(*parts) not in made


@given(PARTS)
def test_another_countys_key_gives_other_ids(parts: list[str]) -> None:
    with ids.installed(COUNTY):
        ours = ids.derive("w", *parts)
    with ids.installed(OTHER):
        theirs = ids.derive("w", *parts)

    assert ours != theirs


@given(PARTS)
def test_an_id_of_one_kind_does_not_tell_that_of_another_kind(parts: list[str]) -> None:
    with ids.installed(COUNTY):
        assert ids.derive("w", *parts)[2:] != ids.derive("o", *parts)[2:]


def test_a_roster_number_cannot_be_found_from_a_match_id_by_trying_all_of_them() -> None:
    with ids.installed(COUNTY):
        match = ids.match_id(ids.opening_id("api/e", "1"), ids.worker_id("roster", "1042"))

    guesses = {unkeyed("roster", str(number)) for number in range(2_000)}
    assert not guesses & set(match[2:].split("."))


def test_an_address_key_is_keyed() -> None:
    with ids.installed(COUNTY):
        key = address_key(ChannelKind.SMS, "13800138000")

    assert key != f"c-{unkeyed('sms', '13800138000')}"


def test_a_stations_id_derives_from_its_public_code_alone() -> None:
    with ids.installed(None):
        assert ids.station_id("lin-bei") == f"s-{unkeyed('lin-bei')}"


@pytest.mark.parametrize(
    "derive",
    [
        lambda: ids.worker_id("roster", "1"),
        lambda: ids.opening_id("api/e", "1"),
        lambda: ids.employer_id("建筑公司"),
        lambda: ids.nobody("m-x"),
        lambda: address_key(ChannelKind.SMS, "13800138000"),
    ],
)
def test_without_a_key_no_id_is_derived(derive: object) -> None:
    with ids.installed(None), pytest.raises(IdKeyError, match="No county key was installed"):
        derive()  # type: ignore[operator]


def test_a_process_never_changes_its_key() -> None:
    with ids.installed(None):
        ids.install(COUNTY)
        ids.install(COUNTY)
        with pytest.raises(IdKeyError, match="another county key"):
            ids.install(OTHER)


def test_every_process_derives_the_same_id() -> None:
    code = (
        "from roost import ids; from roost.security.county_key import id_key;"
        "ids.install(id_key(b'county' * 6)); print(ids.worker_id('roster', '1'))"
    )
    with ids.installed(COUNTY):
        ours = ids.worker_id("roster", "1")

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ours


def test_the_fingerprint_tells_keys_apart_and_holds_no_part_of_them() -> None:
    assert COUNTY.fingerprint() != OTHER.fingerprint()
    assert COUNTY.fingerprint() not in COUNTY.secret.hex()


def test_a_key_is_not_printed() -> None:
    assert COUNTY.secret.hex() not in repr(COUNTY)
    assert repr(COUNTY.secret) not in repr(COUNTY)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        IdKey(b"a" * 7)


def test_no_unkeyed_hash_of_an_identity_number_is_ever_written() -> None:
    number = "11010519491231002X"
    with ids.installed(ids.UNKEYED), pytest.raises(IdKeyError, match="migrate-ids"):
        identity_reference(number)
    with ids.installed(COUNTY):
        assert identity_reference(number)[2:] != unkeyed(number)
