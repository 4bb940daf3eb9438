"""Who is connected to this node, with which token, and until when.

A token that runs out on a live connection: its owner is warned before, told when it happens, may send a fresh one, and
is cut off when the grace is over. In between nothing but `auth:refresh` is heard.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from auth.identity import Identity
from auth.permissions import Standing
from auth.revocation import Revocations
from contract.base import WireModel
from contract.clock import Clock
from contract.connection import ConnectionFailed, TokenExpiring
from contract.errors import ErrorCode
from contract.events import EphemeralEvent
from realtime.engine import Connection, Frame
from realtime.rooms.store import Access

WARNING_SECONDS = 60.0
_LONGEST_WAIT = 60.0
"""Deadlines are wall-clock instants, and a wall clock can be set: they are looked at again at least this often."""


class Session:
    """One connection and whose it is. `rooms` holds the rooms it listens to, and how it stands there."""

    def __init__(self, connection: Connection, identity: Identity) -> None:
        self.connection = connection
        self.identity = identity
        self.rooms: dict[str, Access] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.told: str | None = None

    @property
    def sid(self) -> str:
        return self.connection.sid

    @property
    def user_id(self) -> str:
        return self.identity.user_id

    def standing(self, room_id: str) -> Standing:
        access = self.rooms.get(room_id)
        return access.standing if access is not None else Standing.STRANGER


class Sessions:
    """All sessions of this node, by connection and by person."""

    def __init__(
        self, clock: Clock, revocations: Revocations, encode: Callable[[str, object], Frame], grace: float
    ) -> None:
        self._clock = clock
        self._revocations = revocations
        self._encode = encode
        self._grace = timedelta(seconds=grace)
        self._by_sid: dict[str, Session] = {}
        self._by_user: dict[str, dict[str, Session]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._on_gone: list[Callable[[Session], None]] = []

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)

    def add(self, session: Session) -> None:
        self._by_sid[session.sid] = session
        self._by_user.setdefault(session.user_id, {})[session.sid] = session
        self._arm(session)

    def on_gone(self, listener: Callable[[Session], None]) -> None:
        """Calls `listener` for each session whose connection is gone."""
        self._on_gone.append(listener)

    def remove(self, session: Session) -> None:
        if session.timer is not None:
            session.timer.cancel()
        self._by_sid.pop(session.sid, None)
        mine = self._by_user.get(session.user_id)
        if mine is not None:
            mine.pop(session.sid, None)
            if not mine:
                del self._by_user[session.user_id]
        for listener in self._on_gone:
            listener(session)

    def of(self, user_id: str) -> list[Session]:
        """The sessions of one person on this node."""
        return list(self._by_user.get(user_id, {}).values())

    def by_sid(self, sid: str) -> Session | None:
        return self._by_sid.get(sid)

    def renew(self, session: Session, identity: Identity) -> None:
        """A fresh token of the same person."""
        session.identity = identity
        session.told = None
        self._arm(session)

    def tell(self, session: Session, event: str, data: WireModel) -> None:
        """Sends one connection an event that is in no log."""
        session.connection.send(self.frame(event, data))

    def tell_user(self, user_id: str, event: str, data: WireModel) -> None:
        """Sends all of a person's connections on this node an event that is in no log."""
        mine = self.of(user_id)
        if mine:
            frame = self.frame(event, data)
            for session in mine:
                session.connection.send(frame)

    def frame(self, event: str, data: WireModel, room_id: str | None = None) -> Frame:
        return self._encode(event, self.envelope(event, data, room_id))

    def envelope(self, event: str, data: WireModel, room_id: str | None = None) -> Mapping[str, object]:
        """An event that is in no log, as it goes over the wire."""
        return self._enveloped(event, data.model_dump(mode="json", exclude_none=True), room_id)

    def raw_frame(self, event: str, data: Mapping[str, object]) -> Frame:
        """As `frame`, of data that is JSON already."""
        return self._encode(event, self._enveloped(event, data, None))

    def _enveloped(self, event: str, data: Mapping[str, object], room_id: str | None) -> Mapping[str, object]:
        told = EphemeralEvent(type=event, ts=self._clock.now(), room_id=room_id, data=data)
        return told.model_dump(mode="json", exclude_none=True)

    def cut(self, session: Session, error: ConnectionFailed) -> None:
        """Says why, and disconnects."""
        self.tell(session, "connection.error", error)
        closing = asyncio.ensure_future(session.connection.close(str(error.code), final=not error.reconnect))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def cut_revoked(self) -> None:
        """Disconnects everybody whose token was taken back."""
        for session in self:
            if self._revocations.is_revoked(session.identity):
                self.cut(
                    session,
                    ConnectionFailed(code="revoked", message="Your sign-in was ended.", reconnect=False),
                )

    def _arm(self, session: Session) -> None:
        if session.timer is not None:
            session.timer.cancel()
        now = self._clock.now()
        expires = session.identity.expires_at
        warn = expires - timedelta(seconds=WARNING_SECONDS)
        coming = [at for at in (warn, expires, expires + self._grace) if at > now]
        unwarned = session.told is None and warn <= now  # a token that was short-lived from the start
        wait = min((coming[0] - now).total_seconds(), _LONGEST_WAIT) if coming and not unwarned else 0.0
        session.timer = asyncio.get_running_loop().call_later(wait, self._due, session)

    def _due(self, session: Session) -> None:
        if session.sid not in self._by_sid:
            return
        now = self._clock.now()
        expires = session.identity.expires_at
        cut_at = expires + self._grace
        if now >= cut_at:
            self.cut(
                session,
                ConnectionFailed(
                    code=ErrorCode.TOKEN_EXPIRED, message="Your sign-in has run out.", reconnect=False
                ),
            )
            return
        event = "auth.expired" if now >= expires else "auth.expiring"
        near = now >= expires - timedelta(seconds=WARNING_SECONDS)
        if near and session.told != event:
            session.told = event
            self.tell(session, event, TokenExpiring(expires_at=expires, cut_at=cut_at))
        self._arm(session)
