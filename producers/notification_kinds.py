"""Check of the kinds of notification that a request names: pure.

Stored settings and webhooks are read with any kind; only requests are checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from roost.errors import FieldError, Invalid
from roost.events.notification import NotificationKind
from roost.events.preferences import DeliveryPreferences

KINDS = tuple(kind.value for kind in NotificationKind)


def check_preferences(content: DeliveryPreferences, within: str = "") -> None:
    """Raise Invalid for a kind that does not exist; `within` is the path of the preferences."""
    named = _numbered(f"{within}mutedKinds", content.muted_kinds)
    named += [(f"{within}channelsByKind.{kind}", kind) for kind in content.channels_by_kind]
    _check(named)


def check_kinds(field: str, kinds: Iterable[str]) -> None:
    """Raise Invalid for a kind that does not exist in a list of kinds."""
    _check(_numbered(field, kinds))


def _numbered(field: str, kinds: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"{field}.{number}", kind) for number, kind in enumerate(kinds)]


def _check(named: Iterable[tuple[str, str]]) -> None:
    wrong = tuple(_fault(field, kind) for field, kind in named if kind not in KINDS)
    if wrong:
        first = wrong[0]
        raise Invalid(
            f"{first.field}: {first.message}", f"{first.field}：{first.message_zh}", fields=wrong
        )


def _fault(field: str, kind: str) -> FieldError:
    nearest = get_close_matches(kind, KINDS, 1)
    if nearest:
        return FieldError(
            field,
            f"is no kind of notification; did you mean {nearest[0]}?",
            f"不是通知类型，您是否指 {nearest[0]}？",
        )
    return FieldError(
        field,
        f"is no kind of notification; write one of {', '.join(KINDS)}",
        f"不是通知类型，可选：{'、'.join(KINDS)}",
    )
