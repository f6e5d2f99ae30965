"""The provider that a channel's URL names, by its scheme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from roost.events.preferences import ChannelKind
from roost.time.clock import Clock
from streams.deliver.delivery_errors import Sink
from streams.deliver.providers.provider_urls import ProviderAccount, bad_setting, provider_account
from streams.deliver.providers.sms_sinks import AliyunSmsSink, TencentSmsSink
from streams.deliver.providers.voice_sinks import AliyunVoiceSink
from streams.deliver.providers.wechat_sinks import OfficialAccountSink, WeComSink


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: the channel that it serves, its options, and its sink."""

    channel: ChannelKind
    sink: Callable[[ProviderAccount, Clock], Sink]
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "aliyun-sms": Provider(ChannelKind.SMS, AliyunSmsSink, frozenset({"sign", "templates"})),
        "tencent-sms": Provider(
            ChannelKind.SMS,
            TencentSmsSink,
            frozenset({"app", "sign", "templates"}),
            frozenset({"region"}),
        ),
        "aliyun-voice": Provider(
            ChannelKind.VOICE, AliyunVoiceSink, frozenset({"templates"}), frozenset({"number"})
        ),
        "wecom-app": Provider(ChannelKind.WECOM, WeComSink, frozenset({"agent"})),
        "wechat-account": Provider(
            ChannelKind.WECHAT,
            OfficialAccountSink,
            frozenset({"templates"}),
            frozenset({"messages"}),
        ),
    }
)
"""Providers by the scheme of their URL."""


def provider_sink(kind: ChannelKind, url: str, clock: Clock) -> Sink | None:
    """Return the sink of a provider's URL; None for another URL. Raises RoostError."""
    provider = PROVIDERS.get(url.partition("://")[0])
    if provider is None:
        return None
    if provider.channel is not kind:
        raise bad_setting(
            kind.value,
            f"this provider serves {provider.channel.value}",
            f"该服务商对应的渠道是 {provider.channel.value}",
        )
    account = provider_account(kind.value, url, provider.required, provider.optional)
    return provider.sink(account, clock)
