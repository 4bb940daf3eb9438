"""The connections of this node: who holds which room open here, and what the other nodes were told of it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from realtime.presence.gossip import Delta, Digest, deltas, digests
from realtime.presence.people import Person, PresentPerson, Status
from realtime.presence.rules import Place


@dataclass
class _Connection:
    person: Person
    rooms: set[str] = field(default_factory=set)


class Roster:
    """Methods that change something return the places touched; `entry` then says how somebody is there now."""

    def __init__(self) -> None:
        self._connections: dict[str, _Connection] = {}
        self._away: set[str] = set()
        self._holders: dict[Place, dict[str, None]] = {}
        self._per_room: dict[str, int] = {}
        self._untold: dict[Place, None] = {}
        self._told: dict[Place, PresentPerson] = {}
        self.version = 0
        """Of the last delta; what a beat says."""

    def has_room(self, room_id: str) -> bool:
        """Whether anybody on this node is in the room."""
        return room_id in self._per_room

    def entry(self, place: Place) -> PresentPerson | None:
        """How somebody is there through this node: online if one of the connections is, as the latest one says."""
        holders = list(self._holders.get(place, ()))
        if not holders:
            return None
        away = self._away.issuperset(holders)
        return PresentPerson.of(self._connections[holders[-1]].person, "away" if away else "online")

    def join(self, room_id: str, connection_id: str, person: Person) -> list[Place]:
        touched: list[Place] = []
        known = self._connections.get(connection_id)
        if known is not None and known.person.id != person.id:
            touched = self.drop(connection_id)
        connection = self._connections.setdefault(connection_id, _Connection(person))
        connection.person = person
        if room_id not in connection.rooms:
            connection.rooms.add(room_id)
            self._holders.setdefault((room_id, person.id), {})[connection_id] = None
            self._per_room[room_id] = self._per_room.get(room_id, 0) + 1
        return self._touch([*touched, *((room, person.id) for room in connection.rooms)])

    def leave(self, room_id: str, connection_id: str) -> list[Place]:
        connection = self._connections.get(connection_id)
        if connection is None or room_id not in connection.rooms:
            return []
        self._let_go(room_id, connection_id, connection)
        return self._touch([(room_id, connection.person.id)])

    def drop(self, connection_id: str) -> list[Place]:
        self._away.discard(connection_id)
        connection = self._connections.get(connection_id)
        if connection is None:
            return []
        places = [(room_id, connection.person.id) for room_id in connection.rooms]
        for room_id in list(connection.rooms):
            self._let_go(room_id, connection_id, connection)
        return self._touch(places)

    def set_status(self, connection_id: str, status: Status) -> list[Place]:
        """Holds until the connection is dropped, for the rooms it joins later too."""
        if status == "away":
            self._away.add(connection_id)
        else:
            self._away.discard(connection_id)
        connection = self._connections.get(connection_id)
        if connection is None:
            return []
        return self._touch((room_id, connection.person.id) for room_id in connection.rooms)

    def tell(self) -> Iterator[Delta]:
        """What changed since the last call, as deltas that follow on the last ones."""
        put: dict[Place, PresentPerson] = {}
        gone: list[Place] = []
        for place in self._untold:
            entry = self.entry(place)
            if entry == self._told.get(place):
                continue
            if entry is None:
                del self._told[place]
                gone.append(place)
            else:
                self._told[place] = put[place] = entry
        self._untold.clear()
        for delta in deltas(self.version + 1, put, gone):
            self.version = delta.version
            yield delta

    def tell_all(self) -> Iterator[Digest]:
        """All that was told so far, as of `version`."""
        return digests(self.version, self._told)

    def _touch(self, places: Iterable[Place]) -> list[Place]:
        touched = list(dict.fromkeys(places))
        self._untold.update(dict.fromkeys(touched))
        return touched

    def _let_go(self, room_id: str, connection_id: str, connection: _Connection) -> None:
        connection.rooms.discard(room_id)
        place = (room_id, connection.person.id)
        holders = self._holders[place]
        del holders[connection_id]
        if not holders:
            del self._holders[place]
        self._per_room[room_id] -= 1
        if not self._per_room[room_id]:
            del self._per_room[room_id]
        if not connection.rooms:
            del self._connections[connection_id]
