"""What a class leaves behind: who came and how long, and what was recorded."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contract.base import Count, Instant, Line, WireModel
from contract.meetings import Email, MeetingId
from contract.people import Actor
from contract.schedule import Occurrence, OccurrenceKey

RecordingId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a recording.")]


InvitationId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of an invitation.")]
JobId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a job.")]


class StaySource(StrEnum):
    """Who says so. Both accounts are kept; where they differ, both are shown."""

    WEBHOOK = "webhook"
    """Told by the provider while it happened; for the built-in call, by its seats."""
    REPORT = "report"
    """The provider's own report afterwards."""


class Stay(WireModel):
    """One uninterrupted stay."""

    source: StaySource
    joined_at: Instant
    left_at: Instant | None = None


class Presence(WireModel):
    """One person in one class. `seconds` is by the source that knows more; `differs`: the two tell more than a minute apart."""

    user: Actor | None = None
    name: str
    email: Email | None = None
    stays: list[Stay]
    seconds: Count
    webhook_seconds: Count
    report_seconds: Count | None = Field(default=None, description="Missing until there is a report.")
    percent: Annotated[int, Field(ge=0, le=100)] = Field(description="Of the time that the class was held.")
    differs: bool = False


class Held(WireModel):
    """One class that was held."""

    occurrence: Occurrence
    started_at: Instant
    ended_at: Instant | None = None
    people: list[Presence]


class MeetingAttendance(WireModel):
    """Everybody for staff; for others only themselves."""

    meeting_id: MeetingId
    items: list[Held]


class AttendanceQuery(WireModel):
    occurrence: OccurrenceKey | None = None


class RecordingState(StrEnum):
    FETCHING = "fetching"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"
    """Deleted because the time for keeping it was over."""


class MeetingRecording(WireModel):
    """`url` plays it; it is for this person and holds for an hour."""

    id: RecordingId
    meeting_id: MeetingId
    key: OccurrenceKey | None = None
    kind: Annotated[str, Field(pattern="^(video|audio|chat|transcript|other)$")]
    state: RecordingState
    starts_at: Instant | None = None
    seconds: Count | None = None
    bytes: Count | None = None
    content_type: str | None = None
    url: str | None = None
    keep_until: Instant | None = None
    problem: str | None = Field(default=None, description="For staff: why it could not be fetched.")


class RecordingList(WireModel):
    items: list[MeetingRecording]


class RecordingReady(WireModel):
    recording: MeetingRecording
    title: str


class Invite(WireModel):
    """A guest without an account: by e-mail address, with a link that ends."""

    email: Email
    name: Annotated[Line, Field(max_length=120)] | None = None
    hours: Annotated[int, Field(strict=True, ge=1, le=24 * 60)] = 168


class Invitation(WireModel):
    """`url` holds the secret, in its fragment; it is told this once."""

    id: InvitationId
    email: Email
    expires_at: Instant
    url: str | None = None
    revoked: bool = False


class InvitationList(WireModel):
    items: list[Invitation]


class CalendarFeed(WireModel):
    """One's own calendar for programs that subscribe to it. Whoever has `url` can read it: a new one ends the old one."""

    url: str | None = None
    created_at: Instant | None = None


class JobView(WireModel):
    """Work that did not succeed, for a person to look at and to retry."""

    id: JobId
    kind: str
    meeting_id: MeetingId | None = None
    attempts: Count
    created_at: Instant
    due_at: Instant
    dead: bool
    error: str | None = None


class JobPage(WireModel):
    items: list[JobView]
    has_more: bool
    next: str | None = None


class ListJobs(WireModel):
    meeting_id: MeetingId | None = None
    dead: bool = True
    after: Annotated[Line, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = 50
