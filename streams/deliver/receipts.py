"""The effect of a receipt on a row of the ledger: pure."""

from __future__ import annotations

from roost.events.notification import Delivery, DeliveryStatus
from roost.events.receipt import Receipt, ReceiptKind
from streams.deliver import rows


def noted_receipt(row: Delivery, receipt: Receipt) -> Delivery | None:
    """Return the row after a receipt; None if it changes nothing, e.g. because it comes again."""
    match receipt.kind:
        case ReceiptKind.RESEND:
            is_new = row.channel is receipt.channel and row.at < receipt.at
            sending = row.status is DeliveryStatus.SENDING
            return rows.resent(row, receipt.at) if is_new and not sending else None
        case ReceiptKind.DELIVERED:
            return rows.arrived(row, receipt.at) if row.channel is receipt.channel else None
        case ReceiptKind.UNDELIVERED:
            mine = row.channel is receipt.channel
            return rows.undelivered(row, receipt.at, receipt.code) if mine else None
        case _:
            return rows.receipted(row, receipt.kind.value, receipt.at)
