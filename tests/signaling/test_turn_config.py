"""The turnserver.conf and the firewall rules as texts; tests/signaling/test_turn_abuse.py asks a real coturn."""

import shutil
import subprocess
from ipaddress import ip_address, ip_network

import pytest

from signaling.turn_config import DENIED, TurnServer, firewall_rules, turnserver_conf

SECRET = "a-turn-secret-for-tests"
SERVER = TurnServer(SECRET, "school.example", listening_ips=("5.9.0.10",))

DISGUISES = ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "0.0.0.0",
    "192.168.0.1",
    "172.31.255.255",
    "100.64.0.1",
]
INSIDE_6 = ["::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1"]
OUTSIDE = ["8.8.8.8", "5.9.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a01:4f8::1"]


def options(server: TurnServer) -> list[str]:
    return [line for line in turnserver_conf(server).splitlines() if line and not line.startswith("#")]


def denied(server: TurnServer, address: str) -> bool:
    """By the ranges of the file alone."""
    ranges = (
        line.partition("=")[2].split("-") for line in options(server) if line.startswith("denied-peer-ip=")
    )
    peer = ip_address(address)
    bounds = ((ip_address(ends[0]), ip_address(ends[-1])) for ends in ranges)
    return any(
        low.version == peer.version and low.packed <= peer.packed <= high.packed for low, high in bounds
    )


@pytest.mark.parametrize("address", [*INSIDE, *DISGUISES, *INSIDE_6])
def test_every_way_inside_is_denied(address: str) -> None:
    # coturn refuses the unspecified address itself, and takes a range that begins with it for all addresses there are.
    assert denied(SERVER, address) or address == "::"


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_rest_of_the_internet_is_not(address: str) -> None:
    assert not denied(SERVER, address)


def test_no_range_begins_with_the_unspecified_ipv6_address() -> None:
    assert not [line for line in options(SERVER) if line.startswith("denied-peer-ip=::-")]


@pytest.mark.parametrize(
    "option",
    [
        "use-auth-secret",
        f"static-auth-secret={SECRET}",
        "realm=school.example",
        "fingerprint",
        "no-cli",
        "no-tcp-relay",
        "no-multicast-peers",
        "stale-nonce=600",
        "user-quota=48",
        "no-software-attribute",
        "no-tls",
        "listening-ip=5.9.0.10",
        "relay-ip=5.9.0.10",
        "denied-peer-ip=5.9.0.10",
        "proc-user=turnserver",
    ],
)
def test_the_file_says(option: str) -> None:
    assert option in options(SERVER)


@pytest.mark.parametrize(
    "option", ["lt-cred-mech", "no-auth ", "allow-loopback-peers ", "web-admin ", "user="]
)
def test_the_file_never_says(option: str) -> None:
    assert not [line for line in options(SERVER) if f"{line} ".startswith(option)]


def test_total_quota_and_bandwidth_are_bounded() -> None:
    limits = dict(line.split("=") for line in options(SERVER) if line.startswith(("total-quota", "max-bps")))
    assert all(int(limits[name]) > 0 for name in ("total-quota", "max-bps"))


def test_a_certificate_opens_tls_without_its_old_versions() -> None:
    lines = options(TurnServer(SECRET, "r", cert="/etc/c.pem", key="/etc/k.pem"))
    assert {"cert=/etc/c.pem", "pkey=/etc/k.pem", "no-tlsv1", "no-tlsv1_1"} <= set(lines)
    assert "no-tls" not in lines


def test_both_addresses_of_a_nat_are_the_servers_own() -> None:
    server = TurnServer(SECRET, "r", listening_ips=("10.0.0.5",), external_ips=("5.9.0.10/10.0.0.5",))
    assert "external-ip=5.9.0.10/10.0.0.5" in options(server)
    assert denied(server, "5.9.0.10")


def test_relay_to_relay_opens_the_own_address_for_relays_alone() -> None:
    server = TurnServer(SECRET, "r", listening_ips=("5.9.0.10",), relay_to_relay=True)
    assert "allowed-peer-ip=5.9.0.10" in options(server)
    accept = 'meta skuid "turnserver" udp sport 49152-65535 ip daddr 5.9.0.10 udp dport 49152-65535 accept'
    lines = [line.strip() for line in firewall_rules(server).splitlines()]
    own_dropped = next(line for line in lines if "ip daddr {" in line)
    assert "5.9.0.10" in own_dropped
    assert lines.index(accept) < lines.index(own_dropped)


def test_loopback_peers_come_only_with_an_exception_for_them() -> None:
    school = TurnServer(SECRET, "r", allow_peers=(ip_network("10.20.0.0/16"),))
    assert "allowed-peer-ip=10.20.0.0-10.20.255.255" in options(school)
    assert "allow-loopback-peers" not in options(school)
    assert "allow-loopback-peers" in options(TurnServer(SECRET, "r", allow_peers=(ip_network("127.0.0.1"),)))


@pytest.mark.parametrize("text", [text for text, _why in DENIED])
def test_the_firewall_drops_every_denied_network(text: str) -> None:
    assert f"{text}," in firewall_rules(SERVER).replace(" }", ",")


def test_the_firewall_knows_relays_by_user_and_port_and_lets_no_tcp_out() -> None:
    rules = firewall_rules(TurnServer(SECRET, "r", user="relay", min_port=50000, max_port=50100))
    assert rules.count('meta skuid "relay" udp sport 50000-50100') == 2
    assert 'meta skuid "relay" meta l4proto tcp ct state new counter reject' in rules


def test_the_file_carries_the_firewall_rules_as_a_comment() -> None:
    conf = turnserver_conf(SERVER)
    for line in firewall_rules(SERVER).splitlines():
        assert f"#   {line}".rstrip() in conf
    assert "CVE-2026-27624" in conf


def test_nftables_understands_the_rules_where_it_is_at_hand() -> None:
    rules = firewall_rules(
        TurnServer(SECRET, "r", listening_ips=("5.9.0.10",), relay_to_relay=True, user="root")
    )
    assert rules.count("{") == rules.count("}")
    nft = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin")
    if nft is not None:
        done = subprocess.run(
            [nft, "-c", "-f", "-"], input=rules, text=True, capture_output=True, check=False
        )
        assert "syntax error" not in done.stderr
        assert "conflicting intervals" not in done.stderr
