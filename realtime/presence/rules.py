"""The merged view of who is where, from what each node says of its own connections. Pure: time comes in as numbers.

Each node is the authority for its own people and numbers what it says: version n is a delta that makes state n of state
n-1. A digest carries the whole state n in parts, a beat only the number. A number that does not follow shows that
something was missed; such a node stands in `behind()` until a digest of it is complete. So it does not matter what the
bus loses: the next beat shows it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from realtime.presence.people import PresenceChange, PresentPerson

Place = tuple[str, str]
"""A room's id and a user's id."""

Changes = list[PresenceChange]


@dataclass(frozen=True)
class Timing:
    """In seconds. With a sweep each second, a crashed node's people are gone `lease` + 1 after its last beat."""

    beat: float = 3.0
    lease: float = 10.0
    grace: float = 5.0


@dataclass
class _Node:
    heard_at: float
    version: int = 0
    entries: dict[Place, PresentPerson] = field(default_factory=dict)
    behind: bool = False
    parts_version: int = 0
    parts: dict[int, Mapping[Place, PresentPerson]] = field(default_factory=dict)


class View:
    """Every method that can change who is shown returns the changes, to be told in that order."""

    def __init__(self, name: str, timing: Timing) -> None:
        self._name = name
        self._timing = timing
        self._own: dict[Place, PresentPerson] = {}
        self._nodes: dict[str, _Node] = {}
        self._holders: dict[Place, set[str]] = {}
        self._shown: dict[str, dict[str, PresentPerson]] = {}
        self._leaving: dict[Place, float] = {}

    # What is known

    def people(self, room_id: str) -> list[PresentPerson]:
        """Sorted by name. Somebody who left is still here while the grace lasts."""
        return sorted(self._shown.get(room_id, {}).values(), key=lambda one: (one.name.casefold(), one.id))

    def count(self, room_id: str) -> int:
        return len(self._shown.get(room_id, ()))

    def rooms(self) -> list[str]:
        return list(self._shown)

    def behind(self) -> set[str]:
        """The nodes of which a digest is needed."""
        return {name for name, node in self._nodes.items() if node.behind}

    def nodes(self) -> set[str]:
        return set(self._nodes)

    # What is said

    def own(self, place: Place, entry: PresentPerson | None, now: float) -> Changes:
        """This node's own people: `entry` is how somebody is there through it, None when not any more."""
        if entry is None:
            self._own.pop(place, None)
        else:
            self._own[place] = entry
        return self._refresh([place], now)

    def delta(
        self,
        name: str,
        version: int,
        put: Mapping[Place, PresentPerson],
        gone: Iterable[Place],
        now: float,
    ) -> Changes:
        node = self._hear(name, now)
        if version <= node.version:
            return []
        if node.behind or version != node.version + 1:
            node.behind = True
            return []
        node.version = version
        touched = [*put, *gone]
        for place in touched:
            self._set(name, node, place, put.get(place))
        return self._refresh(touched, now)

    def beat(self, name: str, version: int, now: float) -> None:
        node = self._hear(name, now)
        if version == node.version:
            return
        node.behind = True
        if version < node.version:
            node.version = 0  # A process with the same id began anew: whatever it sends next counts.

    def digest(
        self,
        name: str,
        version: int,
        part: tuple[int, int],
        entries: Mapping[Place, PresentPerson],
        now: float,
    ) -> Changes:
        """`part` is (index from 0, number of parts). Only the complete digest counts."""
        node = self._hear(name, now)
        index, total = part
        if version < node.version or (version == node.version and not node.behind):
            return []
        if node.parts_version != version:
            node.parts_version, node.parts = version, {}
        node.parts[index] = entries
        if len(node.parts) < total:
            return []
        whole = {place: entry for one in node.parts.values() for place, entry in one.items()}
        node.version, node.behind, node.parts_version, node.parts = version, False, 0, {}
        touched = [*node.entries, *whole]
        for place in touched:
            self._set(name, node, place, whole.get(place))
        return self._refresh(touched, now)

    def goodbye(self, name: str, now: float) -> Changes:
        """A node closes in good order: its people have the grace to come back through another one."""
        return self._forget(name, now, self._timing.grace)

    # What time does

    def renew(self, now: float) -> None:
        """This node could not hear: the silence of the others says nothing about them."""
        for node in self._nodes.values():
            node.heard_at = now

    def sweep(self, now: float) -> Changes:
        """End leases and graces. Whoever was on a node that fell silent had the whole lease to come back."""
        changes: Changes = []
        silent = [name for name, node in self._nodes.items() if now - node.heard_at >= self._timing.lease]
        for name in silent:
            changes += self._forget(name, now, 0)
        over = [place for place, deadline in self._leaving.items() if deadline <= now]
        changes += self._refresh(over, now, grace=0)
        return changes

    # Inside

    def _hear(self, name: str, now: float) -> _Node:
        node = self._nodes.setdefault(name, _Node(heard_at=now))
        node.heard_at = now
        return node

    def _set(self, name: str, node: _Node, place: Place, entry: PresentPerson | None) -> None:
        if entry is not None:
            node.entries[place] = entry
            self._holders.setdefault(place, set()).add(name)
            return
        node.entries.pop(place, None)
        holders = self._holders.get(place)
        if holders is not None:
            holders.discard(name)
            if not holders:
                del self._holders[place]

    def _forget(self, name: str, now: float, grace: float) -> Changes:
        node = self._nodes.pop(name, None)
        if node is None:
            return []
        touched = list(node.entries)
        for place in touched:
            self._set(name, node, place, None)
        return self._refresh(touched, now, grace)

    def _refresh(self, places: Iterable[Place], now: float, grace: float | None = None) -> Changes:
        found = (self._refresh_one(place, now, grace) for place in dict.fromkeys(places))
        return [change for change in found if change is not None]

    def _refresh_one(self, place: Place, now: float, grace: float | None) -> PresenceChange | None:
        room_id, user_id = place
        shown, merged = self._shown.get(room_id, {}).get(user_id), self._merged(place)
        if merged is not None:
            self._leaving.pop(place, None)
            self._shown.setdefault(room_id, {})[user_id] = merged
            if shown is None:
                return PresenceChange(room_id, merged, "joined")
            return PresenceChange(room_id, merged, "changed") if shown != merged else None
        if shown is None:
            return None
        deadline = self._leaving.setdefault(place, now + (self._timing.grace if grace is None else grace))
        return self._leave(place, shown) if grace == 0 or deadline <= now else None

    def _leave(self, place: Place, shown: PresentPerson) -> PresenceChange:
        room_id, user_id = place
        del self._leaving[place]
        del self._shown[room_id][user_id]
        if not self._shown[room_id]:
            del self._shown[room_id]
        return PresenceChange(room_id, shown, "left")

    def _merged(self, place: Place) -> PresentPerson | None:
        """The same answer on every node: online before away, then what the node with the latest id says."""
        candidates = [(name, self._nodes[name].entries[place]) for name in self._holders.get(place, ())]
        if place in self._own:
            candidates.append((self._name, self._own[place]))
        if not candidates:
            return None
        return max(candidates, key=lambda one: (one[1].status == "online", one[0]))[1]
