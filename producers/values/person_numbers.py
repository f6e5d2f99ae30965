"""Numbers of people and organisations in files: cleaned, recognised, masked and hashed. Pure.

A number that a spreadsheet has destroyed is refused: 1.10101E+17 stands for many people.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from stdnum.cn import ric, uscc

from producers.values.not_understood import NotUnderstood
from roost.text.references import common_number, common_reference

LONGEST_NUMBER = 100
EXACT_DIGITS = 15
"""Digits that a spreadsheet keeps of a number; it replaces all further ones by zeros."""
_EXPONENT = re.compile(r"[+-]?(?:\d+[.,]\d*E[+-]?|\d+E[+-])\d+", re.IGNORECASE)
_HASHES = re.compile(
    r"#+|#(?:N/A|VALUE!|REF!|NAME\?|NUM!|DIV/0!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)",
    re.IGNORECASE,
)
_ZEROS_AT_THE_END = re.compile(r"[1-9]\d{14}0{3,}")
_RESIDENT = re.compile(
    r"(?:(?:居民)?身份证(?:件)?(?:号码?)?\s*:\s*)?[0-9]{6} ?[0-9]{8} ?[0-9]{3} ?[0-9XxΧχХх×✕✖⨯]"
)
_DIGEST_BYTES = 16


class IdentityKind(StrEnum):
    """Kind of a valid number: of a resident (GB 11643), or of an organisation (GB 32100)."""

    RESIDENT = "resident"
    ORGANISATION = "organisation"


def parse_person_number(value: str) -> str:
    """Return the one spelling of a person's number; an empty text stays empty.

    Takes off what spreadsheets add: apostrophes, `="…"`, invisible characters. Raises
    NotUnderstood for a number that has lost digits.
    """
    plain = common_reference(value)
    if len(plain) > LONGEST_NUMBER:
        raise NotUnderstood(
            f"is longer than {LONGEST_NUMBER} characters; enter the number alone",
            f"超过 {LONGEST_NUMBER} 个字符，请只填写编号",
        )
    if is_destroyed_number(plain):
        raise lost_digits()
    return common_number(plain) if _RESIDENT.fullmatch(plain) else plain


def is_destroyed_number(value: str | float) -> bool:
    """Return whether a cell holds a number that has lost digits, or may have.

    A number of a spreadsheet has if it is longer than 15 digits, a text if it is written as
    1.1E+17 or ####, or if only zeros follow the 15 digits of an 18-digit number.
    """
    if isinstance(value, int):
        return False
    if isinstance(value, float):
        return not abs(value) < 10**EXACT_DIGITS
    plain = "".join(common_reference(value).split())
    return any(pattern.fullmatch(plain) for pattern in (_EXPONENT, _HASHES)) or (
        bool(_ZEROS_AT_THE_END.fullmatch(plain)) and not ric.is_valid(plain)
    )


def identity_kind(text: str) -> IdentityKind | None:
    """Return the kind of a valid identity or credit code; None for any other text."""
    number = _compact(text)
    if len(number) != 18:
        return None
    if ric.is_valid(number):
        return IdentityKind.RESIDENT
    return IdentityKind.ORGANISATION if uscc.is_valid(number) else None


def masked(text: str) -> str:
    """Return a number for display: its last four characters at most, the others as `*`."""
    number = _compact(text)
    shown = min(4, len(number) // 3)
    return "*" * (len(number) - shown) + number[len(number) - shown :]


def identity_key(text: str, key: bytes) -> str:
    """Return a keyed hash that tells people apart by their number and does not reveal it."""
    message = _compact(text).encode()
    return hashlib.blake2b(
        message, digest_size=_DIGEST_BYTES, key=key, person=b"roost identity"
    ).hexdigest()


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", common_number(text))


def lost_digits() -> NotUnderstood:
    """Return the error for a number that a spreadsheet has destroyed."""
    return NotUnderstood(
        "has lost digits in a spreadsheet; format the column as text and enter the number again",
        "数字已被表格软件截断，请将该列设为文本格式后重新填写",
    )
