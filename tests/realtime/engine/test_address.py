"""The client's real address, without a server."""

from ipaddress import ip_network

import pytest

from realtime.engine.address import client_address, is_trusted

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1/32"))

MATRIX: list[tuple[str | None, list[str], str]] = [
    ("203.0.113.9", [], "203.0.113.9"),
    ("203.0.113.9", ["1.2.3.4"], "203.0.113.9"),
    ("10.0.0.1", [], "10.0.0.1"),
    ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
    ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
    ("10.0.0.1", ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
    ("10.0.0.1", ["6.6.6.6, 1.2.3.4, 10.9.9.9"], "1.2.3.4"),
    ("10.0.0.1", ["10.1.1.1, 10.9.9.9"], "10.1.1.1"),
    ("10.0.0.1", ["1.2.3.4, garbage"], "10.0.0.1"),
    ("10.0.0.1", ["garbage, 10.2.2.2"], "10.2.2.2"),
    ("10.0.0.1", [""], "10.0.0.1"),
    ("10.0.0.1", ["1.2.3.4:5555"], "1.2.3.4"),
    ("10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::1"),
    ("fd00::1", ["2001:DB8:0::1"], "2001:db8::1"),
    ("::ffff:10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
    ("::ffff:203.0.113.9", [], "203.0.113.9"),
    ("fe80::1%eth0", [], "fe80::1"),
    (None, ["1.2.3.4"], "unknown"),
    ("", ["1.2.3.4"], "unknown"),
]


@pytest.mark.parametrize(("peer", "forwarded", "expected"), MATRIX, ids=str)
def test_only_named_proxies_are_believed(peer: str | None, forwarded: list[str], expected: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("10.0.0.1", True), ("::ffff:10.0.0.1", True), ("11.0.0.1", False), ("fd00::2", True), (None, False)],
)
def test_a_proxy_is_known_by_its_network(peer: str | None, expected: bool) -> None:
    assert is_trusted(peer, PROXIES) is expected
