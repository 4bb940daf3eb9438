"""What runs on top of Engine.IO sessions."""

from typing import TYPE_CHECKING, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from realtime.engine.session import Session


class Upper(Protocol):
    """Plain message handlers, Socket.IO, or somebody's own."""

    async def opening(self, session: "Session", request: web.Request) -> object | None:
        """Somebody asks for a session. What to refuse it with (it becomes the body of a 401), or None to go on."""

    def opened(self, session: "Session") -> None:
        """The session exists."""

    def text(self, session: "Session", packet: str) -> None:
        """A text message, with the Engine.IO type in front. Raises ProtocolViolation."""

    def binary(self, session: "Session", data: bytes) -> None:
        """A binary message. Raises ProtocolViolation."""

    def ended(self, session: "Session") -> None:
        """A session that was opened is over; `session.reason` says why."""
