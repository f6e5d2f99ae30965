from __future__ import annotations

import pytest

from roost.errors import Invalid
from roost.security import passwords


def test_a_password_is_verified_by_its_hash_alone() -> None:
    hash = passwords.hashed("four words of mine")
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert "four words" not in hash
    assert passwords.verified(hash, "four words of mine")
    assert not passwords.verified(hash, "four words of yours")
    assert not passwords.outdated(hash)


def test_different_keyboards_write_the_same_password() -> None:
    assert passwords.verified(passwords.hashed("ｆullwidth words é"), "fullwidth words é")


def test_without_a_hash_nothing_is_right_and_it_takes_the_same_work() -> None:
    assert not passwords.verified(None, "anything at all")
    assert not passwords.verified("not a hash", "anything at all")
    assert not passwords.outdated(passwords.NOBODYS), "it has the parameters of the others"


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "aaaaaaaaaaaaaaa",
        "abababababab",
        "1234567890123",
        "abcdefghijkl",
        "password123",
        "PASSWORD123",
        "lina-lina1",
        "roostroost",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="password"):
        passwords.check_rules(password, "lina", "李娜")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "梧桐更兼细雨到黄昏点点滴滴",
        "vHqT9-kd82m",
        "all lower case letters",
    ],
)
def test_length_is_what_is_asked_for_and_no_mixture(password: str) -> None:
    passwords.check_rules(password, "lina", "李娜")


def test_a_one_time_password_meets_the_rules_and_never_repeats() -> None:
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        passwords.check_rules(each)
