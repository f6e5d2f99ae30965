"""Explanations of refused actions on a match, for the person who tried."""

from __future__ import annotations

from roost.events.match import MatchState, WhyNot

WORDS: dict[str, tuple[str, str]] = {
    WhyNot.ROLE: ("Your role may not do this.", "您的角色不能执行此操作。"),
    WhyNot.HELD: ("This match is assigned to {holder}.", "该匹配已由 {holder} 认领。"),
    WhyNot.STATE: (
        "The match is {state}; this action is not possible.",
        "该匹配当前为“{state_zh}”，不能执行此操作。",
    ),
    WhyNot.ALREADY: ("This has already been done.", "此操作已完成，无需重复。"),
    WhyNot.NOTHING_TO_UNDO: (
        "There is nothing to undo: the match has changed since.",
        "没有可撤销的操作：此后已有其他变化。",
    ),
    WhyNot.NOT_YOURS: (
        "Only the person who did this can undo it.",
        "只能由操作人本人撤销。",
    ),
    WhyNot.TOO_LATE: (
        "It is too late to undo this.",
        "已超过可撤销的时间。",
    ),
    WhyNot.TOO_EARLY: (
        "The time for an answer has not passed yet.",
        "答复期限未到。",
    ),
    WhyNot.SLOT_FULL: (
        "All places at this interview time are taken; choose another time.",
        "该面试时段名额已满，请选择其他时段。",
    ),
    WhyNot.SLOT_GONE: (
        "This interview time is no longer offered; choose another time.",
        "该面试时段已取消或已过，请选择其他时段。",
    ),
    WhyNot.NOT_ASKED: (
        "The worker was not asked about sharing, or the question is closed.",
        "尚未征询本人意见，或征询已结束。",
    ),
}
STATES_ZH = {
    MatchState.PROPOSED: "待认领",
    MatchState.CLAIMED: "已认领",
    MatchState.CONTACTED: "已联系",
    MatchState.REFERRED: "已推荐",
    MatchState.INTERVIEWED: "已安排面试",
    MatchState.PLACED: "已就业",
    MatchState.DECLINED: "已谢绝",
    MatchState.EXPIRED: "已失效",
}


def refusal(why: str, holder: str, state: MatchState) -> tuple[str, str]:
    """Return the explanation of a refusal code in English and Chinese; an unknown code as it is."""
    english, chinese = WORDS.get(why, (why, why))
    values = {"holder": holder, "state": state.value, "state_zh": STATES_ZH[state]}
    return english.format(**values), chinese.format(**values)
