"""The form of a worker's profile, filled in by the worker or by a clerk. Pure.

A clerk also writes the number in the roster, and what the county knows of a household; an
employer's form has none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.console.shell.form_layout import Layout, Typed, at, put
from api.console.shell.plain import checked
from producers import facts
from roost.errors import FieldError, Invalid
from roost.events.common import Education, Shift, WageUnit
from roost.events.preferences import ChannelKind
from roost.events.profile import ProfileContent, ProfileStatus

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
        "channels.sms",
        "channels.email",
        "channels.wecom",
        "channels.dingtalk",
        "channels.feishu",
    ),
    lines=("skills", "licences", "occupationsWanted", "willing.places"),
    choices=("shifts",),
    ticks=(
        "willing.nearHomeOnly",
        "needsLodging",
        "shownToEmployers.name",
        "shownToEmployers.contact",
        "shownToEmployers.experience",
    ),
)
STAFF = Layout(
    texts=("identifier", *OWN.texts),
    lines=OWN.lines,
    choices=OWN.choices,
    ticks=(
        *OWN.ticks,
        "ofWorkingAge",
        "registeredHousehold.registered",
        "registeredHousehold.consent",
    ),
)
NOT_SHOWN = ("id", "source", "version")
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


def shown(layout: Layout, profile: Mapping[str, Any] | None) -> Typed:
    """The channels of a profile as a field each."""
    said = {**BLANK, **(profile or {})}
    ways = {each["kind"]: each.get("address", "") for each in said.get("channels", ())}
    return layout.shown(said | {"channels": ways})


def wire_of(layout: Layout, typed: Typed, standing: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is to stand; what the form does not show stays as it is."""
    said = layout.wire(typed)
    if not typed["wageWanted.minValue"]:
        said.pop("wageWanted", None)
    said["channels"] = channels(said.pop("channels", {}), standing)
    household = said.get("registeredHousehold")
    if household is not None and not household["registered"]:
        said.pop("registeredHousehold")
    if standing is None:
        return said
    standing = ProfileContent.from_stored(standing).to_dict()
    mine = {name.split(".")[0] for name in layout.fields}
    kept = {
        name: value
        for name, value in standing.items()
        if name not in NOT_SHOWN and name not in mine
    }
    for path in ("home", "location"):
        if at(said, f"{path}.name") == at(standing, f"{path}.name"):
            put(said, path, standing[path])
    return kept | said


def channels(typed: Mapping[str, str], standing: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The inbox always, and what has an address, in the order they stood in: the first is used."""
    before = [each["kind"] for each in (standing or {}).get("channels", ())]
    order = list(dict.fromkeys([*before, "inbox", *ADDRESSED]))
    ways: dict[str, dict[str, str]] = {"inbox": {"kind": "inbox"}}
    ways |= {
        kind: {"kind": kind, "address": address.replace(" ", "")} for kind, address in typed.items()
    }
    return [ways[str(kind)] for kind in order if str(kind) in ways]


def judged(
    wire: Mapping[str, Any], id: str | None, now: datetime
) -> tuple[ProfileContent | None, tuple[FieldError, ...]]:
    """The content as the API checks it, or what is wrong with it."""
    try:
        content = checked(ProfileContent, wire)
        facts.profile_put(content, at=now, id=id)
    except Invalid as error:
        return None, tuple(_at_its_field(each, wire) for each in error.fields)
    return content, ()


def _at_its_field(error: FieldError, wire: Mapping[str, Any]) -> FieldError:
    """`channels.1.address` is a field of its kind."""
    steps = error.field.split(".")
    if steps[0] != "channels" or len(steps) < 2 or not steps[1].isdigit():
        return error
    kind = wire["channels"][int(steps[1])]["kind"]
    return FieldError(f"channels.{kind}", error.message, error.message_zh)
