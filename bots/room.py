"""One room, as a bot sees it: say something, and read the log in its order."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from bots.errors import BotError, CommandFailed, ConnectionLost, TimedOut
from bots.feed import Feed, Resynced
from bots.link import Link
from bots.tolerant import read
from contract.ack import ErrorBody
from contract.connection import CaughtUp, Joined, Position, Synced
from contract.errors import ErrorCode
from contract.events import LogEvent
from contract.messages import Message, MessageAnswer, MessagePage, ReactionAnswer
from contract.rooms import Membership
from contract.rooms import Room as RoomFacts

if TYPE_CHECKING:
    from bots.bot import Bot
    from bots.media import MediaCall

_PAGE = 100
_REST_SECONDS = 0.2
"""Between questions that brought nothing new."""


class Room(AsyncIterator[LogEvent | Resynced]):
    """`async for event in room` yields each event of the log once, in order, over any number of connections.

    Where the log cannot be replayed it yields a `Resynced`. It ends when the bot is removed from the room, and raises
    when the connection ends for good. One reader at a time.
    """

    def __init__(self, bot: "Bot", answer: Joined, feed: Feed) -> None:
        self._bot = bot
        self._feed = feed
        self._changed = asyncio.Event()
        self._joined = asyncio.Event()
        self._joined.set()
        self._over = False
        self._error: BotError | None = None
        self.room: RoomFacts = answer.room
        self.me: Membership = answer.me

    @classmethod
    def entered(cls, bot: "Bot", data: Mapping[str, Any], since: Position | None, capacity: int) -> "Room":
        """A room from the answer to `room:join`. Raises pydantic.ValidationError."""
        answer = read(Joined, data)
        feed = Feed(since or Position(epoch=answer.epoch, seq=answer.seq), capacity)
        if since is not None:
            feed.disconnected()
            feed.caught_up(answer)
        return cls(bot, answer, feed)

    @property
    def id(self) -> str:
        return self.room.id

    @property
    def position(self) -> Position:
        """Up to where the iteration has come: what to pass as `since` to continue in another process."""
        return self._feed.taken

    @property
    def over(self) -> bool:
        return self._over

    def from_me(self, event: LogEvent | Resynced) -> bool:
        """Whether this bot itself caused the event: bots that answer themselves never stop."""
        return isinstance(event, LogEvent) and event.actor.id == self._bot.user.id

    async def send(self, text: str, *, client_id: str | None = None, seconds: float | None = None) -> Message:
        """Say something, once, and return it as stored: tried again with the same `client_id` until it is acknowledged.

        Raises CommandFailed, or TimedOut when that took longer than `seconds` (the bot's patience, if not given); sending
        again with the same `client_id` is then safe.
        """
        payload = {"room_id": self.id, "client_id": client_id or uuid.uuid4().hex, "text": text}
        return read(MessageAnswer, await self._ask_joined("message:send", payload, seconds)).message

    async def edit(self, message_id: str, text: str) -> Message:
        answer = await self._bot.ask("message:edit", {"message_id": message_id, "text": text})
        return read(MessageAnswer, answer).message

    async def delete(self, message_id: str) -> Message:
        return read(MessageAnswer, await self._bot.ask("message:delete", {"message_id": message_id})).message

    async def react(self, message_id: str, emoji: str, *, remove: bool = False) -> ReactionAnswer:
        name = "reaction:remove" if remove else "reaction:add"
        return read(ReactionAnswer, await self._bot.ask(name, {"message_id": message_id, "emoji": emoji}))

    async def history(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> MessagePage:
        """A page of messages in the order of the log; without a cursor the newest one."""
        cursors = {"before": before, "after": after, "around": around}
        given = {name: seq for name, seq in cursors.items() if seq is not None}
        payload = {"room_id": self.id, "limit": limit, **given}
        return read(MessagePage, await self._bot.ask("message:history", payload))

    async def typing(self, on: bool = True) -> None:
        """Show, or no longer show, that the bot is about to say something. Forgotten by itself after some seconds."""
        await self._bot.ask("typing:start" if on else "typing:stop", {"room_id": self.id}, repeat=False)

    async def join_call(self, *, relay_only: bool = False) -> "MediaCall":
        """Take a seat in the room's call, starting it if there is none; waits in its lobby if it has one.

        `relay_only`: connect over the server's TURN relays and in no other way, to hide the bot's address or to try them.

        Raises CommandFailed, or bots.media.CallOver when the staff does not let the bot in.
        """
        from bots.media import MediaCall  # noqa: PLC0415  # codecs take long to load; most bots only write

        return await MediaCall.join(self._bot, self.id, relay_only=relay_only)

    def __aiter__(self) -> "Room":
        return self

    async def __anext__(self) -> LogEvent | Resynced:
        while True:
            item = self._feed.take()
            if item is not None:
                return item
            if self._over:
                raise StopAsyncIteration if self._error is None else self._error
            if self._feed.stale:
                await self._fetch()
            else:
                await self._changed.wait()
            self._changed.clear()

    def hear(self, event: LogEvent) -> None:
        self._feed.hear(event)
        self._changed.set()

    def disconnected(self) -> None:
        self._joined.clear()
        self._feed.disconnected()
        self._changed.set()

    def end(self, error: BotError | None) -> None:
        """No more events will come; with an error the iteration raises it once what waits has been read."""
        if not self._over:
            self._over, self._error = True, error
            self._joined.set()
            self._changed.set()

    async def rejoin(self, link: Link) -> None:
        """Listen again on a new connection, and take in what was missed when that is not too much."""
        while not self._over:
            wish = {"room_id": self.id, "since": self._feed.tail.model_dump(mode="json")}
            try:
                await link.ask("room:join", wish, self._apply_join)
            except CommandFailed as error:
                if not error.retryable and error.code is not ErrorCode.TOKEN_EXPIRED:
                    self.end(error)
                    return
                await asyncio.sleep(error.retry_after or 1.0)
            except ConnectionLost:
                return
            except BotError as error:
                self.end(error)
            else:
                return

    def _apply_join(self, data: Mapping[str, Any]) -> None:
        answer = read(Joined, data)
        self.room, self.me = answer.room, answer.me
        self._feed.caught_up(answer)
        self._joined.set()
        self._changed.set()

    async def _fetch(self) -> None:
        """Ask once for what is missing. Waits for the room to be joined on the present connection first."""
        await self._joined.wait()
        if self._over or not self._feed.stale or not self._feed.empty:
            return
        before = self._feed.tail
        try:
            await (self._fetch_page() if self._feed.paging else self._fetch_log())
        except TimedOut:
            return
        if self._stuck(before):
            await asyncio.sleep(_REST_SECONDS)

    def _stuck(self, before: Position) -> bool:
        return self._feed.stale and self._feed.empty and self._feed.tail == before

    async def _fetch_page(self) -> None:
        self._feed.page(await self.history(after=self._feed.tail.seq, limit=_PAGE))

    async def _fetch_log(self) -> None:
        wish = {"rooms": {self.id: self._feed.tail.model_dump(mode="json")}}
        await self._bot.ask("sync:since", wish, apply=self._apply_sync)

    def _apply_sync(self, data: Mapping[str, Any]) -> None:
        answer = read(Synced, data)
        caught_up: CaughtUp | None = answer.rooms.get(self.id)
        if caught_up is None:
            gone = ErrorBody(
                code=ErrorCode.NOT_FOUND,
                message="You may no longer see this room.",
                retryable=False,
                request_id="",
            )
            raise CommandFailed("sync:since", gone)
        self._feed.caught_up(caught_up)

    async def _ask_joined(
        self, name: str, payload: Mapping[str, Any], seconds: float | None
    ) -> Mapping[str, Any]:
        """`Bot.ask` for commands that need the room to be joined on the connection that carries them."""
        try:
            async with asyncio.timeout(seconds or self._bot.patience):
                while True:
                    await self._joined.wait()
                    try:
                        return await self._bot.ask(name, payload, seconds=seconds)
                    except CommandFailed as error:
                        if error.code is not ErrorCode.NOT_JOINED or self._over:
                            raise
                        await asyncio.sleep(_REST_SECONDS)
        except TimeoutError as error:
            raise TimedOut(f"{name}: not answered in time") from error
