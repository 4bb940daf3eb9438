"""One Engine.IO session: its bounds, its heartbeat, its two transports and its end."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from realtime.engine import frame
from realtime.engine.frame import Frame, text_frame
from realtime.engine.logs import logger
from realtime.engine.reasons import CloseReason, ProtocolViolation

if TYPE_CHECKING:
    from realtime.engine.engine_server import EngineServer
    from realtime.engine.polling import Poll
    from realtime.engine.websocket import WebSocket


class Session:
    """Replaces the library's socket: starts no task, and nothing in it grows without bound.

    `closed`, `upgraded` and `session` are read by the library's own methods.
    """

    __slots__ = (
        "__weakref__",
        "_deadline",
        "_heartbeat",
        "_packets",
        "_ping_is_out",
        "_second",
        "address",
        "application",
        "attachments",
        "close_code",
        "closed",
        "closing",
        "is_held",
        "outbox",
        "poll",
        "probing",
        "queued_bytes",
        "reason",
        "server",
        "session",
        "sid",
        "upgraded",
        "websocket",
        "write",
    )

    def __init__(self, server: "EngineServer", sid: str, address: str) -> None:
        self.server = server
        self.sid = sid
        self.address = address
        self.application: Any = None
        """Whatever the layer above keeps with a session."""
        self.attachments: Any = None
        """The binary packet whose attachments are still coming."""
        self.session: dict[str, object] = {}
        self.write: Callable[[bytes], None] | None = None
        """Sends a WebSocket frame at once; None while something waits, or there is no open WebSocket."""
        self.websocket: WebSocket | None = None
        self.poll: Poll | None = None
        self.probing: WebSocket | None = None
        """The WebSocket of an upgrade that is not finished; polls are answered with NOOP meanwhile."""
        self.outbox: deque[Frame] = deque()
        self.queued_bytes = 0
        self.reason: str | None = None
        self.close_code = 1000
        self.upgraded = self.closing = self.closed = self.is_held = False
        self._ping_is_out = False
        self._packets = self._second = 0
        self._heartbeat: set[Session] | None = None
        self._deadline: set[Session] | None = None

    def is_probing(self) -> bool:
        return self.probing is not None

    # ------------------------------------------------------------------------------------------------ to the client

    @property
    def waiting_bytes(self) -> int:
        """What the client has not taken yet, as far as this process can see."""
        if self.websocket is not None:
            return self.queued_bytes + self.websocket.waiting_bytes
        return self.queued_bytes + (self.poll.waiting_bytes if self.poll is not None else 0)

    def send(self, message: Frame) -> None:
        """Never waits; a client for whom too much waits already is cut off."""
        if self.write is not None:
            self.write(message.frame)
        else:
            self.queue(message)

    def send_text(self, encoded: bytes) -> None:
        """As `send`, of a packet for this client alone."""
        if self.write is not None:
            self.write(text_frame(encoded))
        else:
            self.queue(Frame(encoded))

    def queue(self, message: Frame) -> None:
        """What cannot be sent at once."""
        if self.closing:
            return
        waiting = self.waiting_bytes
        if waiting and waiting + message.size > self.server.limits.max_waiting_bytes:
            self.server.observer.slow_consumer()
            self.abort(CloseReason.SLOW_CONSUMER)
            return
        self.outbox.append(message)
        self.queued_bytes += message.size
        if self.websocket is not None:
            if not self.websocket.paused:
                self.flush()
        elif self.poll is not None:
            self.poll.wake()

    def flush(self) -> None:
        """Hand over to the WebSocket what waits, until it has enough."""
        websocket, outbox = self.websocket, self.outbox
        if websocket is None or self.closed:
            return
        write = websocket.transport.write
        while outbox and not websocket.paused:
            message = outbox.popleft()
            self.queued_bytes -= message.size
            write(message.frame)
        if not outbox and not websocket.paused and not self.closing:
            self.write = write

    def take(self, most: int) -> list[Frame]:
        """Up to `most` of the oldest packets, for a poll."""
        taken = [self.outbox.popleft() for _ in range(min(most, len(self.outbox)))]
        self.queued_bytes -= sum(message.size for message in taken)
        return taken

    # -------------------------------------------------------------------------------------------------- the heartbeat

    def begin(self, websocket: "WebSocket | None" = None) -> None:
        """The handshake is answered, or an upgrade done."""
        if websocket is not None:
            self.websocket, self.probing, self.upgraded = websocket, None, True
            if self.closing:
                self.hand_over()
                return
            self.flush()
        if self._heartbeat is None:
            self._schedule_ping()

    def expect(self, seconds: float) -> None:
        """Something has to happen within so many seconds: `cancel_deadline`, or the session ends."""
        self.cancel_deadline()
        self._deadline = self.server.deadlines.add(self, seconds)

    def cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.discard(self)
            self._deadline = None

    def late(self) -> None:
        """The deadline has passed."""
        self._deadline = None
        if self.closing:
            self._cut()
        elif self.is_held:
            self.reject(CloseReason.TOO_MANY_COMMANDS, "events wait for too long", 1008)
        elif self.attachments is not None:
            self.reject(CloseReason.PROTOCOL_ERROR, "attachments are missing", 1002)
        else:
            self.finish(CloseReason.AUTH_DEADLINE, 1008)

    def beat(self) -> None:
        """A ping is due, or its answer is."""
        if self._ping_is_out:
            self.abort(CloseReason.PING_TIMEOUT)
            return
        self._ping_is_out = True
        self._heartbeat = self.server.heartbeats.add(self, self.server.ping_timeout)
        self.send(frame.PING)

    def _schedule_ping(self) -> None:
        self._stop_heartbeat()
        self._heartbeat = self.server.heartbeats.add(self, self.server.ping_seconds, early=True)

    def _stop_heartbeat(self) -> None:
        self._ping_is_out = False
        if self._heartbeat is not None:
            self._heartbeat.discard(self)
            self._heartbeat = None

    # ---------------------------------------------------------------------------------------------- from the client

    def receive(self, packet: str) -> None:
        """One Engine.IO packet."""
        if self.closing:
            return
        self._packets += 1
        server = self.server
        if self._packets > server.packets_at_once:
            self._check_rate()
        try:
            kind = packet[:1]
            if kind == "4":
                server.upper.text(self, packet)
            elif kind == "3":
                if self._ping_is_out:  # one that nobody asked for changes nothing
                    self._schedule_ping()
            elif packet == "1":
                self._leave()
            elif packet != "6":
                raise ProtocolViolation("packet type not accepted")
        except ProtocolViolation as violation:
            self.reject(CloseReason.PROTOCOL_ERROR, str(violation))

    def receive_binary(self, data: bytes) -> None:
        """One binary message."""
        if self.closing:
            return
        self._packets += 1
        if self._packets > self.server.packets_at_once:
            self._check_rate()
        try:
            self.server.upper.binary(self, data)
        except ProtocolViolation as violation:
            self.reject(CloseReason.PROTOCOL_ERROR, str(violation), 1003)

    def _leave(self) -> None:
        """The client's CLOSE packet."""
        self.outbox.clear()
        self.queued_bytes = 0
        if self.websocket is None:
            self.outbox.append(frame.NOOP)  # a decent answer to the poll that waits, or is on its way
        self.finish(CloseReason.CLIENT_DISCONNECT)

    def _check_rate(self) -> None:
        second = int(self.server.now())
        if second != self._second:
            self._second, self._packets = second, 1
        elif self.websocket is not None and not self.is_held:
            self.hold(until_next_second=True)

    def hold(self, *, until_next_second: bool = False) -> None:
        """Read nothing more for now: TCP then slows the client down.

        Its PONG may be behind what is not read, so meanwhile the heartbeat rests; for as long as it could have, at most.
        """
        if self.is_held or self.closing:
            return
        self.is_held = True
        self._stop_heartbeat()
        if self.websocket is not None:
            self.websocket.hold()
        self.expect(self.server.ping_seconds + self.server.ping_timeout)
        if until_next_second:
            self.server.after(1.0 - self.server.now() % 1.0, self.release)

    def release(self) -> None:
        """Read on."""
        if not self.is_held or self.closing:
            return
        self.is_held = False
        self._schedule_ping()
        self.cancel_deadline()
        if self.attachments is not None:
            self.expect(self.server.limits.attachment_timeout)
        if self.websocket is not None:
            self.websocket.go_on()
        elif self.poll is not None:
            self.poll.go_on()

    # ------------------------------------------------------------------------------------------------------- the end

    def client_closed(self) -> None:
        """The client has closed its WebSocket in good order."""
        self._end(CloseReason.TRANSPORT_CLOSE, 1000)

    def transport_lost(self, websocket: "WebSocket") -> None:
        """The WebSocket is gone."""
        if websocket is self.websocket:
            self._end(CloseReason.TRANSPORT_CLOSE, 1000)
            self._forget()

    def finish(self, reason: str, code: int = 1000) -> None:
        """Take nothing more in, hand over what waits (within the flush timeout), then close the transport."""
        if not self._end(reason, code):
            return
        if self.websocket is not None:
            self.hand_over()
        elif self.probing is not None and self.outbox:
            pass  # the upgrade may still come to its end
        elif self.outbox or (self.poll is not None and self.poll.is_waiting):
            if self.poll is not None:
                self.poll.wake()
        else:
            self._forget()
            return
        self.expect(self.server.limits.flush_timeout)

    def hand_over(self) -> None:
        """Everything that waits to the WebSocket, and a close frame."""
        websocket = self.websocket
        if websocket is not None:
            while self.outbox:
                websocket.write(self.outbox.popleft().frame)
            self.queued_bytes = 0
            websocket.say_goodbye(self.close_code)
            self.is_held = False
            websocket.go_on()

    def reject(self, reason: CloseReason, why: str, code: int = 1002) -> None:
        """Close for something the client did wrong, forgetting what waits. The session's only log line about it."""
        if self.closing:
            return
        self.server.observer.protocol_error()
        logger.warning(
            "session closed: %s", reason, extra={"eio_sid": self.sid, "reason": reason, "why": why}
        )
        self.outbox.clear()
        self.queued_bytes = 0
        if self.websocket is None and self.poll is not None and self.poll.is_waiting:
            self.outbox.append(frame.CLOSE)
        self.finish(reason, code)

    def abort(self, reason: str) -> None:
        """Close the transport now; what waits is lost."""
        self._end(reason, 1000)
        self._cut()

    def _end(self, reason: str, code: int) -> bool:
        """Tell the layer above, once. False when the session was ending already."""
        if self.closing:
            return False
        self.closing = True
        self.reason, self.close_code, self.write, self.attachments = reason, code, None, None
        self._stop_heartbeat()
        self.cancel_deadline()
        if self.poll is not None:
            self.poll.go_on()
        self.server.ended(self)
        return True

    def _cut(self) -> None:
        for websocket in (self.websocket, self.probing):
            if websocket is not None:
                websocket.abort()
        self._forget()

    def _forget(self) -> None:
        """There is no transport any more: leave the server's table."""
        if self.closed:
            return
        self.closed = True
        self.cancel_deadline()
        self.outbox.clear()
        self.queued_bytes = 0
        if self.poll is not None:
            self.poll.end()
        self.server.released(self)
