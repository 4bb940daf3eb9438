"""Zoom as a provider of meetings: REST API v2 with a Server-to-Server OAuth app of the account."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from contract.clock import Clock
from contract.meetings import Capabilities, MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import (
    Finding,
    Interval,
    Layout,
    LinkSpec,
    Person,
    ProviderError,
    ProviderMemory,
    RecordedFile,
    Reference,
    Seen,
    Trouble,
    Webhooks,
)
from meetings.providers.zoom import afterwards, bodies, series
from meetings.providers.zoom.client import Call, Json, ZoomClient, segment
from meetings.providers.zoom.days import MOST_A_DAY, HostDays
from meetings.providers.zoom.entrance import Entrance
from meetings.providers.zoom.errors import UnknownUser
from meetings.providers.zoom.limits import Category
from meetings.providers.zoom.recurrence import held
from meetings.providers.zoom.scopes import findings

log = logging.getLogger(__name__)

_TRAVEL: Final = timedelta(seconds=15)
"""A request may take so long to arrive."""
_UNFINISHED: Final = frozenset({Trouble.RETRY, Trouble.GONE})
"""What happens to a series after it was made: it has to be found again, and finished."""
_SEARCHED: Final = timedelta(days=30)


class ZoomProvider:
    """Keeps nothing but what its client keeps; the day's counters are in `memory`, shared with other nodes."""

    name = "zoom"
    title = "Zoom"
    concurrent: int | None = 1
    capabilities = Capabilities(
        recurrence=True,
        passcode=True,
        lobby=True,
        registration=True,
        personal_links=True,
        attendance=True,
        recordings=True,
        end=True,
        alternative_hosts=True,
    )

    def __init__(
        self, client: ZoomClient, memory: ProviderMemory, clock: Clock, webhooks: Webhooks, api_url: str
    ) -> None:
        self.webhooks: Webhooks | None = webhooks
        self.hosts = recording_hosts(api_url)
        self._client = client
        self._memory = memory
        self._days = HostDays(client, memory, clock)
        self._clock = clock
        self._entrance = Entrance(client, memory)

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout:
        return Layout.EACH if held(series, slots) is None else Layout.SERIES

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        if series.rule is None or held(series, slots) is not None:
            return []
        told = [
            f"Zoom cannot hold this rule as one series: it gets {len(slots)} meetings, one for each date."
        ]
        if len(slots) > MOST_A_DAY:
            told.append("Zoom lets 100 meetings of a host be made in a day, so the last ones follow later.")
        return told

    async def create(self, spec: LinkSpec) -> Reference:
        now, host = self._clock.now(), host_of(spec)
        await self._memory.put(f"asked:{spec.marker}", host, now + _SEARCHED)
        call = Call("POST", f"/users/{segment(host)}/meetings", Category.MEDIUM, once=True)
        meeting = await self._days.ask(host, replace(call, body=self._new(spec, now)))
        reference = _reference(meeting, host)
        try:
            await self._settle(reference, spec, meeting)
        except ProviderError as error:
            if error.trouble in _UNFINISHED:
                raise ProviderError(Trouble.UNKNOWN, error.message, hint=error.hint) from None
            raise
        return reference

    async def find(self, spec: LinkSpec) -> Reference | None:
        """Also under the host that was asked, should the meeting have got another meanwhile. What is found may be unfinished."""
        asked = await self._memory.get(f"asked:{spec.marker}")
        for host in dict.fromkeys(filter(None, (asked, host_of(spec)))):
            found = await self._found(host, spec)
            if found is not None:
                return found
        return None

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        host = reference.values.get("host") or host_of(spec)
        wanted = spec.host_account or spec.host.email or host
        if wanted.lower() != host.lower():
            return await self._under(wanted, reference, spec)
        meeting = await self._client.ask(Call("GET", _path(reference)))
        body = self._changed(spec, meeting)
        if spec.policy.passcode and not meeting.get("password"):
            body["password"] = bodies.passcode()
        await self._days.ask(host, Call("PATCH", _path(reference), body=body))
        await self._settle(reference, spec, None)
        return replace(reference, values={**reference.values, "host": host})

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        await self._delete(reference, spec)

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        try:
            query = {"show_previous_occurrences": "true"} if series.is_series(spec) else {}
            meeting = await self._client.ask(Call("GET", _path(reference), query=query))
        except ProviderError as error:
            if error.trouble is Trouble.GONE:
                return None
            raise
        minutes = meeting.get("duration")
        return Seen(
            title=str(meeting.get("topic") or "") or None,
            starts_at=afterwards.moment_of(meeting.get("start_time")),
            minutes=minutes if isinstance(minutes, int) else None,
            slots={one.starts_at: one.id for one in series.occurrences(meeting)} or None,
        )

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return await self._entrance.start_url(reference)

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return await self._entrance.url_for(reference, spec, person, now)

    async def end(self, reference: Reference, spec: LinkSpec) -> None:
        await self._client.ask(Call("PUT", f"{_path(reference)}/status", body={"action": "end"}))

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        return await afterwards.attendance(self._client, session or reference.external_id, self._clock.now())

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        return await afterwards.recordings(self._client, session or reference.external_id)

    async def check(self) -> Sequence[Finding]:
        try:
            granted = await self._client.scopes()
        except ProviderError as error:
            return [Finding(good=False, message=error.message, hint=error.hint)]
        signed_in = Finding(good=True, message="Zoom accepts our sign-in.")
        if not granted:
            return [signed_in, Finding(good=True, message="Zoom did not tell which scopes the app has.")]
        return [signed_in, *findings(granted)]

    async def close(self) -> None:
        return

    async def _under(self, host: str, reference: Reference, spec: LinkSpec) -> Reference:
        """Zoom's meetings keep their host: under another one it is another meeting, and the first one goes after it is there."""
        there = await self._found(host, spec)
        made = await self.create(spec) if there is None else await self.update(there, spec)
        await self._delete(reference, spec)
        return made

    async def _found(self, host: str, spec: LinkSpec) -> Reference | None:
        call = Call("GET", f"/users/{segment(host)}/meetings", Category.MEDIUM, {"type": "scheduled"})
        try:
            listed = await self._client.all_of(call, "meetings")
        except UnknownUser:
            return None
        for meeting in listed:
            if await self._carries(meeting, spec):
                return _reference(meeting, host)
        return None

    def _new(self, spec: LinkSpec, now: datetime) -> Mapping[str, Any]:
        if all(slot.ends_at <= now for slot in spec.slots):
            raise ProviderError(Trouble.REFUSED, "It is over already.")
        body = series.whole(spec, now) if series.is_series(spec) else bodies.once(spec, now + _TRAVEL)
        if not spec.alternative_hosts:
            del body["settings"]["alternative_hosts"]
        if spec.policy.passcode:
            body["password"] = bodies.passcode()
        return body

    def _changed(self, spec: LinkSpec, meeting: Json) -> bodies.Json:
        """All of it. The times of a series are left out where single changes of its occurrences will do."""
        now = self._clock.now()
        if not series.is_series(spec):
            return bodies.once(spec, now + _TRAVEL)
        todo = series.differences(spec, meeting, now)
        if todo.missing or len(todo) > series.SINGLE_CHANGES:
            return series.whole(spec, now)
        return bodies.described(spec) | {"duration": spec.series.minutes}

    async def _settle(self, reference: Reference, spec: LinkSpec, meeting: Json | None) -> None:
        """Deletes the occurrences of a series that are left out, and moves those that were moved."""
        if not series.is_series(spec):
            return
        if meeting is None or not meeting.get("occurrences"):
            meeting = await self._client.ask(Call("GET", _path(reference)))
        todo = series.differences(spec, meeting, self._clock.now())
        if todo.missing:
            # People can come all the same, for the link is one; the nightly comparison tells staff.
            log.warning("the series %s lacks %d dates", reference.external_id, len(todo.missing))
        host = reference.values.get("host") or host_of(spec)
        for one, slot in todo.move:
            query = {"occurrence_id": one.id}
            await self._days.ask(host, Call("PATCH", _path(reference), query=query, body=bodies.moved(slot)))
        for one in todo.drop:
            await self._delete(reference, spec, one.id)

    async def _delete(self, reference: Reference, spec: LinkSpec, occurrence: str | None = None) -> None:
        query = {"schedule_for_reminder": "false", "cancel_meeting_reminder": "false"}
        if occurrence is not None:
            query["occurrence_id"] = occurrence
        alone = (reference.values.get("host") or host_of(spec)).lower()
        try:
            await self._client.ask(Call("DELETE", _path(reference), query=query, alone=alone))
        except ProviderError as error:
            if error.trouble is not Trouble.GONE:
                raise

    async def _carries(self, listed: Json, spec: LinkSpec) -> bool:
        """A list may leave the agenda out; then the meeting itself is asked for, if it can be ours at all."""
        agenda = listed.get("agenda")
        if agenda is None and listed.get("topic") == bodies.topic(spec):
            whole = await self._client.ask(Call("GET", f"/meetings/{segment(str(listed.get('id')))}"))
            agenda = whole.get("agenda")
        return bodies.mark(spec) in str(agenda or "")


def host_of(spec: LinkSpec) -> str:
    """Zoom's account that holds the meeting. A Server-to-Server app has to name it: `me` is nobody."""
    host = spec.host_account or spec.host.email
    if not host:
        raise ProviderError(
            Trouble.REFUSED,
            "It is not known which Zoom user holds the meeting.",
            hint="Name the host's Zoom account in the meeting, or let people's tokens carry their e-mail address.",
        )
    return host


def recording_hosts(api_url: str) -> frozenset[str]:
    """Zoom's own, and that of another address of its API, such as the one for governments."""
    host = urlsplit(api_url).hostname or ""
    parent = host.removeprefix("api.")
    own = {parent, f".{parent}"} if parent != host else {host}
    return frozenset({"zoom.us", ".zoom.us", *own})


def _path(reference: Reference) -> str:
    return f"/meetings/{segment(reference.external_id)}"


def _reference(meeting: Json, host: str) -> Reference:
    number = meeting.get("id")
    if not str(number or "").isdigit():
        raise ProviderError(Trouble.UNKNOWN, "Zoom answered without the meeting's number.")
    return Reference(str(number), {"host": host, "join_url": str(meeting.get("join_url") or "")})
