"""Layouts of forms: a field is named after its path in the JSON body. Pure.

`baseSalary.minValue` is a field of `baseSalary`. A list is entered one item per line, or ticked.
Only the fields of a layout are read from a form, so a form cannot carry others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from roost.errors import FieldError
from roost.places.written_names import written_name

Typed = dict[str, Any]
"""Submitted values by field; a tuple for ticked choices."""
TICKED = "yes"


class Sent(Protocol):
    """Methods that are used of a submitted form (starlette's FormData)."""

    def get(self, name: str, /) -> Any: ...
    def getlist(self, name: str, /) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """Fields of a form.

    `lines` are lists with one text per line, `choices` are lists of ticked values, and `ticks` are
    booleans. `places` are those of the lines that hold keys of places: a form shows their names.
    """

    texts: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields."""
        return (*self.texts, *self.lines, *self.choices, *self.ticks)

    def typed(self, sent: Sent) -> Typed:
        """Return the submitted values of the fields."""
        typed: Typed = {name: _text(sent.get(name)) for name in (*self.texts, *self.lines)}
        for name in self.choices:
            typed[name] = tuple(each for each in sent.getlist(name) if isinstance(each, str))
        for name in self.ticks:
            typed[name] = TICKED if sent.get(name) else ""
        return typed

    def wire(self, typed: Typed) -> dict[str, Any]:
        """Return the values as a JSON body, with numbers as texts and without empty fields."""
        body: dict[str, Any] = {}
        for name in self.texts:
            if typed[name] != "":
                put(body, name, typed[name])
        for name in self.lines:
            if found := lines_of(typed[name]):
                put(body, name, found)
        for name in self.choices:
            if typed[name]:
                put(body, name, list(typed[name]))
        for name in self.ticks:
            put(body, name, typed[name] == TICKED)
        return body

    def shown(self, wire: Mapping[str, Any]) -> Typed:
        """Return a stored JSON body as the values of the form."""
        typed: Typed = {name: _shown(at(wire, name)) for name in self.texts}
        for name in self.lines:
            written = written_name if name in self.places else str
            typed[name] = "\n".join(written(each) for each in at(wire, name) or ())
        for name in self.choices:
            typed[name] = tuple(str(each) for each in at(wire, name) or ())
        for name in self.ticks:
            typed[name] = TICKED if at(wire, name) else ""
        return typed

    def unshown(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of the content that the form does not show."""
        shown = {name.split(".")[0] for name in self.fields}
        return {name: value for name, value in content.items() if name not in shown}

    def field_of(self, path: str) -> str | None:
        """Return the field for an error's path: the path, a parent of it, or its first child."""
        if path in self.fields:
            return path
        holding = [name for name in self.fields if path.startswith(f"{name}.")]
        parts = [name for name in self.fields if name.startswith(f"{path}.")]
        found = holding or parts
        return found[0] if found else None


def beside(
    layout: Layout, errors: Iterable[FieldError], language: str
) -> tuple[dict[str, str], list[str]]:
    """Return the errors by field of the form, and the errors that belong to none of them."""
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
    """Return the non-empty lines of a text."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path, creating its parents."""
    *steps, last = path.split(".")
    for step in steps:
        target = target.setdefault(step, {})
    target[last] = value


def keep_place(wire: dict[str, Any], path: str, stored: Mapping[str, Any]) -> None:
    """Keep a stored place, with its code and coordinates, unless its name was changed."""
    if at(wire, f"{path}.name") == at(stored, f"{path}.name"):
        put(wire, path, at(stored, path))


def at(source: Any, path: str) -> Any:
    """Return the value at a path; None if the path does not exist."""
    for step in path.split("."):
        source = source.get(step) if isinstance(source, Mapping) else None
    return source


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _shown(value: Any) -> str:
    """Return a value as text, whole numbers without a decimal point: 280, not 280.0."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
