"""When a node is held to be dead."""

from signaling.nodes import NodeWatch
from signaling.store import Beat
from tests.signaling.calls_by_hand import START


def beats(**counts: int) -> dict[str, Beat]:
    return {name: Beat(count, START) for name, count in counts.items()}


def watch() -> NodeWatch:
    return NodeWatch("me", lease=11, blink=4.5)


def test_a_node_that_does_not_count_on_is_dead_after_the_lease() -> None:
    looking = watch()
    found = [looking.dead(beats(other=7), {"other"}, now) for now in range(0, 15, 3)]
    assert found == [set(), set(), set(), set(), {"other"}]


def test_a_node_that_counts_lives_however_slowly() -> None:
    looking = watch()
    assert not any(looking.dead(beats(other=now // 9), {"other"}, now) for now in range(0, 90, 3))


def test_a_node_that_never_counted_is_dead_after_the_lease() -> None:
    looking = watch()
    assert [bool(looking.dead({}, {"other"}, now)) for now in range(0, 15, 3)] == [False] * 4 + [True]


def test_a_pause_of_ones_own_proves_nothing_about_the_others() -> None:
    looking = watch()
    assert looking.dead(beats(other=7), {"other"}, 0) == set()
    assert looking.dead(beats(other=7), {"other"}, 3) == set()
    found = [looking.dead(beats(other=7), {"other"}, 60 + now) for now in range(0, 15, 3)]
    assert found == [set(), set(), set(), set(), {"other"}]


def test_one_does_not_bury_oneself_nor_who_holds_nothing() -> None:
    looking = watch()
    assert not any(looking.dead(beats(me=1, idle=1), {"me"}, now) for now in range(0, 60, 3))
