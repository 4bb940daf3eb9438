"""What meetings are made of, inside: immutable, without a database, a clock or a vendor."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from contract.meetings import MeetingPolicy
from contract.schedule import Adjustment, OccurrenceStatus


@dataclass(frozen=True)
class Series:
    """When something is held: wall time and zone, how long, and how often. `starts` has no tzinfo; `until` neither."""

    starts: datetime
    zone: str
    minutes: int
    rule: str | None = None
    except_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Slot:
    """One occurrence of a series. `key` is the wall time that the rule gave; `starts` the wall time as it is now."""

    key: str
    starts: datetime
    zone: str
    starts_at: datetime
    ends_at: datetime
    adjustment: Adjustment | None = None

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


class LinkStatus(StrEnum):
    """A provider's side of a part or an occurrence. The transitions stand in `meetings.linking.rules`."""

    PENDING = "pending"
    """Wanted; nothing was asked of the provider yet."""
    CREATING = "creating"
    """Claimed: the provider may or may not have been asked. Before it is asked again it is searched for the marker."""
    READY = "ready"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    GONE = "gone"
    """It was there and vanished on the provider's side."""


@dataclass(frozen=True)
class OccurrenceRecord:
    """A row of `meeting_occurrences`, as rules and services see it."""

    id: str
    meeting_id: str
    part_id: str
    slot: Slot
    status: OccurrenceStatus
    title: str | None = None
    """None: the part's title."""
    description: str | None = None
    sequence: int = 0
    changed: bool = False
    """It differs from what the rule says."""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class PartRecord:
    """A stretch of a series with one rule, title and provider. "This and following" ends one part and begins another."""

    id: str
    meeting_id: str
    series: Series
    title: str
    description: str
    provider: str
    policy: MeetingPolicy
    alternative_hosts: tuple[str, ...] = ()
    host_account: str | None = None
    tzdata: str = ""
    sequence: int = 0
    """SEQUENCE of the part's calendar object (RFC 5545 section 3.8.7.4)."""
    ended: bool = False
    """No occurrence is left in it: it was replaced or cancelled."""


@dataclass(frozen=True)
class MeetingRecord:
    """A meeting with its parts, oldest first."""

    id: str
    room_id: str
    host_id: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    sequence: int
    cancelled_at: datetime | None
    reminders: tuple[int, ...]
    guests: tuple[str, ...]
    parts: tuple[PartRecord, ...] = field(default=())


@dataclass(frozen=True)
class LinkRecord:
    """A row of `meeting_links`: what a provider holds for a part, or (with `occurrence_id`) for one occurrence of it."""

    id: str
    meeting_id: str
    part_id: str
    occurrence_id: str | None
    provider: str
    status: LinkStatus
    reference: dict[str, str]
    """What the provider calls it: ids and addresses, never anything secret or short-lived."""
    pushed: str
    """Hash of what the provider was last told; differs from the wanted one when it has to be told again."""
    wanted: bool
    """False: it has to go."""
    attempts: int = 0
    problem_code: str | None = None
    problem: str | None = None
    hint: str | None = None
    retry_at: datetime | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    claim: str | None = None
    """Names the run that asked the provider last."""
    troubled_at: datetime | None = None
    """Since when it fails, again and again."""
    told_at: datetime | None = None
    """When staff was told of it."""
    seen_at: datetime | None = None
    """When the provider was last known to hold it."""
