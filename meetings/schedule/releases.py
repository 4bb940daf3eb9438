"""What a new release of the IANA database means for classes to come: they stay at their wall time. Pure."""

from datetime import datetime, timedelta

from contract.errors import InvalidInput
from contract.schedule import Adjustment
from meetings.model import OccurrenceRecord, Slot
from meetings.schedule import zones

_SKIPPED_AT_MOST = timedelta(hours=24)


def reckoned(one: OccurrenceRecord) -> Slot:
    """The slot of an occurrence by the release in use. A zone that is not in it any more leaves it as it was."""
    slot = one.slot
    try:
        zone = zones.load(slot.zone)
    except InvalidInput:
        return slot
    minutes = int(slot.length.total_seconds() // 60)
    return zones.slot_at(_meant(slot), zone, minutes, key=slot.key)


def _meant(slot: Slot) -> datetime:
    """The wall time that was asked for: one that the clocks were to skip stands in the key alone."""
    asked = datetime.fromisoformat(slot.key)
    skipped = slot.adjustment is Adjustment.SKIPPED and asked < slot.starts <= asked + _SKIPPED_AT_MOST
    return asked if skipped else slot.starts
