"""`homeroom turn-config`: what it may be asked, and writing what `signaling.turn_config` makes of it."""

import argparse
import os
import sys
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from server.lifecycle import CannotStart
from server.settings import Settings, SettingsError
from signaling.turn_config import TurnServer, firewall_rules, turnserver_conf

DESCRIPTION = "Print a hardened turnserver.conf for coturn, with the TURN secret and the firewall rules that go with it."


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The options of `homeroom turn-config`."""
    _add_places(command)
    _add_permissions(command)
    command.add_argument(
        "--user", type=_user, default="turnserver", help="the system user coturn runs as (turnserver)"
    )
    command.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write to FILE, readable by its owner alone, and the firewall rules to FILE.nft",
    )


def _add_places(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--listening-ip",
        action="append",
        default=[],
        type=_address,
        metavar="ADDRESS",
        help="listen and relay here alone; may be repeated (every address of the machine)",
    )
    command.add_argument(
        "--external-ip",
        action="append",
        default=[],
        type=_mapped,
        metavar="PUBLIC[/PRIVATE]",
        help="the public address, when the machine is behind a NAT; may be repeated",
    )
    command.add_argument("--port", type=_port, default=3478, help="for turn: addresses (3478)")
    command.add_argument("--tls-port", type=_port, default=5349, help="for turns: addresses (5349)")
    command.add_argument("--min-port", type=_port, default=49152, help="first port of relays (49152)")
    command.add_argument("--max-port", type=_port, default=65535, help="last port of relays (65535)")
    command.add_argument("--cert", type=_path, help="certificate chain in PEM, for turns: addresses")
    command.add_argument("--key", type=_path, help="its private key")


def _add_permissions(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-peer",
        action="append",
        default=[],
        type=_network,
        metavar="CIDR",
        help="relay to these addresses although they are private, such as the school's own network; may be repeated",
    )
    command.add_argument(
        "--relay-to-relay",
        action="store_true",
        help="let two people who both need the relay reach each other; load the firewall rules, too",
    )


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Raises SettingsError without a secret, or for options that contradict each other, and CannotStart if it cannot write."""
    server = _server(given, settings)
    if given.output is None:
        sys.stdout.write(turnserver_conf(server))
        return 0
    rules = given.output.with_name(given.output.name + ".nft")
    try:
        _write(given.output, turnserver_conf(server), 0o600)
        _write(rules, firewall_rules(server), 0o644)
    except OSError as error:
        raise CannotStart(f"{given.output} cannot be written: {error.strerror}.") from error
    print(f"wrote {given.output} and {rules}", file=sys.stderr)
    return 0


def _server(given: argparse.Namespace, settings: Settings) -> TurnServer:
    if settings.turn_secret is None:
        raise SettingsError(
            ["HOMEROOM_TURN_SECRET is needed for this (make one with: openssl rand -base64 32)."]
        )
    wrong = list(_contradictions(given))
    if wrong:
        raise SettingsError(wrong)
    return TurnServer(
        settings.turn_secret.get_secret_value(),
        settings.turn_realm,
        listening_ips=given.listening_ip,
        external_ips=given.external_ip,
        port=given.port,
        tls_port=given.tls_port,
        min_port=given.min_port,
        max_port=given.max_port,
        cert=given.cert,
        key=given.key,
        allow_peers=given.allow_peer,
        relay_to_relay=given.relay_to_relay,
        user=given.user,
        max_peers=settings.call_max_peers,
    )


def _contradictions(given: argparse.Namespace) -> list[str]:
    sentences = {
        "--min-port must not be greater than --max-port.": given.min_port > given.max_port,
        "--cert and --key go together.": (given.cert is None) != (given.key is None),
        "--relay-to-relay needs --external-ip or --listening-ip, to know which addresses are the server's own.": (
            given.relay_to_relay and not given.external_ip and not given.listening_ip
        ),
        "--port and --tls-port must lie outside of --min-port to --max-port: the firewall rules tell relays by them.": any(
            given.min_port <= port <= given.max_port for port in (given.port, given.tls_port)
        ),
    }
    return [sentence for sentence, holds in sentences.items() if holds]


def _write(path: Path, text: str, mode: int) -> None:
    """Never readable by more than `mode` says, not even for a moment."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    draft.replace(path)


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise argparse.ArgumentTypeError("must be an IPv4 or IPv6 address") from None


def _mapped(value: str) -> str:
    public, slash, private = value.partition("/")
    return f"{_address(public)}/{_address(private)}" if slash else _address(public)


def _network(value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a network such as 10.20.0.0/16, or an address") from None


def _port(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise argparse.ArgumentTypeError("must be a port from 1 to 65535")
    return int(value)


def _path(value: str) -> str:
    if not Path(value).is_absolute() or not value.isprintable():
        raise argparse.ArgumentTypeError("must be an absolute path")
    return value


def _user(value: str) -> str:
    if not value.isascii() or not value.replace("-", "").replace("_", "").isalnum():
        raise argparse.ArgumentTypeError("must be the name of a system user")
    return value
