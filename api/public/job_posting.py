"""Opening as schema.org JobPosting, as job search engines read it: pure.

Source of the properties: Google's "Job posting structured data". Unknown ones are left out.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from html import escape
from typing import Any

from roost.events.common import Education, Place, Wage, WageUnit
from roost.events.opening import Opening
from roost.places.gazetteer import Gazetteer
from roost.places.name_forms import NAMELESS
from roost.time.clock import day_of
from roost.time.county_days import day_ends

CREDENTIALS = {
    Education.SENIOR: "high school",
    Education.VOCATIONAL: "professional certificate",
    Education.COLLEGE: "associate degree",
    Education.BACHELOR: "bachelor degree",
    Education.MASTER: "postgraduate degree",
    Education.DOCTOR: "postgraduate degree",
}
Json = dict[str, Any]


def job_posting(
    opening: Opening, posted: datetime, url: str, places: Gazetteer, zone: tzinfo
) -> Json:
    """Return the opening's JobPosting, with days of the county's time zone.

    `posted` is the time of the first posting; its day is used if the opening names none.
    """
    required: Json = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "@id": url,
        "url": url,
        "title": opening.title,
        "description": described(opening),
        "identifier": {
            "@type": "PropertyValue",
            "name": opening.hiring_organization.name,
            "value": opening.identifier or opening.id,
        },
        "datePosted": (opening.date_posted or day_of(posted, zone)).isoformat(),
        "employmentType": opening.employment_type.value,
        "hiringOrganization": {
            "@type": "Organization",
            "name": opening.hiring_organization.name,
        },
        "jobLocation": located(opening.job_location, places),
        "totalJobOpenings": opening.total_job_openings,
        "inLanguage": opening.in_language,
        "directApply": False,
    }
    return required | _optional(opening, zone)


def _optional(opening: Opening, zone: tzinfo) -> Json:
    """Return the properties of fields that an opening may lack."""
    known: Json = {}
    if opening.valid_through:
        known["validThrough"] = day_ends(opening.valid_through, zone).isoformat()
    if opening.base_salary and (salary := paid(opening.base_salary)):
        known["baseSalary"] = salary
    if opening.skills:
        known["skills"] = ", ".join(opening.skills)
    if opening.licences_required:
        known["qualifications"] = ", ".join(opening.licences_required)
    if opening.job_benefits:
        known["jobBenefits"] = ", ".join(opening.job_benefits)
    if opening.occupational_category:
        known["occupationalCategory"] = opening.occupational_category
    if opening.job_start_date:
        known["jobStartDate"] = opening.job_start_date.isoformat()
    return known | _requirements(opening)


def _requirements(opening: Opening) -> Json:
    """Return the required experience and education."""
    required: Json = {}
    if opening.experience_requirements:
        required["experienceRequirements"] = {
            "@type": "OccupationalExperienceRequirements",
            "monthsOfExperience": round(opening.experience_requirements * 12),
        }
    if credential := CREDENTIALS.get(opening.education_requirements):
        required["educationRequirements"] = {
            "@type": "EducationalOccupationalCredential",
            "credentialCategory": credential,
        }
    return required


def described(opening: Opening) -> str:
    """Return the description as HTML: a paragraph for each line, with all markup escaped."""
    text = opening.description.strip() or opening.title
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def located(place: Place, places: Gazetteer) -> Json:
    """Return a place with its postal address and coordinates."""
    address: Json = {"@type": "PostalAddress", "addressLocality": place.name}
    if place.key and place.key in places:
        names = [places[each].name for each in places.ancestors(place.key) if each in places]
        shown = [name for name in names if name not in NAMELESS]
        address["addressLocality"] = shown[0]
        if len(shown) > 1:
            address["addressRegion"] = shown[-1]
        if len(shown) > 2:
            address["addressLocality"] = "".join(reversed(shown[:-1]))
        if country := places.country(place.key):
            address["addressCountry"] = country.upper()
    result: Json = {"@type": "Place", "address": address}
    if place.latitude is not None:
        result["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
    return result


def paid(wage: Wage) -> Json | None:
    """Return the wage, a piece rate as a monthly one; None if the number of pieces is unknown."""
    low, high, unit = wage.min_value, wage.max_value, wage.unit_text
    if unit is WageUnit.PIECE:
        monthly = wage.per_month()
        if monthly is None:
            return None
        (low, high), unit = monthly, WageUnit.MONTH
    value: Json = {"@type": "QuantitativeValue", "unitText": unit.value}
    if low is not None and low == high:
        value["value"] = low
    else:
        ends = {"minValue": low, "maxValue": high}
        value |= {name: end for name, end in ends.items() if end is not None}
    return {"@type": "MonetaryAmount", "currency": wage.currency, "value": value}
