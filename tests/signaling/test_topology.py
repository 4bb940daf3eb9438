"""Who begins, and who gives way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.negotiation import Role
from signaling.topology import Endpoint, Topology, pair_roles, pairs, topology

endpoints = st.builds(Endpoint, st.sampled_from(["peer_1", "peer_2", "peer_3"]), st.booleans())


def test_the_newer_of_two_browsers_is_the_polite_one() -> None:
    assert pair_roles(Endpoint("peer_1"), Endpoint("peer_2")) == (Role.IMPOLITE, Role.POLITE)


def test_whoever_cannot_roll_back_never_offers() -> None:
    assert pair_roles(Endpoint("peer_1", offers_only=True), Endpoint("peer_2")) == (
        Role.ANSWERER,
        Role.OFFERER,
    )
    assert pair_roles(Endpoint("peer_1"), Endpoint("peer_2", offers_only=True)) == (
        Role.OFFERER,
        Role.ANSWERER,
    )


def test_of_two_that_cannot_roll_back_the_older_offers() -> None:
    older, newer = Endpoint("peer_1", offers_only=True), Endpoint("peer_2", offers_only=True)
    assert pair_roles(newer, older) == (Role.ANSWERER, Role.OFFERER)


@given(endpoints, endpoints)
def test_both_sides_come_to_the_same_roles(a: Endpoint, b: Endpoint) -> None:
    if a.peer_id == b.peer_id:
        with pytest.raises(ValueError, match="itself"):
            pair_roles(a, b)
        return
    ours, theirs = pair_roles(a, b)
    assert pair_roles(b, a) == (theirs, ours)
    assert {ours, theirs} in ({Role.POLITE, Role.IMPOLITE}, {Role.OFFERER, Role.ANSWERER})


def test_a_mesh_has_a_limit() -> None:
    assert [topology(peers, max_mesh=4) for peers in (1, 4, 5)] == [
        Topology.MESH,
        Topology.MESH,
        Topology.SFU,
    ]


def test_a_mesh_of_four_has_six_connections() -> None:
    assert len(list(pairs([Endpoint(f"peer_{number}") for number in range(4)]))) == 6
