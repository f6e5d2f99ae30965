"""Posts of providers: delivery reports and replies, in the providers' own fields.

Providers add fields without notice, so unknown ones are ignored.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from roost.events.common import Model

MOST_REPORTS = 500
"""Maximum number of reports or replies in one post; providers send up to 100."""
Code = Annotated[str, Field(max_length=200)]


class Posted(BaseModel):
    """Base of what providers post."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class AliyunReport(Posted):
    """Delivery report of Aliyun (SmsReport)."""

    biz_id: Code
    success: bool
    err_code: Code = ""
    out_id: Code = ""
    report_time: Code = ""
    send_time: Code = ""


class AliyunReply(Posted):
    """Reply that Aliyun forwards (SmsUp)."""

    phone_number: Annotated[str, Field(min_length=1, max_length=40)]
    content: Annotated[str, Field(max_length=5_000)] = ""
    send_time: Code = ""
    sequence_id: Code = ""


class AliyunCall(Posted):
    """Report on a call of Aliyun (VoiceReport)."""

    call_id: Code
    status_code: Code
    out_id: Code = ""
    end_time: Code = ""


class TencentReport(Posted):
    """Delivery report of Tencent Cloud."""

    sid: Code
    report_status: Code
    errmsg: Code = ""
    user_receive_time: Code = ""


class TencentReply(Posted):
    """Reply that Tencent Cloud forwards."""

    mobile: Annotated[str, Field(min_length=1, max_length=40)]
    nationcode: Annotated[str, Field(max_length=6)] = "86"
    text: Annotated[str, Field(max_length=5_000)] = ""
    time: Annotated[int, Field(ge=0, le=253_402_300_799)] | None = None


class AliyunReceived(Model):
    """Answer that Aliyun expects."""

    code: int = 0
    msg: str = "接收成功"


class TencentReceived(Model):
    """Answer that Tencent Cloud expects."""

    result: int = 0
    errmsg: str = "OK"
