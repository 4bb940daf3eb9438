"""What runs on top of the engine: letting connections in, handing their commands to the dispatcher, seeing them off."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

from auth.errors import NoCredentials
from auth.identity import Identity
from auth.sign_in import SignIn
from contract.ack import ErrorBody
from contract.base import PROTOCOL_VERSION
from contract.clock import Clock
from contract.connection import ConnectionOk, RefreshToken, SignedIn
from contract.errors import DomainError, RateLimited, Unauthorized
from contract.ids import IdFactory
from contract.messages import MAX_TEXT
from contract.registry import Limit
from realtime.dispatch import Dispatcher
from realtime.engine import Connection, Refused, Reply
from realtime.limits import Limiter
from realtime.rooms.rules import actor_of
from realtime.rooms.service import RoomService
from realtime.sessions import Session, Sessions
from realtime.sync.namespace import RoomListening

ADMITTED_SECONDS = 60.0
"""How long a token's word about rooms is not compared with the database again."""

_MOST_SEEN = 20_000
_TOO_MANY_CONNECTIONS_MS = 10_000


class GatewayObserver(Protocol):
    """Counts, for the metrics."""

    def auth_failed(self, reason: str) -> None: ...


class Refresher:
    """The handler of `auth:refresh`."""

    def __init__(self, sign_in: SignIn, sessions: Sessions, rooms: RoomService) -> None:
        self._sign_in = sign_in
        self._sessions = sessions
        self._rooms = rooms

    async def refresh(self, session: Session, wish: RefreshToken) -> SignedIn:
        """Raises Unauthorized when the token is not good, or somebody else's."""
        identity = await self._sign_in.identify(wish.token)
        if identity.user_id != session.user_id:
            raise Unauthorized("The fresh token is another person's.")
        await self._rooms.admit(identity)
        self._sessions.renew(session, identity)
        return SignedIn(user=actor_of(identity), expires_at=identity.expires_at)


class Admission:
    """Who may connect: a verified token, not too often, not too many times at once."""

    def __init__(
        self,
        sign_in: SignIn,
        rooms: RoomService,
        limiter: Limiter,
        observer: GatewayObserver,
        is_full: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`is_full` says of a user's id whether that person has as many connections here as one may have."""
        self._sign_in = sign_in
        self._rooms = rooms
        self._limiter = limiter
        self._observer = observer
        self._is_full = is_full

    async def admit(self, address: str, token: object) -> Identity:
        """Who connects. What the token says of them and of their rooms is taken over.

        Raises:
            Unauthorized: the token is missing or not good.
            RateLimited: this address or this person connects too often, or this person is connected too many times.
            Unavailable: the database or the LMS's keys are away.
        """
        self._limiter.check(Limit.CONNECT, user_id=None, room_id=None, address=address)
        try:
            identity = await self._sign_in.identify(token)
        except NoCredentials:
            self._observer.auth_failed("unauthorized")
            raise Unauthorized("Send a token when connecting: auth: {token}.") from None
        except Unauthorized as refusal:
            self._observer.auth_failed(refusal.wire_code)
            raise
        self._limiter.check(Limit.CONNECT, user_id=identity.user_id, room_id=None, address=address)
        if self._is_full(identity.user_id):
            raise RateLimited("You are connected too many times.", retry_after_ms=_TOO_MANY_CONNECTIONS_MS)
        await self._rooms.admit(identity)
        return identity


class Gateway:
    """The engine's application."""

    def __init__(
        self,
        admission: Admission,
        sessions: Sessions,
        listening: RoomListening,
        dispatcher: Dispatcher,
        *,
        clock: Clock,
        ids: IdFactory,
        max_message_bytes: int,
    ) -> None:
        self._admission = admission
        self._sessions = sessions
        self._listening = listening
        self._dispatcher = dispatcher
        self._clock = clock
        self._ids = ids
        self._max_message_bytes = max_message_bytes

    async def on_connect(self, connection: Connection, auth: Mapping[str, object]) -> None:
        try:
            identity = await self._admission.admit(connection.address, auth.get("token"))
        except DomainError as refusal:
            body = ErrorBody.of(refusal, self._ids.new("req")).model_dump(mode="json", exclude_none=True)
            raise Refused(str(body.pop("code")), str(body.pop("message")), body) from refusal
        session = Session(connection, identity)
        connection.context = session
        self._sessions.add(session)
        greeting = ConnectionOk(
            user=actor_of(identity),
            expires_at=identity.expires_at,
            server_time=self._clock.now(),
            protocol=PROTOCOL_VERSION,
            max_text=MAX_TEXT,
            max_message_bytes=self._max_message_bytes,
        )
        self._sessions.tell(session, "connection.ok", greeting)

    async def on_command(self, connection: Connection, name: str, arguments: Sequence[object]) -> Reply:
        session: Session = connection.context
        return await self._dispatcher.answer(session, name, arguments)

    async def on_disconnect(self, connection: Connection, reason: str) -> None:
        session: Session | None = connection.context
        if session is not None:
            self._sessions.remove(session)
            self._listening.left(session)


class AdmittingSignIn:
    """Sign-in for the HTTP door: what a token says of its owner is taken over the first time that it is seen here."""

    def __init__(self, sign_in: SignIn, rooms: RoomService, clock: Clock) -> None:
        self._sign_in = sign_in
        self._rooms = rooms
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    async def identify(self, token: object) -> Identity:
        """Raises as `SignIn.identify`, and Unavailable when the database is away."""
        identity = await self._sign_in.identify(token)
        mark = blake2b(str(token).encode(), digest_size=16).digest()
        now = self._clock.monotonic()
        if now - self._seen.get(mark, -ADMITTED_SECONDS) >= ADMITTED_SECONDS:
            await self._rooms.admit(identity)
            self._seen[mark] = now
            self._seen.move_to_end(mark)
            while len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
        return identity
