"""Form of a worker's profile, filled in by the worker or by a clerk. Pure.

Only a clerk's form has the fields that a worker may not set (`roost.rules.profile_fields`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.console.shell.form_layout import Layout, Typed, at, keep_place
from api.console.shell.plain import checked
from producers import facts
from roost.errors import FieldError, Invalid
from roost.events.common import Education, Shift, WageUnit
from roost.events.preferences import ChannelKind
from roost.events.profile import ProfileContent, ProfileStatus
from roost.places.resolutions import PlaceContext

OWN = Layout(
    texts=(
        "name",
        "summary",
        "experienceYears",
        "education",
        "wageWanted.minValue",
        "wageWanted.unitText",
        "wageWanted.currency",
        "home.name",
        "location.name",
        "willing.radiusKm",
        "availableFrom",
        "status",
        "channels.voice",
        "channels.sms",
        "channels.email",
        "channels.wecom",
        "channels.dingtalk",
        "channels.feishu",
        "channels.wechat",
    ),
    lines=("skills", "occupationsWanted", "willing.places"),
    choices=("shifts",),
    ticks=(
        "willing.nearHomeOnly",
        "needsLodging",
        "shownToEmployers.name",
        "shownToEmployers.contact",
        "shownToEmployers.experience",
    ),
    places=("willing.places",),
)
STAFF = Layout(
    texts=("identifier", *OWN.texts),
    lines=(*OWN.lines, "licences"),
    choices=OWN.choices,
    ticks=(
        *OWN.ticks,
        "ofWorkingAge",
        "registeredHousehold.registered",
        "registeredHousehold.consent",
    ),
    places=OWN.places,
)
ADDRESSED = tuple(kind for kind in ChannelKind if kind not in {"inbox", "webhook"})
BLANK: Mapping[str, Any] = {
    "education": Education.NONE.value,
    "status": ProfileStatus.ACTIVE.value,
    "ofWorkingAge": True,
    "wageWanted": {"unitText": WageUnit.MONTH.value, "currency": "CNY"},
    "shownToEmployers": {"experience": True},
}
CHOICES: Mapping[str, Sequence[str]] = {
    "education": tuple(Education),
    "unit": tuple(WageUnit),
    "shift": tuple(Shift),
    "profile": tuple(ProfileStatus),
}


def form_values(layout: Layout, profile: Mapping[str, Any] | None) -> Typed:
    """Return a profile as form values, with a field for each channel."""
    wire = {**BLANK, **(profile or {})}
    addresses = {each["kind"]: each.get("address", "") for each in wire.get("channels", ())}
    return layout.shown(wire | {"channels": addresses})


def wire_of(layout: Layout, typed: Typed, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the content as JSON values, with numbers still as text.

    Fields that the form does not show keep their stored values.
    """
    wire = layout.wire(typed)
    if not typed["wageWanted.minValue"]:
        wire.pop("wageWanted", None)
    wire["channels"] = channels(wire.pop("channels", {}), stored)
    household = wire.get("registeredHousehold")
    if household is not None and not household["registered"]:
        wire.pop("registeredHousehold")
    if stored is None:
        return wire
    stored = ProfileContent.from_stored(stored).to_dict()
    for path in ("home", "location"):
        keep_place(wire, path, stored)
    return layout.unshown(stored) | wire


def channels(typed: Mapping[str, str], stored: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return the inbox and every channel with an address, in their stored order.

    The order matters: the first channel is used. Calls that are new come before the others.
    """
    before = [each["kind"] for each in (stored or {}).get("channels", ())]
    first = [] if ChannelKind.VOICE in before else [ChannelKind.VOICE.value]
    order = list(dict.fromkeys([*first, *before, "inbox", *ADDRESSED]))
    by_kind: dict[str, dict[str, str]] = {"inbox": {"kind": "inbox"}}
    by_kind |= {
        kind: {"kind": kind, "address": address.replace(" ", "")} for kind, address in typed.items()
    }
    return [by_kind[str(kind)] for kind in order if str(kind) in by_kind]


def check_profile(
    wire: Mapping[str, Any],
    id: str | None,
    now: datetime,
    context: PlaceContext | None = None,
) -> tuple[ProfileContent | None, tuple[FieldError, ...]]:
    """Check a profile as the API does; return its content, or None and the faults."""
    try:
        content = checked(ProfileContent, wire)
        facts.profile_put(content, at=now, id=id, context=context)
    except Invalid as error:
        return None, tuple(_at_channel_field(each, wire) for each in error.fields)
    return content, ()


def place_texts(wire: Mapping[str, Any]) -> list[str]:
    """Return the texts of a form that name places."""
    texts = [at(wire, "home.name"), at(wire, "location.name"), *(at(wire, "willing.places") or ())]
    return [each for each in texts if each]


def _at_channel_field(error: FieldError, wire: Mapping[str, Any]) -> FieldError:
    """Return an error of `channels.1.address` at the field of that channel's kind."""
    steps = error.field.split(".")
    if steps[0] != "channels" or len(steps) < 2 or not steps[1].isdigit():
        return error
    kind = wire["channels"][int(steps[1])]["kind"]
    return FieldError(f"channels.{kind}", error.message, error.message_zh)
