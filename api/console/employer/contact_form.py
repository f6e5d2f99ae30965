"""Form of an employer's contact: addresses by kind, kinds of message, quiet hours. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.console.profiles.profile_form import ADDRESSED
from api.console.shell.form_layout import TICKED, Layout, Typed
from api.console.shell.quiet_hours import own_quiet_hours
from roost.errors import FieldError
from roost.events.employer import EMPLOYER_KINDS

LAYOUT = Layout(
    texts=(
        *(f"channels.{kind.value}" for kind in ADDRESSED),
        "first",
        "language",
        "quietHours.begins",
        "quietHours.ends",
    ),
    choices=("kinds",),
    ticks=("ownQuietHours",),
)


def form_values(contact: Mapping[str, Any] | None) -> Typed:
    """Return a stored contact as form values: kinds that are not muted are ticked."""
    stored = contact or {}
    preferences = stored.get("preferences") or {}
    channels = stored.get("channels") or ()
    muted = set(preferences.get("mutedKinds", ()))
    shown = {
        "channels": {each["kind"]: each["address"] for each in channels},
        "first": channels[0]["kind"] if channels else "",
        "language": stored.get("language", "zh"),
        "quietHours": preferences.get("quietHours"),
    }
    typed = LAYOUT.shown(shown)
    typed["kinds"] = tuple(kind.value for kind in EMPLOYER_KINDS if kind.value not in muted)
    typed["ownQuietHours"] = TICKED if preferences.get("quietHours") else ""
    for name in ("quietHours.begins", "quietHours.ends"):
        typed[name] = typed[name][:5]
    return typed


def wire_of(typed: Typed, contact: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the contact as JSON values.

    Settings, channels and muted kinds that the form does not show keep their stored values.
    """
    stored = contact or {}
    preferences = dict(stored.get("preferences") or {})
    ours = {kind.value for kind in EMPLOYER_KINDS}
    others = [kind for kind in preferences.get("mutedKinds", ()) if kind not in ours]
    off = [kind.value for kind in EMPLOYER_KINDS if kind.value not in typed["kinds"]]
    preferences["mutedKinds"] = [*others, *off]
    own = own_quiet_hours(typed, preferences.pop("quietHours", None))
    if own is not None:
        preferences["quietHours"] = own
    return {
        "channels": _channels(typed, stored.get("channels") or ()),
        "preferences": preferences,
        "language": typed["language"] or "zh",
    }


def at_channel_fields(
    faults: Sequence[FieldError], wire: Mapping[str, Any]
) -> tuple[FieldError, ...]:
    """Return errors of `channels.1.address` at the field of that channel's kind."""
    return tuple(_at_channel_field(each, wire) for each in faults)


def _channels(typed: Typed, stored: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the channels with an address, the preferred kind first, others in their order."""
    before = [each["kind"] for each in stored]
    order = dict.fromkeys([typed["first"], *before, *(kind.value for kind in ADDRESSED)])
    shown = {f"channels.{kind.value}" for kind in ADDRESSED}
    hidden = {
        each["kind"]: each["address"] for each in stored if f"channels.{each['kind']}" not in shown
    }
    addresses = {
        name.partition(".")[2]: typed[name].replace(" ", "") for name in shown if typed[name]
    }
    by_kind = hidden | addresses
    return [{"kind": kind, "address": by_kind[kind]} for kind in order if kind in by_kind]


def _at_channel_field(error: FieldError, wire: Mapping[str, Any]) -> FieldError:
    steps = error.field.split(".")
    if steps[0] == "channels" and len(steps) > 1 and steps[1].isdigit():
        kind = wire["channels"][int(steps[1])]["kind"]
        return FieldError(f"channels.{kind}", error.message, error.message_zh)
    if steps[0] == "preferences" and len(steps) > 1:
        return FieldError(".".join(steps[1:]), error.message, error.message_zh)
    return error
