"""Codes and links of a sign-in by telephone."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from roost.contact.address_codes import VALID_FOR, address_code
from roost.contact.sign_in_codes import (
    LINK_PATH,
    is_sign_in_code,
    opened_link,
    sign_in_code,
    sign_in_link,
    sign_in_telephone,
    telephone_mark,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from tests.unit.api.builders import NOW

KEY, OTHER = b"k" * 32, b"o" * 32
NUMBER = "+8613800138000"
numbers = st.from_regex(r"\+[1-9][0-9]{6,13}", fullmatch=True)
seconds = st.integers(0, 10**6).map(lambda each: timedelta(seconds=each))


@given(numbers, seconds)
def test_a_code_has_six_digits_and_belongs_to_number_time_and_county(
    number: str, later: timedelta
) -> None:
    code = sign_in_code(KEY, number, NOW + later)
    assert len(code) == 6
    assert code.isdecimal()
    assert is_sign_in_code(KEY, number, NOW + later, f" {code[:3]} {code[3:]} ")
    assert not is_sign_in_code(KEY, number, NOW + later, "")
    assert telephone_mark(KEY, number) != telephone_mark(OTHER, number)


def test_it_is_another_code_than_the_one_that_confirms_the_address() -> None:
    channel = Channel(kind=ChannelKind.SMS, address=NUMBER)
    assert sign_in_code(KEY, NUMBER, NOW) != address_code(KEY, "w-" + "a" * 26, channel, NOW)


@given(numbers, seconds)
def test_a_link_holds_number_and_code_and_shows_neither(number: str, later: timedelta) -> None:
    link = sign_in_link("https://roost.example/", KEY, number, NOW + later)
    assert link.startswith(f"https://roost.example{LINK_PATH}/")
    token = link.rpartition("/")[2]
    code = sign_in_code(KEY, number, NOW + later)
    assert number[1:] not in link
    assert opened_link(KEY, token, NOW + later) == (number, code)
    assert opened_link(KEY, token, NOW + later + VALID_FOR) is None
    assert opened_link(OTHER, token, NOW + later) is None


@given(st.text(max_size=200))
def test_no_other_text_opens(text: str) -> None:
    assert opened_link(KEY, text, NOW) is None


def test_the_telephone_is_the_first_confirmed_one() -> None:
    sms, email = ChannelKind.SMS, ChannelKind.EMAIL
    channels = (
        Channel(kind=email, address="a@example.org"),
        Channel(kind=sms, address="+8613700137000", confirmed=False),
        Channel(kind=sms, address=NUMBER),
        Channel(kind=sms, address="+8613900139000"),
    )
    assert sign_in_telephone(channels) == NUMBER
    assert sign_in_telephone(channels[:2]) is None
