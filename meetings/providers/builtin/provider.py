"""Classes in our own room: the call of the meeting's room. Nothing has to be made, and nothing can vanish."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from contract.meetings import Capabilities, MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import (
    Finding,
    Interval,
    Layout,
    LinkSpec,
    Person,
    RecordedFile,
    Reference,
    Seen,
    Webhooks,
)

EndCall = Callable[[str], Awaitable[None]]
"""Ends the call that is held for a meeting, if there is one."""


class BuiltinProvider:
    """Always there. Who was in a call is told by its seats, which the server watches; so there is no webhook and no report."""

    name = "builtin"
    title = "Homeroom"
    capabilities = Capabilities(
        recurrence=True,
        passcode=False,
        lobby=True,
        registration=False,
        personal_links=False,
        attendance=True,
        recordings=False,
        end=True,
        alternative_hosts=False,
    )
    webhooks: Webhooks | None = None
    hosts: frozenset[str] = frozenset()
    concurrent: int | None = None

    def __init__(self) -> None:
        self._end_call: EndCall | None = None

    def ends_calls_with(self, end_call: EndCall) -> None:
        """Calls are not known here: whoever composes the server connects the two."""
        self._end_call = end_call

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout:
        return Layout.ROOM

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        notes = []
        if policy.passcode:
            notes.append("A call here has no passcode: only members of the room come in.")
        if policy.registration:
            notes.append("Nobody needs to be registered: people come in as themselves.")
        if policy.recording != "none":
            notes.append("Calls here are not recorded.")
        return notes

    async def create(self, spec: LinkSpec) -> Reference:
        return Reference(spec.marker)

    async def find(self, spec: LinkSpec) -> Reference | None:
        return Reference(spec.marker)

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        return reference

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        """The room stays: it may be a course's."""

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        return Seen()

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return spec.link

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return spec.link

    async def end(self, reference: Reference, spec: LinkSpec) -> None:
        if self._end_call is not None:
            await self._end_call(spec.meeting_id)

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        return ()

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        return ()

    async def check(self) -> Sequence[Finding]:
        return (Finding(good=True, message="Calls in our own rooms are always there."),)

    async def close(self) -> None:
        """There is nothing to close."""
