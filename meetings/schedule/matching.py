"""Which of a meeting's occurrences is which after its rule has changed. Pure.

A row that stays the same class keeps its id, and with it its provider's meeting, its reminders and its place in people's
calendars: the one with the same key; else the one of the same day; else the next one in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract.schedule import OccurrenceStatus
from meetings.model import OccurrenceRecord, Slot


@dataclass(frozen=True)
class Matched:
    """`pairs` are all new slots with the row that each takes (None: a new one); `left` are rows that no slot took."""

    pairs: tuple[tuple[Slot, OccurrenceRecord | None], ...]
    left: tuple[OccurrenceRecord, ...]
    revived: frozenset[str]
    """Ids of rows that the rule had dropped earlier and has again."""


def match(
    slots: Sequence[Slot], rows: Iterable[OccurrenceRecord], dropped: Iterable[OccurrenceRecord]
) -> Matched:
    """Cancelled rows are taken by key or day only: a cancelled class does not become another one."""
    left = {row.id: row for row in rows}
    gone = {row.slot.key: row for row in dropped}
    taken: dict[str, OccurrenceRecord] = {}

    def take(slot: Slot, row: OccurrenceRecord | None) -> None:
        if row is not None and slot.key not in taken:
            taken[slot.key] = row
            left.pop(row.id, None)

    by_key = {row.slot.key: row for row in left.values()}
    for slot in slots:
        take(slot, by_key.get(slot.key) or gone.get(slot.key))
    by_day = {row.slot.key[:10]: row for row in left.values()}
    for slot in slots:
        take(slot, by_day.get(slot.key[:10]))
    in_order = iter(
        sorted(
            (row for row in left.values() if row.status is not OccurrenceStatus.CANCELLED),
            key=lambda row: row.slot.key,
        )
    )
    for slot in slots:
        if slot.key not in taken:
            take(slot, next(in_order, None))
    revived = frozenset(row.id for row in taken.values()) & {row.id for row in gone.values()}
    return Matched(tuple((slot, taken.get(slot.key)) for slot in slots), tuple(left.values()), revived)
