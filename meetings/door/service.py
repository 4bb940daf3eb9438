"""The one link: where it leads, for this person and this moment. What it answers is made at the click and kept nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from auth.errors import NoCredentials
from auth.identity import Identity
from contract.after_class import RecordingList, RecordingState
from contract.clock import Clock
from contract.errors import DomainError
from contract.meetings import EnterMeeting, Entrance, Way
from contract.specs import Limit
from db.engine import Database
from meetings.door.guests import GuestPasses
from meetings.door.looking import Held, View, look
from meetings.door.rules import Stage
from meetings.model import LinkStatus
from meetings.provider import ProviderError, Trouble
from meetings.providers.registry import BUILTIN, Providers
from meetings.views import occurrence_view
from realtime.rest import Limiter

_SOON: Final = timedelta(seconds=10)
"""After which it is worth asking again while a link is being made."""

_LATER: Final = timedelta(seconds=30)
_MAKING = "The link is being made. This takes a moment."
_TRIED_AGAIN = (
    "The service that holds this class does not answer yet. It is tried again by itself, and the hosts can move the class; "
    "this address stays the same."
)
_BROKEN = (
    "The link for this class could not be made. The hosts have been told and can move the class; "
    "this address stays the same, so try again in a while."
)
_AWAY = "The service that holds this class does not answer just now. Try again in a moment."
_NO_GUESTS = "Guests cannot come into calls here: ask your host for another way."
_TRYING = frozenset({LinkStatus.PENDING, LinkStatus.CREATING})


class Recordings(Protocol):
    """What of a meeting can be played."""

    async def recordings(self, who: Identity, meeting_id: str) -> RecordingList: ...


@dataclass(frozen=True)
class DoorParts:
    """What the door asks."""

    database: Database
    providers: Providers
    passes: GuestPasses
    recordings: Recordings | None
    limiter: Limiter
    clock: Clock
    link_base: str


class Door:
    """Answers whoever opens the link of a meeting."""

    def __init__(self, parts: DoorParts) -> None:
        self._parts = parts

    async def enter(
        self, caller: Identity | None, meeting_id: str, wish: EnterMeeting, address: str
    ) -> Entrance:
        """Where the link leads.

        Raises:
            NoCredentials: neither a token nor an invitation was shown.
            Unauthorized: the invitation is not good.
            NotFound: there is no such meeting, or none for this person.
            Forbidden: they may see it, but not come in.
            RateLimited: this address tries too many invitations.
        """
        if caller is None and wish.guest is None:
            raise NoCredentials
        if wish.guest is not None:
            self._parts.limiter.check(Limit.SIGN_IN, user_id=None, room_id=None, address=address)
        now = self._parts.clock.now()
        async with self._parts.database.reading() as connection:
            view = await look(connection, caller, meeting_id, wish, link_base=self._parts.link_base, now=now)
        return await self._answer(view, now)

    async def _answer(self, view: View, now: datetime) -> Entrance:
        chosen = view.chosen
        if chosen.stage is Stage.CANCELLED:
            return self._say(view, Way.CANCELLED, chosen.words(now))
        if chosen.stage is Stage.EARLY:
            return self._say(view, Way.WAIT, chosen.words(now), again_at=chosen.opens_at)
        if chosen.stage is Stage.OVER:
            played = await self._recording(view)
            if played is not None:
                return self._say(view, Way.RECORDING, "This class is over. It was recorded.", url=played)
            if not chosen.resumable:
                return self._say(view, Way.OVER, chosen.words(now))
        if view.part.provider == BUILTIN:
            return await self._call(view)
        return await self._provider(view, now)

    async def _call(self, view: View) -> Entrance:
        """Into our own room."""
        room_id, occurrence = view.meeting.room_id, view.chosen.occurrence
        invitation = view.visitor.invitation
        if invitation is None or occurrence is None:
            return self._say(view, Way.CALL, "Come in.", room_id=room_id)
        name, ends_at = view.visitor.person.name, occurrence.slot.ends_at
        token = await self._parts.passes.give(invitation, name, room_id, ends_at)
        if token is None:
            return self._say(view, Way.BROKEN, _NO_GUESTS)
        return self._say(view, Way.CALL, "Come in.", room_id=room_id, token=token)

    async def _provider(self, view: View, now: datetime) -> Entrance:
        """To the provider, with an address of this person's own."""
        held = view.held
        if held is None or held.status in _TRYING:
            words = _TRIED_AGAIN if held is not None and held.troubled else _MAKING
            return self._say(view, Way.WAIT, words, again_at=now + _SOON)
        if held.spec is None or held.reference is None or not self._parts.providers.known(held.provider):
            return self._say(view, Way.BROKEN, _BROKEN, again_at=now + _LATER)
        try:
            url = await self._address(held, view, now)
        except ProviderError as error:
            passing = error.trouble in {Trouble.RETRY, Trouble.UNKNOWN, Trouble.QUOTA}
            return self._say(view, Way.BROKEN, _AWAY if passing else _BROKEN, again_at=now + _LATER)
        return self._say(view, Way.REDIRECT, "Come in.", url=url)

    async def _address(self, held: Held, view: View, now: datetime) -> str:
        assert held.spec is not None and held.reference is not None  # noqa: S101, PT018  # looked at by the caller
        provider, person = self._parts.providers.get(held.provider), view.visitor.person
        make = provider.host_url if person.staff else provider.join_url
        return await make(held.reference, held.spec, person, now)

    async def _recording(self, view: View) -> str | None:
        """What plays the class, for members: guests were invited to come, not to look at it afterwards."""
        identity, occurrence = view.visitor.identity, view.chosen.occurrence
        if identity is None or occurrence is None or self._parts.recordings is None:
            return None
        try:
            found = await self._parts.recordings.recordings(identity, view.meeting.id)
        except DomainError:
            return None
        ready = [
            one
            for one in found.items
            if one.state is RecordingState.READY and one.url is not None and one.key == occurrence.slot.key
        ]
        best = min(ready, key=lambda one: one.kind not in {"video", "audio"}, default=None)
        return best.url if best is not None else None

    def _say(
        self,
        view: View,
        way: Way,
        message: str,
        *,
        url: str | None = None,
        room_id: str | None = None,
        again_at: datetime | None = None,
        token: str | None = None,
    ) -> Entrance:
        occurrence = view.chosen.occurrence
        member = view.visitor.identity is not None
        return Entrance(
            way=way,
            message=message,
            meeting_id=view.meeting.id,
            title=(occurrence.title if occurrence is not None else None) or view.part.title,
            room_id=room_id or (view.meeting.room_id if member else None),
            occurrence=occurrence_view(occurrence, view.part) if occurrence is not None else None,
            url=url,
            again_at=again_at,
            token=token,
        )
