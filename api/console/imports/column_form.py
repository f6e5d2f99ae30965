"""Form of a file's columns: one row for each, its choices, and the faults at them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.datastructures import FormData

from api.console.shell.forms import Form
from api.console.shell.refusal_words import refusal_text
from api.console.shell.translations import Say
from api.imports.decisions import ChosenEmployer, ChosenPerson, ChosenPlace
from api.imports.drafting import DraftColumns
from api.imports.row_logs import MOST_OF_VERDICT
from producers.importing.file_places import MOST_QUESTIONS
from producers.mappings.suggesting.importable_fields import ImportableField
from producers.values import DayOrder
from roost.errors import RoostError, invalid_field
from roost.events.import_mapping import MOST_COLUMNS, ChosenColumn

Chosen = TypeVar("Chosen", ChosenPerson, ChosenEmployer)
SHOWN_SAMPLES = 4
ANOTHER = "another"
"""Answer that a row describes another person."""
ANOTHER_EMPLOYER = "(another)"
"""Answer that a name is another employer's; no employer can have it as its id."""
MISSING = "(missing)."
"""Beginning of a fault's field for a required field that no column is read into."""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """Column as the form shows it; `number` makes the names of its inputs."""

    number: int
    name: str
    sheets: Sequence[str]
    samples: Sequence[str]
    field: str
    order: str
    asks_order: bool
    level: str
    percent: int
    is_suggested: bool
    """True if the shown choice is the suggestion."""


def column_rows(
    found: DraftColumns, chosen: Sequence[ChosenColumn] | None = None
) -> list[ColumnRow]:
    """Return the rows of the form; `chosen` are the choices of a form that was refused."""
    choices = found.chosen if chosen is None else {each.column: each for each in chosen}
    several = len(found.sample.sheets) > 1
    rows = []
    for number, (column, suggestion) in enumerate(
        zip(found.sample.columns, found.suggestions, strict=True)
    ):
        choice = choices.get(column.name, ChosenColumn(column=column.name))
        rows.append(
            ColumnRow(
                number,
                column.name,
                column.sheets if several else (),
                column.values[:SHOWN_SAMPLES],
                choice.field,
                choice.order or "",
                suggestion.asks_order,
                suggestion.level,
                round(100 * suggestion.confidence),
                bool(choice.field) and choice.field == suggestion.field,
            )
        )
    return rows


def field_choices(
    fields: Iterable[ImportableField], kind: str, say: Say
) -> list[tuple[str, str, bool]]:
    """Return the fields with their names in the reader's language, and whether each is required."""
    return [
        (each.name, say(f"imports.fields.{kind}.{each.name}"), each.is_required) for each in fields
    ]


def chosen_places(sent: FormData) -> list[ChosenPlace]:
    """Return the answers of the form to ambiguous names of places; those left open are none.

    Raises Invalid for an answer that the form does not offer.
    """
    answers = []
    for number in range(MOST_QUESTIONS):
        text, key = sent.get(f"text-{number}"), sent.get(f"place-{number}")
        if not text or not key:
            continue
        try:
            answers.append(ChosenPlace.model_validate({"text": text, "key": key}))
        except ValidationError:
            message, message_zh = "choose a place of the list", "请从列表中选择"
            raise invalid_field(f"place-{number}", message, message_zh) from None
    return answers


def chosen_orders(sent: FormData) -> dict[str, DayOrder]:
    """Return the orders of days of the form by column; those left open are none.

    Raises Invalid for an answer that the form does not offer.
    """
    orders = {}
    for number in range(MOST_COLUMNS):
        column, order = sent.get(f"column-{number}"), sent.get(f"order-{number}")
        if column is None:
            break
        if not order:
            continue
        try:
            orders[str(column)] = DayOrder(str(order))
        except ValueError:
            message, message_zh = "choose one of the answers", "请选择其中一项"
            raise invalid_field(f"order-{number}", message, message_zh) from None
    return orders


def chosen_people(sent: FormData) -> list[ChosenPerson]:
    """Return the decisions of the form on the people of rows; those left open are none.

    Raises Invalid for an answer that the form does not offer.
    """
    return _decisions(sent, ChosenPerson, "row", "person", ANOTHER)


def chosen_employers(sent: FormData) -> list[ChosenEmployer]:
    """Return the decisions of the form on names of stored employers; those left open are none.

    Raises Invalid for an answer that the form does not offer.
    """
    return _decisions(sent, ChosenEmployer, "name", "employer", ANOTHER_EMPLOYER)


def _decisions(
    sent: FormData, model: type[Chosen], about: str, decided: str, another: str
) -> list[Chosen]:
    """Return the decisions in the numbered inputs `about`, `decided` and `alike`."""
    chosen = []
    for number in range(MOST_OF_VERDICT):
        subject, answer = sent.get(f"{about}-{number}"), sent.get(f"{decided}-{number}")
        if not subject or not answer:
            continue
        alike = str(sent.get(f"alike-{number}", "")).split()
        decision = {"differentFrom": alike} if answer == another else {"sameAs": answer}
        try:
            chosen.append(model.model_validate({about: subject, **decision}))
        except ValidationError:
            message, message_zh = "choose one of the answers", "请选择其中一项"
            raise invalid_field(f"{decided}-{number}", message, message_zh) from None
    return chosen


def chosen_columns(sent: FormData) -> list[ChosenColumn]:
    """Return the choices of a submitted form. Raises Invalid for a form of another shape."""
    numbers = [name.removeprefix("name-") for name in sent if name.startswith("name-")]
    if not 0 < len(numbers) <= MOST_COLUMNS:
        raise invalid_field("(body)", "open the page again", "请重新打开页面")
    try:
        return [
            ChosenColumn.model_validate(
                {
                    "column": sent.get(f"name-{each}"),
                    "field": sent.get(f"field-{each}", ""),
                    "order": sent.get(f"order-{each}") or None,
                }
            )
            for each in numbers
        ]
    except ValidationError:
        raise invalid_field("(body)", "open the page again", "请重新打开页面") from None


def column_faults(
    chosen: Sequence[ChosenColumn],
    refused: RoostError,
    language: str,
    values: Mapping[str, Any],
) -> Form:
    """Return the form with each fault at its column; a missing field is a fault of the whole."""
    numbers = {each.column: number for number, each in enumerate(chosen)}
    near: dict[str, str] = {}
    rest: list[str] = []
    for each in refused.fields:
        message = each.message_zh if language == "zh" else each.message
        if each.field in numbers:
            near[f"field-{numbers[each.field]}"] = message
        elif each.field.startswith(MISSING):
            rest.append(each.field.removeprefix(MISSING))
    plain = refusal_text(refused, language)
    summary = "" if refused.fields else plain
    return Form({**values, "missing": rest}, near, summary)
