"""A webhook leads to the public internet only."""

from __future__ import annotations

import pytest

from roost.contact.webhook_targets import check_internal_url, check_url, is_internal, is_public
from roost.errors import Invalid


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.215.14",
        "2606:4700:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:db8::1",
        "no address",
    ],
)
def test_all_others_are_not_nor_those_that_lead_there(address: str) -> None:
    assert not is_public(address)


def test_a_url_of_the_public_internet_is_taken_on_any_port() -> None:
    for url in ("https://example.com/hook?x=1", "https://hr.example.cn:8443/", "https://1.1.1.1/"):
        check_url(url, may_be_private=False)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/", "https"),
        ("ftp://example.com/", "https"),
        ("https://user:hush@example.com/", "user name"),
        ("https://@example.com/", "user name"),
        ("https://localhost/", "public internet"),
        ("https://api.localhost./", "public internet"),
        ("https://kafka:9092/", "public internet"),
        ("https://metadata.google.internal/", "public internet"),
        ("https://169.254.169.254/latest", "public internet"),
        ("https://2130706433/", "public internet"),
        ("https://0x7f.1/", "public internet"),
        ("https://0177.0.0.1/", "public internet"),
        ("https://[::1]/", "public internet"),
        ("https://[::ffff:10.0.0.1]/", "public internet"),
        ("https:///hook", "not a URL"),
        ("https://example.com:0/", "not a URL"),
        ("https://example.com:99999/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://example.com\\@127.0.0.1/", "not a URL"),
        ("https://example.com/\r\nhost: x", "not a URL"),
        ("", "not a URL"),
    ],
)
def test_a_url_to_which_nothing_would_be_sent_is_refused_in_both_languages(
    url: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        check_url(url, may_be_private=False)
    (field,) = refused.value.fields
    assert field.field == "url"
    assert field.message_zh
    assert field.message_zh != field.message
    assert "hush" not in f"{refused.value.message}{refused.value.message_zh}"


def test_what_may_be_private_may_be_plain_http_but_holds_no_password() -> None:
    check_url("http://127.0.0.1:8080/hook", may_be_private=True)
    for url in ("http://user:hush@127.0.0.1/", "ftp://127.0.0.1/"):
        with pytest.raises(Invalid):
            check_url(url, may_be_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:168.63.129.16",
        "64:ff9b::a83f:8110",
        "2002:c000:c0::1",
        "3fff::1",
        "192.88.99.1",
    ],
)
def test_no_permission_reaches_the_credentials_of_a_cloud(address: str) -> None:
    assert not is_public(address)
    assert not is_internal(address)


LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])


@pytest.mark.parametrize(
    "url",
    [
        "https://xn--ls8h.la/hook",
        "https://a.xn--ls8h.la/",
        "https://a..example.com/",
        "https://example.com../",
        "https://.example.com/",
        "https://./",
        f"https://{'a' * 64}.example.com/",
        f"https://{LONGEST}d/",
        f"https://{'a.' * 127}com/",
        "https://-a.example.com/",
        "https://a-.example.com/",
    ],
)
def test_a_name_that_cannot_be_sent_to_is_refused_when_it_is_registered(url: str) -> None:
    with pytest.raises(Invalid, match="plain host name"):
        check_url(url, may_be_private=False)


@pytest.mark.parametrize(
    "host", [f"{'a' * 63}.example.com", LONGEST, f"{LONGEST}.", "a-b.example.com.", "_x.example.cn"]
)
def test_the_longest_names_are_accepted(host: str) -> None:
    check_url(f"https://{host}/hook", may_be_private=False)


def test_a_name_in_chinese_is_accepted() -> None:
    check_url("https://xn--fiqs8s.xn--fiqs8s/hook", may_be_private=False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "a.localhost.",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "[fe80::1]",
        "168.63.129.16",
        "[fd00:ec2::254]",
        "100.100.100.200",
    ],
)
def test_no_administrator_allows_this_machine_or_the_metadata_of_a_cloud(host: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_internal_url(f"http://{host}/hook")
    assert [each.field for each in refused.value.fields] == ["url"]


@pytest.mark.parametrize("host", ["10.20.0.8", "[fd12::8]", "hr.internal", "8.8.8.8", "intranet"])
def test_an_administrator_allows_a_private_network(host: str) -> None:
    check_internal_url(f"http://{host}:8080/hook")
