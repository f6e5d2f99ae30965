"""Limits of failed sign-ins: by network, by login, by known browser; nobody can lock an account."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.access.password_throttle import MOST_WAITING, ThrottledPasswords
from api.access.refusals import TooManyTries
from roost.security.networks import network_of, site_of

ADMIN = "admin"


async def fails(
    throttle: ThrottledPasswords, login: str, host: str, known: str | None = None
) -> bool:
    """Fail once; return whether the attempt was admitted."""
    try:
        async with throttle.attempt(login, host, known) as attempt:
            attempt.failed()
    except TooManyTries:
        return False
    return True


async def admitted(
    throttle: ThrottledPasswords, login: str, host: str, known: str | None = None
) -> bool:
    try:
        async with throttle.attempt(login, host, known):
            return True
    except TooManyTries:
        return False


async def test_one_ipv6_network_counts_as_one_address() -> None:
    throttle = ThrottledPasswords()
    tried = [
        await fails(throttle, f"login{number}", f"2001:db8:1:2::{number:x}")
        for number in range(400)
    ]
    assert sum(tried) == 100


async def test_the_networks_of_one_ipv6_site_are_counted_together() -> None:
    throttle = ThrottledPasswords()
    tried = [
        await fails(throttle, f"login{number}", f"2001:db8:1:{number:x}::1")
        for number in range(1_100)
    ]
    assert sum(tried) == 1_000
    assert await admitted(throttle, "other", "2001:db8:2::1")


@pytest.mark.parametrize(
    "other",
    [
        "::ffff:203.0.113.7",
        "64:ff9b::203.0.113.7",
        "2002:cb00:7107::1",
        "203.0.113.7",
        "203.0.113.7:50123",
        "[::ffff:203.0.113.7]:50123",
    ],
)
async def test_an_ipv4_address_counts_as_itself_however_it_is_written(other: str) -> None:
    throttle = ThrottledPasswords()
    for _ in range(5):
        assert await fails(throttle, ADMIN, "203.0.113.7")
    assert not await admitted(throttle, ADMIN, other)
    assert await admitted(throttle, ADMIN, "::ffff:203.0.113.8")


async def test_failures_from_everywhere_do_not_lock_a_login_for_anybody() -> None:
    throttle = ThrottledPasswords()
    for number in range(500):
        await fails(throttle, ADMIN, f"198.51.{number // 250}.{number % 250}")
    assert await admitted(throttle, ADMIN, "203.0.113.7"), "a network that has not failed"
    assert await admitted(throttle, ADMIN, "198.51.100.1", "browser"), "a known browser"


async def test_a_login_that_is_being_guessed_leaves_each_network_one_failure() -> None:
    throttle = ThrottledPasswords()
    for number in range(30):
        await fails(throttle, ADMIN, f"198.51.100.{number}")
    assert await fails(throttle, ADMIN, "203.0.113.7")
    assert not await fails(throttle, ADMIN, "203.0.113.7")
    assert await admitted(throttle, "another", "203.0.113.7"), "other logins are not affected"


async def test_strangers_in_the_same_network_do_not_lock_out_a_known_browser() -> None:
    throttle = ThrottledPasswords()
    for number in range(200):
        await fails(throttle, f"login{number % 20}", "203.0.113.7")
        await fails(throttle, ADMIN, "203.0.113.7")
    assert not await admitted(throttle, ADMIN, "203.0.113.7")
    assert await admitted(throttle, ADMIN, "203.0.113.7", "browser")


async def test_a_known_browser_has_limits_too() -> None:
    throttle = ThrottledPasswords()
    tried = [await fails(throttle, ADMIN, f"203.0.113.{number}", "browser") for number in range(9)]
    assert sum(tried) == 5


async def test_second_factors_cannot_be_guessed_from_many_networks() -> None:
    throttle = ThrottledPasswords()
    tried = 0
    for number in range(50):
        async with throttle.attempt(ADMIN, f"198.51.100.{number}") as attempt:
            try:
                attempt.check_factor()
            except TooManyTries:
                continue
            attempt.factor_failed()
            tried += 1
    assert tried == 10


async def test_strangers_who_wait_for_a_check_are_bounded_and_delay_no_known_browser() -> None:
    import asyncio

    throttle = ThrottledPasswords()
    leave = asyncio.Event()

    async def waits(number: int) -> str:
        try:
            async with throttle.attempt(f"login{number}", f"2001:db8:{number:x}::1"):
                await leave.wait()
        except TooManyTries as error:
            return error.cause
        return "admitted"

    waiting = [asyncio.create_task(waits(number)) for number in range(MOST_WAITING + 50)]
    await asyncio.sleep(0)
    assert await admitted(throttle, ADMIN, "203.0.113.7", "browser")
    leave.set()
    outcomes = await asyncio.gather(*waiting)
    assert outcomes.count("queue") >= 48
    assert outcomes.count("admitted") >= MOST_WAITING


@given(st.ip_addresses(v=6))
@settings(max_examples=200, deadline=None)
def test_every_ipv6_address_lies_in_its_network_and_site(address: object) -> None:
    import ipaddress

    network, site = network_of(str(address)), site_of(str(address))
    if "/" not in network:  # it carries an IPv4 address
        assert network == site == str(ipaddress.IPv4Address(network))
        return
    assert address in ipaddress.ip_network(network)
    assert ipaddress.ip_network(network).subnet_of(ipaddress.ip_network(site))  # type: ignore[arg-type]


@given(st.text(max_size=50))
def test_any_text_has_a_network(text: str) -> None:
    assert network_of(text)
