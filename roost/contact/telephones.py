"""Telephone numbers: the one stored form (E.164), the one key, extensions and landlines.

Source: libphonenumber (package `phonenumberslite`), and the Chinese ways to write an extension.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from roost.text.normalising import nfkc

HOME_REGION = "CN"
"""Region of telephone numbers without a country code."""
LONGEST = 48
TEXTABLE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.FIXED_LINE,
    }
)
"""Types of numbers that may receive text messages; some landlines do."""
_NUMBER = re.compile(
    r"(?P<number>\(?\+?[0-9 ().-]{3,32}?)"
    r"(?:[\s,]*(?:转|分机号?:?|ext\.?:?|extension|x|#)\s*(?P<extension>[0-9]{1,6})(?:\s*分机)?)?",
    re.IGNORECASE,
)
_DASHED_EXTENSION = re.compile(
    r"(0[0-9]{2,3}[ -][0-9]{7,8}|\(0[0-9]{2,3}\) ?[0-9]{7,8})-([0-9]{1,6})"
)
_AMERICAN = re.compile(r"(?![48]00)\(?[2-9][0-9]{2}\)?[ .-]{1,2}[2-9][0-9]{2}[ .-][0-9]{4}")
"""American number without its country code: at home it would be a landline without its 0."""


def _mobile_pattern() -> str:
    """Return libphonenumber's pattern of mobile numbers at home."""
    region = phonenumbers.PhoneMetadata.metadata_for_region(HOME_REGION)
    assert region is not None
    assert region.mobile is not None
    return str(region.mobile.national_number_pattern)


_PLAIN_MOBILE = re.compile(rf"(\+86)?({_mobile_pattern()})(?<=[0-9]{{11}})", re.ASCII)
"""Chinese mobile number without marks, by libphonenumber's pattern: the most frequent spelling."""
_BETWEEN = re.compile(r"[^\d+]")
_CHINA = re.compile(r"^(?:\+86|86(?=1\d{10}$))")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣_"), "-")


@dataclass(frozen=True, slots=True)
class Telephone:
    """Valid telephone number in E.164, its extension, and whether it may receive text messages."""

    number: str
    extension: str = ""
    textable: bool = False

    @property
    def key(self) -> str:
        """Key of the line, the same for all spellings and extensions."""
        return _CHINA.sub("", self.number, count=1)


def plain_mobile(text: str, region: str = HOME_REGION) -> Telephone | None:
    """Return the Chinese mobile number that a text is, if it has no marks; None for all others."""
    found = _PLAIN_MOBILE.fullmatch(text)
    if found is None or not (found[1] or region == HOME_REGION):
        return None
    return Telephone(f"+86{found[2]}", textable=True)


def telephone(text: str, region: str = HOME_REGION) -> Telephone | None:
    """Return the number that a text is; None unless it is one valid number alone."""
    if mobile := plain_mobile(text, region):
        return mobile
    number, extension = _split_extension(_plain(text))
    if not number or (region == HOME_REGION and _AMERICAN.fullmatch(number)):
        return None
    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found):
        return None
    return Telephone(
        phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164),
        extension,
        not extension and phonenumbers.number_type(found) in TEXTABLE,
    )


def telephone_key(text: str, region: str = HOME_REGION) -> str:
    """Return the key that all spellings of a number share; of other texts, the digits alone."""
    found = telephone(text, region)
    if found is not None:
        return found.key
    digits = re.sub(r"^00", "+", _BETWEEN.sub("", _plain(text)))
    return _CHINA.sub("", digits, count=1)


def _plain(text: str) -> str:
    return nfkc(text).translate(_DASHES).strip()


def _split_extension(text: str) -> tuple[str, str]:
    """Return a number and its extension; empty texts if it is not of that form."""
    if len(text) > LONGEST:
        return "", ""
    if found := _DASHED_EXTENSION.fullmatch(text):
        return found[1], found[2]
    found = _NUMBER.fullmatch(text)
    return (found["number"], found["extension"] or "") if found else ("", "")
