"""Simulated workers and openings: the same seed always gives the same people.

Person n is drawn from a generator seeded by (seed, language, n), so a run can be split or resumed
without keeping state. Telephone numbers are from ranges that are not in use.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from producers import simulation as distributions
from producers.simulation import Trade
from roost.events.opening import OpeningContent
from roost.events.profile import ProfileContent

SOURCE = "simulator"


def profiles(
    count: int, *, language: str = "zh", seed: int = 1, start: int = 0
) -> Iterator[ProfileContent]:
    """Yield `count` profiles from number `start` on; zh is the county, en is New York."""
    make = _zh_profile if language == "zh" else _en_profile
    for number in range(start, start + count):
        yield ProfileContent.model_validate(make(_dice(seed, language, number), number))


def openings(
    count: int, *, language: str = "zh", seed: int = 1, start: int = 0
) -> Iterator[OpeningContent]:
    """Yield `count` openings of the same trades, at the places where people live."""
    for number in range(start, start + count):
        dice = _dice(seed, f"opening-{language}", number)
        yield OpeningContent.model_validate(_opening(dice, language, number))


def _dice(seed: int, kind: str, number: int) -> random.Random:
    return random.Random(f"{seed}/{kind}/{number}")


def _choose(dice: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    names, weights = zip(*weighted, strict=True)
    return str(dice.choices(names, weights)[0])


def _trade(dice: random.Random, trades: Sequence[Trade]) -> Trade:
    return dice.choices(trades, [trade.weight for trade in trades])[0]


def _sample(dice: random.Random, items: Sequence[str], least: int = 1) -> list[str]:
    return dice.sample(items, dice.randint(min(least, len(items)), len(items)))


def _common(dice: random.Random, trade: Trade, number: int, language: str) -> dict[str, Any]:
    wage = int(trade.wage * dice.uniform(0.7, 1.1) / 100) * 100
    return {
        "identifier": f"{language}-{number}",
        "skills": _sample(dice, trade.skills),
        "licences": [each for each in trade.licences if dice.random() < 0.7],
        "occupationsWanted": dice.sample(trade.titles, min(len(trade.titles), 2)),
        "experienceYears": round(min(35.0, dice.expovariate(1 / 6)), 1),
    } | ({"wageWanted": _wage(wage, language)} if dice.random() < 0.85 else {})


def _wage(monthly: int, language: str) -> dict[str, Any]:
    currency = "CNY" if language == "zh" else "USD"
    return {"currency": currency, "minValue": monthly, "unitText": "MONTH"}


def _zh_profile(dice: random.Random, number: int) -> dict[str, Any]:
    trade = _trade(dice, distributions.ZH_TRADES)
    home = dice.choice(distributions.ZH_TOWNSHIPS)
    at_home = dice.random() < distributions.HOME_SHARE
    lives = home if at_home else _choose(dice, distributions.ZH_LIVES)
    registered = dice.random() < distributions.REGISTERED_SHARE
    household = {"registered": True, "consent": dice.random() < distributions.CONSENT_SHARE}
    return {
        **_common(dice, trade, number, "zh"),
        "name": dice.choice(distributions.ZH_SURNAMES) + dice.choice(distributions.ZH_GIVEN),
        "education": _choose(dice, distributions.EDUCATION),
        "home": {"name": home},
        "location": {"name": lives},
        "willing": _zh_willing(dice, lives, at_home),
        "needsLodging": not at_home and dice.random() < 0.3,
        "channels": [
            {"kind": "inbox"},
            *([{"kind": "sms", "address": f"1990000{number % 10000:04d}"}] * (number % 3 == 0)),
        ],
        "preferences": {"language": "zh", "muted": dice.random() < distributions.ZH_MUTED_SHARE},
    } | ({"registeredHousehold": household} if registered else {})


def _zh_willing(dice: random.Random, lives: str, at_home: bool) -> dict[str, Any]:
    if at_home and dice.random() < distributions.NEAR_HOME_SHARE / distributions.HOME_SHARE:
        return {"nearHomeOnly": True}
    kind = dice.random()
    if kind < 0.4:
        return {"radiusKm": dice.choice((10, 20, 30, 50, 100, 200))}
    if kind < 0.8:
        others = [place for place, _ in distributions.ZH_LIVES]
        return {"places": sorted({lives, *dice.sample(others, dice.randint(1, 3))})}
    return {}


def _en_profile(dice: random.Random, number: int) -> dict[str, Any]:
    trade = _trade(dice, distributions.EN_TRADES)
    lives = _choose(dice, distributions.EN_LIVES)
    anywhere = {"places": ["nyc:ny"]}
    willing = anywhere if dice.random() < 0.7 else {"radiusKm": dice.choice((10, 20, 30))}
    return {
        **_common(dice, trade, number, "en"),
        "name": f"{dice.choice(distributions.EN_FIRST)} {dice.choice(distributions.EN_LAST)}",
        "education": _choose(dice, distributions.EN_EDUCATION),
        "home": {"name": lives},
        "location": {"name": lives},
        "willing": willing,
        "languages": ["en"],
        "channels": [{"kind": "inbox"}],
        "preferences": {"language": "en", "muted": dice.random() < distributions.EN_MUTED_SHARE},
    }


def _opening(dice: random.Random, language: str, number: int) -> dict[str, Any]:
    chinese = language == "zh"
    trade = _trade(dice, distributions.ZH_TRADES if chinese else distributions.EN_TRADES)
    place = _choose(dice, distributions.ZH_LIVES if chinese else distributions.EN_LIVES)
    low = int(trade.wage * dice.uniform(0.9, 1.15) / 100) * 100
    employer = dice.randrange(400)
    return {
        "identifier": f"{language}-{number}",
        "hiringOrganization": {
            "id": f"sim-{language}-{employer}",
            "name": f"示例用工单位{employer}" if chinese else f"Sample Employer {employer}",
        },
        "title": dice.choice(trade.titles),
        "skills": _sample(dice, trade.skills),
        "licencesRequired": [each for each in trade.licences if dice.random() < 0.5],
        "baseSalary": {**_wage(low, language), "maxValue": int(low * 1.3)},
        "jobLocation": {"name": place},
        "totalJobOpenings": dice.choice((1, 1, 2, 3, 5, 10)),
        "lodging": dice.random() < 0.5,
        "meals": dice.random() < 0.6,
        "inLanguage": language,
    }
