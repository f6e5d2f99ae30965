"""Reasons for which an opening is refused, in words, each with its remedy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from roost.events.opening import RefusalReason

R = RefusalReason
REASONS: Mapping[RefusalReason, tuple[str, str]] = {
    R.DUPLICATE: ("Duplicate opening", "重复岗位"),
    R.DISCRIMINATING: ("Discriminating demand", "含有歧视性要求"),
    R.NOT_REAL_WORK: ("Not real work", "不是真实的岗位"),
    R.FEES_CHARGED: ("Fees charged to job seekers", "向务工人员收费"),
    R.NO_CONTACT: ("No way to reach the employer", "没有有效的联系方式"),
    R.OTHER: ("Another reason", "其他原因"),
}
REMEDIES: Mapping[RefusalReason, tuple[str, str]] = {
    R.DUPLICATE: (
        "edit the opening that is published, instead of posting it again",
        "请修改已发布的岗位，不要重复发布",
    ),
    R.DISCRIMINATING: (
        "remove demands that the work does not require, such as sex, age, ethnicity or region",
        "请删除与工作能力无关的要求，例如性别、年龄、民族、地域",
    ),
    R.NOT_REAL_WORK: (
        "state the real employer, place and work",
        "请写明真实的用工单位、工作地点和岗位说明",
    ),
    R.FEES_CHARGED: (
        "job seekers must not be charged; remove the fee",
        "不得向务工人员收取任何费用，请删除收费内容",
    ),
    R.NO_CONTACT: (
        "state a person and a way to reach the employer",
        "请填写用工单位的联系人和联系方式",
    ),
}


def reason_name(reason: RefusalReason, *, chinese: bool) -> str:
    """Return the name of a reason."""
    return REASONS[reason][chinese]


def refusal_lines(refusal: Mapping[str, Any] | None, *, chinese: bool) -> list[str]:
    """Return the reasons of a refusal as JSON values, each with its remedy."""
    return [_line(RefusalReason(each), chinese) for each in _reasons(refusal)]


def _line(reason: RefusalReason, chinese: bool) -> str:
    name, remedy = REASONS[reason][chinese], REMEDIES.get(reason, ("", ""))[chinese]
    between = "：" if chinese else ": "
    return f"{name}{between}{remedy}" if remedy else name


def _reasons(refusal: Mapping[str, Any] | None) -> Iterable[str]:
    """Return the reasons that this release knows."""
    known = {each.value for each in RefusalReason}
    return [each for each in (refusal or {}).get("reasons") or () if each in known]
