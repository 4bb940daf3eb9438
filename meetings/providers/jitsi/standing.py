"""What both kinds of Jitsi share: a standing room for each part of a series, of which nothing has to be made anywhere."""

from collections.abc import Sequence
from datetime import datetime

from contract.meetings import Capabilities, MeetingPolicy, Recording
from meetings.model import Series, Slot
from meetings.provider import (
    Interval,
    Layout,
    LinkSpec,
    Person,
    ProviderError,
    RecordedFile,
    Reference,
    Seen,
    Trouble,
)
from meetings.providers.jitsi.rooms import room_name

_CODES = "Nobody is asked for a code: every link is signed for one person and opens this class alone."
_NAMES = "Nobody is registered beforehand: every link is signed for one person at the click."
_FILMS = "A moderator starts the recording in the class."
_FILMS_THERE = f"{_FILMS} It stays on the server that holds the class, and is not fetched from there."


class StandingRooms:
    """A room is there as soon as somebody with a token for it comes, and gone when the last one left."""

    capabilities: Capabilities
    concurrent: int | None = None

    def __init__(self, key: bytes) -> None:
        """`key` makes the names of rooms."""
        self._key = key

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout:
        return Layout.ROOM

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        films = _FILMS if self.capabilities.recordings else _FILMS_THERE
        recorded = policy.recording is not Recording.NONE
        said = ((policy.passcode, _CODES), (policy.registration, _NAMES), (recorded, films))
        return [words for wished, words in said if wished]

    async def create(self, spec: LinkSpec) -> Reference:
        return Reference(room_name(self._key, spec.marker))

    async def find(self, spec: LinkSpec) -> Reference | None:
        """The name follows from the marker, so it is found whether or not it was ever asked for."""
        return await self.create(spec)

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        """The room keeps no times and no title. Its name stays, though the secret may have been changed since."""
        return reference

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        """Nobody gets a token for it any more, and the server is told no when it asks."""

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        return Seen()

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return self._url(reference, spec, person, now)

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return self._url(reference, spec, person, now)

    async def end(self, reference: Reference, spec: LinkSpec) -> None:
        raise ProviderError(
            Trouble.REFUSED,
            "A class here cannot be ended from outside.",
            hint="End it inside: a moderator chooses “End meeting for all”.",
        )

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        """There is no report: all that is known was told while it happened."""
        return ()

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        return ()

    async def close(self) -> None:
        """There is nothing to close."""

    def _url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        raise NotImplementedError  # each kind signs in its own way


def muted(spec: LinkSpec, person: Person) -> str:
    """The part of an address by which a browser begins with its microphone off (jitsi-meet, config overrides)."""
    quiet = spec.policy.mute_on_entry and not person.staff
    return "#config.startWithAudioMuted=true" if quiet else ""
