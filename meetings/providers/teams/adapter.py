"""Classes in Microsoft Teams: an entry in an organizer's calendar, or stand-alone online meetings.

Permissions of the application: Calendars.ReadWrite for `event`; OnlineMeetings.ReadWrite.All and an application access policy for
`meeting`, and for lobby, recording and attendance of both; OnlineMeetingArtifact.Read.All for reports.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from contract.meetings import Capabilities, MeetingPolicy, Recording
from meetings.model import Series, Slot
from meetings.provider import (
    Booked,
    Finding,
    Interval,
    Layout,
    LinkSpec,
    Person,
    ProviderError,
    RecordedFile,
    Reference,
    Seen,
    Trouble,
    Webhooks,
)
from meetings.providers.teams import bodies, instances
from meetings.providers.teams.client import GraphClient
from meetings.providers.teams.instances import CALENDAR, event_path, moment, part, user_path
from meetings.providers.teams.recurrence import Recurrence, recurrence_of
from meetings.providers.teams.subscriptions import Subscriptions

_MEETINGS = "OnlineMeetings.ReadWrite.All"
_ARTIFACTS = "OnlineMeetingArtifact.Read.All"
_RECORDINGS = "OnlineMeetingRecording.Read.All"
_FILES = (".sharepoint.com",)
"""Where the organizer's recordings lie: Graph may point there."""
_BACK = 8
"""Days before today that something without an answer is looked for."""
_EVENT_FIELDS = "id,subject,transactionId,start,end,isCancelled,onlineMeeting"


class TeamsProvider:
    """`event` in `mode`: an entry in the organizer's calendar; `meeting`: stand-alone."""

    name = "teams"
    title = "Microsoft Teams"
    concurrent: int | None = None

    def __init__(
        self,
        graph: GraphClient,
        organizer: str,
        mode: str,
        webhooks: Webhooks | None,
        subscriptions: Subscriptions | None = None,
    ) -> None:
        self._graph = graph
        self._organizer = organizer
        self._events = mode == "event"
        self.webhooks = webhooks
        self._subscriptions = subscriptions
        self.hosts = frozenset({urlsplit(graph.base).hostname or "", *_FILES})
        self.capabilities = Capabilities(
            recurrence=self._events,
            passcode=False,
            lobby=True,
            registration=False,
            personal_links=False,
            attendance=True,
            recordings=True,
            end=False,
            alternative_hosts=True,
        )

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout:
        return Layout.SERIES if self._recurrence(series, slots) is not None else Layout.EACH

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        notes = []
        if self._events and series.rule is not None and self._recurrence(series, slots) is None:
            notes.append(
                "Teams cannot repeat like this: each class becomes an entry of its own in the calendar."
            )
        if policy.passcode:
            notes.append("Teams chooses passcodes itself, so none is asked for.")
        if policy.registration:
            notes.append("Teams meetings have no registration here: everybody comes by the same link.")
        return notes

    async def create(self, spec: LinkSpec) -> Reference:
        user = self._user(spec)
        if not self._events:
            _, made = await self._create_or_get(spec)
            await self._graph.request(
                "PATCH",
                f"{user_path(user)}/onlineMeetings/{part(made['id'])}",
                bodies.options(spec),
                needs=_MEETINGS,
            )
            return _meeting_reference(user, made)
        recurrence = self._recurrence(spec.series, spec.slots)
        try:
            made = await self._graph.request(
                "POST", f"{user_path(user)}/events", bodies.new_event(spec, recurrence), needs=CALENDAR
            )
        except ProviderError as error:  # a repeated transactionId may also be answered so
            there = await self.find(spec) if "ErrorDuplicateTransactionId" in error.message else None
            if there is None:
                raise
            return there
        reference = _event_reference(user, made)
        if bodies.is_older(made, spec, recurrence):
            return await self.update(reference, spec)
        if recurrence is not None and not instances.is_plain(spec, recurrence):
            await instances.fit(self._graph, reference, spec)
        await self._set_options(reference, spec)
        return reference

    async def find(self, spec: LinkSpec) -> Reference | None:
        """A stand-alone meeting is found by asking for it to be made; one that was not there is taken away again.

        An entry may stand where the class was to be when it was asked for: any time to come.
        """
        user = self._user(spec)
        if not self._events:
            status, found = await self._create_or_get(spec)
            reference = _meeting_reference(user, found)
            if status != HTTPStatus.CREATED:
                return reference
            await self.cancel(reference, spec)
            return None
        to_come = {
            "$select": _EVENT_FIELDS,
            "$top": "100",
            "$filter": f"start/dateTime ge '{moment(min(spec.first.starts_at, self._graph.now()), -_BACK)}'",
        }
        async for event in self._graph.pages(f"{user_path(user)}/events", query=to_come, needs=CALENDAR):
            if event.get("transactionId") == spec.marker and not event.get("isCancelled"):
                return _event_reference(user, event)
        return None

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        user = reference.values["user"]
        if not self._is_event(reference):
            body = {**bodies.online_meeting(spec), **bodies.options(spec)}
            path = f"{user_path(user)}/onlineMeetings/{part(reference.values['meeting'])}"
            await self._graph.request("PATCH", path, body, needs=_MEETINGS)
            return reference
        recurrence = self._recurrence(spec.series, spec.slots)
        await self._graph.request(
            "PATCH", event_path(reference), bodies.event(spec, recurrence), needs=CALENDAR
        )
        if recurrence is not None:
            await instances.fit(self._graph, reference, spec)
        await self._set_options(reference, spec)
        return reference

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        path = (
            event_path(reference)
            if self._is_event(reference)
            else f"{user_path(reference.values['user'])}/onlineMeetings/{part(reference.values['meeting'])}"
        )
        try:
            await self._graph.request(
                "DELETE", path, needs=CALENDAR if self._is_event(reference) else _MEETINGS
            )
        except ProviderError as error:
            if error.trouble is not Trouble.GONE:
                raise

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        try:
            if self._is_event(reference):
                return await self._fetch_event(reference, spec)
            path = f"{user_path(reference.values['user'])}/onlineMeetings/{part(reference.values['meeting'])}"
            found = await self._graph.request("GET", path, needs=_MEETINGS)
        except ProviderError as error:
            if error.trouble is Trouble.GONE:
                return None
            raise
        return Seen(title=found.get("subject"), starts_at=bodies.read_instant(found.get("startDateTime")))

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return reference.values["join"]

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return reference.values["join"]

    async def end(self, reference: Reference, spec: LinkSpec) -> None:
        raise ProviderError(
            Trouble.REFUSED,
            "Teams ends a meeting from inside only.",
            hint="The organizer chooses End meeting in Teams.",
        )

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        """Of all reports that Teams has (the 50 newest); `session` chooses one, if it is the id of one."""
        user, meeting = reference.values["user"], await self._meeting_id(reference)
        base = f"{user_path(user)}/onlineMeetings/{part(meeting)}/attendanceReports"
        reports = [str(report["id"]) async for report in self._graph.pages(base, needs=_ARTIFACTS)]
        chosen = [session] if session in reports else reports
        found: list[Interval] = []
        for report in chosen:
            path = f"{base}/{part(report)}/attendanceRecords"
            async for record in self._graph.pages(path, needs=_ARTIFACTS):
                found += _intervals(record)
        return found

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        user, meeting = reference.values["user"], await self._meeting_id(reference)
        base = f"{user_path(user)}/onlineMeetings/{part(meeting)}/recordings"
        token = await self._graph.token()
        return [
            RecordedFile(
                external_id=str(item["id"]),
                kind="video",
                url=f"{self._graph.base}{base}/{part(str(item['id']))}/content",
                token=token,
                content_type="video/mp4",
                starts_at=bodies.read_instant(item.get("createdDateTime")),
                ends_at=bodies.read_instant(item.get("endDateTime")),
            )
            async for item in self._graph.pages(base, needs=_RECORDINGS)
            if item.get("id")
        ]

    async def check(self) -> Sequence[Finding]:
        """Asks for what each permission is needed for, of the organizer, and changes nothing."""
        try:
            await self._graph.token()
        except ProviderError as error:
            return [Finding(False, error.message, error.hint)]
        findings = [Finding(True, "Microsoft accepts the application's credentials.")]
        user = user_path(self._organizer)
        questions = [(f"{user}/events", {"$top": "1", "$select": "id"}, CALENDAR)] if self._events else []
        joined = {"$filter": "JoinWebUrl eq 'https://teams.microsoft.com/l/meetup-join/none'"}
        questions.append((f"{user}/onlineMeetings", joined, _MEETINGS))
        for path, query, needs in questions:
            findings.append(await self._asked(path, query, needs))
        return findings

    async def keep(self, now: datetime, near: Sequence[Booked]) -> datetime:
        """Looks after the subscriptions; when to do so again."""
        if self._subscriptions is None:
            return now + timedelta(days=1)
        return await self._subscriptions.keep(now, near)

    async def close(self) -> None:
        """Nothing is held."""

    async def _create_or_get(self, spec: LinkSpec) -> tuple[int, Any]:
        """One meeting for one marker, however often it is asked for. 201: it was not there."""
        return await self._graph.answer(
            "POST",
            f"{user_path(self._user(spec))}/onlineMeetings/createOrGet",
            {**bodies.online_meeting(spec), "externalId": spec.marker},
            needs=_MEETINGS,
        )

    async def _asked(self, path: str, query: Mapping[str, str], needs: str) -> Finding:
        try:
            await self._graph.request("GET", path, query=query, needs=needs)
        except ProviderError as error:
            if error.trouble is not Trouble.GONE:
                return Finding(False, error.message, error.hint)
        return Finding(True, f"The permission {needs} is there.")

    async def _fetch_event(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        found = await self._graph.request(
            "GET", event_path(reference), query={"$select": _EVENT_FIELDS}, needs=CALENDAR
        )
        if found.get("isCancelled"):
            return None
        starts, ends = bodies.read_instant(found.get("start")), bodies.read_instant(found.get("end"))
        slots = None
        if self._recurrence(spec.series, spec.slots) is not None:
            listed = await instances.listed(self._graph, reference, spec)
            slots = {
                starts_at: str(item["id"])
                for item in listed
                if (starts_at := bodies.read_instant(item.get("start")))
            }
        minutes = (
            int((ends - starts) / timedelta(minutes=1)) if starts is not None and ends is not None else None
        )
        return Seen(title=found.get("subject"), starts_at=starts, minutes=minutes, slots=slots)

    async def _set_options(self, reference: Reference, spec: LinkSpec) -> None:
        """Only where something is asked for that the calendar cannot hold: it needs another permission."""
        policy = spec.policy
        if policy.lobby or policy.recording is not Recording.NONE or spec.alternative_hosts:
            meeting = await self._meeting_id(reference)
            path = f"{user_path(reference.values['user'])}/onlineMeetings/{part(meeting)}"
            await self._graph.request("PATCH", path, bodies.options(spec), needs=_MEETINGS)

    async def _meeting_id(self, reference: Reference) -> str:
        if "meeting" in reference.values:
            return reference.values["meeting"]
        join = reference.values["join"].replace("'", "''")
        async for found in self._graph.pages(
            f"{user_path(reference.values['user'])}/onlineMeetings",
            query={"$filter": f"JoinWebUrl eq '{join}'"},
            needs=_MEETINGS,
        ):
            return str(found["id"])
        raise ProviderError(Trouble.GONE, "Teams does not know the meeting of this calendar entry.")

    def _recurrence(self, series: Series, slots: Sequence[Slot]) -> Recurrence | None:
        if not self._events or bodies.windows_zone(series.zone) is None:
            return None
        return recurrence_of(series, slots)

    def _user(self, spec: LinkSpec) -> str:
        return spec.host_account or self._organizer

    def _is_event(self, reference: Reference) -> bool:
        return "event" in reference.values


def _event_reference(user: str, event: Mapping[str, Any]) -> Reference:
    meeting = event.get("onlineMeeting")
    join = meeting.get("joinUrl") if isinstance(meeting, dict) else None
    if not join:
        raise ProviderError(
            Trouble.REFUSED,
            "The calendar entry came without a Teams link.",
            hint="The organizer's mailbox must allow Teams for online meetings (a work or school account with a Teams licence).",
        )
    return Reference(str(event["id"]), {"user": user, "event": str(event["id"]), "join": str(join)})


def _meeting_reference(user: str, made: Mapping[str, Any]) -> Reference:
    meeting = str(made["id"])
    return Reference(meeting, {"user": user, "meeting": meeting, "join": str(made["joinWebUrl"])})


def _intervals(record: Mapping[str, Any]) -> list[Interval]:
    identity = record.get("identity")
    name = identity.get("displayName") if isinstance(identity, dict) else None
    found = []
    for interval in record.get("attendanceIntervals") or ():
        joined = bodies.read_instant(interval.get("joinDateTime"))
        if joined is not None:
            found.append(
                Interval(
                    name=str(name or record.get("emailAddress") or "Somebody"),
                    joined_at=joined,
                    left_at=bodies.read_instant(interval.get("leaveDateTime")),
                    email=record.get("emailAddress") or None,
                    external_id=str(record.get("id", "")),
                )
            )
    return found
