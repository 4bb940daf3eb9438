"""Calls that were: which there have been in a room, who was in them, and when."""

from typing import Annotated

from pydantic import Field

from contract.base import Count, Instant, WireModel
from contract.calls import Call, CallId, LeaveReason
from contract.people import Actor


class Interval(WireModel):
    """One uninterrupted stay in a call; a short drop within the grace does not interrupt it."""

    joined_at: Instant
    left_at: Instant | None = Field(default=None, description="Missing while the person is still there.")
    reason: LeaveReason | None = None


class Attendee(WireModel):
    user: Actor
    intervals: list[Interval]
    seconds: Count = Field(description="Time in the call; overlapping stays on two devices count once.")


class Attendance(WireModel):
    """Everybody for staff; for others only themselves."""

    call: Call
    ended_at: Instant | None = None
    attendees: list[Attendee]


class PastCall(WireModel):
    call: Call
    ended_at: Instant | None = None
    people: Count


class CallPage(WireModel):
    items: list[PastCall]
    has_more: bool
    next: CallId | None = None


class ListCalls(WireModel):
    before: CallId | None = Field(default=None, description="The `next` of the page before.")
    limit: Annotated[int, Field(strict=True, ge=1, le=100)] = 20
