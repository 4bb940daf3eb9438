"""Meetings: classes on a schedule, whichever service carries the video."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from contract.base import Count, Instant, Line, RoomId, Text, Told, WireModel
from contract.people import Actor
from contract.rooms import NewMember, Title
from contract.schedule import (
    MOST_OCCURRENCES,
    Minutes,
    Occurrence,
    OccurrenceKey,
    RuleText,
    Schedule,
    WallTime,
    Zone,
)

MeetingId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a meeting.")]
_PROVIDER = r"^[a-z][a-z0-9_-]{0,31}$"
ProviderName = Annotated[
    Line,
    Field(pattern=_PROVIDER, description="One of `listProviders`; `builtin` is always there."),
    Told(_PROVIDER),
]
_EMAIL = r'^[^@\s,;<>"\x00-\x1f\x7f-\x9f]{1,64}@[^@\s,;<>"\x00-\x1f\x7f-\x9f]{1,189}$'
Email = Annotated[Line, Field(max_length=254, pattern=_EMAIL), Told(_EMAIL)]
Description = Annotated[Text, Field(max_length=4000)]
Offset = Annotated[int, Field(strict=True, ge=0, le=20160, description="Minutes before the start.")]


class MeetingStatus(StrEnum):
    """Of the meeting as a whole; each occurrence has its own."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class LinkState(StrEnum):
    """How far the provider's side of a meeting is."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    """It was tried again and again, or was refused: staff has to do something."""
    GONE = "gone"
    """It vanished on the provider's side."""


class Scope(StrEnum):
    """How much of a series a change is meant for."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class Recording(StrEnum):
    NONE = "none"
    CLOUD = "cloud"


class MeetingPolicy(WireModel):
    """How people come in; each provider does of it what it can, and the preview's notes say what it cannot."""

    lobby: bool = Field(default=False, description="People wait until staff lets them in.")
    passcode: bool = Field(default=False, description="The provider's own link asks for a code.")
    registration: bool = Field(
        default=False, description="Each person is registered with the provider by name."
    )
    recording: Recording = Recording.NONE
    mute_on_entry: bool = True
    opens_minutes: Annotated[int, Field(strict=True, ge=0, le=120)] = Field(
        default=10, description="How long before the start the link lets people in."
    )


class PolicyWish(MeetingPolicy):
    """The same as somebody asks for it; what is left out is as by default."""


class Provided(WireModel):
    """The provider's side of a meeting, as everybody sees it."""

    provider: ProviderName
    state: LinkState


class Meeting(WireModel):
    """A meeting, the same for everybody who may see its room. `link` is the one that stays: /m/{id}."""

    id: MeetingId
    room_id: RoomId
    title: Title
    description: Description = ""
    schedule: Schedule
    host: Actor
    provided: Provided
    policy: MeetingPolicy
    status: MeetingStatus
    sequence: Count = Field(description="Rises with each change that people are told of.")
    link: str
    next: Occurrence | None = Field(default=None, description="The one that is live, or the first to come.")
    created_at: Instant
    updated_at: Instant


class LinkProblem(WireModel):
    """What is wrong with a provider's link, for staff: what happened, and what to do about it."""

    key: OccurrenceKey | None = Field(default=None, description="Which occurrence; missing: all.")
    code: str
    message: str
    hint: str | None = None
    attempts: Count
    retry_at: Instant | None = Field(default=None, description="When it is tried again by itself.")


class MeetingDetail(WireModel):
    """A meeting with all that belongs to it; `problems`, `guests` and `reminders` are for staff."""

    meeting: Meeting
    occurrences: list[Occurrence] = Field(max_length=MOST_OCCURRENCES)
    may_change: bool
    problems: list[LinkProblem] = Field(default_factory=list)
    guests: list[Email] = Field(default_factory=list)
    reminders: list[Offset] = Field(default_factory=list)


class MeetingInRange(WireModel):
    meeting: Meeting
    occurrences: list[Occurrence]


class MeetingPage(WireModel):
    items: list[MeetingInRange]
    has_more: bool
    next: MeetingId | None = None


def _with_offset(value: object) -> object:
    """Numbers are not instants, and a date or a wall time is another one in each zone."""
    if isinstance(value, str) and _INSTANT.fullmatch(value) is None:
        raise ValueError("must be an instant with an offset, such as 2026-11-24T09:00:00Z")
    return value


_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
AskedInstant = Annotated[Instant, BeforeValidator(_with_offset)]


class ListMeetings(WireModel):
    """Meetings of my rooms (or of one room) with an occurrence that touches the time from `since` to `until`."""

    room_id: RoomId | None = None
    since: AskedInstant | None = Field(default=None, description="Default: now.")
    until: AskedInstant | None = Field(
        default=None, description="Default: 31 days after `since`; at most 400 days."
    )
    after: MeetingId | None = Field(default=None, description="The `next` of the page before.")
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = 100


class PreviewMeeting(Schedule):
    """A schedule to look at before it is saved."""

    provider: ProviderName = "builtin"
    room_id: RoomId | None = None
    meeting_id: MeetingId | None = Field(default=None, description="The meeting that is being changed.")
    policy: PolicyWish = PolicyWish()
    shown: Annotated[int, Field(strict=True, ge=1, le=60)] = 5


class CreateMeeting(Schedule):
    """A meeting in a room that there is, or (without `room_id`) in one of its own, with `people` as its members."""

    title: Title
    description: Description = ""
    room_id: RoomId | None = None
    provider: ProviderName = "builtin"
    policy: PolicyWish = PolicyWish()
    people: list[NewMember] = Field(default_factory=list, max_length=500)
    guests: list[Email] = Field(default_factory=list, max_length=200)
    alternative_hosts: list[Email] = Field(default_factory=list, max_length=20)
    host_account: Email | None = Field(
        default=None,
        description="The provider's account that holds it; default: the address in the host's token.",
    )
    reminders: list[Offset] = Field(default=[1440, 10], max_length=5)
    accept_clashes: bool = Field(
        default=False, description="Save although somebody or some licence is taken."
    )

    @model_validator(mode="after")
    def _people_need_a_room_of_its_own(self) -> "CreateMeeting":
        if self.room_id is not None and self.people:
            raise ValueError("`people` is for a meeting with a room of its own; a room has its members")
        return self


class MeetingChanges(WireModel):
    """Fields left out stay as they are. A new `starts` with scope `this` moves one occurrence; `rule` needs another scope."""

    title: Title | None = None
    description: Description | None = None
    starts: WallTime | None = None
    zone: Zone | None = None
    minutes: Minutes | None = None
    rule: RuleText | None = None
    once: bool = Field(default=False, description="Take the rule away: the meeting is held once.")
    except_dates: list[OccurrenceKey] | None = Field(default=None, max_length=200)
    provider: ProviderName | None = None
    policy: PolicyWish | None = None
    guests: list[Email] | None = Field(default=None, max_length=200)
    alternative_hosts: list[Email] | None = Field(default=None, max_length=20)
    host_account: Email | None = None
    reminders: list[Offset] | None = Field(default=None, max_length=5)
    accept_clashes: bool = False
    reason: Annotated[Line, Field(max_length=500)] | None = None


class MeetingScope(WireModel):
    """Which part of a series is meant. `occurrence` is needed unless the scope is `all`."""

    scope: Scope = Scope.ALL
    occurrence: OccurrenceKey | None = None


class CancelMeeting(MeetingScope):
    reason: Annotated[Line, Field(max_length=500)] | None = None


class Capabilities(WireModel):
    """What a provider can do."""

    recurrence: bool
    passcode: bool
    lobby: bool
    registration: bool
    personal_links: bool
    attendance: bool
    recordings: bool
    end: bool
    alternative_hosts: bool


class Provider(WireModel):
    name: ProviderName
    title: str
    capabilities: Capabilities
    healthy: bool = Field(description="False while calls to it fail; meetings are accepted all the same.")


class ProviderList(WireModel):
    items: list[Provider]


class Change(WireModel):
    """A line of a meeting's history."""

    id: str
    at: Instant
    actor: Actor | None = Field(default=None, description="Missing where the server or the provider did it.")
    what: str = Field(
        description="created, changed, moved, cancelled, link_ready, link_failed, started, ended …"
    )
    words: str
    scope: Scope | None = None
    key: OccurrenceKey | None = None
    reason: str | None = None


class ChangePage(WireModel):
    items: list[Change]
    has_more: bool
    next: str | None = None


class ListChanges(WireModel):
    before: Annotated[Line, Field(max_length=64)] | None = Field(
        default=None, description="The `next` of the page before."
    )
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = 50


class Way(StrEnum):
    """Where the one link leads just now."""

    REDIRECT = "redirect"
    """To the provider, at `url`. The address is for this person and this moment: it must not be kept."""
    CALL = "call"
    """Into the call of the meeting's room."""
    WAIT = "wait"
    """It is too early, or the link is still being made; ask again at `again_at`."""
    RECORDING = "recording"
    OVER = "over"
    CANCELLED = "cancelled"
    BROKEN = "broken"
    """The provider's link could not be made; `message` says what happens now."""


class EnterMeeting(WireModel):
    occurrence: OccurrenceKey | None = None
    guest: Annotated[Line, Field(max_length=1000)] | None = Field(
        default=None, description="The secret of an invitation, instead of signing in."
    )
    guest_name: Annotated[Line, Field(max_length=120)] | None = None


class Entrance(WireModel):
    """What the one link says to the person who opened it."""

    way: Way
    message: str = Field(description="In plain words: Not yet, starts in 12 minutes.")
    meeting_id: MeetingId
    title: str
    room_id: RoomId | None = None
    occurrence: Occurrence | None = None
    url: str | None = None
    again_at: Instant | None = None
    token: str | None = Field(
        default=None,
        description="For a guest who is sent to the call: signs in for some hours, with this room alone.",
    )


class MeetingScheduled(WireModel):
    meeting: Meeting


class MeetingUpdated(WireModel):
    """The meeting as it is now. `key` is the occurrence for changes of one."""

    meeting: Meeting
    scope: Scope
    key: OccurrenceKey | None = None


class MeetingCancelled(WireModel):
    """`scope` all: it is over for good."""

    meeting: Meeting
    scope: Scope
    key: OccurrenceKey | None = None
    reason: str | None = None


class LinkChanged(WireModel):
    """How the provider's side stands; `message` is fit for everybody in the room."""

    meeting: Meeting
    message: str


class OccurrenceStarted(WireModel):
    meeting_id: MeetingId
    title: str
    occurrence: Occurrence


class OccurrenceEnded(OccurrenceStarted):
    people: Count


class MeetingPresence(WireModel):
    """Somebody came or went, as the provider tells it. `user` is missing for people whom we do not know."""

    meeting_id: MeetingId
    key: OccurrenceKey
    name: str
    user: Actor | None = None
    at: Instant


class MeetingReminder(WireModel):
    meeting_id: MeetingId
    title: str
    occurrence: Occurrence
    minutes: Offset
