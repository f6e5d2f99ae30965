"""Functions that read foreign text, for the bench of their worst inputs.

`tests/unit/test_worst_case_bench.py` refuses a text function that none of them calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, get_args

from matcher import linking
from matcher.features import worker_texts
from producers import values
from producers.lawful import check_lawful
from producers.located_places import locate_place
from producers.mappings import employer_ids, mapping_model, wage_rules
from producers.mappings.cell_values import clean_text, repair_text
from producers.mappings.day_orders import stated_orders
from producers.mappings.mapping_files import load_mapping
from producers.mappings.mapping_model import Rule, RuleKind
from producers.mappings.resolved_mapping import ResolvedMapping, resolved_mapping
from producers.mappings.row_mapping import map_row
from producers.mappings.rule_kinds import READERS
from producers.mappings.suggesting import column_names, column_values, heading_suggestions
from producers.tables import (
    headings,
    passed_rows,
    sheet_survey,
    sheets,
    text_encodings,
    text_plausibility,
)
from producers.tables.headings import Column, Heading
from producers.tables.table_model import Table
from producers.values import NotUnderstood
from roost.constraints import licences
from roost.contact import sharing_words, stop_words, telephone_terms, telephones, webhook_targets
from roost.contact.addresses import accepted_address, normal_address
from roost.errors import RoostError
from roost.events.common import Place
from roost.events.opening import OpeningContent
from roost.events.preferences import ChannelKind
from roost.events.profile import Profile, ProfileContent
from roost.extraction.stated_requirements import extracted
from roost.extraction.unstated import unstated_requirements
from roost.law.attributes import without_attributes
from roost.law.findings import all_demanded
from roost.likeness.alike_openings import alike_keys
from roost.places import new_york, written_names
from roost.places.place_folding import fold_place
from roost.places.place_search import borough_of, find_place
from roost.places.resolving import resolve
from roost.places.suggesting import suggester
from roost.text import mojibake, plain_text, references, search_terms, skill_names, tokens
from roost.text.column_width import column_width
from roost.text.invisible import shown_line
from roost.text.lookup_form import lookup_form
from roost.text.name_sounds import name_sound, typed_readings
from roost.text.name_suggesting import NameSuggester, Term
from roost.text.normalising import nfkc
from roost.text.search_terms import Subject
from roost.text.simplified import simplified
from roost.text.taxonomy import occupation_named
from roost.text.terminal_text import terminal_text
from roost.text.word_clauses import word_clauses
from roost.wording import inert, writing

Function = Callable[[str], object]
PARSERS: tuple[Function, ...] = (
    values.parse_wage,
    values.parse_pay_period,
    values.parse_currency,
    values.parse_day,
    values.parse_education,
    values.parse_experience,
    values.parse_yes_no,
    values.parse_board,
    values.parse_lodging,
    values.parse_meals,
    values.parse_shifts,
    values.parse_phones,
    values.parse_person_number,
    values.is_destroyed_number,
    values.is_ambiguous_day,
    values.identity_kind,
    values.masked,
    values.split_list,
)
"""Parsers of cells."""
SAMPLED_COPIES = 3
"""Copies of a text in a column of which the kind or the order of days is asked."""


def functions() -> dict[str, Function]:
    """Return every function that reads foreign text, by name."""
    found = _texts() | _places() | _contact() | _tables() | _mappings()
    found |= {f"values.{parser.__name__}": parser for parser in PARSERS}
    return {name: _unless_refused(function) for name, function in found.items()}


def _texts() -> dict[str, Function]:
    """Return the functions of free text: law, extraction, similarity, wording."""
    return {
        "law.without_attributes": without_attributes,
        "features.worker_texts": _worker_texts,
        "law.all_demanded": all_demanded,
        "lawful.check_lawful": lambda text: check_lawful(_opening(text)),
        "extraction.extracted": extracted,
        "likeness.alike_keys": lambda text: alike_keys(_opening(text)),
        "extraction.unstated_requirements": lambda text: unstated_requirements(_opening(text)),
        "text.nfkc": nfkc,
        "text.plain": plain_text.plain,
        "text.positions": plain_text.positions,
        "text.simplified": simplified,
        "text.tokens": tokens.tokens,
        "text.joined": tokens.joined,
        "text.shared_words": lambda text: tokens.shared_words(text, {"焊工", "a"}),
        "text.normal_skill": tokens.normal_skill,
        "text.singular_words": tokens.singular_words,
        "text.plural_end": tokens.plural_end,
        "text.skill_key": skill_names.skill_key,
        "text.commonest_names": lambda text: skill_names.commonest_names([text]),
        "text.with_one_names": lambda text: skill_names.with_one_names([text]),
        "text.mended": mojibake.mended,
        "text.lookup_form": lookup_form,
        "text.name_sound": name_sound,
        "text.typed_readings": lambda text: [typed_readings(each) for each in text],
        "text.column_width": lambda text: column_width([text]),
        "text.occupation_named": occupation_named,
        "text.suggest_names": NameSuggester([Term("weld", ("焊接", "welding"))]).suggest,
        "text.compact": search_terms.compact,
        "text.terms_of_text": lambda text: search_terms.terms_of_text(Subject.TITLE, text),
        "text.terms_of_telephone": telephone_terms.terms_of_telephone,
        "text.term_of_reference": search_terms.term_of_reference,
        "text.sought_in_text": lambda text: search_terms.sought_in_text(Subject.TITLE, text),
        "text.word_clauses": lambda text: word_clauses(text, (Subject.TITLE, Subject.EMPLOYER)),
        "text.sought_telephone": telephone_terms.sought_telephone,
        "text.sought_reference": search_terms.sought_reference,
        "text.shown_line": shown_line,
        "text.terminal_text": terminal_text,
        "text.visible_text": references.visible_text,
        "text.shown_reference": references.shown_reference,
        "text.common_reference": references.common_reference,
        "text.common_employer_id": references.common_employer_id,
        "text.common_number": references.common_number,
        "text.same_number": lambda text: references.same_number(text, f"{text}x"),
        "licences.normal_name": licences.normal_name,
        "licences.held_names": lambda text: licences.held_names([text]),
        "licences.required_names": lambda text: licences.required_names([text]),
        "linking.spoken_title": linking.spoken_title,
        "linking.normalised_name": linking.normalised_name,
        "wording.line": lambda text: inert.line(text, 200, chinese=True),
        "wording.own_line": lambda text: inert.own_line(text, 200),
        "wording.own_text": inert.own_text,
        "wording.is_chinese": writing.is_chinese,
    }


def _places() -> dict[str, Function]:
    return {
        "places.find": find_place,
        "places.resolve": resolve,
        "places.suggest": suggester().suggest,
        "places.fold_place": fold_place,
        "places.country_key": written_names.country_key,
        "places.plain_address": new_york.plain_address,
        "places.borough_of": borough_of,
        "facts.locate_place": lambda text: locate_place(Place.model_construct(name=text), "home"),
    }


def _contact() -> dict[str, Function]:
    """Return the functions of addresses and replies."""
    return {
        "contact.sharing_answer": sharing_words.sharing_answer,
        "contact.is_stop": stop_words.is_stop,
        "contact.telephone": telephones.telephone,
        **{f"contact.normal {kind}": partial(normal_address, kind) for kind in ChannelKind},
        **{f"contact.accepted {kind}": partial(accepted_address, kind) for kind in ChannelKind},
        "contact.check_url": lambda text: webhook_targets.check_url(f"https://{text}", False),
        "contact.check_internal_url": webhook_targets.check_internal_url,
        "contact.origin_of": lambda text: webhook_targets.origin_of(f"https://example.com/{text}"),
        "contact.is_internal": webhook_targets.is_internal,
    }


def _tables() -> dict[str, Function]:
    """Return the functions that find headings, rows and encodings."""
    heading = Heading((1,), (Column(1, "姓名"), Column(2, "备注"), Column(3, "电话")))
    return {
        "tables.folded_heading": headings.folded_heading,
        "tables.shown_heading": headings.shown_heading,
        "tables.is_blank": sheets.is_blank,
        "tables.passed_row": lambda text: passed_rows.passed_row([text, ""], heading),
        "tables.survey_sheet": _survey_sheet,
        "tables.known_encoding": text_encodings.known_encoding,
        "tables.without_marks": text_encodings.without_marks,
        **{
            f"tables.plausible {encoding}": partial(_plausibility, encoding)
            for encoding in text_plausibility.SCORES
        },
        "suggesting.fields_of_heading": lambda text: column_names.fields_of_heading(
            text, "openings"
        ),
        "suggesting.is_serial_number": column_names.is_serial_number,
        "suggesting.asks_order": lambda text: heading_suggestions.asks_order(_column(text)),
        "suggesting.known_order": lambda text: heading_suggestions.known_order(_column(text)),
        **{
            f"suggesting.share of {kind}": partial(_share, kind=kind) for kind in get_args(RuleKind)
        },
    }


def _survey_sheet(text: str) -> object:
    return sheet_survey.survey_sheet(Path("a.xlsx"), "S", [f"<f hidden='1'/>{text}".encode()])


def _mappings() -> dict[str, Function]:
    """Return the readers of cells, and the mapping of whole rows."""
    workshops = _resolved("sample_workshops")
    roster = _resolved("zh_profiles")
    return {
        "mappings.repair_text": repair_text,
        "mappings.clean_text": clean_text,
        "mappings.exact_name": employer_ids.exact_name,
        "mappings.employer_id": employer_ids.employer_id,
        "mappings.employer_code": lambda text: employer_ids.employer_id("", text),
        "mappings.stated_orders": lambda text: stated_orders([text, f"{text}=day-first"]),
        "mappings.alternatives": mapping_model.alternatives,
        "mappings.wage_amount": wage_rules.wage_amount,
        **{f"mappings.read {kind}": partial(_read, kind=kind) for kind in READERS},
        "mappings.opening": lambda text: _row(text, workshops),
        "mappings.worker": lambda text: _row(text, roster),
    }


def _read(text: str, kind: RuleKind) -> Any:
    return READERS[kind](text, Rule(kind=kind))


def _row(text: str, resolved: ResolvedMapping) -> Any:
    return map_row(dict.fromkeys(resolved.columns_by_field.values(), text), resolved)


def _column(text: str) -> Sequence[str]:
    return [text] * SAMPLED_COPIES


def _share(text: str, kind: RuleKind) -> float | None:
    return column_values.share_of_kind(_column(text), kind)


def _plausibility(encoding: str, text: str) -> float:
    return text_plausibility.plausibility(encoding, text.encode(encoding, "ignore"))


def _resolved(name: str) -> ResolvedMapping:
    mapping = load_mapping(name)
    columns = tuple(mapping.columns())
    heading = Heading((1,), tuple(Column(*each) for each in enumerate(columns, 1)))
    return resolved_mapping(mapping, Table("", columns, iter(()), heading))


def _opening(text: str) -> OpeningContent:
    return OpeningContent.model_validate(
        {
            "title": "—",
            "hiringOrganization": {"id": "x", "name": "—"},
            "jobLocation": {"name": "—"},
        }
    ).model_copy(update={"description": text})


def _worker_texts(text: str) -> list[str]:
    home = Place(name="—")
    content = ProfileContent(name="—", home=home, location=home)
    return worker_texts(Profile.from_content(content, id="—", summary=text))


def _unless_refused(function: Function) -> Function:
    """Return a function of which refusals are passed over."""

    def read(text: str) -> None:
        with suppress(NotUnderstood, RoostError):
            function(text)

    return read
