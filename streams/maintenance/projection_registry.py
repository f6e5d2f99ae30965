"""The projection of every topic that has a view, for rebuilding views by replay."""

from __future__ import annotations

from collections.abc import Mapping

from roost.topics import AUDIT, DELIVERIES, MATCHES, NOTIFICATIONS, SLOTS, Topic
from streams.deliver.delivery_projection import project_deliveries
from streams.index.audit_projection import project_audit
from streams.index.entity_projection import EntityProjection
from streams.queue.match_projection import project_matches
from streams.queue.slot_bookings import project_slots
from streams.views.notification_projection import project_notifications
from streams.views.projections import Projection

RECORD_PROJECTIONS: Mapping[Topic, Projection] = {
    MATCHES: project_matches,
    SLOTS: project_slots,
    NOTIFICATIONS: project_notifications,
    DELIVERIES: project_deliveries,
    AUDIT: project_audit,
}
"""The topics whose documents hold the record's own JSON and need no similarity model."""


def projection_of(topic: Topic, entities: EntityProjection) -> Projection:
    """Return the projection of a topic: a stage's own, or `entities` for every other topic."""
    return RECORD_PROJECTIONS.get(topic, entities)
