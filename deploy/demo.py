"""`roost demo`: the whole system with sample data, its progress and a summary.

Without a terminal the demo ends after the summary, with status 0 only if every count adds up.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.up import STAGES
from deploy.view_limits import OverLimits, over_limits
from producers import facts, simulator
from producers.admin import Backlog, all_done, backlogs, end_offsets
from producers.first_admin import FirstAdmin
from producers.import_commands import run_simulation
from producers.importing.local_import import ImportOptions, run_import
from producers.publisher import Publisher
from roost.errors import RoostError
from roost.events.envelope import Record
from roost.kafka.reader import KafkaReader
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings
from roost.time.clock import SystemClock, day_of
from roost.topics import DEAD_LETTERS, OPENINGS, PROFILES, SEARCHABLE, STATIONS
from roost.views.elastic import Elastic, Json
from streams.deliver.ledger import count_outstanding
from streams.stages import READS, WRITES, group_of

WORKERS_EACH = 1_000
SINGLE_POSTS = 12
"""Openings posted one by one, each after all notifications of the one before were sent."""
SINGLE_S = 1.0
"""Time for an opening that is posted alone, before its progress is polled."""
POLL_S = 1.0
"""Poll interval of the progress: each poll connects to the broker, and costs processor time."""
LONGEST_S = 1_200.0
"""Deadline for the stages to finish, in seconds."""
EVERY_S = 20.0
"""Seconds between two openings that are posted while the demo stays up."""
GROUPS = {group_of(stage): topics for stage, topics in READS.items()}
ZH = {
    "index": "建索引",
    "match": "匹配",
    "queue": "队列",
    "alert": "订阅",
    "notify": "通知",
    "deliver": "送达",
}


@dataclass(slots=True)
class DemoResult:
    """Counts, waits and faults that the summary shows; waits are in milliseconds."""

    published: dict[str, int]
    counts: dict[str, int] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    waits_ms: list[int] = field(default_factory=list)
    single_ms: list[int] = field(default_factory=list)
    matches: list[Json] = field(default_factory=list)
    busiest_station: str | None = None
    searchable: int = 0
    over: OverLimits = field(default_factory=lambda: OverLimits(0, 0))
    wrong: list[str] = field(default_factory=list)


def fresh_folder(data: Path) -> Path:
    """Empty the demo's own folder of the data of an earlier run."""
    for name in ("kafka", "elasticsearch", "outbox", "faust", "logs"):
        shutil.rmtree(data / name, ignore_errors=True)
    return data


def run(settings: Settings, console: Console, alive: Callable[[], None]) -> DemoResult:
    """Import, simulate, wait for the stages, and check; `alive` restarts dead parts."""
    published = _publish(settings, console)
    began = time.monotonic()
    _watch(settings, console, alive)
    seconds = time.monotonic() - began
    console.print(f"All processed {seconds:.0f} s after the last import · 全部处理完毕")
    mark = datetime.now(UTC)
    with Publisher(brokers_of(settings)) as publisher:
        publisher.connect()  # as an API that runs; a wait counts from the event's own time
        for number in range(SINGLE_POSTS):
            publisher.publish([_opening_posted(settings, number)])
            time.sleep(SINGLE_S)  # without polls, which take the processor from the stages
            _watch(settings, console, alive)
    result = DemoResult(published)
    result.published["openings"] += SINGLE_POSTS
    asyncio.run(_collect(settings, result, mark))
    return result


def _opening_posted(settings: Settings, number: int) -> Record:
    """Return the event of a simulated opening that is posted now."""
    (opening,) = simulator.openings(1, language="zh", seed=7, start=number)
    clock = SystemClock()
    today = day_of(clock.now(), settings.zone)
    fact = facts.opening_posted(opening, at=clock.now(), today=today, source=simulator.SOURCE)
    return fact[1]


def _publish(settings: Settings, console: Console) -> dict[str, int]:
    data = files("roost") / "data"
    rejects = settings.rejects_folder / "demo.rejects.jsonl"
    published = {"openings": 0, "profiles": 0, "stations": 0}
    for kind, path, mapping in (
        ("stations", data / "sample" / "stations.csv", None),
        ("stations", data / "sample" / "nyc_stations.csv", None),
        ("openings", data / "sample" / "workshops.csv", "sample_workshops"),
        ("openings", data / "sample" / "job_fair.xlsx", "zh_job_fair"),
        ("profiles", data / "sample" / "roster_gb18030.csv", "zh_worker_roster"),
        ("openings", data / "nyc_jobs" / "NYC_Jobs.csv", "nyc_jobs"),
    ):
        with as_file(path) as file:
            summary = run_import(settings, kind, file, rejects, ImportOptions(mapping))
        published[kind] += summary.published
        console.print(
            f"Imported · 导入 {path.name}: {summary.read} rows, {summary.published} published, "
            f"{summary.repeated} repeated, {summary.rejected} rejected",
            highlight=False,
        )
    for language in ("zh", "en"):
        published["profiles"] += run_simulation(settings, WORKERS_EACH, 0, language, 1)
        console.print(f"Simulated · 模拟 {WORKERS_EACH} workers ({language})", highlight=False)
    return published


def _watch(settings: Settings, console: Console, alive: Callable[[], None]) -> None:
    """Wait until every stage has processed everything and no delivery is due."""
    before: list[Backlog] = []
    last, deadline = 0.0, time.monotonic() + LONGEST_S
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while not all_done(before, found := backlogs(brokers_of(settings), GROUPS)) or asyncio.run(
            _under_way(settings)
        ):
            alive()
            before = found
            if console.is_terminal:
                live.update(_table(found))
            elif time.monotonic() - last > 5:
                last = time.monotonic()
                console.print(_line(found), highlight=False)
            if time.monotonic() > deadline:
                raise RoostError(f"The stages did not finish within {LONGEST_S:.0f} s.")
            time.sleep(POLL_S)


async def _under_way(settings: Settings) -> int:
    """Count the deliveries that a lane still has to send."""
    elastic = Elastic(node_of(settings))
    try:
        return await count_outstanding(elastic, datetime.now(UTC))
    finally:
        await elastic.close()


def _table(found: list[Backlog]) -> Table:
    table = Table("stage", "阶段", "reads", "done", "waiting", box=None)
    for stage in STAGES:
        for each in found:
            if each.group == group_of(stage):
                table.add_row(stage, ZH[stage], each.topic, str(each.committed), str(each.lag))
    return table


def _line(found: list[Backlog]) -> str:
    return "  ".join(f"{each.topic} {each.committed}/{each.end}" for each in found if each.end)


async def _collect(settings: Settings, result: DemoResult, mark: datetime) -> None:
    """Fill the result with counts, waits and matches from the views, then check the counts."""
    elastic = Elastic(node_of(settings))
    try:
        views = ("stations", "openings", "profiles", "matches", "notifications", "deliveries")
        await elastic.refresh(*views)
        for view in views:
            result.counts[view] = await elastic.count(view)
        result.matches = await _best_matches(elastic)
        result.busiest_station = await _busiest_station(elastic)
        notified = {id async for id, _, _ in elastic.scan("notifications")}
        delivered = set()
        async for _, _, document in elastic.scan("deliveries"):
            delivered.add(document["notification_id"])
            result.statuses[document["status"]] += 1
            if document["status"] == "sent":
                recent = datetime.fromisoformat(document["at"]) >= mark
                waits = result.single_ms if recent else result.waits_ms
                waits.append(document["posted_to_told_ms"])
        result.searchable = await _searchable_entities(settings)
        result.over = await over_limits(elastic, settings.capacity, settings.zone)
        _check(settings, result, notified, delivered)
    finally:
        await elastic.close()


async def _searchable_entities(settings: Settings) -> int:
    """Count distinct entities; one may be republished to be matched again."""
    keys = set()
    async for batch in KafkaReader(brokers_of(settings)).read_to_end(SEARCHABLE):
        keys |= {each.key for each in batch}
    return len(keys)


async def _best_matches(elastic: Elastic) -> list[Json]:
    """Return three matches with their openings: two of the county, one of New York."""
    found = []
    for place, count in (("cn", 2), ("us", 1)):
        page = await elastic.search("openings", _in_country(place))
        ids = [hit.id for hit in page.hits]
        body = {
            "size": count,
            "query": {"bool": {"filter": [{"terms": {"opening_id": ids}}]}},
            "sort": [{"score": "desc"}],
            "collapse": {"field": "opening_id"},
        }
        for hit in (await elastic.search("matches", body)).hits:
            opening = await elastic.get("openings", hit.source["opening_id"])
            found.append({"opening": (opening or {})["fact"], "match": hit.source["fact"]})
    return found


async def _busiest_station(elastic: Elastic) -> str | None:
    """Return the station with the most matches; None when no station has any."""
    waiting: Counter[str] = Counter()
    async for _, _, match in elastic.scan("matches"):
        if match["active"] and match.get("station_id"):
            waiting[match["station_id"]] += 1
    return max(waiting, key=lambda id: (waiting[id], id), default=None)


def _in_country(country: str) -> Json:
    return {"size": 1_000, "_source": False, "query": {"term": {"country": country}}}


def _check(settings: Settings, result: DemoResult, notified: set[str], delivered: set[str]) -> None:
    """Compare every count with its expected value, and record the differences."""
    every = [OPENINGS, PROFILES, STATIONS, DEAD_LETTERS]
    every += [topic for topics in WRITES.values() for topic in topics]
    ends = end_offsets(brokers_of(settings), every)
    total = {name: sum(offsets.values()) for name, offsets in ends.items()}
    expected = result.published["openings"] + result.published["profiles"]
    for what, is_now, should_be in (
        ("openings in the topic", total["openings"], result.published["openings"]),
        ("profiles in the topic", total["profiles"], result.published["profiles"]),
        ("stations in the topic", total["stations"], result.published["stations"]),
        ("openings in the view", result.counts["openings"], result.published["openings"]),
        ("profiles in the view", result.counts["profiles"], result.published["profiles"]),
        ("stations in the view", result.counts["stations"], result.published["stations"]),
        ("searchable entities", result.searchable, expected),
        ("openings sent to more workers than their places", result.over.openings, 0),
        ("workers sent more than a day's share", result.over.workers, 0),
        ("dead letters", total["dead-letters"], 0),
        ("failed deliveries", result.statuses["failed"], 0),
        ("deliveries parked for a person", result.statuses["parked"], 0),
        ("notifications without an answer", len(notified - delivered), 0),
        ("answers without a notification", len(delivered - notified), 0),
    ):
        if is_now != should_be:
            result.wrong.append(f"{what}: {is_now} instead of {should_be}")
    for what, number in (
        ("matches", result.counts["matches"]),
        ("messages", result.statuses["sent"]),
    ):
        if number == 0:
            result.wrong.append(f"no {what} exist")


def print_summary(result: DemoResult, console: Console) -> None:
    """Print counts, waits, three matches with their reasons, and any difference."""
    console.rule("Summary · 汇总")
    for name, name_zh in (
        ("stations", "服务站"),
        ("openings", "岗位"),
        ("profiles", "求职档案"),
        ("matches", "匹配"),
        ("notifications", "通知"),
        ("deliveries", "送达"),
    ):
        console.print(f"  {name:14} {name_zh}\t{result.counts[name]:>8,}", highlight=False)
    console.print(f"  deliveries by answer: {dict(result.statuses)}", highlight=False)
    _print_waits("posted to result, all at once · 批量", result.waits_ms, console)
    _print_waits("posted to result, one by one · 逐条", result.single_ms, console)
    for number, each in enumerate(result.matches, start=1):
        opening, match = each["opening"], each["match"]
        console.print(
            f"\n{number}. {opening['title']} — {opening['hiringOrganization']['name']}, "
            f"{opening['jobLocation']['name']}: {match['score']:.1f}",
            highlight=False,
        )
        for reason in match["reasons"]:
            console.print(
                f"   {reason['points']:5.1f}  {reason['zh']}\n          {reason['en']}",
                highlight=False,
            )
    console.print()
    if result.wrong:
        for sentence in result.wrong:
            console.print(f"Does not add up · 数目不符: {sentence}", style="red")
    else:
        console.print("Every count adds up · 各项数目一致", style="green")


def print_addresses(
    result: DemoResult, url: str, admin: FirstAdmin | None, console: Console
) -> None:
    """Print the addresses of the running demo and its login, for a person at a terminal."""
    station = f"{url}/v1/stations/{result.busiest_station}"
    queue = f"{url}/console/queue?station={result.busiest_station}"
    console.print(f"Open the console · 打开控制台: {queue}", style="bold", soft_wrap=True)
    if admin is not None:
        who = f"login {admin.login}, password {admin.password}"
        console.print(f"sign in as · 登录: {who}", highlight=False, soft_wrap=True)
    console.print(
        f"a new opening every {EVERY_S:.0f} s: its matches appear live · "
        f"每 {EVERY_S:.0f} 秒发布一个岗位，匹配实时出现",
        highlight=False,
    )
    for what, address in (
        ("API and its pages · 接口与页面", f"{url}/docs"),
        ("a station's queue · 服务站队列", f"{station}/queue"),
        ("its live events · 实时事件", f"{station}/events"),
        ("counts · 汇总", f"{url}/v1/summary"),
    ):
        console.print(f"{what}: {address}", highlight=False, soft_wrap=True)
    console.print("Ctrl-C ends it all · 按 Ctrl-C 结束")


def trickle(settings: Settings) -> Callable[[], bool]:
    """Return a function to call repeatedly: it posts an opening every `EVERY_S` seconds."""
    numbers = itertools.count(SINGLE_POSTS)
    last = time.monotonic()

    def post() -> bool:
        nonlocal last
        if time.monotonic() - last >= EVERY_S:
            last = time.monotonic()
            run_simulation(settings, 0, 1, "zh", 7, start=next(numbers))
        return False

    return post


def _print_waits(what: str, waits: list[int], console: Console) -> None:
    if len(waits) > 1:
        cuts = statistics.quantiles(waits, n=100, method="inclusive")
        console.print(
            f"  {what}: p50 {cuts[49]:,.0f} ms, p99 {cuts[98]:,.0f} ms ({len(waits):,} messages)",
            highlight=False,
        )
