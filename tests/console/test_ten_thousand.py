"""A queue of 10,000 matches: its page comes in less than a second."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

from playwright.sync_api import expect

from roost import ids
from roost.events.account import AccountRole
from roost.events.match import About
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.queue.match_projection import match_write
from tests.console.accounts import SignsIn
from tests.console.conftest import Opens, done
from tests.console.county import County
from tests.console.looking import Wire
from tests.made import a_match
from tests.stack.serving import Serving

STATION = ids.station_id("console-large")
MANY = 10_000


async def filled(settings: Settings) -> None:
    """Fill the view directly: the measured page reads nothing else."""
    now, writes = SystemClock().now(), []
    for number in range(MANY):
        match = a_match(
            ids.opening_id("large", str(number % 499)),
            ids.worker_id("large", str(number % 4_000)),
            now - timedelta(minutes=number),
            station_id=STATION,
            act_by=now + timedelta(minutes=number % 600 - 120),
            about=About(title="电焊工", occupation=f"zh:{number % 40}", occupation_name="焊工"),
        )
        writes.append(match_write(match, match.to_json(), 1))
    elastic = Elastic(settings.elasticsearch_url)
    await elastic.write(writes, refresh=True)
    await elastic.close()


def test_the_page_of_a_queue_of_10_000_comes_in_less_than_a_second(
    opens: Opens, settings: Settings, serving: Serving, signs_in: SignsIn
) -> None:
    county = County(serving)
    county.station(STATION, "大站")
    county.close()
    done(filled(settings))
    signs_in.account("da", "大站", AccountRole.CLERK, station_ids=(STATION,))
    page = opens("da")
    times = []
    for _ in range(10):
        began = time.monotonic()
        page.goto("/console/queue", wait_until="load")
        times.append(time.monotonic() - began)
        assert page.locator("#rows > .row").count() == 50
    best, median = 1000 * min(times), 1000 * statistics.median(times)
    print(f"a queue of {MANY:,}, to loaded: best {best:.0f} ms, median {median:.0f} ms")
    assert best < 1_000  # the fastest: other load on the machine is not the page's
    _is_light_by_person(opens)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#rows > .row")).to_have_count(100)
    seen = page.locator("#rows > .row").evaluate_all("all => all.map(each => each.id)")
    assert len(set(seen)) == 100
    order = page.locator("#rows > .row").evaluate_all("all => all.map(each => each.dataset.order)")
    assert order == sorted(order)


def _is_light_by_person(opens: Opens) -> None:
    """Check the same queue by person: its time, its weight, and each person once."""
    page = opens("da")
    wire = Wire(page)
    page.goto("/console/queue?by=person", wait_until="load")
    weight = wire.bytes()
    times = []
    for _ in range(5):
        began = time.monotonic()
        page.goto("/console/queue?by=person", wait_until="load")
        times.append(time.monotonic() - began)
    print(f"by person: {weight / 1000:.1f} kB, best {1000 * min(times):.0f} ms")
    assert weight < 200_000
    assert min(times) < 1
    groups = page.locator("#rows > .group")
    assert groups.count() == 25
    page.get_by_role("link", name="Show more").click()
    expect(groups).to_have_count(50)
    seen = groups.evaluate_all("all => all.map(each => each.id)")
    assert len(set(seen)) == 50
    order = groups.evaluate_all("all => all.map(each => each.dataset.order)")
    assert order == sorted(order)
