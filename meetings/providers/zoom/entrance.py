"""How people get into a meeting on Zoom: every link is made at the click, for the person who clicked."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from meetings.provider import LinkSpec, Person, ProviderError, ProviderMemory, Reference, Trouble
from meetings.providers.zoom.bodies import registrant
from meetings.providers.zoom.client import Call, Json, ZoomClient, segment
from meetings.providers.zoom.errors import unreachable
from meetings.providers.zoom.limits import Category

_SECONDS: Final = 8
_LINK_SECONDS: Final = 7200
_REMEMBERED: Final = timedelta(days=100)
_ELSEWHERE: Final = frozenset({Trouble.REFUSED, Trouble.SCOPE, Trouble.QUOTA, Trouble.GONE})
"""Where another way to the same link may do."""


class Entrance:
    """A person waits for the answer, so nobody waits long."""

    def __init__(self, client: ZoomClient, memory: ProviderMemory) -> None:
        self._client = client
        self._memory = memory

    async def start_url(self, reference: Reference) -> str:
        """Holds a token of the host's: two hours, and for the host alone."""
        try:
            async with asyncio.timeout(_SECONDS):
                meeting = await self._client.ask(Call("GET", f"/meetings/{segment(reference.external_id)}"))
        except TimeoutError:
            raise unreachable(once=False) from None
        return _address(meeting, "start_url")

    async def url_for(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        """The person's own link; the meeting's own where Zoom has none for them, or does not make it in time."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._own(reference, spec, person, now)
        except TimeoutError:
            error = unreachable(once=False)
        except ProviderError as told:
            error = told
        kept = reference.values.get("join_url")
        if error.trouble is Trouble.GONE or not kept:
            raise error
        return kept

    async def _own(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        if not spec.policy.registration:
            return await self._invited(reference, person)
        if person.email:
            return await self._registered(reference, person, person.email, now)
        return await self._common(reference)

    async def _invited(self, reference: Reference, person: Person) -> str:
        name = person.name.strip()[:64] or "Guest"
        body = {"attendees": [{"name": name}], "ttl": _LINK_SECONDS}
        told = await self._client.ask(
            Call("POST", f"/meetings/{segment(reference.external_id)}/invite_links", body=body)
        )
        attendees = told.get("attendees")
        return _address(attendees[0] if isinstance(attendees, list) and attendees else {}, "join_url")

    async def _registered(self, reference: Reference, person: Person, email: str, now: datetime) -> str:
        """Zoom registers the same person three times a day and no more, so who is registered is remembered and looked up."""
        path = f"/meetings/{segment(reference.external_id)}/registrants"
        digest = hashlib.sha256(email.lower().encode()).hexdigest()[:32]
        key = f"registrant:{reference.external_id}:{digest}"
        known = await self._memory.get(key)
        if known is not None:
            try:
                return _address(await self._client.ask(Call("GET", f"{path}/{segment(known)}")), "join_url")
            except ProviderError as error:
                if error.trouble not in _ELSEWHERE:
                    raise
        try:
            told = await self._client.ask(Call("POST", path, body=registrant(person.name, email)))
        except ProviderError as error:
            if error.trouble is not Trouble.QUOTA:
                raise
            return await self._listed(path, email)
        registered = str(told.get("registrant_id") or told.get("id") or "")
        if registered:
            await self._memory.put(key, registered, now + _REMEMBERED)
        return _address(told, "join_url")

    async def _listed(self, path: str, email: str) -> str:
        everybody = await self._client.all_of(Call("GET", path, Category.MEDIUM), "registrants")
        for one in everybody:
            if str(one.get("email", "")).lower() == email.lower():
                return _address(one, "join_url")
        raise ProviderError(Trouble.REFUSED, "Zoom does not let this person be registered again today.")

    async def _common(self, reference: Reference) -> str:
        kept = reference.values.get("join_url")
        if kept:
            return kept
        meeting = await self._client.ask(Call("GET", f"/meetings/{segment(reference.external_id)}"))
        return _address(meeting, "join_url")


def _address(told: Json, name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or urlsplit(found).scheme not in {"https", "http"}:
        raise ProviderError(Trouble.RETRY, "Zoom answered without a link.")
    return found
