"""Keys and partitions: the mapping is part of the protocol between nodes, of one release and the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.bus.port import PARTITIONS, partition_of


@pytest.mark.parametrize(
    ("key", "partition"),
    [("", 0), ("123456789", 0xCBF43926 % 64), ("room_1", 50), ("user_ana", 41), ("grüße", 45)],
)
def test_the_mapping_never_changes(key: str, partition: int) -> None:
    assert partition_of(key) == partition


@given(st.text(), st.integers(min_value=1, max_value=1024))
def test_every_key_has_one_partition_of_those_there_are(key: str, partitions: int) -> None:
    assert partition_of(key, partitions) in range(partitions)
    assert partition_of(key, partitions) == partition_of(key, partitions)


def test_keys_spread_over_all_partitions() -> None:
    used = {partition_of(f"room_{number}") for number in range(2000)}
    assert len(used) == PARTITIONS
