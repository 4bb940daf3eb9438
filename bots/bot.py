"""A bot: somebody with a token, connected for as long as the block lasts."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Protocol

from pydantic import ValidationError

from bots.backoff import Backoff
from bots.errors import BotError, CommandFailed, ConnectionEnded, ConnectionLost, TimedOut
from bots.link import Apply, Link
from bots.room import Room
from bots.tolerant import read
from contract.connection import ConnectionOk, JoinRoom, Position
from contract.errors import ErrorCode
from contract.events import LogEvent
from contract.people import Actor
from contract.rooms import CreateRoom, RoomAnswer


class Attached(Protocol):
    """Something that lives on a bot's connections beside its rooms. All but `reconnected` must neither wait nor raise."""

    def heard(self, name: str, payload: Mapping[str, Any]) -> None:
        """Every event, in order."""

    def disconnected(self) -> None: ...

    async def reconnected(self, link: Link) -> None:
        """Runs in the background, once for each new connection."""

    def ended(self, error: BotError) -> None:
        """There will be no further connection."""


TokenSource = str | Callable[[], Awaitable[str]]

_RENEWABLE = frozenset({"token_expired", "unauthorized"})
"""Ends that a fresh token may mend."""

_STEADY_SECONDS = 5.0
"""A connection that lasted this long makes the next try quick again."""


class Bot:
    """`async with Bot(url, token) as bot:`. `token` is a token, or a coroutine function that gets a fresh one.

    Lost connections are made again, with jitter, until the server says that it is pointless. Entering the block waits
    `patience` seconds for the first connection; commands wait as long for an answer, over any number of connections.
    """

    def __init__(
        self,
        url: str,
        token: TokenSource,
        *,
        patience: float = 60.0,
        capacity: int = 1000,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """`capacity`: events of one room that may wait to be read; beyond it they are fetched again when their turn comes."""
        self._url = url
        self._token = token
        self.patience = patience
        self._capacity = capacity
        self._uniform = uniform
        self._rooms: dict[str, Room] = {}
        self._attached: set[Attached] = set()
        self._greeting: ConnectionOk | None = None
        self._ready: asyncio.Future[Link] | None = None
        self._running: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Bot":
        self._ready = _awaited()
        self._running = asyncio.create_task(self._run(), name="bot")
        try:
            async with asyncio.timeout(self.patience):
                await asyncio.shield(self._ready)
        except TimeoutError as error:
            await self._stop()
            raise TimedOut(f"no connection to {self._url} in {self.patience:g} s") from error
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @property
    def user(self) -> Actor:
        """Who the server says this bot is."""
        if self._greeting is None:
            raise RuntimeError("a bot is somebody only inside `async with`")
        return self._greeting.user

    async def join(
        self, key: str | None = None, *, room_id: str | None = None, since: Position | None = None
    ) -> Room:
        """Listen to a room, named by the LMS's key or by its id. Iterating it begins at the present, or after `since`."""
        wish = JoinRoom(key=key, room_id=room_id, since=since)
        joined: list[Room] = []

        def apply(data: Mapping[str, Any]) -> None:
            room = Room.entered(self, data, since, self._capacity)
            known = self._rooms.get(room.id)
            if known is not None and not known.over:
                room = known
            self._rooms[room.id] = room
            joined.append(room)

        await self.ask("room:join", wish.model_dump(mode="json", exclude_none=True), apply=apply)
        return joined[-1]

    def attach(self, one: Attached) -> None:
        """Tell it of this bot's connections from now on."""
        self._attached.add(one)

    def detach(self, one: Attached) -> None:
        self._attached.discard(one)

    async def create_room(self, wish: CreateRoom) -> RoomAnswer:
        """Make a room. Repeated after a lost connection only when it has a key, which makes it the same room."""
        payload = wish.model_dump(mode="json", exclude_none=True)
        return read(RoomAnswer, await self.ask("room:create", payload, repeat=wish.key is not None))

    async def command(self, name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Any command of the protocol, sent at most once; the `data` of its answer.

        Raises CommandFailed, or ConnectionLost when nobody knows whether it was carried out.
        """
        return dict(await self.ask(name, payload, repeat=False))

    async def ask(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        repeat: bool = True,
        apply: Apply | None = None,
        seconds: float | None = None,
    ) -> Mapping[str, Any]:
        """`command`, but with `repeat` sent again after lost connections and retryable refusals, until `seconds` are over."""
        backoff = Backoff(self._uniform)
        try:
            async with asyncio.timeout(seconds or self.patience):
                while True:
                    try:
                        return await (await self._link()).ask(name, payload, apply)
                    except (CommandFailed, ConnectionLost) as error:
                        if not self._may_repeat(error, repeat):
                            raise
                        await asyncio.sleep(backoff.next(getattr(error, "retry_after", None)))
        except TimeoutError as error:
            raise TimedOut(f"{name}: not answered in time") from error

    def _may_repeat(self, error: CommandFailed | ConnectionLost, repeat: bool) -> bool:
        if isinstance(error, ConnectionLost):
            return repeat
        if error.code is ErrorCode.TOKEN_EXPIRED:
            return callable(self._token)
        return error.code is ErrorCode.RATE_LIMITED or (repeat and error.retryable)

    async def _link(self) -> Link:
        if self._ready is None:
            raise RuntimeError("a bot is connected only inside `async with`")
        return await asyncio.shield(self._ready)

    async def _run(self) -> None:
        """Keep one connection after another until one ends for good."""
        backoff = Backoff(self._uniform)
        clock = asyncio.get_running_loop()
        while True:
            started = clock.time()
            try:
                await self._one_connection()
            except ConnectionEnded as error:
                self._give_up(error)
                return
            except ConnectionLost as error:
                if clock.time() - started > _STEADY_SECONDS and self._was_up():
                    backoff.reset()
                self._went_down()
                await asyncio.sleep(backoff.next(error.retry_after))
            except Exception as error:
                self._give_up(ConnectionEnded("client_error", repr(error)))
                raise

    async def _one_connection(self) -> None:
        """Connect, stay until the connection is over, and raise why it is."""
        link = Link(self._heard)
        try:
            self._greeting = await self._open(link)
            self._came_up(link)
            await link.ended()
            raise self._after(link.reason())
        finally:
            await link.close()

    async def _open(self, link: Link) -> ConnectionOk:
        try:
            return await link.open(self._url, await self._current_token())
        except ConnectionEnded as error:
            raise self._after(error) from error

    def _after(self, reason: ConnectionLost | ConnectionEnded) -> ConnectionLost | ConnectionEnded:
        """A refused or expired token is not the end for who can get another one."""
        renewable = (
            isinstance(reason, ConnectionEnded) and reason.code in _RENEWABLE and callable(self._token)
        )
        return ConnectionLost(str(reason), 1.0) if renewable else reason

    async def _current_token(self) -> str:
        return self._token if isinstance(self._token, str) else await self._token()

    def _was_up(self) -> bool:
        return self._ready is not None and self._ready.done()

    def _came_up(self, link: Link) -> None:
        for room in self._rooms.values():
            if not room.over:
                self._chore(room.rejoin(link))
        for one in list(self._attached):
            self._chore(one.reconnected(link))
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(link)

    def _went_down(self) -> None:
        if self._was_up():
            self._ready = _awaited()
        for one in list(self._attached):
            one.disconnected()
        for room in self._rooms.values():
            room.disconnected()

    def _give_up(self, error: BotError) -> None:
        self._went_down()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error)
        for one in list(self._attached):
            one.ended(error)
        for room in self._rooms.values():
            room.end(error)

    async def _stop(self) -> None:
        tasks = [task for task in (self._running, *self._chores) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._give_up(ConnectionEnded("closed", "the bot was closed"))

    def _heard(self, name: str, payload: Mapping[str, Any]) -> None:
        """Every event of the connection, in order."""
        for one in list(self._attached):
            one.heard(name, payload)
        room = self._rooms.get(str(payload.get("room_id")))
        if room is not None and "seq" in payload:
            with contextlib.suppress(ValidationError):  # a later one shows the gap
                room.hear(read(LogEvent, payload))
        elif name in {"auth.expiring", "auth.expired"} and callable(self._token):
            self._chore(self._renew())
        elif name == "room.removed":
            gone = self._rooms.get(str((payload.get("data") or {}).get("room_id")))
            if gone is not None:
                gone.end(None)

    async def _renew(self) -> None:
        """Failing is no harm: the server cuts the connection, and the next one begins with a fresh token."""
        with contextlib.suppress(BotError):
            link = await self._link()
            await link.ask("auth:refresh", {"token": await self._current_token()})

    def _chore(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _awaited() -> "asyncio.Future[Link]":
    """A future whose failure nobody need fetch."""
    future: asyncio.Future[Link] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
