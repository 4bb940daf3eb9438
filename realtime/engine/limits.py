"""The bounds of a server. Times are seconds, sizes are bytes; `None` means no bound of this kind."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any

IPNetwork = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """Every field can be given to the servers by its name, or all together as `limits=Limits(…)`."""

    connect_timeout: float = 45.0
    """From the opening of a session to its first accepted namespace."""
    flush_timeout: float = 2.0
    """How long a closing session may take to hand over what still waits for its client."""
    body_timeout: float = 10.0
    """How long the body of a polling POST may take to arrive."""
    max_message_bytes: int | None = None
    """Of one message from a client, on either transport; `max_http_buffer_size` when None."""
    max_payload_packets: int = 1024
    """In one polling POST."""
    max_waiting_bytes: int = 1024 * 1024
    """What may wait for one client, the transport's buffer included. A single larger message is let through to a client
    for whom nothing else waits."""
    max_waiting_events: int = 256
    """Events of one client that have begun or wait to. When they are reached, the client is not read from."""
    max_waiting_event_bytes: int = 4 * 1024 * 1024
    max_attachments: int = 100
    """Of one binary event."""
    max_attachment_bytes: int = 4 * 1024 * 1024
    """Of one binary event, together."""
    attachment_timeout: float = 10.0
    """From a binary event's first packet to its last attachment."""
    max_packets_per_second: int | None = 20_000
    """From one client. Beyond, it is not read from until the second is over."""
    max_sessions: int = 50_000
    max_sessions_per_address: int | None = None
    max_handshakes_per_second: int | None = None
    """Of the whole node. Beyond, newcomers get 503 and Retry-After."""
    retry_after: int = 5
    """Seconds, told to those who come while the node drains or is full."""
    trusted_proxies: tuple[IPNetwork, ...] = ()
    """Networks whose X-Forwarded-For is believed."""


def split_limits(options: Mapping[str, Any]) -> tuple[Limits, dict[str, Any]]:
    """The limits among a server's keyword arguments, and the other arguments. Raises TypeError for a wrong `limits`."""
    names = {field.name for field in fields(Limits)}
    rest = {name: value for name, value in options.items() if name not in names and name != "limits"}
    base = options.get("limits") or Limits()
    if not isinstance(base, Limits):
        raise TypeError("limits is a realtime.engine.Limits")
    return replace(base, **{name: value for name, value in options.items() if name in names}), rest
