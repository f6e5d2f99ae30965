"""The sink of each kind of channel, as the settings name it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from roost.errors import RoostError
from roost.events.preferences import ChannelKind
from roost.time.clock import Clock
from streams.deliver.channels import AppriseSink, OutboxSink
from streams.deliver.delivery_errors import Sink
from streams.deliver.outbox import Outbox
from streams.deliver.providers.provider_sinks import provider_sink

DEDUPLICATING = frozenset({ChannelKind.INBOX, ChannelKind.WEBHOOK})


def resolve_url(kind: str, value: str, environment: Mapping[str, str]) -> str:
    """Return a channel's URL; `env:NAME` and `file:/path` name where to read it.

    Raises RoostError, which names the setting and the remedy, never the setting's value.
    """
    setting = f"ROOST_CHANNEL_URLS, {kind}"
    if value.startswith("env:"):
        name = value.removeprefix("env:")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise RoostError(
                f"{setting}: what follows env: is not a variable's name; write env:NAME.",
                f"{setting}：“env:”之后不是环境变量名，请写成 env:NAME。",
            )
        found = environment.get(name, "")
        where, where_zh = f"the variable {name}", f"环境变量 {name}"
    elif value.startswith("file:"):
        path = Path(value.removeprefix("file:"))
        try:
            found = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise RoostError(
                f"{setting}: its file cannot be read ({type(error).__name__}); write "
                "file:/path and let this process read it.",
                f"{setting}：文件无法读取（{type(error).__name__}），请写成 file:/path。",
            ) from None
        where, where_zh = "its file", "该文件"
    else:
        return value
    if not found.strip():
        raise RoostError(
            f"{setting}: {where} is empty or not there; put the channel's Apprise URL into it.",
            f"{setting}：{where_zh}为空或不存在，请写入该渠道的 Apprise URL。",
        )
    return found.strip()


def build_sinks(
    urls: Mapping[str, str],
    outbox: Outbox,
    clock: Clock,
    environment: Mapping[str, str] = os.environ,
) -> dict[ChannelKind, Sink]:
    """Return a sink for each kind of channel: a provider, the county's service or the outbox.

    Raises RoostError for a setting that cannot be used.
    """
    configured = {kind: resolve_url(kind, url, environment) for kind, url in urls.items()}
    return {
        kind: _sink(kind, configured[kind.value], clock)
        if kind.value in configured
        else OutboxSink(outbox, kind)
        for kind in ChannelKind
    }


def _sink(kind: ChannelKind, url: str, clock: Clock) -> Sink:
    found = provider_sink(kind, url, clock)
    return found or AppriseSink(url, kind, knows_ids=kind in DEDUPLICATING)
