"""The port to services that hold meetings. A vendor's words stop behind it: see `meetings/providers/`.

Every provider keeps one conformance suite (`tests/conformance/test_meeting_providers.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from contract.meetings import Capabilities, MeetingPolicy
from meetings.model import Series, Slot


class Layout(StrEnum):
    """How many things a provider holds for a part of a series."""

    ROOM = "room"
    """One standing room, whatever the times."""
    SERIES = "series"
    """One series that holds the rule without loss."""
    EACH = "each"
    """One meeting for each occurrence."""


class Trouble(StrEnum):
    """Why a provider did not do it; decides what is tried next."""

    RETRY = "retry"
    """It is away, slow or too busy: the same later."""
    UNKNOWN = "unknown"
    """The answer got lost: it may have been done. Look for the marker before asking again."""
    REFUSED = "refused"
    """It will not, and asking again does not help."""
    CREDENTIALS = "credentials"
    SCOPE = "scope"
    """A permission is missing; `hint` names it and where it is granted."""
    GONE = "gone"
    """What was asked about is not there."""
    QUOTA = "quota"
    """Its limit is reached; `retry_at` says when it opens again."""


class ProviderError(Exception):
    """`message` and `hint` are shown to staff: plain words, no secrets, no addresses with tokens."""

    def __init__(
        self, trouble: Trouble, message: str, *, hint: str | None = None, retry_at: datetime | None = None
    ) -> None:
        self.trouble = trouble
        self.message = message
        self.hint = hint
        self.retry_at = retry_at
        super().__init__(message)


GUEST_PREFIX = "guest:"
"""With this begin the ids of guests, who come by an invitation and have no account."""


@dataclass(frozen=True)
class Person:
    """Somebody, as a provider may have to know them."""

    id: str
    name: str
    email: str | None = None
    picture: str | None = None
    staff: bool = False


@dataclass(frozen=True)
class LinkSpec:
    """What the provider shall hold. `marker` is ours, unique and unguessable: it finds the thing again when an answer got lost.

    `slots` are the occurrences that it covers, in order, those cancelled left out; with `Layout.EACH` exactly one.
    """

    marker: str
    meeting_id: str
    title: str
    description: str
    series: Series
    slots: Sequence[Slot]
    host: Person
    policy: MeetingPolicy
    link: str
    """Our own stable address of the meeting, for the provider's invitation text."""
    alternative_hosts: Sequence[str] = ()
    host_account: str | None = None

    @property
    def first(self) -> Slot:
        return self.slots[0]


@dataclass(frozen=True)
class Reference:
    """What a provider calls a thing: stored as JSON. `external_id` is what its webhooks name it by."""

    external_id: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What the provider says it holds, for the nightly comparison. None where it does not tell."""

    title: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    slots: Mapping[datetime, str] | None = None
    """The instants of the occurrences it holds, with their own ids."""


@dataclass(frozen=True)
class Interval:
    """One stay in a provider's report."""

    name: str
    joined_at: datetime
    left_at: datetime | None
    email: str | None = None
    user_id: str | None = None
    """Our own id, where the provider hands it back."""
    external_id: str = ""


@dataclass(frozen=True)
class RecordedFile:
    """A file to fetch. `url` and `token` are short-lived; `hosts` are the only ones that it may be fetched from."""

    external_id: str
    kind: str
    url: str
    token: str | None = None
    bytes: int | None = None
    content_type: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class What(StrEnum):
    """What a webhook tells, in our words."""

    STARTED = "started"
    ENDED = "ended"
    JOINED = "joined"
    LEFT = "left"
    RECORDING_READY = "recording_ready"
    CHANGED = "changed"
    """Something was altered on the provider's side."""
    DELETED = "deleted"


@dataclass(frozen=True)
class Happening:
    """One thing that a provider told. `external_id` is a `Reference.external_id`; `session` names the one class that was held."""

    what: What
    external_id: str
    at: datetime
    session: str = ""
    person: Interval | None = None
    files: Sequence[RecordedFile] = ()


@dataclass(frozen=True)
class Delivery:
    """A request that a provider sent to our webhook, as it came. Header names are in lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes
    path: str = ""
    """What follows the provider's own address: events/occupant/joined, conference/17."""
    method: str = "POST"


@dataclass(frozen=True)
class Receipt:
    """What to answer, and whether there is something to keep. `key` makes a repeated delivery the same one."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    key: str | None = None
    """None: nothing to keep."""
    kept: bytes | None = None
    """What to keep instead of the delivery itself: decrypted, for instance."""


class Webhooks(Protocol):
    """Both are called with bytes from outside: whatever comes, only `Unauthorized` or `InvalidInput` may be raised."""

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Verifies, in constant time and failing closed without a secret; answers what has to be answered at once.

        Raises:
            Unauthorized: it is not from the provider.
            InvalidInput: it is, but cannot be read.
        """

    def read(self, raw: bytes) -> Sequence[Happening]:
        """What a kept delivery tells. Unknown events tell nothing."""


@dataclass(frozen=True)
class Finding:
    """A line of `homeroom providers check`."""

    good: bool
    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Holding:
    """A thing at the provider that carries a marker."""

    marker: str
    reference: Reference


@runtime_checkable
class Inventory(Protocol):
    """What a provider has besides MeetingProvider's methods if it can list what carries a marker.

    Nightly reconciliation deletes of it what we know and do not want; markers that we do not know are somebody else's.
    """

    async def held(self) -> Sequence[Holding]:
        """All that is still to come, as far as it can be listed. Raises ProviderError."""


class MeetingProvider(Protocol):
    """All methods may raise ProviderError. None of them keeps state beyond tokens and rate buckets."""

    name: str
    title: str
    capabilities: Capabilities
    webhooks: Webhooks | None
    hosts: frozenset[str]
    """Hosts that recordings may be fetched from: exact names, or ".example.com" for all below it."""
    concurrent: int | None
    """How many meetings one host account may hold at once; None: any number."""

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout: ...

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        """What it cannot do of this, and what is done instead, in plain words for the person who schedules."""

    async def create(self, spec: LinkSpec) -> Reference: ...

    async def find(self, spec: LinkSpec) -> Reference | None:
        """What carries the marker already; None when surely nothing does."""

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        """Makes the thing as the spec has it: all of it, not only what changed."""

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        """The thing is gone afterwards; one that is gone already is no error."""

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        """None: it is surely not there any more."""

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        """Made at the click, never stored."""

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str: ...

    async def end(self, reference: Reference, spec: LinkSpec) -> None: ...

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]: ...

    async def recordings(
        self, reference: Reference, spec: LinkSpec, session: str
    ) -> Sequence[RecordedFile]: ...

    async def check(self) -> Sequence[Finding]: ...

    async def close(self) -> None: ...


class ProviderMemory(Protocol):
    """A little that a provider must not forget at a restart and shares with other nodes: counters, subscriptions."""

    async def get(self, key: str) -> str | None: ...

    async def put(self, key: str, value: str, expires_at: datetime) -> None: ...

    async def add(self, key: str, amount: int, expires_at: datetime) -> int:
        """Adds to a counter, in one step with all other nodes; what it is then."""


@dataclass(frozen=True)
class Booked:
    """What we know of a thing that a provider asks about: who holds it, and the slot that is near."""

    spec: LinkSpec
    reference: Reference
    cancelled: bool


class Lookup(Protocol):
    """Answers a provider that asks us about what it holds."""

    async def __call__(self, provider: str, external_id: str) -> Booked | None: ...


class Kept(Protocol):
    """A provider that has something to look after now and then also has this method."""

    async def keep(self, now: datetime, near: Sequence[Booked]) -> datetime:
        """Renews subscriptions and the like; `near` is what it holds of today and tomorrow. When to be called again."""
