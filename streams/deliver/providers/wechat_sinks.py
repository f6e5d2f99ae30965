"""Messages of an application of WeCom (企业微信), and template messages of an official account.

WeCom drops a message with the same content to the same person within `DUPLICATES_S`. An official
account drops a template message with the same `client_msg_id` within ten minutes; subscription
messages (订阅通知) have no such field.

Sources: developer.work.weixin.qq.com, "发送应用消息"; developers.weixin.qq.com, "发送模板消息",
"发送订阅通知", "获取稳定版接口调用凭据".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from roost.carriers.provider_answers import Meaning, wechat_meaning
from roost.contact.addresses import accepted_address
from roost.errors import Invalid
from roost.events.notification import Answer
from roost.events.preferences import ChannelKind
from roost.time.clock import Clock
from roost.time.leases import UNBOUNDED, Lease
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused
from streams.deliver.providers.access_tokens import AccessTokens
from streams.deliver.providers.provider_client import ProviderAnswer, ProviderClient
from streams.deliver.providers.provider_urls import ProviderAccount, bad_setting
from streams.deliver.providers.sms_sinks import filled_template

DUPLICATES_S = 14_400
"""Longest interval within which WeCom drops a message with the same content."""
LONGEST_TEXT = 2_048
"""Maximum length of a text of WeCom, in bytes of UTF-8."""
LONGEST_TITLE, LONGEST_CARD = 128, 512
"""Maximum lengths of a card of WeCom, in bytes of UTF-8."""
JSON = {"content-type": "application/json; charset=utf-8"}


class WeChatCalls:
    """Calls with an access token, which is renewed once if the service no longer accepts it."""

    def __init__(self, client: ProviderClient, tokens: AccessTokens) -> None:
        self._client = client
        self._tokens = tokens

    async def post(self, path: str, content: dict[str, Any], lease: Lease) -> ProviderAnswer:
        """Post JSON; return an accepted answer. Raises DeliveryRefused, Transient or LeaseEnded."""
        answer = await self._posted(path, content, lease)
        if wechat_meaning(code_of(answer)) is Meaning.TOKEN:
            answer = await self._posted(path, content, lease)
        code = code_of(answer)
        self._client.check(answer, wechat_meaning(code), str(code), "")
        return answer

    async def _posted(self, path: str, content: dict[str, Any], lease: Lease) -> ProviderAnswer:
        token = await self._tokens.current()
        where = f"{path}?access_token={quote(token, safe='')}"
        answer = await self._client.call(where, orjson.dumps(content), JSON, lease)
        if wechat_meaning(code_of(answer)) is Meaning.TOKEN:
            self._tokens.drop(token)
        return answer


class WeComSink:
    """A sink for messages of a WeCom application to one member."""

    knows_ids = True

    def __init__(self, account: ProviderAccount, clock: Clock) -> None:
        agent = account.options["agent"]
        if not agent.isascii() or not agent.isdigit():
            raise bad_setting("wecom", "agent is not a number", "agent 不是数字")
        self._agent = int(agent)
        self._account = account
        self._client = ProviderClient("wecom-app", account.base_url, clock)
        self._calls = WeChatCalls(self._client, AccessTokens(self._token, clock))

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        """Send a text or, for a message with a page, a card."""
        content = {
            "touser": account_of(ChannelKind.WECOM, address),
            "agentid": self._agent,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATES_S,
            **wecom_content(message),
        }
        answer = await self._calls.post("/cgi-bin/message/send", content, lease)
        if answer.content.get("invaliduser"):
            self._client.check(answer, Meaning.PERMANENT, "invaliduser", "")
        return self._client.accepted(answer, str(answer.content.get("msgid", "")))

    async def _token(self) -> tuple[str, float]:
        key, secret = (
            quote(each, safe="") for each in (self._account.key_id, self._account.secret)
        )
        where = f"/cgi-bin/gettoken?corpid={key}&corpsecret={secret}"
        return token_of(self._client, await self._client.call(where, b"", {}, method="GET"))


class OfficialAccountSink:
    """A sink for template or subscription messages of an official account (服务号)."""

    def __init__(self, account: ProviderAccount, clock: Clock) -> None:
        self._account = account
        self._templates = account.templates
        self._subscribed = account.options.get("messages") == "subscribe"
        self.knows_ids = not self._subscribed
        self._client = ProviderClient("wechat-account", account.base_url, clock)
        self._calls = WeChatCalls(self._client, AccessTokens(self._token, clock))

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        """Send a message by its template to an openid."""
        filled = filled_template(self._templates, message)
        content: dict[str, Any] = {
            "touser": account_of(ChannelKind.WECHAT, address),
            "template_id": filled.id,
            "data": {name: {"value": value} for name, value in filled.values.items()},
        }
        if self._subscribed:
            path = "/cgi-bin/message/subscribe/bizsend"
        else:
            path = "/cgi-bin/message/template/send"
            content |= {"client_msg_id": message.id, "url": message.values.get("link", "")}
        answer = await self._calls.post(path, content, lease)
        return self._client.accepted(answer, str(answer.content.get("msgid", "")))

    async def _token(self) -> tuple[str, float]:
        """Fetch the stable token, which all processes share."""
        content = {
            "grant_type": "client_credential",
            "appid": self._account.key_id,
            "secret": self._account.secret,
        }
        body = orjson.dumps(content)
        answer = await self._client.call("/cgi-bin/stable_token", body, JSON, UNBOUNDED)
        return token_of(self._client, answer)


def wecom_content(message: Message) -> dict[str, Any]:
    """Return the part of a WeCom message that depends on its kind: a card or a text."""
    link = message.values.get("link", "")
    if not link:
        text = bounded(f"{message.title}\n{message.body}", LONGEST_TEXT)
        return {"msgtype": "text", "text": {"content": text}}
    card = {
        "title": bounded(message.title, LONGEST_TITLE),
        "description": bounded(message.body, LONGEST_CARD),
        "url": link,
    }
    return {"msgtype": "textcard", "textcard": card}


def bounded(text: str, most: int) -> str:
    """Return the text cut to a number of bytes of UTF-8, at a character."""
    return text.encode()[:most].decode("utf-8", "ignore")


def token_of(client: ProviderClient, answer: ProviderAnswer) -> tuple[str, float]:
    """Return the token of an answer and its life in seconds. Raises as `send` does."""
    code = code_of(answer)
    token = str(answer.content.get("access_token", ""))
    meaning = wechat_meaning(code)
    if meaning is Meaning.ACCEPTED and not token:
        meaning = Meaning.LATER
    if meaning in {Meaning.TOKEN, Meaning.PERMANENT}:
        meaning = Meaning.SETTINGS  # the account is at fault, no message and no address
    client.check(answer, meaning, str(code), "")
    return token, float(answer.content.get("expires_in", 0))


def code_of(answer: ProviderAnswer) -> int:
    """Return the `errcode` of an answer; -1, which is tried later, without one."""
    code = answer.content.get("errcode", 0 if answer.content else -1)
    return code if isinstance(code, int) else -1


def account_of(kind: ChannelKind, address: str) -> str:
    """Return the one account of an address. Raises DeliveryRefused if it is not accepted today."""
    try:
        return accepted_address(kind, address)
    except Invalid:
        raise DeliveryRefused(
            "The address is not one that this channel can send to", "该渠道无法发送到这个地址"
        ) from None
