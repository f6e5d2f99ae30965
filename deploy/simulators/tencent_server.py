"""A simulator of Tencent Cloud's SMS: SendSms, reports and replies.

Sources: cloud.tencent.com, "发送短信" (2021-01-11), "短信下发状态通知", "短信回复".
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from deploy.simulators.provider_server import Call, ProviderServer, Reply, SimulatedMessage
from roost.carriers.request_signatures import TC3, SignedRequest, tencent_signature

CHINA = ZoneInfo("Asia/Shanghai")
TOLERANCE = timedelta(minutes=5)
_AUTHORIZATION = re.compile(
    rf"{TC3} Credential=([^/]+)/(\d{{4}}-\d\d-\d\d)/(\w+)/tc3_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
_NUMBER = re.compile(r"\+861[3-9][0-9]{9}")


class TencentSmsServer(ProviderServer):
    """Tencent Cloud's text messages on this computer."""

    provider = "tencent"

    def answer(self, call: Call) -> Reply:
        """Check the signature as Tencent Cloud does, and send."""
        if fault := self._fault(call):
            return self._refused(fault)
        content = orjson.loads(call.body)
        numbers = content["PhoneNumberSet"]
        code = self.next_code()
        if not code and not all(_NUMBER.fullmatch(each) for each in numbers):
            code = "InvalidParameterValue.IncorrectPhoneNumber"
        if code:
            self.refused.append(code)
            return _answered({"SendStatusSet": [_status(numbers[0], code, "")]})
        values = {str(number): each for number, each in enumerate(content["TemplateParamSet"], 1)}
        message = SimulatedMessage(
            self.next_reference(),
            content.get("SessionContext", ""),
            numbers[0],
            content["TemplateId"],
            values,
            self.now(),
        )
        cut = self.keep(message)
        sent = _status(message.number, "Ok", message.reference)
        reply = _answered({"SendStatusSet": [sent]})
        return Reply(reply.content, cut=cut)

    def report(self, message: SimulatedMessage, *, code: str = "DELIVRD") -> int:
        """Report the delivery of a message, or its failure; return the county's status."""
        success = code == "DELIVRD"
        content = {
            "user_receive_time": f"{self.now().astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "nationcode": "86",
            "mobile": message.number.removeprefix("+86"),
            "report_status": "SUCCESS" if success else "FAIL",
            "errmsg": code,
            "description": "用户短信送达成功" if success else "失败",
            "sid": message.reference,
        }
        return self.post("/tencent-reports", [content])

    def reply(self, number: str, text: str) -> int:
        """Forward a person's reply; return the county's status."""
        content = {
            "extend": "",
            "mobile": number.removeprefix("+86"),
            "nationcode": "86",
            "sign": "凤城就业",
            "text": text,
            "time": int(self.now().timestamp()),
        }
        return self.post("/tencent-replies", content)

    def _fault(self, call: Call) -> str:
        found = _AUTHORIZATION.fullmatch(call.headers.get("authorization", ""))
        stamp = call.headers.get("x-tc-timestamp", "")
        if found is None or not stamp.isdigit():
            return "AuthFailure.InvalidAuthorization"
        key_id, day, service, names, signature = found.groups()
        signed = names.split(";")
        if key_id != self.key_id:
            return "AuthFailure.SecretIdNotFound"
        if not {"content-type", "host"} <= set(signed) or set(signed) - set(call.headers):
            return "AuthFailure.SignatureFailure"
        at = datetime.fromtimestamp(int(stamp), UTC)
        if abs(at - self.now()) > TOLERANCE or f"{at:%Y-%m-%d}" != day:
            return "AuthFailure.SignatureExpire"
        request = SignedRequest(
            {name: call.headers[name] for name in signed}, call.query, call.body, call.method
        )
        expected = tencent_signature(self.secret, service, at, request)
        if service != "sms" or not hmac.compare_digest(signature, expected):
            return "AuthFailure.SignatureFailure"
        if call.headers.get("x-tc-action") != "SendSms":
            return "InvalidAction"
        return ""

    def _refused(self, code: str) -> Reply:
        self.refused.append(code)
        return _answered({"Error": {"Code": code, "Message": code}})


def _status(number: str, code: str, reference: str) -> dict[str, Any]:
    return {"SerialNo": reference, "PhoneNumber": number, "Fee": int(code == "Ok"), "Code": code}


def _answered(content: dict[str, Any]) -> Reply:
    return Reply({"Response": content | {"RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}})
