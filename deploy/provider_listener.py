"""`roost listen --provider`: a simulated provider of messages on this computer."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Mapping
from threading import Event, Thread
from typing import Protocol, runtime_checkable

import httpx
import typer

from deploy.simulators.aliyun_server import AliyunSmsServer, AliyunVoiceServer
from deploy.simulators.provider_server import ProviderServer, SimulatedMessage
from deploy.simulators.tencent_server import TencentSmsServer
from deploy.simulators.wechat_server import WeChatServer
from roost.carriers.report_links import report_url
from roost.errors import RoostError
from roost.security.county_key import existing_county_key
from roost.settings import Settings
from roost.text.terminal_text import terminal_text

SERVERS: Mapping[str, type[ProviderServer]] = {
    "aliyun-sms": AliyunSmsServer,
    "tencent-sms": TencentSmsServer,
    "aliyun-voice": AliyunVoiceServer,
    "wecom-app": WeChatServer,
    "wechat-account": WeChatServer,
}
KINDS = {
    "aliyun-sms": "sms",
    "tencent-sms": "sms",
    "aliyun-voice": "voice",
    "wecom-app": "wecom",
    "wechat-account": "wechat",
}
OPTIONS = {
    "aliyun-sms": "sign=凤城就业&templates=/path/to/sms.json",
    "tencent-sms": "app=1400006666&sign=凤城就业&templates=/path/to/sms.json",
    "aliyun-voice": "templates=/path/to/calls.json",
    "wecom-app": "agent=1000002",
    "wechat-account": "templates=/path/to/wechat.json",
}
"""The options that each provider's URL needs in addition."""
TRIES = 10
"""Most posts of one report; a real provider repeats it three times within some minutes."""


@runtime_checkable
class Reporting(Protocol):
    """The method of a simulator that reports a delivery."""

    def report(self, message: SimulatedMessage) -> int: ...


@runtime_checkable
class Replying(Protocol):
    """The method of a simulator that forwards a reply."""

    def reply(self, number: str, text: str) -> int: ...


def listen_as_provider(provider: str, port: int) -> None:
    """Run a simulator until Ctrl-C; lines such as `13800138000 TD` are forwarded as replies."""
    secret = secrets.token_urlsafe(12)
    with simulator(provider, port, secret, _callback()) as server:
        address = f"127.0.0.1:{server.server_port}"
        url = f"{provider}://demo:{secret}@{address}/?{OPTIONS[provider]}&plain=yes"
        print(f"set ROOST_CHANNEL_URLS='{json.dumps({KINDS[provider]: url}, ensure_ascii=False)}'")
        print(f"simulating {provider} at {address}; stop with Ctrl-C", flush=True)
        Thread(target=forward_replies, args=(server, sys.stdin), daemon=True).start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)


def simulator(provider: str, port: int, secret: str, callback_url: str) -> ProviderServer:
    """Return a simulator that prints each message and reports it as delivered."""
    if provider not in SERVERS:
        known = ", ".join(SERVERS)
        raise typer.BadParameter(f"{provider}: no such provider; choose one of {known}")
    server = SERVERS[provider](port, "demo", secret, callback_url)
    server.on_message = lambda message: _show(server, message)
    return server


def forward_replies(server: ProviderServer, lines: Iterable[str]) -> None:
    """Forward each line `NUMBER TEXT` as a reply, if the provider forwards replies."""
    for line in lines:
        number, _, text = line.strip().partition(" ")
        if not number or not text:
            continue
        if not server.callback_url or not isinstance(server, Replying):
            print("replies are not forwarded: no county key, or a provider without", flush=True)
            continue
        try:
            print(f"reply forwarded: {server.reply(number, text.strip())}", flush=True)
        except httpx.HTTPError as error:
            print(f"the reply was not taken: {type(error).__name__}", file=sys.stderr)


def _callback() -> str:
    """Return the beginning of the county's addresses; empty if this machine has no county key."""
    settings = Settings()
    try:
        key = existing_county_key(settings)
    except RoostError:
        key = None
    return report_url(settings.public_url, key) if key else ""


def _show(server: ProviderServer, message: SimulatedMessage) -> None:
    values = ", ".join(f"{name}={value}" for name, value in message.values.items())
    print(terminal_text(f"{message.number} {message.template} {values}"), flush=True)
    if server.callback_url and isinstance(server, Reporting):
        Thread(target=report_until_taken, args=(server, message), daemon=True).start()


def report_until_taken(server: Reporting, message: SimulatedMessage, pause_s: float = 1.0) -> bool:
    """Report a delivery until the county takes it, as a provider does; return whether it did."""
    pause = Event()
    for _ in range(TRIES):
        try:
            if server.report(message) == httpx.codes.OK:
                return True
        except httpx.HTTPError as error:
            print(f"the report was not taken: {type(error).__name__}", file=sys.stderr)
        pause.wait(pause_s)
    return False
