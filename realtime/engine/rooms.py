"""Rooms: who is in which, both ways, and one frame for everybody in one."""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, KeysView
from typing import TYPE_CHECKING, Any, cast

import socketio

from realtime.engine.client import Client, State
from realtime.engine.frame import Frame
from realtime.engine.packets import EVENT

if TYPE_CHECKING:
    from realtime.engine.session import Session
    from realtime.engine.socket_server import SocketServer

_MOST_FAR_CALLBACKS = 10_000
"""Acknowledgements awaited from clients of other nodes."""


class Room(dict[str, Client]):
    """Members by sid. `targets` are the sessions of those who may get events, worked out once after each change."""

    __slots__ = ("_holding", "_targets")

    def __init__(self) -> None:
        super().__init__()
        self._targets: list[Session] | None = None
        self._holding: list[Client] = []

    def changed(self) -> None:
        self._targets = None

    @property
    def targets(self) -> "list[Session]":
        if self._targets is None:
            self._targets = [client.session for client in self.values() if client.state is State.CONNECTED]
            self._holding = [client for client in self.values() if client.state is State.CONNECTING]
        return self._targets

    @property
    def holding(self) -> list[Client]:
        """Those who have no CONNECT reply yet."""
        if self._targets is None:
            self.targets  # noqa: B018  # works both out
        return self._holding


class RoomIndex(socketio.AsyncManager):  # type: ignore[misc]  # socketio ships no types
    """Takes the place of the library's manager, and lies under its managers for message queues.

    `rooms[namespace][None]` holds everybody. That each client is a room of its own is not stored.
    """

    server: "SocketServer"
    rooms: dict[str, dict[Any, Room]]
    callbacks: dict[str, Any]

    def initialize_index(self) -> None:
        """Also for a manager of the library's that became one of these."""
        self.rooms = {}
        self._far: OrderedDict[tuple[str, int], Callable[..., Any]] = OrderedDict()
        self._far_number = 0

    def client(self, sid: str, namespace: str) -> Client | None:
        everybody = self.rooms.get(namespace)
        return everybody[None].get(sid) if everybody is not None else None

    # ------------------------------------------------------------------------------------------------ coming and going

    def admit(self, client: Client) -> None:
        rooms = self.rooms.setdefault(client.namespace, {})
        everybody = rooms.get(None)
        if everybody is None:
            everybody = rooms[None] = Room()
        everybody[client.sid] = client
        everybody.changed()

    def set_state(self, client: Client, state: State) -> None:
        client.state = state
        rooms = self.rooms.get(client.namespace, {})
        for room in (None, *(client.rooms or ())):
            if room in rooms:
                rooms[room].changed()

    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        raise NotImplementedError("clients come in by `admit`")

    async def connect(self, sid: str, namespace: str) -> str:
        return sid

    def is_pre_connected(self, sid: str, namespace: str) -> bool:
        client = self.client(sid, namespace)
        return client is not None and client.state is State.CONNECTING

    def is_connected(self, sid: str, namespace: str) -> bool:
        client = self.client(sid, namespace)
        return client is not None and client.state is State.CONNECTED and not client.session.closing

    def get_namespaces(self) -> KeysView[str]:
        return self.rooms.keys()

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        session = self.server.eio.sockets.get(eio_sid)
        client = session.application.get(namespace) if session is not None else None
        return client.sid if client is not None else None

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        client = self.client(sid, namespace)
        return client.session.sid if client is not None else None

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        client = self.client(sid, namespace)
        if client is None:
            return None
        self.set_state(client, State.LEAVING)
        return client.session.sid

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        client = self.client(sid, namespace)
        if client is not None:
            client.state = State.LEAVING
            for room in list(client.rooms or ()):
                self.basic_leave_room(sid, namespace, room)
            self.basic_leave_room(sid, namespace, None)

    # ------------------------------------------------------------------------------------------------------- rooms

    def is_sid_room(self, namespace: str, room: Any) -> bool:
        return isinstance(room, str) and self.client(room, namespace) is not None

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        if namespace not in self.rooms:
            raise ValueError("sid is not connected to requested namespace")
        if sid == room or room is None:
            return
        if self.is_sid_room(namespace, room):
            raise ValueError("cannot enter a sid room")
        rooms = self.rooms[namespace]
        client = rooms[None][sid]
        members = rooms.get(room)
        if members is None:
            members = rooms[room] = Room()
        members[sid] = client
        members.changed()
        if client.rooms is None:
            client.rooms = set()
        client.rooms.add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        rooms = self.rooms.get(namespace, {})
        members = rooms.get(room)
        if members is None or sid not in members:
            return
        client = members.pop(sid)
        members.changed()
        if client.rooms is not None:
            client.rooms.discard(room)
        if not members:
            del rooms[room]
            if not rooms:
                del self.rooms[namespace]

    def basic_close_room(self, room: Any, namespace: str) -> None:
        if self.is_sid_room(namespace, room):
            raise ValueError("cannot close a sid room")
        for sid in list(self.rooms.get(namespace, {}).get(room, ())):
            self.basic_leave_room(sid, namespace, room)

    def get_rooms(self, sid: str, namespace: str) -> list[Any]:
        client = self.client(sid, namespace)
        return [sid, *(client.rooms or ())] if client is not None else []

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        for members in self._rooms_meant(namespace, room):
            for sid, client in list(members.items()):
                yield sid, client.session.sid

    def _rooms_meant(self, namespace: str, room: Any) -> Iterable[dict[str, Client]]:
        """`room`: None for everybody, a room, a sid, or a list of those."""
        rooms = self.rooms.get(namespace)
        if rooms is None:
            return
        for name in room if isinstance(room, list | tuple | set) else (room,):
            members: dict[str, Client] | None = rooms.get(name)
            if members is not None:
                yield members
            elif name in rooms[None]:
                yield {name: rooms[None][name]}

    # ---------------------------------------------------------------------------------------------------- sending

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        *,
        callback: Callable[..., Any] | None = None,
        to: Any = None,
        **kwargs: Any,
    ) -> None:
        """One encoding for all, unless each is to acknowledge under a number of its own. Returns at once."""
        arguments = [event, *_arguments(data)]
        where = to or room
        skipped = set(skip_sid) if isinstance(skip_sid, list | tuple | set) else {skip_sid}
        if callback is not None:
            self._emit_with_callbacks(arguments, namespace, (where, skipped), callback)
            return
        recovery = self.server.recovery
        if recovery is not None:
            recovery.keep(arguments, namespace, where, skipped)
        elif namespace not in self.rooms:
            return
        messages = self.server.codec.encode(EVENT, namespace, None, arguments)
        meant = list(self._rooms_meant(namespace, where))
        if len(meant) == 1 and isinstance(meant[0], Room) and skipped == {None}:
            _deliver(messages, meant[0].targets)
            for client in meant[0].holding:
                client.send(messages)
        else:
            for client in _union(meant, skipped):
                client.send(messages)

    def _emit_with_callbacks(
        self, arguments: list[Any], namespace: str, whom: tuple[Any, set[Any]], callback: Callable[..., Any]
    ) -> None:
        where, skipped = whom
        for client in _union(self._rooms_meant(namespace, where), skipped):
            number = client.expect_ack(callback)
            client.send(self.server.codec.encode(EVENT, namespace, number, arguments))

    # ------------------------------------------------------------------------------------------- acknowledgements

    def _generate_ack_id(self, sid: str, callback: Callable[..., Any]) -> int:
        """For the managers of message queues: `sid` is anywhere, and may be a room."""
        self._far_number += 1
        self._far[sid, self._far_number] = callback
        if len(self._far) > _MOST_FAR_CALLBACKS:
            self._far.popitem(last=False)
        return self._far_number

    async def trigger_callback(self, sid: str, id: int, data: list[Any]) -> None:
        callback = self._far.pop((sid, id), None)
        if callback is not None:
            await called_back(callback, data)

    def forget_callback(self, sid: str, namespace: str, callback: Callable[..., Any]) -> None:
        """Nobody waits for it any more."""
        client = self.client(sid, namespace)
        if client is not None:
            client.forget_callback(callback)
        for key in [key for key, waiting in self._far.items() if waiting is callback]:
            del self._far[key]


async def called_back(callback: Callable[..., Any], data: list[Any]) -> None:
    result = callback(*data)
    if inspect.isawaitable(result):
        await result


def _arguments(data: Any) -> list[Any]:
    """A tuple is several arguments, None is none."""
    if isinstance(data, tuple):
        return list(data)
    return [] if data is None else [data]


def _union(rooms: Iterable[dict[str, Client]], skipped: set[Any]) -> list[Client]:
    clients: dict[str, Client] = {}
    for members in rooms:
        clients.update(members)
    return [client for sid, client in clients.items() if sid not in skipped]


def _deliver(messages: list[Frame], targets: "list[Session]") -> None:
    """The hot loop of a broadcast."""
    if len(messages) > 1:
        for session in targets:
            for message in messages:
                session.send(message)
        return
    message = messages[0]
    encoded = message.frame
    for session in targets:
        write = session.write
        if write is not None:
            write(encoded)
        else:
            session.queue(message)


def indexed(manager: Any) -> RoomIndex:
    """The manager that the application chose, keeping its rooms in our index. None: ours alone."""
    if manager is None:
        manager = RoomIndex()
    elif not isinstance(manager, RoomIndex):
        kind = type(manager)
        manager.__class__ = type(f"Indexed{kind.__name__}", (kind, RoomIndex), {})
    made = cast("RoomIndex", manager)
    made.initialize_index()
    return made
