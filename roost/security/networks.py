"""Networks that requests are counted by: an IPv4 address, or an IPv6 /64.

A household or a device receives a whole /64 (RFC 6177), so its single addresses identify nobody.
IPv6 addresses that carry an IPv4 address count as that address.
"""

from __future__ import annotations

import ipaddress
import re

CARRIES_IPV4 = ipaddress.IPv6Network("64:ff9b::/96")
"""Prefix of addresses translated by a network (NAT64, RFC 6052)."""
HOUSEHOLD_BITS, SITE_BITS = 64, 48
UNKNOWN = "?"
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")
"""Address with a port, as some proxies write it into X-Forwarded-For."""


def network_of(host: str) -> str:
    """Return the network of an address; a text that is no address is returned unchanged."""
    return _network(host, HOUSEHOLD_BITS)


def site_of(host: str) -> str:
    """Return the largest network that one customer usually holds: an IPv4 address, or a /48."""
    return _network(host, SITE_BITS)


def _network(host: str, bits: int) -> str:
    if with_port := _WITH_PORT.fullmatch(host):
        host = with_port[1] or with_port[2]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host or UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        carried = carried_ipv4(address)
        if carried is None:
            return str(ipaddress.ip_network((int(address), bits), strict=False))
        address = carried
    return str(address)


def carried_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address carries (RFC 4291, RFC 3056, RFC 6052)."""
    if address in CARRIES_IPV4:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
