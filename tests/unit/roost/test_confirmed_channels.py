"""Which addresses count as confirmed after an edit, and which of them a message may use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.contact.address_codes import address_code, is_address_code
from roost.contact.confirmed_channels import (
    MOST_CHANNELS,
    awaiting_confirmation,
    reachable_channels,
    settled_channels,
    with_confirmed,
)
from roost.errors import Invalid
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.rules.profile_fields import Writer
from tests.unit.api.builders import NOW, WORKER

KEY = b"k" * 32
A, B, C = ("+8613800138000", "+8613900139000", "+8613700137000")
MAIL = "li.na@example.com"
INBOX = Channel(kind=ChannelKind.INBOX)


def sms(address: str, confirmed: bool = True) -> Channel:
    return Channel(kind=ChannelKind.SMS, address=address, confirmed=confirmed)


def mail(address: str = MAIL, confirmed: bool = True) -> Channel:
    return Channel(kind=ChannelKind.EMAIL, address=address, confirmed=confirmed)


W, S, R = Writer.WORKER, Writer.STATION, Writer.ROSTER


@pytest.mark.parametrize(
    ("writer", "given", "stored", "expected"),
    [
        (W, [sms(A)], [], [sms(A, False)]),
        (S, [sms(A)], [], [sms(A)]),
        (R, [sms(A)], [], [sms(A)]),
        (W, [sms(A)], [sms(A)], [sms(A)]),
        (W, [sms(B)], [sms(A)], [sms(A), sms(B, False)]),
        (S, [sms(B)], [sms(A)], [sms(B)]),
        (S, [sms(B)], [sms(A), sms(B, False)], [sms(A), sms(B, False)]),
        (R, [sms(B)], [sms(B, False)], [sms(B, False)]),
        (W, [], [sms(A), sms(B, False)], []),
        (W, [sms(A)], [sms(A), sms(B, False)], [sms(A)]),
        (W, [sms(C)], [sms(A), sms(B, False)], [sms(A), sms(C, False)]),
        (W, [mail()], [sms(A)], [mail(confirmed=False)]),
        (
            W,
            [INBOX, mail(), sms(B)],
            [sms(A)],
            [INBOX, mail(confirmed=False), sms(A), sms(B, False)],
        ),
        (W, [sms(A), sms(B)], [sms(A)], [sms(A), sms(B, False)]),
        (W, [INBOX], [], [INBOX]),
        (W, [sms(A)], [sms("138 0013 8000")], [sms(A)]),
    ],
)
def test_the_writer_and_the_stored_addresses_decide(
    writer: Writer, given: list[Channel], stored: list[Channel], expected: list[Channel]
) -> None:
    assert list(settled_channels(writer, given, stored)) == expected


@pytest.mark.parametrize("said", [True, False])
def test_what_a_request_says_of_confirmation_counts_nothing(said: bool) -> None:
    assert settled_channels(W, [sms(A, said)], []) == (sms(A, False),)
    assert settled_channels(S, [sms(A, said)], []) == (sms(A),)


def test_an_address_in_use_is_not_pushed_out_by_the_limit() -> None:
    many = [mail(f"li{number}@example.com") for number in range(MOST_CHANNELS - 1)] + [sms(B)]
    with pytest.raises(Invalid, match="channels"):
        settled_channels(W, many, [sms(A)])


def test_a_confirmed_address_replaces_those_before_it_of_its_kind_alone() -> None:
    before = (mail(), sms(A), sms(B, False), sms(C, False))
    assert with_confirmed(before, sms(B, False)) == (mail(), sms(B), sms(C, False))


addresses = st.sampled_from([A, B, C])
edits = st.one_of(
    st.tuples(st.sampled_from([W, S, R]), st.lists(addresses, max_size=3, unique=True)),
    st.tuples(st.none(), st.just([])),
)


@given(st.lists(edits, max_size=12))
def test_no_sequence_of_edits_confirms_an_address_that_only_the_worker_entered(
    sequence: list[tuple[Writer | None, list[str]]],
) -> None:
    channels: tuple[Channel, ...] = ()
    proved: set[str] = set()
    for writer, entered in sequence:
        before = {each.address for each in channels}
        if writer is None:
            waiting = awaiting_confirmation(channels, ChannelKind.SMS)
            if waiting is not None:
                channels = with_confirmed(channels, waiting)
                proved.add(waiting.address)
        else:
            channels = settled_channels(writer, [sms(each) for each in entered], channels)
            if writer is not W:
                proved |= set(entered) - before
        in_use = {each.address for each in reachable_channels(channels)}
        assert in_use <= proved
        proved &= {each.address for each in channels}


@given(st.lists(addresses, min_size=1, max_size=3, unique=True))
def test_new_addresses_of_a_kind_leave_the_worker_reachable_on_it(entered: list[str]) -> None:
    stored = [sms("+8613600136000")]
    after = settled_channels(W, [sms(each) for each in entered], stored)
    assert reachable_channels(after) == tuple(stored)


def test_a_code_is_of_one_worker_one_address_and_one_issue() -> None:
    code = address_code(KEY, WORKER, sms(A), NOW)
    assert len(code) == 6
    assert code.isdigit()
    assert is_address_code(KEY, WORKER, sms(A), NOW, f" {code[:3]} {code[3:]} ")
    others = [
        (KEY, WORKER, sms(B), NOW),
        (KEY, "w-" + "a" * 26, sms(A), NOW),
        (KEY, WORKER, sms(A), NOW + timedelta(seconds=1)),
        (b"j" * 32, WORKER, sms(A), NOW),
    ]
    for other in others:
        assert not is_address_code(*other, code)


@given(st.text(max_size=12))
def test_any_text_may_be_typed(typed: str) -> None:
    is_right = "".join(typed.split()) == address_code(KEY, WORKER, sms(A), NOW)
    assert is_address_code(KEY, WORKER, sms(A), NOW, typed) == is_right
