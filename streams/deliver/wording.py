"""The words of a notification, written at the moment of sending from what the views say then."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.events.notification import NotificationKind
from roost.views.elastic import Json


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title, a body, and the notification's id, by which a repeat is dropped."""

    id: str
    title: str
    body: str
    kind: str = ""
    data: Json = field(default_factory=dict)
    """What a program reads of it, beside the words: ids and the like."""


TITLES = {
    NotificationKind.NEW_MATCH: ("New job match: {title}", "新的岗位匹配：{title}"),
    NotificationKind.QUEUE_NEW: ("New matches in the queue: {title}", "队列有新匹配：{title}"),
    NotificationKind.MATCH_PLACED: ("Placed: {title}", "实现就业：{title}"),
    NotificationKind.MATCH_WITHDRAWN: ("Match withdrawn: {title}", "匹配已撤回：{title}"),
}
BODIES = {
    NotificationKind.NEW_MATCH: (
        "{employer} in {place} offers {title}{wage}. Why: {why}. Your station helps you.",
        "{place}的{employer}招聘{title}{wage}。匹配理由：{why}。如有意向，请联系您的服务站。",
    ),
    NotificationKind.QUEUE_NEW: (
        "{employer} in {place} looks for {count}; candidates wait in your queue.",
        "{place}的{employer}招聘 {count} 人，候选人已进入本站队列，请及时联系。",
    ),
    NotificationKind.MATCH_PLACED: (
        "A match for {title} at {employer} ended in a placement.",
        "{employer}的{title}岗位匹配已实现就业。",
    ),
    NotificationKind.MATCH_WITHDRAWN: (
        "A match for {title} at {employer} that your station works on no longer holds.",
        "本站正在跟进的{employer}{title}岗位匹配已不再成立，请停止联系。",
    ),
}
PERIODS = {
    "HOUR": ("an hour", "每小时"),
    "DAY": ("a day", "每天"),
    "WEEK": ("a week", "每周"),
    "MONTH": ("a month", "每月"),
    "YEAR": ("a year", "每年"),
    "PIECE": ("a piece", "每件"),
}


def write(
    id: str, kind: NotificationKind, language: str, opening: Json, reasons: list[Json]
) -> Message:
    """`opening` and `reasons` as the views hold them; any language but Chinese gets English."""
    chinese = language.split("-")[0] == "zh"
    reads = {
        "title": opening["title"],
        "employer": opening["hiringOrganization"]["name"],
        "place": opening["jobLocation"]["name"],
        "count": opening.get("totalJobOpenings", 1),
        "wage": _wage(opening.get("baseSalary"), chinese),
        "why": ("；" if chinese else "; ").join(
            reason["zh" if chinese else "en"] for reason in reasons[:3]
        ),
    }
    title, body = TITLES[kind][chinese], BODIES[kind][chinese]
    return Message(id, title.format(**reads), body.format(**reads), kind.value)


def _wage(wage: Json | None, chinese: bool) -> str:
    if not wage:
        return ""
    ends = [f"{wage[end]:,.10g}" for end in ("minValue", "maxValue") if end in wage]
    amount = ends[0] if len(set(ends)) == 1 else "–".join(ends)
    period = PERIODS[wage["unitText"]][chinese]
    if chinese:
        return f"，{period} {amount} {wage['currency']}"
    return f" for {wage['currency']} {amount} {period}"
