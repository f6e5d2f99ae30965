"""Text messages through Aliyun and Tencent Cloud.

Both send approved templates only and know no idempotency key. Aliyun shows by its `OutId`, the
message id, whether a message of today or yesterday was accepted: before a repeat the sink looks it
up. Tencent Cloud offers no such search; there a repeat after a kill cannot be excluded.

Sources: help.aliyun.com, "SendSms" and "QuerySendDetails"; cloud.tencent.com, "发送短信".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from roost.carriers.message_templates import FilledTemplate, TemplateBook
from roost.carriers.provider_answers import Meaning, tencent_meaning
from roost.carriers.request_signatures import SignedRequest, tencent_authorization
from roost.contact.addresses import accepted_address
from roost.errors import Invalid
from roost.events.notification import Answer
from roost.events.preferences import ChannelKind
from roost.time.clock import Clock
from roost.time.leases import Lease
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater
from streams.deliver.providers.aliyun_calls import AliyunCalls, code_of
from streams.deliver.providers.provider_client import ProviderAnswer, ProviderClient
from streams.deliver.providers.provider_urls import ProviderAccount

CHINA = ZoneInfo("Asia/Shanghai")
"""Zone of the days by which Aliyun lists messages."""
HOME = "+86"
LISTED_WITHIN_S = 60.0
"""Shortest wait after a send without an answer: Aliyun's list of messages may lag behind."""
FAILED = 2
"""SendStatus of a message that Aliyun could not deliver."""


class AliyunSmsSink:
    """A sink for Aliyun's Dysmsapi."""

    knows_ids = True

    def __init__(self, account: ProviderAccount, clock: Clock) -> None:
        self._sign = account.options["sign"]
        self._templates = account.templates
        self._calls = AliyunCalls(account, "aliyun-sms", clock)

    def billed_text(self, message: Message) -> str:
        """Return the text with the sign name."""
        filled = self._templates.fill(message.kind, message.values, chinese=message.chinese)
        return "" if filled is None else f"【{self._sign}】{filled.text}"

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        """Send a message, unless an earlier attempt of it was accepted."""
        number = telephone_number(address)
        if message.repeated and (found := await self._accepted_before(message.id, number, at)):
            return found
        filled = filled_template(self._templates, message)
        parameters = {
            "PhoneNumbers": number,
            "SignName": self._sign,
            "TemplateCode": filled.id,
            "OutId": message.id,
        }
        if filled.values:
            parameters["TemplateParam"] = orjson.dumps(dict(filled.values)).decode()
        answer = await self._sent(parameters, lease)
        meaning, code, request_id = code_of(answer)
        self._calls.client.check(answer, meaning, code, request_id)
        return self._calls.client.accepted(answer, str(answer.content.get("BizId", "")), request_id)

    async def _sent(self, parameters: Mapping[str, str], lease: Lease) -> ProviderAnswer:
        """Send once; without an answer wait until Aliyun's list shows the message, if it has it."""
        try:
            return await self._calls.call("SendSms", parameters, lease)
        except RetryLater as error:
            raise RetryLater(error.message, LISTED_WITHIN_S) from None

    async def _accepted_before(self, id: str, number: str, at: datetime) -> Answer | None:
        """Return the answer of an earlier attempt by its id. Raises as `send` does."""
        today = at.astimezone(CHINA)
        for day in (today, today - timedelta(days=1)):
            parameters = {
                "PhoneNumber": number,
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": "50",
                "CurrentPage": "1",
            }
            answer = await self._calls.call("QuerySendDetails", parameters)
            meaning, code, request_id = code_of(answer)
            self._calls.client.check(answer, meaning, code, request_id)
            found = answer.content.get("SmsSendDetailDTOs") or {}
            for each in found.get("SmsSendDetailDTO") or ():
                if each.get("OutId") != id:
                    continue
                failed = each.get("SendStatus") == FAILED
                code = str(each.get("ErrCode", ""))
                self._calls.client.check(
                    answer, Meaning.PERMANENT if failed else Meaning.ACCEPTED, code, request_id
                )
                return self._calls.client.accepted(answer, id, request_id)
        return None


class TencentSmsSink:
    """A sink for Tencent Cloud's SMS."""

    knows_ids = False

    def __init__(self, account: ProviderAccount, clock: Clock) -> None:
        self._account = account
        self._sign = account.options["sign"]
        self._clock = clock
        self._templates = account.templates
        self._client = ProviderClient("tencent-sms", account.base_url, clock)

    def billed_text(self, message: Message) -> str:
        """Return the text with the sign name."""
        filled = self._templates.fill(message.kind, message.values, chinese=message.chinese)
        return "" if filled is None else f"【{self._sign}】{filled.text}"

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        """Send a message."""
        filled = filled_template(self._templates, message)
        body = orjson.dumps(
            {
                "PhoneNumberSet": [telephone_number(address, international=True)],
                "SmsSdkAppId": self._account.options["app"],
                "SignName": self._sign,
                "TemplateId": filled.id,
                "TemplateParamSet": list(filled.values.values()),
                "SessionContext": message.id,
            }
        )
        answer = await self._client.call("/", body, self._headers(body), lease)
        response = answer.content.get("Response") or {}
        sent: dict[str, Any] = next(iter(response.get("SendStatusSet") or ()), {})
        code = str((response.get("Error") or sent).get("Code", ""))
        request_id = str(response.get("RequestId", ""))
        self._client.check(answer, tencent_meaning(code), code, request_id)
        return self._client.accepted(answer, str(sent.get("SerialNo", "")), request_id)

    def _headers(self, body: bytes) -> dict[str, str]:
        account, at = self._account, self._clock.now()
        signed = {
            "content-type": "application/json; charset=utf-8",
            "host": account.host,
            "x-tc-action": "SendSms",
        }
        authorization = tencent_authorization(
            account.key_id, account.secret, "sms", at, SignedRequest(signed, {}, body)
        )
        return {
            **signed,
            "authorization": authorization,
            "x-tc-timestamp": str(int(at.timestamp())),
            "x-tc-version": "2021-01-11",
            "x-tc-region": account.options.get("region", "ap-guangzhou"),
        }


def telephone_number(address: str, *, international: bool = False) -> str:
    """Return a number as the providers take it: at home without the country code.

    Raises DeliveryRefused for an address that is not accepted today.
    """
    try:
        accepted = accepted_address(ChannelKind.SMS, address)
    except Invalid:
        raise DeliveryRefused(
            "The address is not one that this channel can send to", "该渠道无法发送到这个地址"
        ) from None
    if international:
        return accepted
    return accepted.removeprefix(HOME) if accepted.startswith(HOME) else accepted.lstrip("+")


def filled_template(templates: TemplateBook, message: Message) -> FilledTemplate:
    """Return the approved template of a message. Raises DeliveryRefused if there is none."""
    filled = templates.fill(message.kind, message.values, chinese=message.chinese)
    if filled is None:
        raise DeliveryRefused(
            f"The templates have none for {message.kind or 'this message'}, and no other",
            "该消息没有已审核的短信模板",
        )
    return filled
