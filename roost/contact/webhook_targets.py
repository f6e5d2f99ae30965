"""Permitted targets of webhooks: the public internet only, so that none reaches our own network.

A URL is checked when it is registered, which catches mistakes. The decisive check is of the IP
address to which its name resolves when a message is sent: `is_public`.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

import idna

from roost.errors import FieldError, Invalid
from roost.security.networks import carried_ipv4

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]+")
"""A host name in ASCII (an international one as punycode), or an IP address."""
MOST_OF_LABEL, MOST_OF_NAME = 63, 253
METADATA = tuple(
    map(
        ipaddress.ip_network,
        ("168.63.129.16/32", "192.0.0.0/24", "fd00:ec2::/32", "fd20:ce::/32"),
    )
)
"""Addresses outside link-local networks at which clouds answer with a machine's credentials: Azure,
Oracle, AWS and Google. Nothing is ever sent there."""
UNASSIGNED = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "3fff::/20")))
"""Networks that no receiver has: relays of 6to4 (RFC 7526), documentation (RFC 9637)."""
PRIVATE_ENDINGS = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")


def is_public(address: str) -> bool:
    """Return whether an IP address, and any IPv4 address embedded in it, is public."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (inner := carried_ipv4(ip)) is not None:
        return _is_public(inner)
    return _is_public(ip)


INTERNAL = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""Networks that an administrator may allow a webhook to reach; never loopback or link-local, where
the host's own services and a cloud's metadata answer."""


def is_internal(address: str) -> bool:
    """Return whether an IP address is public, or in a private network that may be allowed."""
    if is_public(address):
        return True
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    ip = carried_ipv4(ip) or ip if isinstance(ip, IPv6Address) else ip
    return _lies_in(ip, INTERNAL) and not _lies_in(ip, METADATA)


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a URL, to which a permission is bound."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}"


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    # Shared space (100.64.0.0/10) is neither private nor global; Teredo is not global.
    return ip.is_global and not (
        _lies_in(ip, METADATA)
        or _lies_in(ip, UNASSIGNED)
        or ip.is_private
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_multicast
        or ip.is_reserved
        or ip.is_unspecified
        or (isinstance(ip, IPv6Address) and ip.is_site_local)
    )


def _lies_in(ip: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(ip.version == each.version and ip in each for each in networks)


def check_url(url: str, may_be_private: bool) -> None:
    """Raise Invalid, with the remedy, for a URL to which no message would be sent."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("is not a URL; write one such as https://example.com/hook", _NOT_URL) from None
    if not parts.hostname or port == 0 or any(mark <= " " or mark in "\\\x7f" for mark in url):
        raise _wrong("is not a URL; write one such as https://example.com/hook", _NOT_URL)
    if not _HOST.fullmatch(parts.hostname) or not _is_name(parts.hostname):
        raise _wrong("must have a plain host name, such as example.com", "域名格式不正确")
    if parts.scheme != "https" and not (may_be_private and parts.scheme == "http"):
        raise _wrong("must begin with https://", "必须以 https:// 开头")
    if "@" in parts.netloc:
        raise _wrong(
            "must not contain a user name or password; verify the sender by the signature",
            "不能包含用户名或密码，请用签名核实来源",
        )
    if not may_be_private and not _looks_public(parts):
        raise _wrong(
            "must lead to the public internet; write a public host name",
            "必须能从公共互联网访问，请填写公网域名",
        )


def check_internal_url(url: str) -> None:
    """Raise Invalid for a URL that `check_url` refuses, or that no permission opens.

    A name is judged when a message is sent, by its addresses.
    """
    check_url(url, may_be_private=True)
    host = (urlsplit(url).hostname or "").rstrip(".")
    address = _literal_address(host)
    is_local = host == "localhost" or host.endswith(".localhost")
    if is_local or (address is not None and not is_internal(address)):
        raise _wrong(
            "must lead to a private network such as 10.0.0.0/8, or to the public internet; nothing "
            "is sent to this machine, to link-local addresses or to cloud metadata",
            "必须指向内网（如 10.0.0.0/8）或公网地址，不能是本机、链路本地或云元数据地址",
        )


def _literal_address(host: str) -> str | None:
    """Return the IP address that a host is, in any spelling that resolvers read; None for a name.

    2130706433, 0x7f.1 and the like are read as 127.0.0.1.
    """
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


_NOT_URL = "不是有效的网址，例如 https://example.com/hook"


def _is_name(host: str) -> bool:
    """Return whether a resolver can be asked for a host name, and IDNA 2008 permits its labels.

    Labels have 1 to 63 characters, all together 253 (RFC 1035), and no hyphen at either end; IDNA
    forbids emoji. A final dot is allowed.
    """
    labels = host.removesuffix(".").split(".")
    if len(host.removesuffix(".")) > MOST_OF_NAME or not all(map(_is_label, labels)):
        return False
    try:
        return "xn--" not in host or bool(idna.decode(host))
    except UnicodeError:
        return False


def _is_label(label: str) -> bool:
    return 0 < len(label) <= MOST_OF_LABEL and not (label.startswith("-") or label.endswith("-"))


def _looks_public(parts: SplitResult) -> bool:
    host = (parts.hostname or "").rstrip(".")
    if (address := _literal_address(host)) is not None:
        return is_public(address)
    private = any(host == end or host.endswith(f".{end}") for end in PRIVATE_ENDINGS)
    return "." in host and not private


def _wrong(message: str, message_zh: str) -> Invalid:
    return Invalid(
        f"url: {message}", f"url：{message_zh}", fields=(FieldError("url", message, message_zh),)
    )
