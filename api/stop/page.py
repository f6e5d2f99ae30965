"""Pages behind a stop link: both languages, one button, laid out for a telephone.

They load no resources, run no scripts and send no referrer.
"""

from __future__ import annotations

import base64
import hashlib

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from api.guards.security_headers import content_policy
from roost.contact.stop_links import WrongLink

STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:1.5rem}"
    "button{font:inherit;font-weight:700;width:100%;min-height:4rem;border:0;border-radius:.5rem;"
    "background:#b3261e;color:#fff}"
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
_BUTTON = """<form method="post">
<button type="submit"><span>退订全部消息</span><span lang="en">Stop all messages</span></button>
</form>
"""


def confirmation_page(*, to_worker: bool) -> HTMLResponse:
    """Return the page with the button; opening it changes nothing.

    Mail scanners open every link. The other recipients of links are employers.
    """
    kept_zh = "您的求职档案不受影响。" if to_worker else "贵单位的岗位不受影响。"
    kept = "Your profile does" if to_worker else "Your openings do"
    return _page(
        200,
        ("退订消息", f"按下按钮后，您将不再收到任何通知。{kept_zh}"),
        ("Stop messages", f"Press the button to stop all notifications. {kept} not change."),
        button=True,
    )


def stopped_page(*, in_force: bool, to_worker: bool) -> HTMLResponse:
    """Return the page after a stop: 200 once it is in force, 202 while it is pending."""
    again_zh = "请联系您的服务站。" if to_worker else "请登录后在“联系方式”页面恢复。"
    again = "ask your station." if to_worker else "sign in and open “Contacts”."
    return _page(
        200 if in_force else 202,
        (
            "已退订",
            f"{'您不会再收到通知。' if in_force else '已受理，片刻后生效。'}如需恢复，{again_zh}",
        ),
        (
            "Stopped",
            f"{'You will receive no more messages.' if in_force else PENDING} "
            f"To receive messages again, {again}",
        ),
    )


def wrong_link_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page for an incomplete link."""
    assert isinstance(error, WrongLink)
    return _page(
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


def _page(
    status: int, zh: tuple[str, str], en: tuple[str, str], *, button: bool = False
) -> HTMLResponse:
    text = _PAGE.format(
        title_zh=zh[0],
        text_zh=zh[1],
        title=en[0],
        text=en[1],
        style=STYLE,
        button=_BUTTON if button else "",
    )
    return HTMLResponse(text, status, HEADERS)
