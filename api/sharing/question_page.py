"""Pages behind the link of a question about sharing: both languages, two buttons."""

from __future__ import annotations

from html import escape

from fastapi.responses import HTMLResponse

from api.guards.link_pages import PENDING, plain_page
from api.sharing.service import AskedQuestion
from roost.events.match import Sharing

ANSWERS = {
    "yes": ("同意提供", "Yes, share them"),
    "no": ("不同意", "No, do not share them"),
}
REVOKE = ("撤回同意", "Withdraw my consent")
STATES = {
    Sharing.ASKED: ("", ""),
    Sharing.AGREED: (
        "您已同意提供，可随时撤回。",
        "You have agreed; you can withdraw it at any time.",
    ),
    Sharing.REFUSED: ("您已表示不同意。", "You have refused."),
    Sharing.UNANSWERED: (
        "答复期限已过，未提供您的信息；您仍可同意。",
        "The time for an answer has passed and nothing was shared; you can still agree.",
    ),
}


def question_page(asked: AskedQuestion) -> HTMLResponse:
    """Return the question with the buttons that its current answer allows."""
    opening = asked.opening
    title, employer = escape(opening["title"]), escape(opening["hiringOrganization"]["name"])
    state_zh, state = STATES[asked.sharing]
    return plain_page(
        200,
        (
            "是否提供您的姓名和联系方式？",
            f"{employer}正在招聘{title}。是否同意将您的姓名和联系方式提供给该单位？"
            f"仅限本岗位。{state_zh}",
        ),
        (
            "May we share your name and contact details?",
            f"{employer} is hiring for {title}. May we give your name and contact details to this "
            f"employer, for this opening only? {state}",
        ),
        _form(asked),
    )


def answered_page(*, agrees: bool, in_force: bool) -> HTMLResponse:
    """Return the page after an answer: 200 once it is in force, 202 while it is pending."""
    done_zh = "已同意" if agrees else "已表示不同意"
    text_zh = "该单位可以看到您的姓名和联系方式。" if agrees else "该单位看不到您的姓名和联系方式。"
    done = "You have agreed" if agrees else "You have refused"
    text = (
        "The employer can see your name and contact details."
        if agrees
        else "The employer cannot see your name and contact details."
    )
    return plain_page(
        200 if in_force else 202,
        (done_zh, f"{text_zh if in_force else '已受理，片刻后生效。'}如需更改，请再次打开此链接。"),
        (done, f"{text if in_force else PENDING} To change it, open this link again."),
    )


def _form(asked: AskedQuestion) -> str:
    buttons = []
    if asked.may_agree:
        buttons.append(_button("yes", *ANSWERS["yes"], "good"))
    if asked.may_refuse:
        buttons.append(
            _button("no", *(REVOKE if asked.sharing is Sharing.AGREED else ANSWERS["no"]), "plain")
        )
    return f'<form method="post">{"".join(buttons)}</form>\n'


def _button(value: str, zh: str, en: str, style: str) -> str:
    return (
        f'<p><button type="submit" class="{style}" name="answer" value="{value}">'
        f'<span>{zh}</span><span lang="en">{en}</span></button></p>'
    )
