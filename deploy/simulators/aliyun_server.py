"""Simulators of Aliyun's Dysmsapi and Dyvmsapi: texts, calls, reports and replies.

Sources: help.aliyun.com, "SendSms", "QuerySendDetails", "SmsReport", "SmsUp", "SingleCallByTts",
"VoiceReport".
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from deploy.simulators.provider_server import Call, ProviderServer, Reply, SimulatedMessage
from roost.carriers.request_signatures import ACS3, SignedRequest, aliyun_signature

CHINA = ZoneInfo("Asia/Shanghai")
TOLERANCE = timedelta(minutes=15)
LONGEST_VALUE = 35
_AUTHORIZATION = re.compile(
    rf"{ACS3} Credential=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{{64}})"
)
_NUMBER = re.compile(r"1[3-9][0-9]{9}")
REQUIRED = ("host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce")


class AliyunServer(ProviderServer):
    """Base: checks the signature of each call."""

    provider = "aliyun"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._nonces: set[str] = set()

    def answer(self, call: Call) -> Reply:
        """Check the signature as Aliyun does, and answer the action."""
        if fault := self._fault(call):
            return self._refused(fault, 400)
        return self._act(call.headers["x-acs-action"], call.query)

    @abstractmethod
    def _act(self, action: str, query: Mapping[str, str]) -> Reply:
        """Answer a call whose signature is valid."""

    def _fault(self, call: Call) -> str:
        headers = call.headers
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None or any(name not in headers for name in REQUIRED):
            return "MissingParameter"
        key_id, names, signature = found.groups()
        signed = names.split(";")
        everything = {name for name in headers if name.startswith("x-acs-")} | {"host"}
        if key_id != self.key_id:
            return "InvalidAccessKeyId.NotFound"
        if not everything <= set(signed) or any(name not in headers for name in signed):
            return "IncompleteSignature"
        if hashlib.sha256(call.body).hexdigest() != headers["x-acs-content-sha256"]:
            return "SignatureDoesNotMatch"
        request = SignedRequest(
            {name: headers[name] for name in signed}, call.query, call.body, call.method, call.path
        )
        if not hmac.compare_digest(signature, aliyun_signature(self.secret, request)):
            return "SignatureDoesNotMatch"
        at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(at - self.now()) > TOLERANCE:
            return "InvalidTimeStamp.Expired"
        if headers["x-acs-signature-nonce"] in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(headers["x-acs-signature-nonce"])
        return ""

    def _refused(self, code: str, status: int = 200) -> Reply:
        self.refused.append(code)
        return Reply(_said(code), status)


class AliyunSmsServer(AliyunServer):
    """Aliyun's text messages on this computer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sequence = itertools.count(1)
        self._failed: set[str] = set()

    def _act(self, action: str, query: Mapping[str, str]) -> Reply:
        match action:
            case "SendSms":
                return self._send(query)
            case "QuerySendDetails":
                return self._details(query)
            case _:
                return self._refused("InvalidAction.NotFound", 404)

    def report(self, message: SimulatedMessage, *, code: str = "DELIVERED") -> int:
        """Report the delivery of a message, or its failure; return the county's status."""
        success = code == "DELIVERED"
        if not success:
            self._failed.add(message.reference)
        at = f"{self.now().astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        content = {
            "phone_number": message.number,
            "send_time": f"{message.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "report_time": at,
            "success": success,
            "err_code": code,
            "err_msg": "用户接收成功" if success else "失败",
            "sms_size": "1",
            "biz_id": message.reference,
            "out_id": message.out_id,
        }
        return self.post("/aliyun-reports", [content])

    def reply(self, number: str, text: str) -> int:
        """Forward a person's reply; return the county's status."""
        content = {
            "phone_number": number,
            "send_time": f"{self.now().astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "content": text,
            "sign_name": "凤城就业",
            "dest_code": "1069",
            "sequence_id": next(self._sequence),
        }
        return self.post("/aliyun-replies", [content])

    def _send(self, query: Mapping[str, str]) -> Reply:
        code = self.next_code() or _fault_of_message(query)
        if code:
            return self._refused(code)
        message = SimulatedMessage(
            self.next_reference(),
            query.get("OutId", ""),
            query["PhoneNumbers"],
            query["TemplateCode"],
            orjson.loads(query.get("TemplateParam", "{}")),
            self.now(),
        )
        cut = self.keep(message)
        return Reply(_said("OK") | {"BizId": message.reference}, cut=cut)

    def _details(self, query: Mapping[str, str]) -> Reply:
        found = [
            {
                "OutId": each.out_id,
                "PhoneNum": each.number,
                "SendStatus": 2 if each.reference in self._failed else 1,
                "ErrCode": "",
            }
            for each in self.messages
            if each.number == query["PhoneNumber"]
            and f"{each.at.astimezone(CHINA):%Y%m%d}" == query["SendDate"]
        ]
        content = {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": found[:50]}}
        return Reply(_said("OK") | content)


class AliyunVoiceServer(AliyunServer):
    """Aliyun's calls on this computer."""

    def _act(self, action: str, query: Mapping[str, str]) -> Reply:
        if action != "SingleCallByTts":
            return self._refused("InvalidAction.NotFound", 404)
        code = self.next_code()
        if not code and not _NUMBER.fullmatch(query.get("CalledNumber", "")):
            code = "isv.CALLED_NUMBER_ILLEGAL"
        if not code and not query.get("TtsCode", "").startswith("TTS_"):
            code = "isv.VOICE_TEMPLATE_ILLEGAL"
        if code:
            return self._refused(code)
        message = SimulatedMessage(
            f"{self.next_reference()}^1",
            query.get("OutId", ""),
            query["CalledNumber"],
            query["TtsCode"],
            orjson.loads(query.get("TtsParam", "{}")),
            self.now(),
        )
        cut = self.keep(message)
        return Reply(_said("OK") | {"CallId": message.reference}, cut=cut)

    def report(self, message: SimulatedMessage, *, code: str = "200000") -> int:
        """Report the end of a call: answered, or another status; return the county's status."""
        at = f"{self.now().astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        content = {
            "status_code": code,
            "callee": message.number,
            "duration": "10" if code == "200000" else "0",
            "originate_time": at,
            "end_time": at,
            "call_id": message.reference,
            "status_msg": "执行完成",
            "out_id": message.out_id,
            "toll_type": "LOCAL",
        }
        return self.post("/aliyun-calls", [content])


def _fault_of_message(query: Mapping[str, str]) -> str:
    """Return the code for a message that Aliyun would refuse; empty for a good one."""
    if not _NUMBER.fullmatch(query.get("PhoneNumbers", "")):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    if not query.get("SignName"):
        return "isv.SMS_SIGNATURE_ILLEGAL"
    if not query.get("TemplateCode", "").startswith("SMS_"):
        return "isv.SMS_TEMPLATE_ILLEGAL"
    try:
        values = orjson.loads(query.get("TemplateParam", "{}"))
    except orjson.JSONDecodeError:
        return "isv.INVALID_JSON_PARAM"
    texts = [str(each) for each in values.values()]
    if any(len(each) > LONGEST_VALUE for each in texts):
        return "isv.PARAM_LENGTH_LIMIT"
    if any("://" in each for each in texts):
        return "isv.PARAM_NOT_SUPPORT_URL"
    return ""


def _said(code: str) -> dict[str, Any]:
    return {"Code": code, "Message": code, "RequestId": "873043ac-bcda-44db-9052-2e204c6ed20f"}
