"""A simulator of WeCom's application messages and of an official account's messages.

It gives tokens that expire, drops repeats as the services do, and refuses calls without a token.
Sources: developer.work.weixin.qq.com, "获取access_token", "发送应用消息"; developers.weixin.qq.com,
"获取稳定版接口调用凭据", "发送模板消息", "发送订阅通知".
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from deploy.simulators.provider_server import Call, ProviderServer, Reply, SimulatedMessage

LIFE_S = 7_200
KEPT_IDS = timedelta(minutes=10)
"""Time for which an official account drops a repeated `client_msg_id`."""
LONGEST_TEXT = 2_048


class WeChatServer(ProviderServer):
    """WeCom and an official account on this computer."""

    provider = "wechat"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens: list[str] = []
        """All tokens given; the last one is valid until `expire`."""
        self.life_s = LIFE_S
        self.unknown_users: set[str] = set()
        self._serial = itertools.count(1)
        self._valid = ""
        self._seen: dict[tuple[str, ...], datetime] = {}

    def expire(self) -> None:
        """End the current token before its time."""
        self._valid = ""

    def answer(self, call: Call) -> Reply:
        """Give a token, or check it and send."""
        if call.path in {"/cgi-bin/gettoken", "/cgi-bin/stable_token"}:
            return self._token(call)
        if code := self.next_code():
            return self._refused(int(code))
        if not self._valid or call.query.get("access_token") != self._valid:
            return self._refused(42001)
        content = orjson.loads(call.body)
        match call.path:
            case "/cgi-bin/message/send":
                return self._send_application(content)
            case "/cgi-bin/message/template/send":
                return self._send_template(content, content.get("client_msg_id", ""))
            case "/cgi-bin/message/subscribe/bizsend":
                return self._send_template(content, "")
            case _:
                return self._refused(40066)

    def _token(self, call: Call) -> Reply:
        given = dict(call.query) if call.method == "GET" else orjson.loads(call.body)
        key = given.get("corpid") or given.get("appid")
        secret = given.get("corpsecret") or given.get("secret")
        if key != self.key_id:
            return self._refused(40013)
        if secret != self.secret:
            return self._refused(40125)
        if not self._valid:
            self._valid = f"token-{next(self._serial)}"
            self.tokens.append(self._valid)
        return _said({"errcode": 0, "access_token": self._valid, "expires_in": self.life_s})

    def _send_application(self, content: Mapping[str, Any]) -> Reply:
        user = content["touser"]
        if user in self.unknown_users:
            return self._refused(81013)
        texts = content.get("text") or content.get("textcard") or {}
        whole = texts.get("content") or texts.get("description", "")
        if len(whole.encode()) > LONGEST_TEXT:
            return self._refused(40058)
        interval = timedelta(seconds=content.get("duplicate_check_interval", 1_800))
        checks = content.get("enable_duplicate_check") == 1
        values = {"text": whole}
        message = self._message(user, "", content["msgtype"], values, texts.get("title", ""))
        again = checks and self._is_repeat((user, whole), interval)
        return self._accepted(message, again=again)

    def _send_template(self, content: Mapping[str, Any], id: str) -> Reply:
        user = content["touser"]
        if user in self.unknown_users:
            return self._refused(43101)
        values = {name: each["value"] for name, each in content["data"].items()}
        message = self._message(user, id, content["template_id"], values)
        return self._accepted(message, again=bool(id) and self._is_repeat((user, id), KEPT_IDS))

    def _message(
        self, user: str, id: str, template: str, values: dict[str, str], title: str = ""
    ) -> SimulatedMessage:
        reference = self.next_reference()
        return SimulatedMessage(reference, id, user, template, values, self.now(), title)

    def _accepted(self, message: SimulatedMessage, *, again: bool) -> Reply:
        cut = False if again else self.keep(message)
        return Reply({"errcode": 0, "errmsg": "ok", "msgid": message.reference}, cut=cut)

    def _is_repeat(self, key: tuple[str, ...], interval: timedelta) -> bool:
        before, now = self._seen.get(key), self.now()
        if before is not None and now - before < interval:
            return True
        self._seen[key] = now
        return False

    def _refused(self, code: int) -> Reply:
        self.refused.append(str(code))
        return _said({"errcode": code, "errmsg": "refused"})


def _said(content: dict[str, Any]) -> Reply:
    return Reply(content)
