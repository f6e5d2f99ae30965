"""Pages behind the link that ends a saved search: both languages, one button."""

from __future__ import annotations

from html import escape

from fastapi.responses import HTMLResponse

from api.guards.link_pages import PENDING, plain_page

_BUTTON = """<form method="post">
<button type="submit"><span>停用此订阅</span><span lang="en">End this search</span></button>
</form>
"""


def confirmation_page() -> HTMLResponse:
    """Return the page with the button; opening it changes nothing."""
    return plain_page(
        200,
        ("停用岗位订阅", "按下按钮后，您将不再收到此订阅的新岗位通知。其他通知不受影响。"),
        (
            "End a saved search",
            "Press the button to stop the notifications of this search. Others do not change.",
        ),
        _BUTTON,
    )


def ended_page(name: str, *, in_force: bool) -> HTMLResponse:
    """Return the page after the end: 200 once it is in force, 202 while it is pending."""
    named_zh, named = (f"“{escape(name)}”", f" “{escape(name)}”") if name else ("", "")
    done_zh = "您不会再收到此订阅的通知。" if in_force else "已受理，片刻后生效。"
    done = "You will receive no more messages of it." if in_force else PENDING
    return plain_page(
        200 if in_force else 202,
        (f"岗位订阅{named_zh}已停用", f"{done_zh}如需恢复，请登录后打开“岗位订阅”或联系服务站。"),
        (
            f"The search{named} has ended",
            f"{done} To resume it, sign in and open “Saved searches”, or ask your station.",
        ),
    )
