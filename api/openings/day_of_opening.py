"""Today's new matches around an opening, counted as the stages count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from api.openings.waiting import DayOfOpening
from api.ports.services import Services
from roost.events.opening import Opening
from roost.likeness.alike_openings import alike_keys
from roost.rules.daily_counts import DailyCounts, budget_keys, contested
from roost.time.clock import start_of_day
from roost.topics import MATCHES
from roost.views.elastic import Json
from roost.views.first_employers import first_employers


async def day_of_opening(given: Services, opening: Opening, reached: Sequence[str]) -> DayOfOpening:
    """Return today's new matches of an opening's budgets, and of the workers within reach."""
    budgets = budget_keys(opening.hiring_organization.id, alike_keys(opening))
    since = start_of_day(given.clock.now(), given.settings.zone).isoformat()
    today: Json = {"range": {"proposed_at": {"gte": since}}}
    spent, workers, *pairs = await given.elastic.tallies(
        MATCHES.name,
        [
            ("budgets", budgets, today),
            ("worker_id", reached, today),
            *(
                ("worker_id", reached, {"bool": {"filter": [today, {"term": {"budgets": each}}]}})
                for each in budgets
            ),
        ],
    )
    by_pair = {
        (key, worker): number
        for key, each in zip(budgets, pairs, strict=True)
        for worker, number in each.items()
    }
    first = await first_employers(given.elastic, contested([budgets], spent, by_pair))
    counts = DailyCounts(Counter(workers), Counter(spent), Counter(by_pair), first)
    return DayOfOpening(counts, budgets)
