"""Stop links cannot be guessed, and all spellings of an address find their owner."""

from __future__ import annotations

import pytest

from roost import ids
from roost.contact import stop_links
from roost.contact.addresses import address_key, normal_address
from roost.errors import Invalid
from roost.events.preferences import ChannelKind

KEY = b"k" * 32
WORKER = ids.worker_id("test", "1")
EMPLOYER = ids.employer_key("test")
EITHER = pytest.mark.parametrize("recipient", [WORKER, EMPLOYER])


@EITHER
def test_a_token_gives_its_recipient_back_and_is_always_the_same(recipient: str) -> None:
    token = stop_links.stop_token(KEY, recipient)
    assert stop_links.recipient_of(KEY, token) == recipient
    assert stop_links.stop_token(KEY, recipient) == token


def test_a_token_of_a_worker_and_of_an_employer_with_the_same_letters_differ() -> None:
    signature = stop_links.stop_token(KEY, EMPLOYER).partition(".")[2]
    with pytest.raises(Invalid):
        stop_links.recipient_of(KEY, f"{EMPLOYER[2:]}.{signature}")
    with pytest.raises(Invalid):
        stop_links.recipient_of(KEY, f"e-{stop_links.stop_token(KEY, WORKER)}")


def test_a_token_needs_no_escaping_in_a_url() -> None:
    for number in range(50):
        token = stop_links.stop_token(KEY, ids.worker_id("test", str(number)))
        assert set(token) <= set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
        )


@EITHER
def test_every_changed_letter_makes_it_nobodys(recipient: str) -> None:
    token = stop_links.stop_token(KEY, recipient)
    for at, letter in enumerate(token):
        other = "b" if letter != "b" else "c"
        with pytest.raises(Invalid):
            stop_links.recipient_of(KEY, token[:at] + other + token[at + 1 :])


@pytest.mark.parametrize("token", ["", ".", "a" * 26, WORKER, "x" * 5_000, "退订", "a\x00b"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Invalid):
        stop_links.recipient_of(KEY, token)


def test_another_countys_link_does_not_stop_ours() -> None:
    with pytest.raises(Invalid):
        stop_links.recipient_of(KEY, stop_links.stop_token(b"o" * 32, WORKER))


def test_a_slash_at_the_end_of_the_public_address_makes_no_difference() -> None:
    with_slash = stop_links.stop_url("https://jobs.example.cn/", KEY, WORKER)
    assert with_slash == stop_links.stop_url("https://jobs.example.cn", KEY, WORKER)
    assert with_slash.startswith("https://jobs.example.cn/v1/stop/")


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+86-13800138000",
        "0086 13800138000",
        "8613800138000",
        "＋８６１３８００１３８０００",
    ],
)
def test_a_chinese_number_is_one_however_it_is_written(written: str) -> None:
    assert normal_address(ChannelKind.SMS, written) == "13800138000"
    assert address_key(ChannelKind.SMS, written) == address_key(ChannelKind.SMS, "13800138000")


def test_a_number_of_another_country_keeps_its_code() -> None:
    assert normal_address(ChannelKind.SMS, "001 (212) 555-0100") == "+12125550100"
    assert normal_address(ChannelKind.SMS, "+1 212 555 0100") == "+12125550100"


def test_mail_is_the_same_in_any_case_but_an_account_is_not() -> None:
    assert normal_address(ChannelKind.EMAIL, " Li@Example.CN ") == "li@example.cn"
    assert normal_address(ChannelKind.WECOM, "Li") == "Li"


def test_one_text_on_two_channels_is_two_addresses_and_none_is_readable() -> None:
    keys = {address_key(channel, "13800138000") for channel in ChannelKind}
    assert len(keys) == len(ChannelKind)
    assert not any("138" in key and "8000" in key for key in keys)
