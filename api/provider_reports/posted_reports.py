"""The meaning of what providers post: reports and replies in one form, pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.provider_reports.schemas import (
    AliyunCall,
    AliyunReply,
    AliyunReport,
    TencentReply,
    TencentReport,
)
from api.stop.schemas import Reply
from roost.events.preferences import ChannelKind

CHINA = ZoneInfo("Asia/Shanghai")
"""Zone of the times that both providers write."""
LONGEST_CODE = 64
ANSWERED = "200000"
"""Status of a call that a person answered. Source: help.aliyun.com, "呼叫状态码"."""
_MESSAGE_ID = re.compile(r"n-[a-z2-7]{26}")
_CODE = re.compile(r"[^A-Za-z0-9._:-]")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Report of a provider on one message."""

    channel: ChannelKind
    reference: str
    delivered: bool
    code: str
    at: datetime | None
    message_id: str = ""
    """The message's own id, if the provider returns it."""


def aliyun_report(posted: AliyunReport) -> DeliveryReport:
    """Return a report of Aliyun."""
    return DeliveryReport(
        ChannelKind.SMS,
        posted.biz_id,
        posted.success,
        code_of(posted.err_code),
        moment(posted.report_time) or moment(posted.send_time),
        posted.out_id if _MESSAGE_ID.fullmatch(posted.out_id) else "",
    )


def aliyun_call(posted: AliyunCall) -> DeliveryReport:
    """Return a report on a call: it is delivered if a person answered."""
    return DeliveryReport(
        ChannelKind.VOICE,
        posted.call_id,
        posted.status_code == ANSWERED,
        code_of(posted.status_code),
        moment(posted.end_time),
        posted.out_id if _MESSAGE_ID.fullmatch(posted.out_id) else "",
    )


def tencent_report(posted: TencentReport) -> DeliveryReport:
    """Return a report of Tencent Cloud."""
    return DeliveryReport(
        ChannelKind.SMS,
        posted.sid,
        posted.report_status.upper() == "SUCCESS",
        code_of(posted.errmsg),
        moment(posted.user_receive_time),
    )


def aliyun_reply(posted: AliyunReply) -> Reply:
    """Return a reply that Aliyun forwards."""
    at = moment(posted.send_time)
    return Reply(
        address=posted.phone_number,
        text=visible(posted.content),
        message_id=f"aliyun {posted.sequence_id}" if posted.sequence_id else None,
        received_at=at.replace(tzinfo=UTC) if at else None,
    )


def tencent_reply(posted: TencentReply) -> Reply:
    """Return a reply that Tencent Cloud forwards; it has no id but a time."""
    return Reply(
        address=f"+{posted.nationcode.lstrip('+0')}{posted.mobile}",
        text=visible(posted.text),
        received_at=datetime.fromtimestamp(posted.time, UTC) if posted.time else None,
    )


def moment(text: str) -> datetime | None:
    """Return a time as the providers write it (China's clock), in UTC; None if it is none."""
    try:
        written = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return written.replace(tzinfo=CHINA).astimezone(UTC)


def code_of(text: str) -> str:
    """Return a provider's code without anything else."""
    return _CODE.sub("", text)[:LONGEST_CODE]


def visible(text: str) -> str:
    """Return a text without control characters, which a telephone may send."""
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)
