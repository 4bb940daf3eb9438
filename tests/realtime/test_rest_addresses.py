"""Addresses as the router takes them."""

import re

import pytest

from contract.rest import OPERATIONS
from realtime.rest import _address

PATHS = {spec.path for spec in OPERATIONS.values()}


def test_a_word_that_is_an_address_is_no_id() -> None:
    address = _address("/api/v1/meetings/{meeting_id}", PATHS)
    pattern = re.compile(address.partition("{meeting_id:")[2][:-1])
    assert pattern.fullmatch("preview") is None
    assert pattern.fullmatch("previews") is not None
    assert pattern.fullmatch("meet_01hf7yat00q2s6w8c5k9v3x1zm") is not None


@pytest.mark.parametrize("path", sorted(PATHS - {"/api/v1/meetings/{meeting_id}"}))
def test_other_addresses_stay_as_they_are(path: str) -> None:
    assert _address(path, PATHS) == path
