"""Wall times and instants. Zones come from the `tzdata` package, so that all nodes and all moments agree on what they mean.

What the system has under /usr/share/zoneinfo is not looked at: it may be of another release on each machine.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import tzdata

from contract.errors import InvalidInput
from contract.schedule import Adjustment, wall_text
from meetings.model import Series, Slot

_NOT_PLACES = frozenset({"Factory"})
"""Zones of the database that say of themselves that they are none."""


def version() -> str:
    """The release of the IANA database in use: 2026f. Instants of the future were right by that one."""
    return str(tzdata.IANA_VERSION)


@cache
def names() -> frozenset[str]:
    """All zones that a meeting may be in."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - _NOT_PLACES


def check(name: str, field: str = "zone") -> str:
    """The name as it is. Only names of the database's own list ever become the name of a file.

    Raises:
        InvalidInput: it is none, or is written otherwise.
    """
    known = names()
    if name in known:
        return name
    meant = next((one for one in known if one.casefold() == name.casefold()), None)
    hint = f"; it is written {meant}" if meant is not None else ""
    raise InvalidInput.of(field, f"is not a zone of the IANA database, such as Europe/Paris{hint}")


def load(name: str) -> ZoneInfo:
    """The zone of a checked name. Raises InvalidInput as `check`."""
    return _read(check(name))


@cache
def _read(name: str) -> ZoneInfo:
    """Files of a package do not change while it is used, and there are only so many."""
    folder = resources.files("tzdata").joinpath("zoneinfo")
    with folder.joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def wall(text: str) -> datetime:
    """A wall time as rows and keys hold it: 2026-11-24T09:00."""
    return datetime.fromisoformat(text)


def instant_of(asked: datetime, zone: ZoneInfo) -> tuple[datetime, Adjustment | None]:
    """When a wall time is, in UTC. One that is skipped is read by the offset before the clocks were put forward, one that
    is shown twice as the first of the two (RFC 5545 section 3.3.5).
    """
    first = asked.replace(tzinfo=zone, fold=0)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None, fold=0) != asked:
        return instant, Adjustment.SKIPPED
    if first.utcoffset() != asked.replace(tzinfo=zone, fold=1).utcoffset():
        return instant, Adjustment.REPEATED
    return instant, None


def wall_of(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of the zone show then, without tzinfo."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def slot_at(asked: datetime, zone: ZoneInfo, minutes: int, *, key: str | None = None) -> Slot:
    """One occurrence that begins at a wall time. `minutes` are time that passes: a class over a change of the clocks is as
    long as any other. `key` is the rule's wall time where it is another one.
    """
    starts_at, adjustment = instant_of(asked, zone)
    return Slot(
        key=key if key is not None else wall_text(asked),
        starts=wall_of(starts_at, zone),
        zone=zone.key,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        adjustment=adjustment,
    )


def slots_of(series: Series, walls: list[datetime]) -> list[Slot]:
    """The occurrences at the rule's wall times, those left out (EXDATE) excepted.

    Of a day that a zone skipped altogether (Apia, 30 December 2011) the class would fall on the next one's: where two fall
    on one instant, the one whose wall time is skipped is left out.
    """
    zone = load(series.zone)
    kept = [wall for wall in walls if wall_text(wall) not in series.except_keys]
    slots = [slot_at(wall, zone, series.minutes) for wall in kept]
    taken = {slot.starts_at for slot in slots if slot.adjustment is not Adjustment.SKIPPED}
    return [
        slot for slot in slots if slot.adjustment is not Adjustment.SKIPPED or slot.starts_at not in taken
    ]
