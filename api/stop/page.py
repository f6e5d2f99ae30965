"""Pages behind a stop link: both languages, one button."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from api.guards.link_pages import PENDING, plain_page

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
    return plain_page(
        200,
        ("退订消息", f"按下按钮后，您将不再收到任何通知。{kept_zh}"),
        ("Stop messages", f"Press the button to stop all notifications. {kept} not change."),
        _BUTTON,
    )


def stopped_page(*, in_force: bool, to_worker: bool) -> HTMLResponse:
    """Return the page after a stop: 200 once it is in force, 202 while it is pending."""
    again_zh = "请联系您的服务站。" if to_worker else "请登录后在“联系方式”页面恢复。"
    again = "ask your station." if to_worker else "sign in and open “Contacts”."
    return plain_page(
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
