"""Addresses of channels: which are accepted, and the URL that each one gives."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.provisional import domains

from roost.contact.addresses import (
    accepted_address,
    address_key,
    telephone_or_account_key,
)
from roost.errors import Invalid
from roost.events.preferences import ChannelKind
from streams.deliver.channels import service_for
from streams.deliver.delivery_errors import DeliveryRefused

SMS, EMAIL, WECOM = ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.WECOM
ACCOUNTS = (WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU, ChannelKind.WEBHOOK)
TEMPLATES = (
    "json://gateway.example.cn:8443/send/{address}",
    "json://gateway.example.cn/send/{address}/now?key=1",
    "jsons://gateway.example.cn/send?to={address}",
    "mailtos://u:p@mail.example.cn/?from=a@example.cn&to={address}",
    "mailto://u:p@mail.example.cn:587/{address}?from=a@example.cn",
)
PIECES = ("a@b.cn", ":", ",", ";", " ", "..", "/", "c@d.cn", "%2e", "+86")
TYPED = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab1.@:/\\?#%&;, <>\"'+_-=!{}|~^`$*", max_size=40),
    st.lists(
        st.sampled_from(["a@b.cn", ":", ",", ";", " ", "..", "/", "c@d.cn", "%2e", "+86"])
    ).map("".join),
    st.builds(
        "{}@{}".format, st.text("abc.+'&!#$%*/=?^`{|}~_-", min_size=1, max_size=20), domains()
    ),
    st.integers(10**9, 2 * 10**10).map(str),
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+86 13800138000", "+8613800138000"),
        ("013800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+861065123456", "+861065123456"),
        ("+1 (212) 736-5000", "+12127365000"),
        ("\u202d13800138000\u202c", "+8613800138000"),
        ("\u200b138_0013_8000\ufeff", "+8613800138000"),
    ],
)
def test_a_telephone_number_has_one_spelling(typed: str, stored: str) -> None:
    assert accepted_address(SMS, typed) == stored
    assert address_key(SMS, typed) == address_key(SMS, stored)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("o'brien@example.com", "o'brien@example.com"),
        ("a&b@example.com", "a&b@example.com"),
        ("li.na+jobs@Example.COM", "li.na+jobs@example.com"),
        ("li@例子.公司", "li@xn--fsqu00a.xn--55qx5d"),
    ],
)
def test_an_e_mail_address_is_kept_as_written_with_a_plain_domain(typed: str, stored: str) -> None:
    assert accepted_address(EMAIL, typed) == stored


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        *(
            (SMS, each)
            for each in (
                "1",
                "foo@bar",
                "010-65123456转8012",
                "+86 10 65123456 ext. 12",
                "13800138000,13900139000",
                "13800138000;13900139000",
                "12345",
                "+8613800138000/../x",
                "tel:+8613800138000;ext=1",
                "110",
                "95588",
            )
        ),
        *(
            (EMAIL, each)
            for each in (
                "a@b.cn:c@d.cn",
                "a@b.cn,c@d.cn",
                "a@b.cn;c@d.cn",
                "a@b.cn c@d.cn",
                "a@b@c",
                "a@b..cn",
                "<li@example.com>",
                "Li Na <li@example.com>",
                "13800138000",
                "用户@例子.公司",
                "a@b.cn\r\nBcc: c@d.cn",
                "a@b.cn?cc=c@d.cn",
                "a@b.cn%2Cc@d.cn",
                '"a@b.cn,c"@d.cn',
                ":".join(f"a{n}@b.cn" for n in range(16)),
                "a@[127.0.0.1]",
                "a@localhost",
                "x" * 70 + "@b.cn",
                "a%c.cn@b.cn",
                "a%40c.cn@b.cn",
                "c.cn!a@b.cn",
                "=?utf-8?q?a=40c.cn=3e=00?=@b.cn",
                "=?x?b?YUBjLmNu?=@b.cn",
                "|mail@b.cn",
                "/var/mail/a@b.cn",
                "`id`@b.cn",
                "${x}@b.cn",
                "*@b.cn",
            )
        ),
        *(
            (channel, each)
            for channel in ACCOUNTS
            for each in (
                "..",
                ".",
                "../admin",
                "a/../b",
                "a..b",
                "a/b",
                "a%2fb",
                "a?b",
                "a#b",
                "a|b",
                "a,b",
                "a:b",
                "@all",
                "a b",
                "a.",
                "",
            )
        ),
    ],
)
def test_what_is_not_one_address_is_refused_by_field(channel: ChannelKind, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        accepted_address(channel, typed, "channels.1.address")
    assert [each.field for each in refused.value.fields] == ["channels.1.address"]
    assert refused.value.message_zh


@given(st.sampled_from([each for each in ChannelKind if each is not ChannelKind.INBOX]), TYPED)
def test_an_accepted_address_is_accepted_as_it_is(channel: ChannelKind, typed: str) -> None:
    try:
        stored = accepted_address(channel, typed)
    except Invalid:
        return
    assert accepted_address(channel, stored) == stored


@given(st.sampled_from([SMS, EMAIL, *ACCOUNTS]), TYPED, st.sampled_from(TEMPLATES))
@example(EMAIL, "o'brien@example.com", TEMPLATES[3])
@example(EMAIL, "li@例子.公司", TEMPLATES[4])
@example(EMAIL, "a=b/c?d&e@example.com", TEMPLATES[3])
@example(EMAIL, "a@b.cn", TEMPLATES[0])
@example(WECOM, "li.na@corp", TEMPLATES[1])
@example(WECOM, "..", TEMPLATES[1])
@example(SMS, "13800138000", TEMPLATES[0])
def test_every_accepted_address_is_one_recipient_below_the_same_path(
    channel: ChannelKind, typed: str, template: str
) -> None:
    try:
        address = accepted_address(channel, typed)
    except Invalid:
        return
    url = urlsplit(template.replace("{address}", quote(address, safe="")))
    before = urlsplit(template)
    assert (url.scheme, url.netloc, url.fragment) == (before.scheme, before.netloc, "")
    assert url.path.count("/") == before.path.count("/")
    assert url.query.count("&") == before.query.count("&")
    assert ".." not in unquote(url.path).split("/")
    try:
        service = service_for(template, channel, typed)
    except DeliveryRefused:
        return
    recipients = getattr(service, "targets", [address])
    assert len(recipients) == 1
    if channel is EMAIL and template.startswith("mailto"):
        assert [each for _, each in recipients] == [address]


def test_an_address_that_an_earlier_release_stored_is_not_sent_to() -> None:
    for stored in ("a@b.cn:c@d.cn", ":".join(f"a{n}@b.cn" for n in range(16))):
        with pytest.raises(DeliveryRefused):
            service_for(TEMPLATES[3], EMAIL, stored)
    with pytest.raises(DeliveryRefused):
        service_for(TEMPLATES[0], ChannelKind.WEBHOOK, "..")


@pytest.mark.parametrize("openid", ["oABCD_1234567890-abcdefghijk", "o" + "a" * 27])
def test_the_address_of_an_official_account_is_an_openid(openid: str) -> None:
    assert accepted_address(ChannelKind.WECHAT, f" {openid} ") == openid


@pytest.mark.parametrize("typed", ["", "li.na", "13800138000", "oABC|oDEF" + "a" * 20, "o" * 65])
def test_no_other_text_is_an_openid(typed: str) -> None:
    with pytest.raises(Invalid, match="address"):
        accepted_address(ChannelKind.WECHAT, typed)


def test_calls_and_texts_to_one_number_are_two_addresses_of_one_spelling() -> None:
    voice = ChannelKind.VOICE
    assert accepted_address(voice, "138 0013 8000") == "+8613800138000"
    assert address_key(voice, "138 0013 8000") == address_key(voice, "+8613800138000")
    assert address_key(voice, "13800138000") != address_key(SMS, "13800138000")


def test_codes_by_text_and_by_call_to_one_number_count_together() -> None:
    for number in ("138 0013 8000", "+8613800138000"):
        key = telephone_or_account_key(ChannelKind.VOICE, number)
        assert key == telephone_or_account_key(SMS, number) == address_key(SMS, number)
    assert telephone_or_account_key(EMAIL, "a@b.cn") == address_key(EMAIL, "a@b.cn")
