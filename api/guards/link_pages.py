"""Pages behind signed links in messages: both languages, laid out for a telephone.

They load no resources, run no scripts and send no referrer.
"""

from __future__ import annotations

import base64
import hashlib

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from api.guards.security_headers import content_policy
from roost.contact.sharing_links import ClosedQuestion
from roost.contact.stop_links import WrongLink

STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:1.5rem}"
    "button{font:inherit;font-weight:700;width:100%;min-height:4rem;border:0;border-radius:.5rem;"
    "background:#b3261e;color:#fff}"
    "button.good{background:#1b5e20}button.plain{background:#3c4043}"
    "button span{display:block}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
HEADERS = {
    "content-security-policy": content_policy(f"style-src 'sha256-{_STYLE_HASH}'"),
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title_zh} · {title}</title>
<style>{style}</style>
</head>
<body>
<main>
<section><h1>{title_zh}</h1><p>{text_zh}</p></section>
<section lang="en"><h2>{title}</h2><p>{text}</p></section>
{button}</main>
</body>
</html>
"""
PENDING = "Your request is accepted and takes effect in a moment."


def wrong_link_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page for an incomplete link."""
    assert isinstance(error, WrongLink)
    if isinstance(error, ClosedQuestion):
        return plain_page(
            error.status,
            ("链接已失效", "链接不完整或征询已结束，请打开最新消息中的完整链接，或咨询服务站。"),
            (
                "The link is closed",
                "It is incomplete, or its question is closed. Open the complete link in the newest "
                "message, or ask your station.",
            ),
        )
    return plain_page(
        error.status,
        ("链接不完整", "请打开消息中的完整链接，或请服务站代为退订。"),
        (
            "The link is incomplete",
            "Open the complete link in the message, or ask your station to stop the messages.",
        ),
    )


def install(app: FastAPI) -> None:
    """Answer a wrong link with a page instead of a problem: people open it in a browser."""
    app.add_exception_handler(WrongLink, wrong_link_page)


def plain_page(
    status: int, zh: tuple[str, str], en: tuple[str, str], form: str = ""
) -> HTMLResponse:
    """Return a page with a title and a text in both languages, and a form.

    The texts are HTML: the caller escapes stored ones.
    """
    text = _PAGE.format(
        title_zh=zh[0],
        text_zh=zh[1],
        title=en[0],
        text=en[1],
        style=STYLE,
        button=form,
    )
    return HTMLResponse(text, status, HEADERS)
