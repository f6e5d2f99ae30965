"""Calls that read a message aloud, through Aliyun (SingleCallByTts).

Only the voice report says whether a person answered. A call has no idempotency key, and Aliyun
cannot be asked by our id: set `ROOST_PARK_AMBIGUOUS` if nobody may be called twice.

Source: help.aliyun.com, "SingleCallByTts".
"""

from __future__ import annotations

from datetime import datetime

import orjson

from roost.carriers.speech import speech
from roost.events.notification import Answer
from roost.time.clock import Clock
from roost.time.leases import Lease
from roost.wording import Message
from streams.deliver.providers.aliyun_calls import AliyunCalls, code_of
from streams.deliver.providers.provider_urls import ProviderAccount
from streams.deliver.providers.sms_sinks import filled_template, telephone_number

TIMES = "2"
"""Number of times that a message is read in one call."""


class AliyunVoiceSink:
    """A sink for Aliyun's Dyvmsapi."""

    knows_ids = False

    def __init__(self, account: ProviderAccount, clock: Clock) -> None:
        self._number = account.options.get("number", "")
        self._templates = account.templates
        self._calls = AliyunCalls(account, "aliyun-voice", clock)

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        """Call a number; the answer says that the call was accepted, not that it was answered."""
        filled = filled_template(self._templates, message)
        parameters = {
            "CalledNumber": telephone_number(address),
            "TtsCode": filled.id,
            "PlayTimes": TIMES,
            "OutId": message.id,
        }
        if self._number:
            parameters["CalledShowNumber"] = self._number
        if filled.values:
            spoken = {name: speech(value) for name, value in filled.values.items()}
            parameters["TtsParam"] = orjson.dumps(spoken).decode()
        answer = await self._calls.call("SingleCallByTts", parameters, lease)
        meaning, code, request_id = code_of(answer)
        self._calls.client.check(answer, meaning, code, request_id)
        return self._calls.client.accepted(
            answer, str(answer.content.get("CallId", "")), request_id
        )
