"""Addresses of channels: which are accepted, their one spelling, and the keys of their owners.

An accepted address names exactly one recipient of its channel. It holds no separator, path or
query character that a gateway would read as more than one address or as another path.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from roost import ids
from roost.contact.telephones import telephone, telephone_key
from roost.errors import invalid_field
from roost.events.preferences import ChannelKind
from roost.text.normalising import nfkc
from roost.text.references import visible_text

LONGEST_EMAIL = 254
"""Most characters of an e-mail address. Source: RFC 5321, 4.5.3.1.3, and erratum 1690."""
LONGEST_LOCAL_PART = 64
_LOCAL_PART = re.compile(r"[A-Za-z0-9.+_'&=~#-]+")
"""Local part of an e-mail address, without the characters that some mail servers interpret.

`%` and `!` name another recipient (source routes), `=?…?=` is decoded into any text (RFC 2047), `|`
and `/` name a program or a file, and quotes and brackets belong to a shell.
"""
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|[.@](?=[A-Za-z0-9_-])){0,63}")
"""Account of WeCom, DingTalk or Feishu, without a leading, final or double point."""
_OPENID = re.compile(r"o[A-Za-z0-9_-]{15,63}")
"""Openid of a follower of an official account; WeChat gives 28 characters, which begin with o."""
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
"""Token of a person's own webhook behind the county's gateway."""


def accepted_address(channel: ChannelKind, address: str, field: str = "address") -> str:
    """Return the one spelling of an address. Raises Invalid, which names the field."""
    plain = visible_text(nfkc(address)).strip()
    match channel:
        case ChannelKind.INBOX:
            return ""
        case ChannelKind.SMS | ChannelKind.VOICE:
            return _accepted_telephone(plain, field)
        case ChannelKind.EMAIL:
            return _accepted_email(plain, field)
        case ChannelKind.WECHAT:
            return _accepted_account(plain, field, _OPENID)
        case ChannelKind.WEBHOOK:
            return _accepted_account(plain, field, _TOKEN)
        case _:
            return _accepted_account(plain, field, _ACCOUNT)


def _accepted_email(address: str, field: str) -> str:
    """Return the address with a lower-case domain; an international domain as punycode.

    Source: email-validator, without its look-up of the domain.
    """
    try:
        found = validate_email(
            address, check_deliverability=False, allow_smtputf8=False
        ).ascii_email
    except EmailNotValidError:
        found = None
    local = found.rpartition("@")[0] if found else ""
    is_short = len(local) <= LONGEST_LOCAL_PART and len(found or "") <= LONGEST_EMAIL
    if not found or not is_short or not _LOCAL_PART.fullmatch(local):
        raise invalid_field(
            field,
            "is not one e-mail address; write one such as li.na@example.com",
            "不是有效的邮箱地址，请只填写一个，例如 li.na@example.com",
        )
    return found


def _accepted_telephone(number: str, field: str) -> str:
    """Return the number in E.164. Source: libphonenumber."""
    found = telephone(number)
    if found is None or not found.textable:
        raise invalid_field(
            field,
            "is not a telephone number that receives text messages; write one number such as "
            "13800138000, with + and the country code if it is abroad, and without an extension",
            "不是可接收短信的号码，请填写一个号码，例如 13800138000；"
            "境外号码请加国家代码（如 +1），不要填写分机号",
        )
    return found.number


def _accepted_account(address: str, field: str, syntax: re.Pattern[str]) -> str:
    if not syntax.fullmatch(address):
        raise invalid_field(
            field,
            "is not an account; write one of letters, digits, _ and -, at most 64 of them",
            "不是有效的账号，请填写字母、数字、下划线或短横线，最多 64 个字符",
        )
    return address


def normal_address(channel: ChannelKind, address: str) -> str:
    """Return the normal form that all spellings of one address share."""
    plain = visible_text(nfkc(address)).strip()
    match channel:
        case ChannelKind.SMS | ChannelKind.VOICE:
            return telephone_key(plain)
        case ChannelKind.EMAIL:
            return plain.casefold()
        case _:
            return plain


def address_key(channel: ChannelKind, address: str) -> str:
    """Return the search key of an address, so that no address is indexed in clear text."""
    return ids.derive("c", channel.value, normal_address(channel, address))


def telephone_or_account_key(channel: ChannelKind, address: str) -> str:
    """Return the key that all ways to one telephone share: its texts and its calls."""
    shared = ChannelKind.SMS if channel is ChannelKind.VOICE else channel
    return address_key(shared, address)
