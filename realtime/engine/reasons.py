"""Why a session ended, and what the client did when it was the client's fault."""

from enum import StrEnum


class CloseReason(StrEnum):
    """As told to `on_disconnect` and to the metrics. `Connection.close` adds its own words."""

    CLIENT_DISCONNECT = "client_disconnect"
    TRANSPORT_CLOSE = "transport_close"
    PING_TIMEOUT = "ping_timeout"
    AUTH_DEADLINE = "auth_deadline"
    REFUSED = "refused"
    PROTOCOL_ERROR = "protocol_error"
    MESSAGE_TOO_BIG = "message_too_big"
    TOO_MANY_COMMANDS = "too_many_commands"
    SLOW_CONSUMER = "slow_consumer"
    SERVER_SHUTDOWN = "server_shutdown"
    SERVER_DISCONNECT = "server_disconnect"


class ProtocolViolation(Exception):
    """The client sent what the protocol does not allow. `str()` is a fixed phrase, never what was sent."""
