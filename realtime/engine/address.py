"""The client's real address behind proxies, believing only the proxies that were named."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from realtime.engine.limits import IPNetwork

UNKNOWN = "unknown"
"""The address of a peer that has none, as on a Unix socket."""


def is_trusted(peer: str | None, trusted: Sequence[IPNetwork]) -> bool:
    """Whether the peer of a TCP connection is one of our proxies."""
    address = _parse(peer or "")
    return address is not None and _inside(address, trusted)


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[IPNetwork]) -> str:
    """The nearest address that is not one of our proxies.

    `peer` is the other end of the TCP connection and `forwarded_for` the values of X-Forwarded-For in their order.
    What a proxy was told by somebody untrusted is not believed: reading goes from the right and ends at the first
    address outside `trusted`, or before the first entry that is no address.
    """
    nearest = _parse(peer or "")
    if nearest is None:
        return UNKNOWN
    hops = [hop.strip() for value in forwarded_for for hop in value.split(",")]
    while hops and _inside(nearest, trusted):
        further = _parse(hops.pop())
        if further is None:
            break
        nearest = further
    return str(nearest)


def _inside(address: IPv4Address | IPv6Address, networks: Sequence[IPNetwork]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without a port or brackets; IPv4 mapped into IPv6 becomes IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
