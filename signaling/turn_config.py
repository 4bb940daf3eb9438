"""A hardened turnserver.conf for coturn, and the firewall rules that close what coturn itself leaves open.

A TURN server sends packets wherever its users say, from inside one's own network. Everything here is about what it must refuse:
addresses that lead inside, what is not UDP, credentials that do not run out, and more of anything than a call needs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

DENIED: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network; 0.0.0.0 reaches this machine"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carriers' own, and some clouds' metadata"),
    ("127.0.0.0/8", "this machine"),
    ("168.63.129.16/32", "a cloud's inner service on a public address"),
    ("169.254.0.0/16", "link-local; 169.254.169.254 hands out clouds' credentials"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relays"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarks"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, and broadcast"),
    ("::/96", "unspecified, this machine, and IPv4 in its oldest disguise"),
    ("::ffff:0:0/96", "IPv4 in disguise (mapped)"),
    ("::ffff:0:0:0/96", "IPv4 in disguise (translated)"),
    ("64:ff9b::/96", "IPv4 in disguise (NAT64)"),
    ("64:ff9b:1::/48", "IPv4 in disguise (local NAT64)"),
    ("100::/64", "discarded"),
    ("2001::/23", "protocol assignments, and IPv4 in disguise (Teredo)"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "IPv4 in disguise (6to4)"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
"""Networks no peer of a call can be in (the IANA registries of special-purpose addresses, RFC 6890), and why."""

_ALLOCATIONS_PER_PEER = 6
"""A browser makes one for each TURN address (UDP, TCP, TLS) and each of its own address families."""


@dataclass(frozen=True)
class TurnServer:
    """What one TURN server is to be. Addresses are texts that `ipaddress` understands."""

    secret: str
    realm: str
    listening_ips: Sequence[str] = ()
    """Where clients come in and relays go out. None: every address of the machine, IPv6 included."""
    external_ips: Sequence[str] = ()
    """Public addresses before a NAT, as `PUBLIC` or `PUBLIC/PRIVATE`."""
    port: int = 3478
    tls_port: int = 5349
    min_port: int = 49152
    max_port: int = 65535
    cert: str | None = None
    key: str | None = None
    allow_peers: Sequence[Network] = ()
    """Exceptions from `DENIED`."""
    relay_to_relay: bool = False
    """Two people who both need the relay can reach each other; needs the firewall rules."""
    user: str | None = "turnserver"
    max_peers: int = 8
    total_quota: int = 4000
    max_bps: int = 750_000

    @property
    def own(self) -> tuple[Network, ...]:
        """The server's own addresses, as far as they are known."""
        parts = [part for entry in (*self.listening_ips, *self.external_ips) for part in entry.split("/")]
        return tuple(dict.fromkeys(ip_network(part) for part in parts))

    @property
    def relays_ipv6(self) -> bool:
        return not self.listening_ips or any(":" in address for address in self.listening_ips)


def turnserver_conf(server: TurnServer) -> str:
    """The whole turnserver.conf, with the firewall rules as a comment at its end. It holds the secret: keep it from others."""
    rules = "".join(f"#   {line}".rstrip() + "\n" for line in firewall_rules(server).splitlines())
    return "\n".join(_conf_lines(server)) + "\n\n" + _BEFORE_RULES + rules


_BEFORE_RULES = """\
# ---- The rest of the wall: what coturn does not refuse by itself
#
# Up to and including 4.6 coturn compares a peer such as ::ffff:127.0.0.1 with the ranges above as an IPv6 address, and the kernel
# then sends to 127.0.0.1 (CVE-2026-27624). Some versions refuse it and some do not; the operating system always can. Load these rules
# for nftables before starting coturn (they stand in a file of their own when this was written with --output), and run
# coturn as that user and nothing else as it:
#
"""


def _conf_lines(server: TurnServer) -> Iterator[str]:
    yield "# turnserver.conf for coturn, made by `homeroom turn-config`. Holds a secret: owner root, mode 0640."
    for name, section in (
        ("Where it listens", _addresses(server)),
        ("TLS", _tls(server)),
        ("Who may use it: whom Homeroom gave credentials that have not run out", _credentials(server)),
        ("How much one may use", _quotas(server)),
        ("What it must not be used for", _doors()),
        ("Where it must not send to", _peers(server)),
        ("How it runs", _running(server)),
    ):
        yield from ("", f"# ---- {name}", *section)


def _addresses(server: TurnServer) -> Iterator[str]:
    yield f"listening-port={server.port}"
    yield f"tls-listening-port={server.tls_port}"
    if not server.listening_ips:
        yield "# Every address of this machine. Naming IPv4 addresses alone (--listening-ip) turns relaying to IPv6 off."
    for address in server.listening_ips:
        yield f"listening-ip={address}"
        yield f"relay-ip={address}"
    for address in server.external_ips:
        yield f"external-ip={address}"
    yield "# Ports of relays; the firewall rules know a relayed packet by them."
    yield f"min-port={server.min_port}"
    yield f"max-port={server.max_port}"


def _tls(server: TurnServer) -> Iterator[str]:
    if server.cert is None or server.key is None:
        yield "# No certificate given (--cert, --key), so no turns: addresses."
        yield from ("no-tls", "no-dtls")
        return
    yield f"cert={server.cert}"
    yield f"pkey={server.key}"
    yield "# TLS 1.2 and later."
    yield from ("no-tlsv1", "no-tlsv1_1")


def _credentials(server: TurnServer) -> Iterator[str]:
    yield "use-auth-secret"
    yield f"static-auth-secret={server.secret}"
    yield f"realm={server.realm}"
    yield "# A nonce overheard is soon worth nothing."
    yield "stale-nonce=600"
    yield "# Nobody but this file says who may: no secrets, realms or lists from a database."
    yield from ("no-auth-pings", "no-dynamic-ip-list", "no-dynamic-realms")


def _quotas(server: TurnServer) -> Iterator[str]:
    quota = server.max_peers * _ALLOCATIONS_PER_PEER
    yield f"# Allocations for one person: {server.max_peers} seats, {_ALLOCATIONS_PER_PEER} for each connection."
    yield f"user-quota={quota}"
    yield f"total-quota={server.total_quota}"
    yield "# Bytes a second for one allocation, each way: camera and screen of one person, with room."
    yield f"max-bps={server.max_bps}"
    yield "# One who is gone without a word holds an allocation for ten minutes instead of an hour."
    yield "max-allocate-lifetime=600"


def _doors() -> Iterator[str]:
    yield "# Relaying TCP (RFC 6062) would open web servers and databases inside; calls never need it."
    yield "no-tcp-relay"
    yield "# No console on port 5766, and no word about version and build."
    yield from ("no-cli", "no-software-attribute")
    yield "# Answers no larger than the questions, so that it amplifies no attack."
    yield from ("no-rfc5780", "no-stun-backward-compatibility", "response-origin-only-with-rfc5780")
    yield "fingerprint"


def _peers(server: TurnServer) -> Iterator[str]:
    yield "no-multicast-peers"
    if any(network.is_loopback for network in server.allow_peers):
        yield "# FOR TESTS ALONE: --allow-peer names addresses of this machine itself."
        yield "allow-loopback-peers"
    for text, why in DENIED:
        yield f"# {text}: {why}"
        yield f"denied-peer-ip={_range(ip_network(text))}"
    yield from _own_addresses(server)
    for network in server.allow_peers:
        yield f"# {network}: --allow-peer. What is allowed wins over what is denied."
        yield f"allowed-peer-ip={_range(network)}"


def _own_addresses(server: TurnServer) -> Iterator[str]:
    if not server.own:
        yield "# The server's own public addresses belong here too: name them with --external-ip or --listening-ip."
    for network in server.own:
        if server.relay_to_relay:
            yield f"# {network.network_address}: its own, for relays to other relays; the firewall rules keep to their ports."
            yield f"allowed-peer-ip={network.network_address}"
        else:
            yield f"# {network.network_address}: its own; services on it may trust it."
            yield f"denied-peer-ip={network.network_address}"


def _running(server: TurnServer) -> Iterator[str]:
    if server.user is not None:
        yield "# The firewall rules know it by this user."
        yield f"proc-user={server.user}"
        yield f"proc-group={server.user}"
    yield from ("log-file=stdout", "simple-log")


def firewall_rules(server: TurnServer) -> str:
    """An nftables ruleset: what a relay (known by its user and source port) may not send to, in no disguise.

    It sees the packets that the kernel really makes, after every disguise of an address is gone. Answers to clients come from
    the listening port and are not touched, so clients may well sit in private networks.
    """
    relay = f'meta skuid "{server.user or "turnserver"}" udp sport {server.min_port}-{server.max_port}'
    lines = [*_accepted(server, relay), *(_rule(relay, family, server) for family in ("ip", "ip6"))]
    body = "\n".join(f"        {line}" for line in lines)
    return f"""\
table inet homeroom_turn
delete table inet homeroom_turn
table inet homeroom_turn {{
    chain output {{
        type filter hook output priority 0; policy accept;
        # coturn answers; it never opens a TCP connection itself.
        meta skuid "{server.user or "turnserver"}" meta l4proto tcp ct state new counter reject
{body}
    }}
}}
"""


def _accepted(server: TurnServer, relay: str) -> Iterator[str]:
    for network in server.allow_peers:
        yield f"{relay} {_family(network)} daddr {network} accept"
    if server.relay_to_relay:
        for network in server.own:
            ports = f"udp dport {server.min_port}-{server.max_port}"
            yield f"{relay} {_family(network)} daddr {network.network_address} {ports} accept"


def _rule(relay: str, family: str, server: TurnServer) -> str:
    denied = [ip_network(text) for text, _why in DENIED]
    named = [str(network) for network in (*denied, *server.own) if _family(network) == family]
    covered = ", ".join(_without_overlaps(named))
    return f"{relay} {family} daddr {{ {covered} }} counter drop"


def _without_overlaps(networks: Sequence[str]) -> list[str]:
    """Sets of nftables refuse intervals that overlap."""
    parsed = sorted({ip_network(text) for text in networks}, key=lambda network: network.prefixlen)
    kept: list[Network] = []
    for network in parsed:
        if not any(_contains(other, network) for other in kept):
            kept.append(network)
    return [str(network) for network in sorted(kept, key=lambda network: network.network_address.packed)]


def _contains(outer: Network, inner: Network) -> bool:
    return inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def _family(network: Network) -> str:
    return "ip" if network.version == 4 else "ip6"


def _range(network: Network) -> str:
    """Coturn has no CIDR notation."""
    first = network.network_address
    if first == ip_address("::"):
        first += 1
    if network.num_addresses == 1:
        return str(network.network_address)
    return f"{first}-{network.broadcast_address}"
