"""Writing service events: one place for their ids, their order and their prefix."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tidegate.control.decisions.retention import surplus_events
from tidegate.control.decisions.services import texts
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICE_EVENTS
from tidegate.domain.ecs import Service, ServiceEvent
from tidegate.domain.ids import Ids


def write_events(tx: Transaction, service: Service, texts: Iterable[str], ids: Ids, now: datetime) -> None:
    """Add events to a service, oldest first, and drop those beyond the newest hundred."""
    texts = list(texts)
    if not texts:
        return
    present = list(tx.by(SERVICE_EVENTS, "service", service.arn))
    sequence = max((event.sequence for event in present), default=0)
    for number, text in enumerate(texts, start=1):
        event = ServiceEvent(
            id=ids.uuid(),
            service_arn=service.arn,
            created_at=now,
            sequence=sequence + number,
            message=f"(service {service.name}) {text}",
        )
        present.append(event)
        tx.put(SERVICE_EVENTS, event)
    for surplus in surplus_events(present):
        tx.delete(SERVICE_EVENTS, surplus)


def told_events(tx: Transaction, service: Service) -> dict[str, datetime]:
    """Texts of events since the service was last steady or last deployed, with the time of the newest: a
    condition that lasts is told once."""
    since = service.primary.created_at if service.primary else service.created_at
    told: dict[str, datetime] = {}
    for event in sorted(tx.by(SERVICE_EVENTS, "service", service.arn), key=lambda e: e.sequence):
        text = event.message.removeprefix(f"(service {service.name}) ")
        if texts.begins_anew(text):
            told.clear()
        elif event.created_at >= since:
            told[text] = event.created_at
    return told
