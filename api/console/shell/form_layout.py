"""A form's fields and the wire's names: a field is called by its path there. Pure.

`baseSalary.minValue` is a field of `baseSalary`; a list is typed a line each, or ticked. Only what
a layout names is taken from a form, so nothing can be sent along with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from roost.errors import FieldError

Typed = dict[str, Any]
"""By field: what was typed; of ticked choices a tuple."""
TICKED = "yes"


class Sent(Protocol):
    """What of a form is asked for (starlette's FormData)."""

    def get(self, name: str, /) -> Any: ...
    def getlist(self, name: str, /) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a form. `lines` are lists of one text a line, `choices` of what is ticked;
    `ticks` are true when they are ticked and false when not.
    """

    texts: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.texts, *self.lines, *self.choices, *self.ticks)

    def typed(self, sent: Sent) -> Typed:
        said: Typed = {name: _text(sent.get(name)) for name in (*self.texts, *self.lines)}
        for name in self.choices:
            said[name] = tuple(each for each in sent.getlist(name) if isinstance(each, str))
        for name in self.ticks:
            said[name] = TICKED if sent.get(name) else ""
        return said

    def wire(self, typed: Typed) -> dict[str, Any]:
        """As it would come in JSON, but with numbers as texts; what is empty is left out."""
        said: dict[str, Any] = {}
        for name in self.texts:
            if typed[name] != "":
                put(said, name, typed[name])
        for name in self.lines:
            if found := lines_of(typed[name]):
                put(said, name, found)
        for name in self.choices:
            if typed[name]:
                put(said, name, list(typed[name]))
        for name in self.ticks:
            put(said, name, typed[name] == TICKED)
        return said

    def shown(self, wire: Mapping[str, Any]) -> Typed:
        """What stands, as it is shown in the form."""
        typed: Typed = {name: _shown(at(wire, name)) for name in self.texts}
        for name in self.lines:
            typed[name] = "\n".join(str(each) for each in at(wire, name) or ())
        for name in self.choices:
            typed[name] = tuple(str(each) for each in at(wire, name) or ())
        for name in self.ticks:
            typed[name] = TICKED if at(wire, name) else ""
        return typed

    def unshown(self, stored: Mapping[str, Any], not_content: Iterable[str]) -> dict[str, Any]:
        """Return the stored fields that the form does not show, without those of `not_content`."""
        left_out = {*(name.split(".")[0] for name in self.fields), *not_content}
        return {name: value for name, value in stored.items() if name not in left_out}

    def field_of(self, path: str) -> str | None:
        """The field at which an error of the wire belongs: it, what holds it, or its first part."""
        if path in self.fields:
            return path
        holding = [name for name in self.fields if path.startswith(f"{name}.")]
        parts = [name for name in self.fields if name.startswith(f"{path}.")]
        found = holding or parts
        return found[0] if found else None


def beside(
    layout: Layout, errors: Iterable[FieldError], language: str
) -> tuple[dict[str, str], list[str]]:
    """(what is wrong with each field, what belongs to no field of the form)."""
    near: dict[str, str] = {}
    rest: list[str] = []
    for each in errors:
        text = (each.message_zh or each.message) if language == "zh" else each.message
        name = layout.field_of(each.field)
        if name is None:
            rest.append(text)
        elif text not in near.get(name, ""):
            near[name] = f"{near[name]} {text}" if name in near else text
    return near, rest


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Sets the value at a path, making what holds it."""
    *steps, last = path.split(".")
    for step in steps:
        target = target.setdefault(step, {})
    target[last] = value


def keep_place(wire: dict[str, Any], path: str, stored: Mapping[str, Any]) -> None:
    """Keep a stored place, with its code and coordinates, unless its name was changed."""
    if at(wire, f"{path}.name") == at(stored, f"{path}.name"):
        put(wire, path, at(stored, path))


def at(source: Any, path: str) -> Any:
    """The value at a path; None where there is none."""
    for step in path.split("."):
        source = source.get(step) if isinstance(source, Mapping) else None
    return source


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _shown(value: Any) -> str:
    """Numbers without a needless point: 280, not 280.0."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
