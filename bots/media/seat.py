"""The bot's seat in a call: taken, kept over lost connections, and the state of the call as it is told."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bots.errors import BotError, CommandFailed, ConnectionLost, TimedOut
from bots.media.broadcast import Broadcast
from bots.media.view import updated
from bots.tolerant import read
from contract.calls import (
    CallAdmitted,
    CallEnded,
    CallReacted,
    CallRemoved,
    CallSignal,
    CallState,
    CallUpdated,
    IceServer,
    IceServerList,
    JoinedCall,
)
from contract.errors import ErrorCode

if TYPE_CHECKING:
    from bots.bot import Bot
    from bots.link import Link

_NEWEST_STATES = 1
_REACTIONS = 100
_REST_SECONDS = 0.2


class CallOver(BotError):
    """The bot is not in the call any more; `code` says why: a reason of the protocol ("removed", "ended", …) or "left"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class SeatKeeper:
    """Hears what the server says of one call, and says it to whoever asked (`on_state`, `on_signal`)."""

    def __init__(self, bot: "Bot", room_id: str) -> None:
        self.bot = bot
        self.states: Broadcast[CallState] = Broadcast(_NEWEST_STATES)
        self.reactions: Broadcast[CallReacted] = Broadcast(_REACTIONS)
        self.over: BotError | None = None
        self.on_state: Callable[[CallState], None] = lambda _state: None
        self.on_signal: Callable[[CallSignal], None] = lambda _signal: None
        self.on_over: Callable[[], None] = lambda: None
        self._room_id = room_id
        self._joined: JoinedCall | None = None
        self._state: CallState | None = None
        self._ice: list[IceServer] = []
        self._seated = asyncio.Event()
        """Set while this connection has the seat."""
        self._inside = asyncio.Event()
        """Set once there was a state, or never will be."""
        self._chores: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> CallState:
        if self._state is None:
            raise RuntimeError("the bot is not in the call yet")
        return self._state

    @property
    def call_id(self) -> str:
        return self._present().call_id

    @property
    def peer_id(self) -> str:
        return self._present().peer_id

    @property
    def session(self) -> str:
        return self._present().session

    async def enter(self) -> None:
        """Returns when the bot is in the call, be it after a while in its lobby."""
        self.bot.attach(self)
        await self.bot.ask("call:join", self._wish(), apply=self._apply_join)
        await self._inside.wait()
        if self.over is not None:
            raise self.over

    async def ask(self, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """A command that needs the seat and may be repeated: sent when the connection has the seat, again after a lost one.

        Raises CommandFailed, TimedOut after the bot's patience, and why the bot is not in the call where it is not.
        """
        try:
            async with asyncio.timeout(self.bot.patience):
                while True:
                    await self._seated.wait()
                    if self.over is not None:
                        raise self.over
                    try:
                        return await self.bot.ask(name, payload, repeat=False)
                    except ConnectionLost:
                        await asyncio.sleep(_REST_SECONDS)
                    except CommandFailed as error:
                        if not error.retryable:
                            raise
                        await asyncio.sleep(error.retry_after or 1.0)
        except TimeoutError as error:
            raise TimedOut(f"{name}: not answered in time") from error

    async def ice_servers(self) -> Sequence[IceServer]:
        """With credentials of now: a connection may be made hours after the bot came in."""
        if any(server.expires_at is not None for server in self._ice):
            with contextlib.suppress(CommandFailed):
                answer = await self.ask("call:ice", {"call_id": self.call_id})
                self._ice = read(IceServerList, answer).ice_servers
        return self._ice

    def heard(self, name: str, payload: Mapping[str, Any]) -> None:
        """Every event of the connection."""
        data = payload.get("data")
        if self._joined is None or not name.startswith("call.") or not isinstance(data, Mapping):
            return
        if data.get("call_id") != self.call_id:
            return
        with contextlib.suppress(ValidationError):  # a newer server's; a later update shows the gap
            self._take(name, data)

    def disconnected(self) -> None:
        self._seated.clear()

    async def reconnected(self, link: "Link") -> None:
        """Take the seat again, or another one if it was kept in vain."""
        while self.over is None and self._joined is not None:
            try:
                await link.ask("call:join", self._wish(), self._apply_join)
            except CommandFailed as error:
                if error.retryable or error.code is ErrorCode.TOKEN_EXPIRED:
                    await asyncio.sleep(error.retry_after or 1.0)
                elif error.code in {ErrorCode.NOT_FOUND, ErrorCode.CONFLICT}:
                    self._joined = None
                    await self._enter_afresh(link)
                else:
                    self.end(error)
            except ConnectionLost:
                return
            else:
                return

    def ended(self, error: BotError) -> None:
        """The bot's connection is over for good."""
        self.end(error)

    def end(self, reason: BotError) -> None:
        if self.over is None:
            self.over = reason
            self.bot.detach(self)
            self._seated.set()
            self._inside.set()
            self.states.end()
            self.reactions.end()
            self.on_over()

    async def close(self) -> None:
        for chore in list(self._chores):
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)

    def refresh(self) -> None:
        """Ask for the whole state, in the background."""
        chore = asyncio.create_task(self._refresh())
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)

    async def _refresh(self) -> None:
        with contextlib.suppress(BotError):
            state = read(CallState, await self.ask("call:state", {"call_id": self.call_id}))
            if self._state is None or state.version > self._state.version:
                self._told(state)

    async def _enter_afresh(self, link: "Link") -> None:
        try:
            await link.ask("call:join", self._wish(), self._apply_join)
        except ConnectionLost:
            return
        except BotError as error:
            self.end(error)

    def _wish(self) -> dict[str, Any]:
        wish: dict[str, Any] = {"room_id": self._room_id, "offers_only": True}
        if self._joined is not None:
            wish["resume"] = {"peer_id": self._joined.peer_id, "secret": self._joined.secret}
            wish["fresh"] = False
        return wish

    def _apply_join(self, data: Mapping[str, Any]) -> None:
        self._joined = read(JoinedCall, data)
        self._ice = self._joined.ice_servers
        self._seated.set()
        if self._joined.state is not None:
            self._told(self._joined.state)

    def _take(self, name: str, data: Mapping[str, Any]) -> None:
        if name == "call.updated":
            self._update(read(CallUpdated, data))
        elif name == "call.signal":
            self.on_signal(read(CallSignal, data))
        elif name == "call.reaction":
            self.reactions.tell(read(CallReacted, data))
        elif name == "call.admitted":
            self._told(read(CallAdmitted, data).state)
        elif name == "call.removed":
            removed = read(CallRemoved, data)
            if removed.peer_id == self.peer_id:
                self.end(CallOver(removed.reason, "the seat in the call is gone"))
        elif name == "call.ended":
            read(CallEnded, data)
            self.end(CallOver("ended", "the call is over"))

    def _update(self, change: CallUpdated) -> None:
        if self._state is None:
            return
        state = updated(self._state, change)
        if state is None:
            self.refresh()
        elif state is not self._state:
            self._told(state)

    def _told(self, state: CallState) -> None:
        self._state = state
        self._inside.set()
        self.on_state(state)
        self.states.tell(state)

    def _present(self) -> JoinedCall:
        if self._joined is None:
            raise RuntimeError("the bot has no seat in the call")
        return self._joined
