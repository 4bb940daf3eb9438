"""Connection state recovery, as stock JavaScript clients (4.6 and later) know it.

The CONNECT reply carries a secret `pid`; every event ends with an offset, a string. A client that lost its transport sends both
back, and gets its sid, its rooms and the events it missed, or none of them.
"""

import secrets
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from realtime.engine.client import Client
from realtime.engine.packets import EVENT

if TYPE_CHECKING:
    from realtime.engine.socket_server import SocketServer

_DEFAULT_SECONDS = 120.0
_MOST_EVENTS = 10_000
"""Kept of all namespaces together; older ones make a client start afresh."""

_MOST_SESSIONS = 50_000


@dataclass(slots=True)
class _Kept:
    """One event; `whom` is a set of rooms, or None for everybody of the namespace."""

    number: int
    at: float
    namespace: str
    whom: frozenset[Any] | None
    besides: frozenset[Any]
    arguments: list[Any]


@dataclass(slots=True)
class _Left:
    """A client that may come back."""

    sid: str
    namespace: str
    rooms: frozenset[Any]
    session: Any
    until: float


@dataclass(slots=True)
class Restored:
    """What a returning client gets back."""

    rooms: frozenset[Any]
    missed: list[list[Any]]

    def replay(self, server: "SocketServer", client: Client) -> None:
        """Once the client has its CONNECT reply."""
        for arguments in self.missed:
            client.send(server.codec.encode(EVENT, client.namespace, None, arguments))

    def enter(self, server: "SocketServer", client: Client) -> None:
        for room in self.rooms:
            server.manager.basic_enter_room(client.sid, client.namespace, room)


class Recovery:
    """Remembers events and those who left, in memory, both within bounds."""

    def __init__(self, seconds: bool | float) -> None:
        self._seconds = _DEFAULT_SECONDS if seconds is True else float(seconds)
        self._epoch = secrets.token_urlsafe(6)
        self._events: list[_Kept] = []
        self._left: OrderedDict[str, _Left] = OrderedDict()
        self._number = 0

    def keep(self, arguments: list[Any], namespace: str, where: Any, skipped: set[Any]) -> None:
        """Note an event that is about to be sent, and put its offset behind its arguments."""
        self._number += 1
        arguments.append(f"{self._epoch}.{self._number}")
        names = where if isinstance(where, list | tuple | set) else (where,)
        whom = None if None in names else frozenset(names)
        now = monotonic()
        self._events.append(_Kept(self._number, now, namespace, whom, frozenset(skipped), list(arguments)))
        if len(self._events) > _MOST_EVENTS or self._events[0].at + 2 * self._seconds < now:
            self._forget_old(now)

    def leave(self, client: Client) -> None:
        """Keep a client's place."""
        if client.pid is None:
            return
        kept = client.session.session.get(client.namespace)
        until = monotonic() + self._seconds
        self._left[client.pid] = _Left(
            client.sid, client.namespace, frozenset(client.rooms or ()), kept, until
        )
        if len(self._left) > _MOST_SESSIONS:
            self._left.popitem(last=False)

    def restore(self, client: Client, auth: Any) -> Restored | None:
        """What the client named by `pid` and `offset` in its CONNECT had, if all of it is still there."""
        client.pid = secrets.token_urlsafe(12)
        if not isinstance(auth, dict) or not isinstance(auth.get("pid"), str):
            return None
        place = self._left.pop(auth["pid"], None)
        since = self._position(auth.get("offset"))
        if place is None or since is None or place.namespace != client.namespace or place.until < monotonic():
            return None
        client.pid, client.sid = auth["pid"], place.sid
        if place.session is not None:
            client.session.session[client.namespace] = place.session
        names = place.rooms | {place.sid}
        start = bisect_right(self._events, since, key=lambda event: event.number)
        missed = [
            event.arguments
            for event in self._events[start:]
            if event.namespace == place.namespace
            and place.sid not in event.besides
            and (event.whom is None or event.whom & names)
        ]
        return Restored(place.rooms, missed)

    def _position(self, offset: object) -> int | None:
        """The number in an offset of ours whose event is still kept."""
        if not isinstance(offset, str):
            return None
        epoch, _, number = offset.partition(".")
        if epoch != self._epoch or not number.isdecimal() or not self._events:
            return None
        position = int(number) if len(number) < 16 else -1
        return position if self._events[0].number <= position <= self._number else None

    def _forget_old(self, now: float) -> None:
        oldest = now - self._seconds
        start = max(
            bisect_right(self._events, oldest, key=lambda event: event.at),
            len(self._events) - _MOST_EVENTS // 2,
        )
        if start > 0:
            del self._events[:start]
        while self._left and next(iter(self._left.values())).until < now:
            self._left.popitem(last=False)
