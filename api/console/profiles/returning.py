"""Registration of people who are known: erased ones, and ones who seem to be stored already.

Of an erased person the page shows the reason and the form of a new consent. Only accounts that may
erase in the whole county record one (ADR 28); others see the id that the association needs. Of
people who seem to be stored, the page shows links and asks whether this is another person.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from api.access import policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.console.profiles.profile_form import STAFF
from api.console.shell.form_answers import faults_of, form_with_faults
from api.console.shell.form_layout import TICKED, Layout, Typed
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.ports.services import Services
from api.profiles import erasing
from api.profiles import service as profiles
from api.profiles.known_people import PersonDecision, PersonKnown, Registered
from api.profiles.schemas import NewConsent
from api.writes.publishing import Written
from producers import facts
from producers.suppressions import Suppressed
from roost.errors import FieldError, Invalid, Refused
from roost.events.account import Permission
from roost.events.profile import ProfileContent
from roost.events.suppression import ConsentBasis

GIVEN, BASIS, DAY = "consent.given", "consent.basis", "consent.consentedOn"
DIFFERENT = "person.differentFrom"
"""Stored people whom the new worker is not."""
REGISTER = Layout(
    texts=(*STAFF.texts, BASIS, DAY),
    lines=STAFF.lines,
    choices=(*STAFF.choices, DIFFERENT),
    ticks=(*STAFF.ticks, GIVEN),
    places=STAFF.places,
)
BASES = tuple(ConsentBasis)


@dataclass(frozen=True, slots=True)
class Return:
    """Erased person whom somebody registers; `may_consent` is the right to record a consent."""

    worker_id: str
    may_consent: bool


def return_of(who: Principal, content: ProfileContent) -> Return:
    """Return the erased person of a form, as the caller sees them."""
    erases = Permission.PROFILES_ERASE
    may_consent = erases in policy.permissions(who) and policy.reach(who, erases) is Reach.ALL
    return Return(facts.worker_id_of(content, facts.SOURCE), may_consent)


async def register(
    given: Services, who: Principal, content: ProfileContent, typed: Typed
) -> Written | Invalid | Refused:
    """Register a worker; an erased one after recording the consent that the form states.

    The registration is tried first: no consent is recorded if anything else prevents it.
    """
    written = await _register(given, who, content, typed)
    if not isinstance(written, Suppressed) or typed[GIVEN] != TICKED:
        return written
    recorded = await catch_refusal(_record(given, who, return_of(who, content).worker_id, typed))
    if isinstance(recorded, Invalid | Refused):
        return recorded
    return await _register(given, who, content, typed)


async def _register(
    given: Services, who: Principal, content: ProfileContent, typed: Typed
) -> Written | Invalid | Refused:
    decision = PersonDecision(different_from=frozenset(typed[DIFFERENT]), by_hand=True)
    outcome = await catch_refusal(profiles.register_worker(given, who, content, decision))
    return outcome.written if isinstance(outcome, Registered) else outcome


async def _record(given: Services, who: Principal, id: str, typed: Typed) -> Written:
    consent = checked(NewConsent, {"basis": typed[BASIS], "consentedOn": typed[DAY]})
    return await erasing.record_consent(given, who, id, consent.basis, consent.consented_on)


def refused_form(request: Request, typed: Typed, error: Invalid | Refused) -> Form:
    """Return the form with the errors of a registration, those of a consent at its fields.

    The page says in its own words that a person has been erased, or seems to be stored.
    """
    faults = () if isinstance(error, Suppressed | PersonKnown) else faults_of(error)
    return form_with_faults(request, REGISTER, typed, (_at_consent(each) for each in faults))


def _at_consent(fault: FieldError) -> FieldError:
    field = f"consent.{fault.field}" if fault.field in {"basis", "consentedOn"} else fault.field
    return FieldError(field, fault.message, fault.message_zh)


def is_at_consent(form: Form) -> bool:
    """Return whether a form has an error at the consent, so that its fields stay visible."""
    return bool({BASIS, DAY} & form.errors.keys())
