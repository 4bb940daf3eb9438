"""Whether what a provider holds is still what it was told: pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from meetings.provider import LinkSpec, Seen

_SOON: Final = timedelta(minutes=2)
"""What begins so soon is left alone."""


def differs(spec: LinkSpec, seen: Seen, now: datetime) -> bool:
    """Of what the provider tells; what it does not tell is taken for right."""
    if seen.title is not None and not _same_title(spec.title, seen.title):
        return True
    single = len(spec.slots) == 1
    if single and seen.starts_at is not None and seen.starts_at != spec.first.starts_at:
        return True
    if single and seen.minutes is not None and seen.minutes != _minutes(spec):
        return True
    return seen.slots is not None and _to_come(seen.slots, now) != _to_come(
        [slot.starts_at for slot in spec.slots], now
    )


def print_of(seen: Seen) -> str:
    """The same for a provider that holds the same."""
    slots = sorted(one.isoformat() for one in seen.slots or ())
    told = [seen.title, seen.starts_at and seen.starts_at.isoformat(), seen.minutes, slots]
    return sha256(repr(told).encode()).hexdigest()


def _same_title(ours: str, theirs: str) -> bool:
    """Providers shorten long titles, and trim them."""
    mine, other = " ".join(ours.split()), " ".join(theirs.split()).removesuffix("…").removesuffix("...")
    return mine == other or (len(other) >= 50 and mine.startswith(other))


def _minutes(spec: LinkSpec) -> int:
    return int(spec.first.length.total_seconds() // 60)


def _to_come(instants: Iterable[datetime], now: datetime) -> set[datetime]:
    return {one for one in instants if one > now + _SOON}
