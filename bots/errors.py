"""What can go wrong for a bot.

BotError
|- CommandFailed      the server said no; `code` says why
|- ConnectionLost     the connection broke before the answer: whether the command was carried out is not known
|- TimedOut           no answer in the time allowed: not known either
'- ConnectionEnded    for good: the token is refused, expired or revoked, or the bot was closed
"""

from contract.ack import ErrorBody
from contract.errors import ErrorCode


class BotError(Exception):
    """Anything that this package raises on its own account."""


class CommandFailed(BotError):
    """A refused command. Nothing was changed by it."""

    def __init__(self, command: str, error: ErrorBody) -> None:
        super().__init__(f"{command}: {error.code}: {error.message}")
        self.command = command
        self.error = error

    @property
    def code(self) -> ErrorCode:
        return self.error.code

    @property
    def retryable(self) -> bool:
        return self.error.retryable

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait."""
        return None if self.error.retry_after_ms is None else self.error.retry_after_ms / 1000


class ConnectionLost(BotError):
    """The connection broke; the bot reconnects by itself."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimedOut(BotError):
    """The answer did not come in time. A `send` may still have arrived: only its client_id tells."""


class ConnectionEnded(BotError):
    """Reconnecting is pointless; `code` is the server's word for it ("unauthorized", "revoked", "closed", …)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
