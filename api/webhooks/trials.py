"""Test calls to webhooks: one signed message of the type `roost.test`, and its answer at once."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex

from api.access.principal import Principal
from api.ports.services import Services
from api.webhooks.service import find_own_webhook
from roost import ids
from roost.errors import Invalid, Refused, at_field
from roost.events.account import Permission
from roost.events.notification import Answer
from roost.events.webhook import Webhook
from roost.time.clock import until_next_day_s
from roost.webhooks.guarded import TargetRefused
from roost.webhooks.payloads import trial_payload

CALLS_PER_WEBHOOK, CALLS_PER_CALLER = 50, 200
"""Most test calls a day and process, so that nobody uses the service to flood a receiver.

All keys of an employer share those of their owner."""
RESENDS_PER_WEBHOOK, RESENDS_PER_CALLER = 1_000, 5_000
"""Most messages sent again a day and process, for the same reason."""


class TooManyCalls(Refused):
    """The day's test calls, or messages sent again, are used up."""

    status = 429
    slug = "too-many-webhook-calls"
    title = "Too many calls of this webhook today"
    title_zh = "今日对该 webhook 的调用次数已用完"

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            "The calls of this webhook are used up for today; continue tomorrow. "
            "For tests, use roost listen.",
            "今日对该 webhook 的调用次数已用完，请明天再试；测试可使用 roost listen。",
        )
        self.headers = {"retry-after": str(wait_s)}


async def call_webhook(given: Services, who: Principal, id: str) -> Answer:
    """Post a test message to a webhook; return its answer.

    A webhook that is switched off is called as well. Raises NotFound, TooManyCalls, and Invalid
    for a URL that nothing is sent to.
    """
    webhook = Webhook.from_stored(
        (await find_own_webhook(given, who, Permission.WEBHOOKS_WRITE, id))["fact"]
    )
    count_call(given, who, id)
    now, message_id = given.clock.now(), ids.derive("n", "trial", id, token_hex(16))
    assert given.webhook_poster is not None
    try:
        answer, _ = await given.webhook_poster.post(
            webhook, message_id, trial_payload(message_id, now), now
        )
    except TargetRefused as error:
        raise at_field(Invalid, "url", f"{error.message}", f"{error.message_zh}") from None
    return answer


def count_call(given: Services, who: Principal, id: str) -> None:
    """Count a test call of today. Raises TooManyCalls."""
    _count(given, {f"test {id}": CALLS_PER_WEBHOOK, f"test {who.counted_as}": CALLS_PER_CALLER})


def count_resend(given: Services, who: Principal, id: str) -> None:
    """Count a message of today that is sent again. Raises TooManyCalls."""
    limits = {f"resend {id}": RESENDS_PER_WEBHOOK, f"resend {who.counted_as}": RESENDS_PER_CALLER}
    _count(given, limits)


def _count(given: Services, limits: Mapping[str, int]) -> None:
    if given.webhook_calls.take(token_hex(8), limits, given.today) is not None:
        raise TooManyCalls(until_next_day_s(given.clock.now(), given.settings.zone))
