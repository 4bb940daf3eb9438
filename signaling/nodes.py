"""Which nodes are dead: those that have not counted on for a while, although this node could see whether they do. Pure."""

from collections.abc import Mapping, Set

from signaling.store import Beat


class NodeWatch:
    """What one node has seen of the others, in seconds of its own monotonic clock."""

    def __init__(self, node_id: str, *, lease: float, blink: float) -> None:
        """`lease`: how long a node may be silent. `blink`: a longer pause between two looks proves nothing about the others:
        perhaps the database was away for all, or it was this node that stood still.
        """
        self._node_id = node_id
        self._lease = lease
        self._blink = blink
        self._heard: dict[str, tuple[int, float]] = {}
        self._looked: float | None = None

    def dead(self, beats: Mapping[str, Beat], holding: Set[str], now: float) -> set[str]:
        """Of the nodes that hold seats, those which are dead."""
        if self._looked is None or now - self._looked > self._blink:
            self._heard.clear()
        self._looked = now
        seen = {}
        for node_id in holding - {self._node_id}:
            count = beats[node_id].count if node_id in beats else 0
            known = self._heard.get(node_id)
            seen[node_id] = known if known is not None and known[0] == count else (count, now)
        self._heard = seen
        return {node_id for node_id, (_, since) in seen.items() if now - since >= self._lease}
