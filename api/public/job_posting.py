"""An opening as schema.org JobPosting, as search engines for jobs read it: pure.

Properties after Google's "Job posting structured data"; what Roost does not know is left out.
"""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any

from roost.events.common import Education, Place, Wage, WageUnit
from roost.events.opening import Opening
from roost.places.gazetteer import NAMELESS, Gazetteer

CREDENTIALS = {
    Education.SENIOR: "high school",
    Education.VOCATIONAL: "professional certificate",
    Education.COLLEGE: "associate degree",
    Education.BACHELOR: "bachelor degree",
    Education.MASTER: "postgraduate degree",
    Education.DOCTOR: "postgraduate degree",
}
Json = dict[str, Any]


def job_posting(opening: Opening, posted: date, url: str, places: Gazetteer) -> Json:
    """`posted` is the day on which it came, for an opening that names none itself."""
    said: Json = {
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
        "datePosted": (opening.date_posted or posted).isoformat(),
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
    return said | _what_is_known(opening)


def _what_is_known(opening: Opening) -> Json:
    known: Json = {}
    if opening.valid_through:
        known["validThrough"] = f"{opening.valid_through.isoformat()}T23:59:59"
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
    return known | _asked_for(opening)


def _asked_for(opening: Opening) -> Json:
    asked: Json = {}
    if opening.experience_requirements:
        asked["experienceRequirements"] = {
            "@type": "OccupationalExperienceRequirements",
            "monthsOfExperience": round(opening.experience_requirements * 12),
        }
    if credential := CREDENTIALS.get(opening.education_requirements):
        asked["educationRequirements"] = {
            "@type": "EducationalOccupationalCredential",
            "credentialCategory": credential,
        }
    return asked


def described(opening: Opening) -> str:
    """HTML, as search engines want it: every line a paragraph, nothing of the text is markup."""
    text = opening.description.strip() or opening.title
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def located(place: Place, places: Gazetteer) -> Json:
    address: Json = {"@type": "PostalAddress", "addressLocality": place.name}
    if place.key and place.key in places:
        names = [places[each].name for each in places.ancestors(place.key) if each in places]
        told = [name for name in names if name not in NAMELESS]
        address["addressLocality"] = told[0]
        if len(told) > 1:
            address["addressRegion"] = told[-1]
        if len(told) > 2:
            address["addressLocality"] = "".join(reversed(told[:-1]))
        if country := places.country(place.key):
            address["addressCountry"] = country.upper()
    found: Json = {"@type": "Place", "address": address}
    if place.latitude is not None:
        found["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
    return found


def paid(wage: Wage) -> Json | None:
    """A piece rate is told by the month; None where nobody says how many pieces there are."""
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
