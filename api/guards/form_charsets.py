"""The character set of web forms: UTF-8 only.

The form parser decodes each field with any codec that the content type names. Some take quadratic
time (160 kB of `punycode` take 26 s), and some yield texts that no database can store.
"""

from __future__ import annotations

import re

from roost.errors import Invalid

_NAMED = re.compile(r"charset", re.IGNORECASE)
_UTF8 = re.compile(r';\s*charset\s*=\s*"?(?:utf-?8|us-ascii)"?\s*(?:;|$)', re.IGNORECASE)


def check_form_charset(content_type: str) -> None:
    """Raise Invalid for a form in another character set than UTF-8."""
    if len(_NAMED.findall(content_type)) > len(_UTF8.findall(content_type)):
        raise Invalid(
            "content-type: the form is not in UTF-8; open the page again and send it from there",
            "content-type：表单须为 UTF-8 编码，请重新打开页面后提交",
        )
