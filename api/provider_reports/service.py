"""Use cases of providers' posts: note delivery reports, take replies.

A report names a message by the provider's reference or by its own id. It becomes a receipt for each
delivery of that message, which the deliver stage records. The same report is the same receipt. A
report that comes before the view shows the message is answered with 503: the provider repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from api.ports.services import Services
from api.provider_reports.posted_reports import DeliveryReport
from api.stop.schemas import Reply
from api.stop.service import take_reply
from api.writes.publishing import publish_batch
from producers import message_facts
from roost.errors import Transient
from roost.events.notification import Delivery
from roost.events.receipt import ReceiptKind
from roost.metrics import PROVIDER_REPORTS
from roost.topics import DELIVERIES
from roost.views.elastic import Json

MOST_ROWS = 5_000
"""Maximum number of deliveries that one post concerns."""
COMES_SOON = timedelta(minutes=10)
"""Age of a report up to which its message may still be missing in the view."""


async def note_reports(given: Services, reports: Sequence[DeliveryReport]) -> None:
    """Publish a receipt for each delivery that a report is about.

    Raises Transient if a recent report's message is not in the view yet.
    """
    await given.elastic.refresh(DELIVERIES.name)
    rows = await _rows_of(given, reports)
    now, records, early = given.clock.now(), [], False
    for report in reports:
        mine = [row for row in rows if _is_about(report, row)]
        kind = ReceiptKind.DELIVERED if report.delivered else ReceiptKind.UNDELIVERED
        at = min(report.at or now, now)
        recent = not mine and now - at < COMES_SOON
        early = early or recent
        outcome = "early" if recent else kind.value if mine else "unknown"
        PROVIDER_REPORTS.labels(outcome).inc()
        records += [
            message_facts.delivery_reported(row, kind, report.code, at=at)[1] for row in mine
        ]
    await publish_batch(given, records)
    if early:
        raise Transient("A message of this report is not recorded yet; send it again.")


async def take_replies(given: Services, replies: Sequence[Reply]) -> None:
    """Stop messages or keep each reply as a message, once. Raises Transient."""
    for reply in replies:
        await take_reply(given, reply)


def _is_about(report: DeliveryReport, row: Delivery) -> bool:
    references = {each.reference for each in row.answers if each.reference}
    by_reference = report.reference in references
    return row.channel is report.channel and (
        by_reference or (report.message_id != "" and row.message_id == report.message_id)
    )


async def _rows_of(given: Services, reports: Sequence[DeliveryReport]) -> list[Delivery]:
    references = sorted({each.reference for each in reports if each.reference})
    ids = sorted({each.message_id for each in reports if each.message_id})
    either: list[Json] = [{"terms": {"references": references}}, {"terms": {"message_id": ids}}]
    body: Json = {
        "size": MOST_ROWS,
        "_source": ["fact"],
        "track_total_hits": False,
        "query": {"bool": {"should": either, "minimum_should_match": 1}},
    }
    found = await given.elastic.search(DELIVERIES.name, body)
    return [Delivery.from_stored(hit.source["fact"]) for hit in found.hits]
