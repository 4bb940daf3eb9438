"""A service for meetings that exists in memory alone: it refuses what real ones refuse, loses answers, and can be away.

It never recognises a repeated request: whoever asks twice gets two meetings. That is what makes it a good test.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from contract.clock import Clock, SystemClock
from contract.meetings import Capabilities, MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import (
    Finding,
    Holding,
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

AWAY, LOST, DROPPED, BUSY = "away", "lost", "dropped", "busy"
"""Faults of one request: not done and said so; done, but the answer is lost; not done, and no answer either; 429."""


@dataclass(frozen=True)
class Kept:
    """What the service holds."""

    id: str
    marker: str
    title: str
    minutes: int
    starts: tuple[datetime, ...]


class ScriptedVendor:
    """The service itself."""

    def __init__(self, clock: Clock | None = None, longest_title: int = 200) -> None:
        self.clock: Clock = clock or SystemClock()
        self.things: dict[str, Kept] = {}
        self.deleted: list[str] = []
        self.made: list[str] = []
        """Markers, in the order of making: one that stands twice was made twice."""
        self.doubled: list[str] = []
        """Markers of which one was made while there was one."""
        self.requests: list[tuple[str, str]] = []
        self.faults: deque[str] = deque()
        """For the next requests that change something, in order; "" for none."""
        self.standing: Trouble | None = None
        """What every request gets from now on."""
        self.before: Callable[[str], Awaitable[None]] | None = None
        self.after: Callable[[str], Awaitable[None]] | None = None
        self._numbers = itertools.count(1001)
        self._longest_title = longest_title

    async def request(self, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answers as JSON; an error is {"trouble", "message", "retry_at"?}."""
        self.requests.append((verb, str(body.get("marker") or body.get("id") or "")))
        if self.before is not None:
            await self.before(verb)
        if self.standing is not None:
            return self._trouble(self.standing, "Not now.")
        changes = verb in {"create", "update", "cancel"}
        fault = self.faults.popleft() if changes and self.faults else ""
        if fault in {AWAY, BUSY}:
            return self._trouble(Trouble.RETRY, "It is too busy.")
        if fault == DROPPED:
            return self._trouble(Trouble.UNKNOWN, "No answer came.")
        answer = self._do(verb, body)
        if self.after is not None:
            await self.after(verb)
        return self._trouble(Trouble.UNKNOWN, "No answer came.") if fault == LOST else answer

    def carrying(self, marker: str) -> list[Kept]:
        return [one for one in self.things.values() if one.marker == marker]

    def delete(self, thing_id: str) -> None:
        """Somebody deletes it by hand."""
        del self.things[thing_id]

    def rename(self, thing_id: str, title: str) -> None:
        self.things[thing_id] = replace(self.things[thing_id], title=title)

    def _do(self, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if verb == "create":
            return self._create(body)
        if verb == "find":
            return {"things": [_as_json(one) for one in self.carrying(str(body["marker"]))]}
        if verb == "held":
            return {"things": [_as_json(one) for one in self.things.values()]}
        thing = self.things.get(str(body["id"]))
        if thing is None:
            return {} if verb == "cancel" else self._trouble(Trouble.GONE, "There is no such meeting.")
        if verb == "cancel":
            del self.things[thing.id]
            self.deleted.append(thing.id)
            return {}
        if verb == "update":
            refusal = self._refusal(body)
            if refusal:
                return refusal
            self.things[thing.id] = _kept(thing.id, {**body, "marker": thing.marker})
        return _as_json(self.things[thing.id])

    def _create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        refusal = self._refusal(body)
        if refusal:
            return refusal
        thing = _kept(str(next(self._numbers)), body)
        if self.carrying(thing.marker):
            self.doubled.append(thing.marker)
        self.things[thing.id] = thing
        self.made.append(thing.marker)
        return _as_json(thing)

    def _refusal(self, body: Mapping[str, Any]) -> dict[str, Any]:
        starts = [datetime.fromisoformat(one) for one in body["starts"]]
        minutes = timedelta(minutes=int(body["minutes"]))
        if len(str(body["title"])) > self._longest_title:
            return self._trouble(Trouble.REFUSED, "The title is too long.")
        if starts and all(one + minutes <= self.clock.now() for one in starts):
            return self._trouble(Trouble.REFUSED, "It lies in the past.")
        return {}

    def _trouble(self, trouble: Trouble, message: str) -> dict[str, Any]:
        answer: dict[str, Any] = {"trouble": trouble.value, "message": message}
        if trouble is Trouble.QUOTA:
            answer["retry_at"] = (self.clock.now() + timedelta(hours=1)).isoformat()
        if trouble in {Trouble.SCOPE, Trouble.CREDENTIALS}:
            answer["hint"] = "Grant meetings:write in the service's console."
        return answer


_ALL = Capabilities(
    recurrence=True,
    passcode=False,
    lobby=False,
    registration=False,
    personal_links=True,
    attendance=True,
    recordings=True,
    end=True,
    alternative_hosts=False,
)


class Line(Protocol):
    """How the provider reaches the service: `ScriptedVendor.request`, or the same over HTTP."""

    async def __call__(self, verb: str, body: Mapping[str, Any]) -> dict[str, Any]: ...


@dataclass
class ScriptedProvider:
    """The adapter. `kind`: how many things it makes of a series."""

    line: Line
    kind: Layout = Layout.EACH
    name: str = "scripted"
    title: str = "Scripted"
    capabilities: Capabilities = field(default_factory=lambda: _ALL)
    webhooks: Webhooks | None = None
    hosts: frozenset[str] = frozenset({"files.scripted.test"})
    concurrent: int | None = None

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout:
        return self.kind

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        return ["It is only for tests."]

    async def create(self, spec: LinkSpec) -> Reference:
        return _reference(await self._ask("create", self._body(spec)))

    async def find(self, spec: LinkSpec) -> Reference | None:
        found = (await self._ask("find", {"marker": spec.marker}))["things"]
        return _reference(found[0]) if found else None

    async def held(self) -> Sequence[Holding]:
        found = (await self._ask("held", {}))["things"]
        return [Holding(one["marker"], _reference(one)) for one in found]

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        body = {**self._body(spec), "id": reference.external_id}
        return _reference(await self._ask("update", body))

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        await self._ask("cancel", {"id": reference.external_id})

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        try:
            found = await self._ask("fetch", {"id": reference.external_id})
        except ProviderError as error:
            if error.trouble is Trouble.GONE:
                return None
            raise
        starts = [datetime.fromisoformat(one) for one in found["starts"]]
        single = self.kind is Layout.EACH
        return Seen(
            title=found["title"],
            starts_at=starts[0] if single else None,
            minutes=found["minutes"],
            slots={one: f"{found['id']}-{one:%s}" for one in starts} if self.kind is Layout.SERIES else None,
        )

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return f"https://scripted.test/{reference.external_id}?host={person.id}&until={now:%s}"

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return f"https://scripted.test/{reference.external_id}?as={person.id}"

    async def end(self, reference: Reference, spec: LinkSpec) -> None:
        await self._ask("fetch", {"id": reference.external_id})

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        return []

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        return []

    async def check(self) -> Sequence[Finding]:
        try:
            await self._ask("held", {})
        except ProviderError as error:
            return [Finding(good=False, message=error.message, hint=error.hint)]
        return [Finding(good=True, message="It answers.")]

    async def close(self) -> None:
        await asyncio.sleep(0)

    def _body(self, spec: LinkSpec) -> dict[str, Any]:
        times = [] if self.kind is Layout.ROOM else [slot.starts_at.isoformat() for slot in spec.slots]
        return {
            "marker": spec.marker,
            "title": spec.title,
            "minutes": spec.series.minutes,
            "starts": times,
        }

    async def _ask(self, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.line(verb, body)
        if "trouble" not in answer:
            return answer
        retry_at = answer.get("retry_at")
        raise ProviderError(
            Trouble(answer["trouble"]),
            answer["message"],
            hint=answer.get("hint"),
            retry_at=None if retry_at is None else datetime.fromisoformat(retry_at),
        )


def _reference(thing: Mapping[str, Any]) -> Reference:
    return Reference(str(thing["id"]), {"url": f"https://scripted.test/{thing['id']}"})


def _kept(thing_id: str, body: Mapping[str, Any]) -> Kept:
    starts = sorted(datetime.fromisoformat(one).astimezone(UTC) for one in body["starts"])
    return Kept(thing_id, str(body["marker"]), str(body["title"]), int(body["minutes"]), tuple(starts))


def _as_json(thing: Kept) -> dict[str, Any]:
    return {
        "id": thing.id,
        "marker": thing.marker,
        "title": thing.title,
        "minutes": thing.minutes,
        "starts": [one.isoformat() for one in thing.starts],
    }
