"""Test calls to webhooks: one signed message of the type `roost.test`, and its answer at once."""

from __future__ import annotations

from secrets import token_hex

from api.access.principal import Principal
from api.ports.services import Services
from api.webhooks.service import find_own_webhook
from roost import ids
from roost.errors import Invalid, Refused
from roost.events.account import Permission
from roost.events.notification import Answer
from roost.events.webhook import Webhook
from roost.webhooks.guarded import TargetRefused
from roost.webhooks.payloads import trial_payload

CALLS_PER_WEBHOOK, CALLS_PER_CALLER = 50, 200
"""Most test calls a day and process, so that nobody uses the service to flood a receiver."""


class TooManyTrials(Refused):
    """The day's test calls are used up."""

    status = 429
    slug = "too-many-test-calls"
    title = "Too many test calls today"
    title_zh = "今日测试次数已用完"


async def call_webhook(given: Services, who: Principal, id: str) -> Answer:
    """Post a test message to a webhook; return its answer.

    A webhook that is switched off is called as well. Raises NotFound, TooManyTrials, and Invalid
    for a URL that nothing is sent to.
    """
    webhook = Webhook.from_stored(
        (await find_own_webhook(given, who, Permission.WEBHOOKS_WRITE, id))["fact"]
    )
    _count(given, who, id)
    now, message_id = given.clock.now(), ids.derive("n", "trial", id, token_hex(16))
    assert given.webhook_poster is not None
    try:
        answer, _ = await given.webhook_poster.post(
            webhook, message_id, trial_payload(message_id, now), now
        )
    except TargetRefused as error:
        raise Invalid(f"url: {error.message}", f"url：{error.message_zh}") from None
    return answer


def _count(given: Services, who: Principal, id: str) -> None:
    limits = {id: CALLS_PER_WEBHOOK, who.id: CALLS_PER_CALLER}
    if given.webhook_trials.take(token_hex(8), limits, given.today) is not None:
        raise TooManyTrials(
            "The test calls of today are used up; continue tomorrow, or use roost listen.",
            "今日的测试次数已用完，请明天再试，或使用 roost listen。",
        )
