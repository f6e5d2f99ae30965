"""How a worker wants to be told, as a form: the kinds that come, by which ways, and when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import TICKED, Layout, Typed, put
from roost.events.notification import NotificationKind as K
from roost.events.preferences import ChannelKind

KINDS = (
    K.NEW_MATCH,
    K.MATCH_CLAIMED,
    K.INTERVIEW_SET,
    K.MATCH_PLACED,
    K.OPENING_CLOSED,
    K.REQUEST_ANSWERED,
    K.POLICY_NEWS,
)
"""Of which a worker is told."""
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


def shown(said: Mapping[str, Any]) -> Typed:
    muted = set(said.get("mutedKinds", ()))
    typed = LAYOUT.shown(said)
    typed["kinds"] = tuple(kind.value for kind in KINDS if kind.value not in muted)
    for kind in KINDS:
        typed[f"ways.{kind.value}"] = tuple(said.get("channelsByKind", {}).get(kind.value, ()))
    typed["ownQuietHours"] = TICKED if said.get("quietHours") else ""
    for name in ("quietHours.begins", "quietHours.ends", "digest.at"):
        typed[name] = typed[name][:5]
    return typed


def wire_of(typed: Typed, standing: Mapping[str, Any]) -> dict[str, Any]:
    """What the form does not show (a snooze, kinds that are no worker's) stays as it is."""
    said = LAYOUT.wire(typed)
    said.pop("kinds", None)
    said.pop("ways", None)
    if not said.pop("ownQuietHours"):
        said.pop("quietHours", None)
    ours = {kind.value for kind in KINDS}
    others = [kind for kind in standing.get("mutedKinds", ()) if kind not in ours]
    said["mutedKinds"] = [
        *others,
        *(kind.value for kind in KINDS if kind.value not in typed["kinds"]),
    ]
    kept = {
        kind: ways for kind, ways in standing.get("channelsByKind", {}).items() if kind not in ours
    }
    put(said, "channelsByKind", kept)
    for kind in KINDS:
        if ways := typed[f"ways.{kind.value}"]:
            said["channelsByKind"][kind.value] = list(ways)
    if "snoozedUntil" in standing:
        said["snoozedUntil"] = standing["snoozedUntil"]
    return said


def ways_of(profile: Mapping[str, Any]) -> list[str]:
    """The ways in which this worker can be reached, the inbox among them."""
    kinds = [each["kind"] for each in profile.get("channels", ())]
    return list(dict.fromkeys([ChannelKind.INBOX.value, *kinds]))
