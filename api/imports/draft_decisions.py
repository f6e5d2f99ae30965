"""Use cases of a draft's questions: a person decides, and the file has to be checked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized

from api.access.principal import Principal
from api.imports.decisions import (
    MOST_DECISIONS,
    MOST_PLACES,
    ChosenEmployer,
    ChosenPerson,
    ChosenPlace,
)
from api.imports.draft_files import Draft, drafts_folder, forget_check, read_draft, write_draft
from api.imports.row_rules import check_kind
from api.ports.services import Services
from producers.tables.headings import folded_heading
from producers.values import DayOrder
from roost.errors import Invalid
from roost.places.gazetteer import gazetteer

TOO_MANY = "There are too many decisions; split the file."


def find_draft(given: Services, who: Principal, id: str) -> Draft:
    """Return a caller's draft. Raises NotFound, and Forbidden without the right to its kind."""
    draft = read_draft(drafts_folder(given.imports.folder), id, who.id)
    check_kind(who, draft.kind)
    return draft


def choose_places(given: Services, who: Principal, id: str, places: Sequence[ChosenPlace]) -> Draft:
    """Keep answers to ambiguous names of places, besides the former ones; the file is unchecked.

    Raises NotFound, and Invalid for too many answers or an unknown place.
    """
    draft = find_draft(given, who, id)
    answers = {each.text: each for each in (*draft.places, *places)}
    _check_number(answers, MOST_PLACES, "There are too many answers.", "选择的地点过多。")
    if any(each.key not in gazetteer() for each in places):
        raise Invalid("There is no such place.", "没有该地点。")
    return unchecked(given, draft.model_copy(update={"places": tuple(answers.values())}))


def choose_people(
    given: Services, who: Principal, id: str, people: Sequence[ChosenPerson]
) -> Draft:
    """Keep decisions on rows whose person is known, besides the former ones.

    The file is unchecked. A decision counts only for people whom the check finds for its row.

    Raises NotFound, and Invalid for too many decisions.
    """
    draft = find_draft(given, who, id)
    decided = {each.row: each for each in (*draft.people, *people)}
    _check_number(decided, MOST_DECISIONS, TOO_MANY, "需确认的行过多，请拆分文件。")
    return unchecked(given, draft.model_copy(update={"people": tuple(decided.values())}))


def choose_employers(
    given: Services, who: Principal, id: str, employers: Sequence[ChosenEmployer]
) -> Draft:
    """Keep decisions on names of stored employers, besides the former ones.

    The file is unchecked. A decision counts only for employers whom the check finds for the name.

    Raises NotFound, and Invalid for too many decisions.
    """
    draft = find_draft(given, who, id)
    decided = {each.name: each for each in (*draft.employers, *employers)}
    _check_number(decided, MOST_DECISIONS, TOO_MANY, "需确认的单位过多，请拆分文件。")
    return unchecked(given, draft.model_copy(update={"employers": tuple(decided.values())}))


def choose_orders(
    given: Services, who: Principal, id: str, orders: Mapping[str, DayOrder]
) -> Draft:
    """Keep the orders of days of some columns; the file is unchecked. Raises NotFound."""
    draft = find_draft(given, who, id)
    wanted = {folded_heading(column): order for column, order in orders.items()}
    columns = [
        each.model_copy(update={"order": wanted[name].value})
        if (name := folded_heading(each.column)) in wanted
        else each
        for each in draft.columns
    ]
    return unchecked(given, draft.model_copy(update={"columns": tuple(columns)}))


def _check_number(answers: Sized, most: int, english: str, chinese: str) -> None:
    if len(answers) > most:
        raise Invalid(english, chinese)


def unchecked(given: Services, draft: Draft) -> Draft:
    """Store a draft with other choices, without its preview; return it."""
    draft = draft.model_copy(update={"check_id": None})
    folder = drafts_folder(given.imports.folder)
    forget_check(folder, draft)
    write_draft(folder, draft)
    return draft
