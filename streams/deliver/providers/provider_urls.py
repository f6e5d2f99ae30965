"""Addresses of providers in `ROOST_CHANNEL_URLS`: account, host and options.

    aliyun-sms://KEY_ID:SECRET@dysmsapi.aliyuncs.com/?sign=凤城就业&templates=/etc/roost/sms.json

Key and secret are percent-encoded. A provider is called over https. `plain=yes` calls over http,
for the simulator of `roost listen` on this computer alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from roost.carriers.message_templates import TemplateBook, read_templates
from roost.errors import RoostError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """Account at a provider, and the host where it is called."""

    scheme: str
    key_id: str
    secret: str = field(repr=False)
    host: str
    """Host with its port, if one is given."""
    options: Mapping[str, str]
    plain: bool = False

    @property
    def base_url(self) -> str:
        """URL of the host without a final slash."""
        return f"{'http' if self.plain else 'https'}://{self.host}"

    @property
    def templates(self) -> TemplateBook:
        """The approved templates of this channel. Raises RoostError."""
        return read_templates(Path(self.options["templates"]))


def provider_account(
    kind: str, url: str, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> ProviderAccount:
    """Return the account of a URL. Raises RoostError, which never repeats the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad_setting(kind, "its URL cannot be read", "网址无法识别") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    plain = options.pop("plain", "") == "yes"
    if not parts.username or not parts.password or not parts.hostname:
        raise bad_setting(
            kind,
            "write scheme://KEY:SECRET@host/?…, each percent-encoded",
            "请写成 scheme://KEY:SECRET@host/?…，密钥需做百分号编码",
        )
    if missing := sorted(required - {name for name, value in options.items() if value}):
        named = ", ".join(missing)
        raise bad_setting(kind, f"add {named} to its URL", f"请在网址中补充 {named}")
    if unknown := sorted(set(options) - required - optional):
        named = ", ".join(unknown)
        raise bad_setting(kind, f"it has no option {named}", f"没有选项 {named}")
    if plain and parts.hostname not in LOOPBACK:
        raise bad_setting(kind, "plain=yes is for this computer only", "plain=yes 仅可用于本机")
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return ProviderAccount(
        parts.scheme, unquote(parts.username), unquote(parts.password), host, options, plain
    )


def bad_setting(kind: str, why: str, why_zh: str) -> RoostError:
    """Return the error for a channel's URL that cannot be used."""
    setting = f"ROOST_CHANNEL_URLS, {kind}"
    return RoostError(f"{setting}: {why}.", f"{setting}：{why_zh}。")
