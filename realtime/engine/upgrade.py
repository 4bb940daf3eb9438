"""The probe of an upgrade from polling: `2probe`, `3probe`, then `5` once the client has stopped polling."""

from typing import TYPE_CHECKING

from aiohttp import WSCloseCode

from realtime.engine import frame
from realtime.engine.reasons import CloseReason

if TYPE_CHECKING:
    from realtime.engine.session import Session
    from realtime.engine.websocket import WebSocket


class Probe:
    """Stands where a session would, until the WebSocket has proved that it works. A failed one leaves the session alone."""

    is_held = False

    def __init__(self, session: "Session") -> None:
        self.server = session.server
        self.write: object = None
        self._session = session
        self._websocket: WebSocket | None = None
        self._deadline: set[Probe] = set()

    def begin(self, websocket: "WebSocket") -> None:
        self._websocket = websocket
        self._deadline = self.server.probes.add(self, self.server.limits.connect_timeout)

    def receive(self, packet: str) -> None:
        websocket, session = self._websocket, self._session
        if websocket is None or session.closed:
            self.late()
        elif session.probing is None and packet == "2probe":
            session.probing = websocket
            websocket.write(frame.PROBE_ANSWER.frame)
            if session.poll is not None:
                session.poll.wake()
        elif session.probing is websocket and packet == "5":
            self._deadline.discard(self)
            websocket.session, self._websocket = session, None
            session.begin(websocket)
        else:
            self.late()

    def receive_binary(self, _data: bytes) -> None:
        self.late()

    def late(self) -> None:
        """The upgrade has failed."""
        websocket, session = self._websocket, self._session
        self._deadline.discard(self)
        if websocket is not None:
            if session.probing is websocket:
                session.probing = None
            websocket.say_goodbye(WSCloseCode.OK)
            websocket.transport.close()

    def reject(self, _reason: CloseReason, _why: str, _code: int = 1002) -> None:
        self.late()

    def client_closed(self) -> None:
        self.late()

    def transport_lost(self, _websocket: "WebSocket") -> None:
        self.late()

    def flush(self) -> None:
        """Nothing waits for a probe."""
