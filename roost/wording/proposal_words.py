"""Obstacles between an opening and a worker in words, and refusals of proposals by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OBSTACLES: Mapping[str, tuple[str, str]] = {
    "closed": ("the opening is closed", "岗位已关闭"),
    "expired": ("the opening's last day has passed", "岗位已过截止日期"),
    "paused": ("the opening is paused", "岗位已暂停"),
    "awaiting": ("the opening waits for approval", "岗位待审核"),
    "headcount": ("the headcount is reached", "岗位已招满"),
    "inactive": ("the worker looks for no work at present", "该人员目前不求职"),
    "place": ("the place is not one that the worker accepts", "工作地点不在求职意向范围内"),
    "wage": ("the wage is below the worker's wish", "工资低于期望工资"),
    "currency": ("the wage is in another currency", "工资币种不同"),
    "availability": ("the worker is available later", "可到岗时间晚于开工时间"),
    "licence": ("a required licence is missing", "缺少岗位要求的证书"),
    "shift": ("the shifts are not those that the worker accepts", "班次不符合求职意向"),
    "lodging": (
        "the worker needs lodging and the employer offers none",
        "需要住宿，用工单位不提供",
    ),
    "already": ("the pair is matched already", "该人员与该岗位已有匹配"),
    "declined": ("the pair was declined", "该匹配已谢绝"),
    "placed": ("the worker was placed in this opening", "该人员已在该岗位就业"),
    "score": ("the score is low", "匹配分较低"),
}
"""English as part of a sentence, Chinese likewise; by the code that `matcher.eligibility` names."""
LIMITS: Mapping[str, tuple[str, str]] = {
    "opening": ("all places of the opening have a match", "岗位的匹配名额已满"),
    "budget": ("the employer's new matches of the day are used up", "用工单位当日匹配数已满"),
    "worker": ("the worker's new matches of the day are used up", "该人员当日匹配数已满"),
    "employer": (
        "the worker's new matches of the day with this employer are used up",
        "该人员当日与该单位的匹配数已满",
    ),
    "reserve": (
        "the rest of the worker's day is kept for work near home",
        "该人员当日剩余名额留给家门口岗位",
    ),
}
"""Limits that a proposal by hand may exceed, by their code (`roost.rules.capacity.HeldBackBy`)."""


def obstacle_words(obstacle: str) -> tuple[str, str]:
    """Return an obstacle in English and Chinese; an unknown code as it is."""
    return OBSTACLES.get(obstacle, (obstacle, obstacle))


def limit_words(limit: str) -> tuple[str, str]:
    """Return a limit in English and Chinese; an unknown code as it is."""
    return LIMITS.get(limit, (limit, limit))


def refusal_words(reasons: Sequence[str]) -> tuple[str, str]:
    """Return the refusal of a proposal for these reasons in English and Chinese."""
    words = [obstacle_words(each) for each in reasons]
    english = "; ".join(each for each, _ in words)
    chinese = "；".join(each for _, each in words)
    return f"{english[:1].upper()}{english[1:]}.", f"{chinese}。"
