"""Form of a worker's notification settings: kinds, channels and times. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import TICKED, Layout, Typed, put
from api.console.shell.quiet_hours import own_quiet_hours
from roost.events.notification import NotificationKind as K
from roost.events.preferences import ChannelKind

KINDS = (
    K.NEW_MATCH,
    K.SAVED_SEARCH,
    K.MATCH_CLAIMED,
    K.INTERVIEW_SET,
    K.INTERVIEW_CANCELLED,
    K.MATCH_PLACED,
    K.OPENING_CLOSED,
    K.OPENING_PAUSED,
    K.OPENING_RESUMED,
    K.REQUEST_ANSWERED,
    K.STATION_MESSAGE,
    K.SHARING_ASKED,
    K.POLICY_NEWS,
)
"""Kinds of notification that workers receive."""
WAYS = tuple(f"ways.{kind.value}" for kind in KINDS)
LAYOUT = Layout(
    texts=(
        "language",
        "timeZone",
        "quietHours.begins",
        "quietHours.ends",
        "digest.pace",
        "digest.at",
        "digest.weekday",
    ),
    choices=("kinds", *WAYS),
    ticks=("muted", "ownQuietHours"),
)


def form_values(preferences: Mapping[str, Any]) -> Typed:
    """Return preferences as form values: unmuted kinds are ticked."""
    muted = set(preferences.get("mutedKinds", ()))
    by_kind = preferences.get("channelsByKind", {})
    typed = LAYOUT.shown(preferences)
    typed["kinds"] = tuple(kind.value for kind in KINDS if kind.value not in muted)
    for kind in KINDS:
        typed[f"ways.{kind.value}"] = tuple(by_kind.get(kind.value, ()))
    typed["ownQuietHours"] = TICKED if preferences.get("quietHours") else ""
    for name in ("quietHours.begins", "quietHours.ends", "digest.at"):
        typed[name] = typed[name][:5]
    return typed


def wire_of(typed: Typed, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the preferences as JSON values.

    The snooze and the kinds that the form does not show keep their stored values.
    """
    wire = LAYOUT.wire(typed)
    wire.pop("kinds", None)
    wire.pop("ways", None)
    wire.pop("ownQuietHours")
    wire.pop("quietHours", None)
    if (own := own_quiet_hours(typed, stored.get("quietHours"))) is not None:
        wire["quietHours"] = own
    ours = {kind.value for kind in KINDS}
    others = [kind for kind in stored.get("mutedKinds", ()) if kind not in ours]
    wire["mutedKinds"] = [
        *others,
        *(kind.value for kind in KINDS if kind.value not in typed["kinds"]),
    ]
    kept = {
        kind: ways for kind, ways in stored.get("channelsByKind", {}).items() if kind not in ours
    }
    put(wire, "channelsByKind", kept)
    for kind in KINDS:
        if ways := typed[f"ways.{kind.value}"]:
            wire["channelsByKind"][kind.value] = list(ways)
    if "snoozedUntil" in stored:
        wire["snoozedUntil"] = stored["snoozedUntil"]
    return wire


def channels_of(profile: Mapping[str, Any]) -> list[str]:
    """Return the kinds of channel that reach this worker, the inbox first."""
    kinds = [each["kind"] for each in profile.get("channels", ())]
    return list(dict.fromkeys([ChannelKind.INBOX.value, *kinds]))
