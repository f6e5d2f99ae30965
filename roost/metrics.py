"""Every metric, declared once with its meaning (Prometheus names and units)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HANDLED = Counter("roost_stage_events", "Events that a stage has finished", ["stage"])
LAG = Gauge(
    "roost_stage_lag",
    "Events of this process's partitions that are not yet committed",
    ["group", "topic"],
)
RETRIED = Counter("roost_retries", "Times a step was repeated because a server was away", ["step"])
ELASTIC_REQUESTS = Counter(
    "roost_elasticsearch_requests", "Requests to Elasticsearch by kind", ["kind"]
)
DEAD_LETTERED = Counter("roost_dead_letters", "Events parked in dead-letters", ["stage", "reason"])
STAGE_STOPPED = Gauge(
    "roost_stage_stopped",
    "1 while a stage has stopped at too many dead letters; reported by the API",
    ["stage"],
)
COALESCED = Counter("roost_match_coalesced", "Edits skipped because a newer one had arrived")
EVALUATED = Counter("roost_match_evaluated", "Openings and profiles matched", ["kind"])
DECIDED = Counter("roost_queue_decided", "Changes of matches by new state", ["state"])
REFUSED_ACTIONS = Counter("roost_queue_refused_actions", "Actions the queue refused", ["kind"])
HELD_BACK = Counter(
    "roost_queue_held_back",
    "Pairs not proposed because of a place or a limit of the day, or refused by_hand",
    ["by"],
)
MATCHED_AGAIN = Counter(
    "roost_queue_matched_again", "Openings and workers sent to be matched again"
)
PRIORITY_RAISED = Counter(
    "roost_priority_raised", "Places gained by the priority of registered households"
)
PRIORITY_DISPLACED = Counter(
    "roost_priority_displaced", "Places lost to the priority of registered households"
)
ALERTS_CARRIED = Counter(
    "roost_alerts_carried",
    "Pairs beyond the limit of a search's day, and openings beyond that of searches: counted later",
    ["limit"],
)
NOTIFIED = Counter("roost_notifications", "Notifications published", ["kind"])
DELIVERED = Counter(
    "roost_deliveries", "Deliveries by channel and final status", ["channel", "status"]
)
REPLIES = Counter("roost_replies", "Forwarded replies of workers by outcome", ["outcome"])
PROVIDER_ANSWERS = Counter(
    "roost_provider_answers", "Answers of message providers by meaning", ["provider", "meaning"]
)
PROVIDER_REPORTS = Counter(
    "roost_provider_reports",
    "Delivery reports of message providers: delivered, undelivered, early or unknown",
    ["outcome"],
)
MESSAGE_COST = Counter(
    "roost_message_cost_yuan", "Cost of ended messages in yuan by channel", ["channel"]
)
HELD_BY_COST = Counter(
    "roost_messages_held_by_cost", "Messages held at a cap on costs", ["channel", "cap"]
)
POSTED_TO_TOLD = Histogram(
    "roost_posted_to_told_seconds",
    "Seconds from event publication to delivery",
    buckets=(0.1, 0.25, 0.5, 1, 1.5, 3, 10, 60, 600, 3600),
)
AUDIT_WAITING = Gauge("roost_audit_waiting", "Entries of the audit trail not yet acknowledged")
AUDIT_RETRIED = Counter("roost_audit_retries", "Times that Kafka did not take the audit trail")
OLDEST_PENDING = Gauge(
    "roost_oldest_pending_seconds",
    "Age of a stage's oldest pending item by kind of recipient; 0 when nothing is pending",
    ["stage", "recipient"],
)
NO_RECIPIENT = "none"
"""The label of items without a recipient: the events that a stage is processing."""
REPLAYED = Counter("roost_replayed", "Writes answered again from their Idempotency-Key")
NOT_KEPT = Counter("roost_answers_not_kept", "Answers whose Idempotency-Key could not be written")
