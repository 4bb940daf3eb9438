"""Who connects to whom, and which of two begins: pure functions of the seats in a call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from signaling.negotiation import Role

MAX_MESH = 4
"""Peers of a mesh. Each sends its picture once to every other, and a school's uplink carries about three."""


class Topology(StrEnum):
    """How media travel: between every two peers, or through a forwarding server."""

    MESH = "mesh"
    SFU = "sfu"


@dataclass(frozen=True)
class Endpoint:
    """One seat, as far as connecting goes. Ids sort by the time they were made."""

    peer_id: str
    offers_only: bool = False


def topology(peers: int, max_mesh: int = MAX_MESH) -> Topology:
    """For a call of so many peers."""
    return Topology.MESH if peers <= max_mesh else Topology.SFU


def pair_roles(a: Endpoint, b: Endpoint) -> tuple[Role, Role]:
    """The roles of `a` and `b` towards each other, whichever way round they are given.

    The newer of two is the polite one. Beside a peer that cannot roll back the other makes all offers; of two such
    peers the older does.

    Raises:
        ValueError: they are the same seat.
    """
    if a.peer_id == b.peer_id:
        raise ValueError("a seat has no connection to itself")
    a_is_older = a.peer_id < b.peer_id
    if not a.offers_only and not b.offers_only:
        return (Role.IMPOLITE, Role.POLITE) if a_is_older else (Role.POLITE, Role.IMPOLITE)
    a_offers = a_is_older if a.offers_only == b.offers_only else b.offers_only
    return (Role.OFFERER, Role.ANSWERER) if a_offers else (Role.ANSWERER, Role.OFFERER)


def pairs(peers: Sequence[Endpoint]) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Every two of a mesh, once."""
    return combinations(peers, 2)
