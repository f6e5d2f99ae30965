"""Ids of employers in files: by the credit code, or else by the exact name. Pure.

A slug alone would make one employer of `A & B Co.` and `A-B Co`: a name that loses anything in its
slug gets a short hash of the whole name as well.
"""

from __future__ import annotations

import base64
import hashlib
import re

from producers.values import IdentityKind, NotUnderstood, identity_kind, is_destroyed_number
from producers.values.person_numbers import lost_digits
from producers.values.remembering import remembered
from roost.text.normalising import nfkc
from roost.text.references import common_number, visible_text

LONGEST_ID = 64
_LOSSLESS = re.compile(r"\w+(?: \w+)*")


def employer_id(name: str, code: str = "") -> str:
    """Return the id of an employer. Raises NotUnderstood for a credit code that is not valid.

    Names that differ in case, width, blanks or invisible characters are one employer.
    """
    if code.strip():
        return f"uscc:{_credit_code(code)}"
    plain = exact_name(name)
    slug = re.sub(r"\W+", "-", plain).strip("-")
    if _LOSSLESS.fullmatch(plain) and len(slug) <= LONGEST_ID:
        return slug
    digest = hashlib.blake2b(plain.encode(), digest_size=5, person=b"roost employer").digest()
    return f"{slug[:50]}-{base64.b32encode(digest).decode().lower()}".lstrip("-")


@remembered
def exact_name(name: str) -> str:
    """Return the common spelling of an employer's name."""
    return " ".join(nfkc(visible_text(name)).casefold().split())


def _credit_code(code: str) -> str:
    if is_destroyed_number(code):
        raise lost_digits()
    number = re.sub(r"[\s-]", "", common_number(code))
    if identity_kind(number) is not IdentityKind.ORGANISATION:
        raise NotUnderstood(
            "is not a valid unified social credit code of 18 characters; correct it, or leave it "
            "empty",
            "不是有效的 18 位统一社会信用代码，请更正或留空",
        )
    return number
